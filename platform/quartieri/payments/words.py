"""What a bank's codes mean, in words: for refused charges, failed refunds, disputes and warnings.

Sources: https://docs.stripe.com/declines/codes (which asks not to tell a thief that a card was
reported), https://docs.stripe.com/refunds#failed-refunds,
https://docs.stripe.com/disputes/categories and https://docs.stripe.com/api/radar/early_fraud_warnings.
"""

from __future__ import annotations

from quartieri.kit.labels import Lazy, lazy

_NO_FUNDS = lazy("There was not enough money on the card. Top it up or use another card.")
_LIMIT = lazy("The card's limit is used up. Raise it with your bank or use another card.")
_EXPIRED = lazy("The card has expired. Use another card.")
_WRONG = lazy("The card's number, date or code was wrong. Check it or use another card.")
_ASKS = lazy("Your bank wants you to confirm the payment yourself.")
_TEMPORARY = lazy("The bank could not be reached. We try again by ourselves.")
_NOT_SUCH = lazy("This card does not allow such a payment. Use another card.")
_WALLET = lazy("The wallet refused the payment. Look there why, or use another way to pay.")
_NO_CARD = lazy("No card is saved any more. Save one on your pledge's page.")
_STOPPED = lazy("The time for charging was over.")
_REFUSED = lazy("Your bank refused the payment. Ask your bank, or use another card.")

_WORDS: dict[str, Lazy] = {
    "insufficient_funds": _NO_FUNDS,
    "card_velocity_exceeded": _LIMIT,
    "withdrawal_count_limit_exceeded": _LIMIT,
    "card_decline_rate_limit_exceeded": _LIMIT,
    "expired_card": _EXPIRED,
    "incorrect_number": _WRONG,
    "invalid_number": _WRONG,
    "incorrect_cvc": _WRONG,
    "invalid_cvc": _WRONG,
    "incorrect_zip": _WRONG,
    "incorrect_address": _WRONG,
    "invalid_expiry_month": _WRONG,
    "invalid_expiry_year": _WRONG,
    "incorrect_pin": _WRONG,
    "invalid_pin": _WRONG,
    "pin_try_exceeded": _WRONG,
    "invalid_account": _WRONG,
    "authentication_required": _ASKS,
    "authentication_not_handled": _ASKS,
    "mobile_device_authentication_required": _ASKS,
    "payment_intent_authentication_failure": _ASKS,
    "setup_intent_authentication_failure": _ASKS,
    "offline_pin_required": _ASKS,
    "online_or_offline_pin_required": _ASKS,
    "approve_with_id": _ASKS,
    "processing_error": _TEMPORARY,
    "issuer_not_available": _TEMPORARY,
    "try_again_later": _TEMPORARY,
    "reenter_transaction": _TEMPORARY,
    "card_not_supported": _NOT_SUCH,
    "currency_not_supported": _NOT_SUCH,
    "transaction_not_allowed": _NOT_SUCH,
    "not_permitted": _NOT_SUCH,
    "service_not_allowed": _NOT_SUCH,
    "invalid_amount": _NOT_SUCH,
    "testmode_decline": _NOT_SUCH,
    "payment_method_provider_decline": _WALLET,
    "payment_method_provider_timeout": _WALLET,
    "payment_method_customer_decline": _WALLET,
    "payment_method_not_available": _WALLET,
    "payment_method_unactivated": _WALLET,
    "payment_method_unexpected_state": _WALLET,
    "no_card": _NO_CARD,
    "resource_missing": _NO_CARD,
    "stopped": _STOPPED,
}


def words_for(code: str) -> Lazy:
    """Say in words that help why a payment was refused; a stolen card reads as a plain refusal."""
    return _WORDS.get(code, _REFUSED)


_GONE = lazy("The card that paid is closed, lost or expired.")
_BOUNCED = lazy("The bank sent the money back.")
_DISPUTED = lazy("The bank is taking this payment back itself, in a dispute.")
_SHORT = lazy("There was not enough money on our account at the payment service.")
_NOT_TAKEN = lazy("The bank did not take the refund.")

_RETURNS = {
    "lost_or_stolen_card": _GONE,
    "expired_or_canceled_card": _GONE,
    "sent back": _BOUNCED,
    "charge_for_pending_refund_disputed": _DISPUTED,
    "charge_disputed": _DISPUTED,
    "insufficient_funds": _SHORT,
    "balance_insufficient": _SHORT,
}


def refund_words_for(code: str) -> Lazy:
    """Say why a refund did not arrive."""
    return _RETURNS.get(code, _NOT_TAKEN)


_NOT_THEIRS = lazy("whoever holds the card says that it was not they who paid")
_UNKNOWN = lazy("whoever holds the card does not recognise the payment")
_TWICE = lazy("charged twice, they say")
_NOTHING_CAME = lazy("what was promised did not come, they say")
_NOT_AS_SAID = lazy("what came is not as it was described, they say")
_CANCELLED = lazy("they say that they had cancelled")
_NOT_BACK = lazy("a refund that was promised did not come, they say")
_NO_COVER = lazy("there was not enough money on the account")
_STOLEN = lazy("the card is stolen or lost")
_FALSE = lazy("the card is counterfeit, or was asked for in another's name")
_PLAIN = lazy("the bank gives no closer reason")

_DISPUTES = {
    "fraudulent": _NOT_THEIRS,
    "debit_not_authorized": _NOT_THEIRS,
    "unauthorized_use_of_card": _NOT_THEIRS,
    "unrecognized": _UNKNOWN,
    "duplicate": _TWICE,
    "product_not_received": _NOTHING_CAME,
    "product_unacceptable": _NOT_AS_SAID,
    "subscription_canceled": _CANCELLED,
    "credit_not_processed": _NOT_BACK,
    "insufficient_funds": _NO_COVER,
    "made_with_stolen_card": _STOLEN,
    "made_with_lost_card": _STOLEN,
    "card_never_received": _STOLEN,
    "made_with_counterfeit_card": _FALSE,
    "fraudulent_card_application": _FALSE,
}


def dispute_words_for(code: str) -> Lazy:
    """Say why a bank disputes a payment, or warns of it; for officials."""
    return _DISPUTES.get(code, _PLAIN)
