"""What a bank's codes mean, in words that help: for refused charges and for refunds that failed.

Sources: https://docs.stripe.com/declines/codes (which asks not to tell a thief that a card was
reported) and https://docs.stripe.com/refunds#failed-refunds.
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
