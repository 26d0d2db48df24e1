"""The sandbox behaves as the provider it stands for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.gateways.payments import (
    AuthenticationRequiredError,
    CardDeclinedError,
    CheckoutStatus,
    IntentStatus,
    ProviderRefusedError,
    RefundStatus,
    SetupStatus,
)
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.checkout import Step
from quartieri.kit.money import Money
from tests.factories.payments import (
    make_clock,
    make_provider,
    make_reference,
    make_sandbox,
    open_payment_page,
    open_setup_page,
    prepare_intent,
    save_card_there,
)


@pytest.mark.parametrize(
    ("number", "step", "error"),
    [
        (cards.SUCCEEDS, Step.DONE, ""),
        (cards.REFUSED_LATER, Step.DONE, ""),
        (cards.DECLINED, Step.DECLINED, "generic_decline"),
        (cards.NO_FUNDS, Step.DECLINED, "insufficient_funds"),
        (cards.AUTHENTICATE_AT_SETUP, Step.SECOND_FACTOR, ""),
        (cards.AUTHENTICATE_ALWAYS, Step.SECOND_FACTOR, ""),
    ],
)
def test_each_card_is_saved_or_refused_as_listed(
    number: str, step: Step, error: type[Exception]
) -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    session = open_setup_page(provider)
    assert sandbox.submit(session.id, number) is step
    assert provider.read_setup(str(session.setup)).error == error
    complete = provider.read_checkout(session.id).status is CheckoutStatus.COMPLETE
    assert complete is (step is Step.DONE)


@pytest.mark.parametrize("approve", [True, False])
def test_a_second_factor_saves_the_card_only_when_approved(approve: bool) -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    session = open_setup_page(provider)
    sandbox.pay(session.id, cards.AUTHENTICATE_AT_SETUP, approve=approve)
    setup = provider.read_setup(str(session.setup))
    assert (setup.status is SetupStatus.SUCCEEDED) is approve
    assert setup.error == ("" if approve else "authentication_required")


def test_a_refused_card_can_be_followed_by_a_good_one_on_the_same_page() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    session = open_setup_page(provider)
    assert sandbox.pay(session.id, cards.DECLINED) is Step.DECLINED
    assert sandbox.pay(session.id, cards.SUCCEEDS) is Step.DONE
    assert provider.read_setup(str(session.setup)).reference == make_reference()


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (cards.REFUSED_LATER, "generic_decline"),
        (cards.AUTHENTICATE_ALWAYS, "authentication_required"),
    ],
)
def test_a_saved_card_is_refused_when_it_is_charged(number: str, code: str) -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card_there(sandbox, provider, number)
    intent = prepare_intent(provider, customer, method)
    assert intent.status is IntentStatus.NEEDS_CONFIRMATION
    with pytest.raises((CardDeclinedError, AuthenticationRequiredError)) as caught:
        provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    assert caught.value.code == code
    assert caught.value.intent is not None
    assert caught.value.intent.status is IntentStatus.NEEDS_METHOD
    assert provider.read_intent(intent.id).error == code


@pytest.mark.parametrize("number", [cards.SUCCEEDS, cards.AUTHENTICATE_AT_SETUP])
def test_a_good_card_is_charged_with_the_payer_absent(number: str) -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card_there(sandbox, provider, number)
    intent = prepare_intent(provider, customer, method, 10_000)
    paid = provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    assert (paid.status, paid.received) == (IntentStatus.SUCCEEDED, Money(10_000))
    assert paid.fee == Money(175)
    again = provider.confirm_intent(intent.id, method=method, key="confirm:12:1:2")
    assert again == paid
    assert len([c for c in sandbox.objects("charge", intent.id) if c["paid"]]) == 1


def test_a_canceled_charge_is_never_made() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card_there(sandbox, provider)
    intent = prepare_intent(provider, customer, method)
    assert provider.cancel_intent(intent.id, key="cancel:1").status is IntentStatus.CANCELED
    found = provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    assert found.status is IntentStatus.CANCELED
    assert sandbox.objects("charge", intent.id) == []


def test_a_forgotten_card_is_refused_and_forgetting_twice_is_fine() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card_there(sandbox, provider)
    provider.detach_method(method)
    provider.detach_method(method)
    with pytest.raises(ProviderRefusedError):
        prepare_intent(provider, customer, method)


def test_a_payment_page_charges_and_its_charge_ends_with_the_page_alone() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    session = open_payment_page(provider)
    assert session.intent is None
    assert sandbox.pay(session.id, cards.DECLINED) is Step.DECLINED
    intent = str(provider.read_checkout(session.id).intent)
    with pytest.raises(ProviderRefusedError):
        provider.cancel_intent(intent, key="cancel:2")
    assert sandbox.pay(session.id, cards.AUTHENTICATE_ALWAYS) is Step.DONE
    paid = provider.read_intent(intent)
    assert (paid.status, paid.reference) == (IntentStatus.SUCCEEDED, make_reference(n=2))
    assert provider.expire_checkout(session.id, key="expire:2").status is CheckoutStatus.COMPLETE


def test_an_expired_page_takes_no_card_and_cancels_its_charge() -> None:
    clock = make_clock()
    sandbox = make_sandbox(clock)
    provider = make_provider(sandbox)
    first, second = open_setup_page(provider), open_payment_page(provider)
    sandbox.pay(second.id, cards.DECLINED)
    intent = str(provider.read_checkout(second.id).intent)
    clock.advance(timedelta(hours=1))
    assert provider.read_checkout(first.id).status is CheckoutStatus.EXPIRED
    assert provider.read_setup(str(first.setup)).status is SetupStatus.CANCELED
    assert provider.read_intent(intent).status is IntentStatus.CANCELED
    with pytest.raises(Exception, match="over"):
        sandbox.pay(second.id, cards.SUCCEEDS)


@given(st.lists(st.integers(1, 6_000), min_size=1, max_size=8))
def test_refunds_never_add_up_to_more_than_was_paid(parts: list[int]) -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card_there(sandbox, provider)
    intent = prepare_intent(provider, customer, method, 5_000)
    provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    sent = 0
    for n, cents in enumerate(parts, start=1):
        try:
            provider.refund(
                intent.id,
                amount=Money(cents),
                reference=make_reference(n=n),
                key=f"refund:12:{n}",
            )
        except ProviderRefusedError:
            assert sent + cents > 5_000
        else:
            sent += cents
    assert provider.read_intent(intent.id).refunded == Money(sent)
    assert sum(r.amount.cents for r in provider.list_refunds(intent.id)) == sent <= 5_000


def test_a_refund_that_the_bank_sends_back_fails_later() -> None:
    clock = make_clock()
    sandbox = make_sandbox(clock)
    provider = make_provider(sandbox)
    customer, method = save_card_there(sandbox, provider, cards.REFUND_FAILS)
    intent = prepare_intent(provider, customer, method)
    provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    sent = provider.refund(
        intent.id, amount=Money(5_000), reference=make_reference(), key="refund:12:1"
    )
    assert sent.status is RefundStatus.PENDING
    clock.advance(timedelta(minutes=2))
    assert provider.read_refund(sent.id).status is RefundStatus.FAILED
    assert provider.read_intent(intent.id).refunded == Money(0)


@pytest.mark.parametrize(("cents", "fee"), [(10_000, 175), (50, 26), (20, 20), (3_333, 75)])
def test_fees_are_a_share_rounded_half_up_and_a_fixed_part(cents: int, fee: int) -> None:
    assert cards.Fees().of(cents) == fee
