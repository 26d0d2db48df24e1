"""What the provider's answers mean, and that no two things share a key."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.config import SettingsError
from quartieri.gateways import choose
from quartieri.gateways.payments import (
    BadSignatureError,
    Checkout,
    CheckoutStatus,
    Intent,
    IntentStatus,
    Reference,
    Setup,
    SetupStatus,
)
from quartieri.gateways.sandbox.webhooks import signature
from quartieri.gateways.stripe import Stripe, shapes
from quartieri.kit.clock import Clock
from quartieri.kit.money import Money
from quartieri.payments import rules, words
from quartieri.payments.keys import Keys
from quartieri.payments.rules import (
    CardStatus,
    ChargeStatus,
    DisputeStanding,
    PaymentFacts,
    RefundFact,
    ReturnStatus,
)
from tests.doubles import settings_for


def make_intent(status: IntentStatus, error: str = "") -> Intent:
    zero = Money(0)
    return Intent("pi_1", status, Money(100), zero, zero, None, None, None, None, error)


def make_page(status: CheckoutStatus) -> Checkout:
    return Checkout("cs_1", None, status, None, None, None)


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (IntentStatus.SUCCEEDED, "", ChargeStatus.PAID),
        (IntentStatus.CANCELED, "generic_decline", ChargeStatus.CANCELED),
        (IntentStatus.PROCESSING, "", ChargeStatus.PROCESSING),
        (IntentStatus.NEEDS_CAPTURE, "", ChargeStatus.PROCESSING),
        (IntentStatus.NEEDS_ACTION, "", ChargeStatus.ACTION_REQUIRED),
        (IntentStatus.NEEDS_CONFIRMATION, "", ChargeStatus.READY),
        (IntentStatus.NEEDS_METHOD, "", ChargeStatus.READY),
        (IntentStatus.NEEDS_METHOD, "expired_card", ChargeStatus.DECLINED),
        (IntentStatus.NEEDS_METHOD, "authentication_required", ChargeStatus.ACTION_REQUIRED),
    ],
)
def test_an_intent_means_a_charge_s_status(
    status: IntentStatus, error: str, expected: ChargeStatus
) -> None:
    assert rules.charge_status(make_intent(status, error)) is expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (CheckoutStatus.OPEN, ChargeStatus.READY),
        (CheckoutStatus.COMPLETE, ChargeStatus.READY),
        (CheckoutStatus.EXPIRED, ChargeStatus.CANCELED),
    ],
)
def test_a_page_without_a_charge_is_over_when_it_expired(
    page: CheckoutStatus, expected: ChargeStatus
) -> None:
    assert rules.charge_status(None, make_page(page)) is expected


@pytest.mark.parametrize(
    ("page", "setup", "expected"),
    [
        (CheckoutStatus.OPEN, SetupStatus.NEEDS_METHOD, CardStatus.OPEN),
        (CheckoutStatus.OPEN, SetupStatus.SUCCEEDED, CardStatus.SAVED),
        (CheckoutStatus.COMPLETE, SetupStatus.SUCCEEDED, CardStatus.SAVED),
        (CheckoutStatus.EXPIRED, SetupStatus.SUCCEEDED, CardStatus.SAVED),
        (CheckoutStatus.EXPIRED, SetupStatus.NEEDS_METHOD, CardStatus.EXPIRED),
        (CheckoutStatus.OPEN, SetupStatus.CANCELED, CardStatus.EXPIRED),
        (CheckoutStatus.EXPIRED, None, CardStatus.EXPIRED),
        (CheckoutStatus.OPEN, None, CardStatus.OPEN),
    ],
)
def test_a_saved_card_counts_however_its_page_ended(
    page: CheckoutStatus, setup: SetupStatus | None, expected: CardStatus
) -> None:
    found = Setup("seti_1", setup, None, None, None) if setup else None
    assert rules.card_status(make_page(page), found) is expected


@pytest.mark.soak
@given(st.lists(st.sampled_from(list(ChargeStatus)), min_size=1))
def test_whatever_is_read_later_a_paid_charge_stays_paid(readings: list[ChargeStatus]) -> None:
    status = ChargeStatus.PAID
    for read in readings:
        status = rules.next_status(status, read)
    assert status is ChargeStatus.PAID


@pytest.mark.soak
@given(st.lists(st.sampled_from(sorted(set(ChargeStatus) - {ChargeStatus.PAID})), min_size=1))
def test_a_canceled_charge_is_only_left_by_a_payment(readings: list[ChargeStatus]) -> None:
    status = ChargeStatus.CANCELED
    for read in readings:
        status = rules.next_status(status, read)
    assert status is ChargeStatus.CANCELED
    assert rules.next_status(status, ChargeStatus.PAID) is ChargeStatus.PAID


def test_a_try_that_is_under_way_is_not_ended_by_an_untouched_reading() -> None:
    assert rules.next_status(ChargeStatus.ASKING, ChargeStatus.READY) is ChargeStatus.ASKING
    assert rules.next_status(ChargeStatus.ASKING, ChargeStatus.DECLINED) is ChargeStatus.DECLINED


def test_keys_name_the_verb_the_subject_and_the_number() -> None:
    keys = Keys("pledge:12", 3)
    assert (keys.setup(), keys.page()) == ("setup:pledge:12:3", "page:pledge:12:3")
    assert keys.charge() == "charge:pledge:12:3"
    assert keys.confirm(2) == "confirm:pledge:12:3:2"
    assert keys.refund == "refund:pledge:12:3"
    assert Keys("pledge:12", 3, "a1b2").charge() == "a1b2:charge:pledge:12:3"


def test_no_two_things_share_a_key() -> None:
    made: list[str] = []
    for pledge, n, site in itertools.product((1, 11, 12), (1, 2, 12), ("", "a", "b")):
        keys = Keys(f"pledge:{pledge}", n, site)
        made += [keys.confirm(attempt) for attempt in (1, 2, 11)]
        for version in (1, 2, 11):
            made += [keys.setup(version), keys.close_setup(version), keys.charge(version)]
            made += [keys.page(version), keys.close_page(version), keys.cancel(version)]
        made.append(keys.refund)
    assert len(made) == len(set(made))


@pytest.mark.parametrize("wrong", ["", "pledge", "pledge:", "pledge:x", ":1", "a b:1", "pledge:-1"])
def test_a_subject_is_a_kind_and_a_number(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a subject"):
        rules.split_subject(wrong)


def test_a_reference_comes_back_from_its_words() -> None:
    for made in (Reference("pledge:12", 3), Reference("pledge:12", 3, "a1b2")):
        assert Reference.read(made.metadata()) == made
    assert Reference("pledge:12", 3).metadata()["pledge"] == "12"
    assert Reference.read({}) is None
    assert Reference.read({"subject": "pledge:1", "n": "x"}) is None


def test_facts_add_up_what_came_back_and_what_is_on_its_way() -> None:
    refunds = (
        RefundFact(1, 100, ReturnStatus.SUCCEEDED, outside=False),
        RefundFact(2, 200, ReturnStatus.FAILED, outside=False),
        RefundFact(None, 30, ReturnStatus.SUCCEEDED, outside=True),
        RefundFact(3, 7, ReturnStatus.PENDING, outside=False),
        RefundFact(4, 5, ReturnStatus.PREPARED, outside=False),
    )
    facts = PaymentFacts("pledge:1", refunds=refunds)
    assert (facts.returned_cents, facts.returning_cents) == (130, 12)
    assert facts.refund == refunds[-1]


def test_a_stolen_card_reads_as_a_plain_refusal() -> None:
    assert words.words_for("stolen_card") == words.words_for("generic_decline")
    assert words.words_for("insufficient_funds") != words.words_for("expired_card")


def test_the_sandbox_is_refused_in_production(tmp_path: Path) -> None:
    settings = settings_for("sqlite://", tmp_path, profile="production")
    with pytest.raises(SettingsError):
        choose.provider(settings, Clock())
    stripe = settings_for(
        "sqlite://",
        tmp_path,
        profile="production",
        payments="stripe",
        stripe_key="sk_live_x",
        stripe_webhook_secret="whsec_x",
        stripe_api="https://api.stripe.com",
    )
    assert choose.provider(stripe, Clock()).test_mode is False


def test_each_database_has_a_sandbox_of_its_own(tmp_path: Path) -> None:
    one = settings_for("sqlite:///a", tmp_path)
    other = settings_for("sqlite:///b", tmp_path)
    assert choose.sandbox_path(one) != choose.sandbox_path(other)
    assert choose.provider(one, Clock()).test_mode is True


def test_a_status_that_is_not_known_yet_is_one_that_is_looked_at_again() -> None:
    money = {"currency": "eur", "amount": 500}
    intent = {"id": "pi_1", "status": "requires_love", **money}
    assert rules.charge_status(shapes.read_intent(intent)) is ChargeStatus.PROCESSING
    for word in (None, "on_a_ship"):
        refund = shapes.read_refund({"id": "re_1", "status": word, **money})
        assert rules.return_status(refund.status) is ReturnStatus.PENDING
    dispute = {"id": "du_1", "status": "in_orbit", "reason": "general", **money}
    taken = dispute | {"balance_transactions": [{"amount": -500, "fee": 2_000}]}
    standings = [rules.dispute_standing(shapes.read_dispute(d).status) for d in (dispute, taken)]
    assert standings == [DisputeStanding.INQUIRY, DisputeStanding.OPEN]


def test_messages_of_two_endpoints_are_taken_while_one_replaces_the_other() -> None:
    event = {"id": "evt_1", "type": "a.b", "livemode": False, "created": 1}
    body = json.dumps(event | {"data": {"object": {"object": "charge", "id": "ch_1"}}}).encode()
    provider = Stripe("sk_test_x", "whsec_old, whsec_new")
    for secret in ("whsec_old", "whsec_new"):
        assert provider.verify_webhook(body, signature(body, secret)).id == "evt_1"
    both = f"{signature(body, 'whsec_other')},{signature(body, 'whsec_new').partition(',')[2]}"
    assert provider.verify_webhook(body, both).id == "evt_1"
    for secret in ("whsec_other", "whsec_old, whsec_new", ""):
        with pytest.raises(BadSignatureError):
            provider.verify_webhook(body, signature(body, secret))
