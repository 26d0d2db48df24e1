"""Every outcome that the hosted page offers, on both of its kinds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quartieri.gateways.payments import (
    CheckoutStatus,
    DisputeStatus,
    IntentStatus,
    RefundStatus,
    SetupStatus,
)
from quartieri.gateways.sandbox.cards import Choice
from quartieri.gateways.sandbox.checkout import Step
from quartieri.gateways.sandbox.desk import Mode
from tests.factories.payments import (
    START,
    make_clock,
    make_provider,
    make_sandbox,
    open_payment_page,
    open_setup_page,
    prepare_intent,
)

WON, LOST, OPEN = DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.OPEN
AFTER = {
    Choice.DISPUTED: [(OPEN, 5_000, 5_000)],
    Choice.DISPUTED_IN_PART: [(OPEN, 2_500, 2_500)],
    Choice.DISPUTE_WON: [(WON, 5_000, 0)],
    Choice.DISPUTE_LOST: [(LOST, 5_000, 5_000)],
    Choice.ASKED_ABOUT: [(DisputeStatus.WARNING, 5_000, 0)],
}
BACK = {Choice.REFUNDED: 5_000, Choice.HALF_REFUNDED: 2_500}
REFUSED = {
    Choice.DECLINED: "generic_decline",
    Choice.NO_FUNDS: "insufficient_funds",
    Choice.LOST: "lost_card",
    Choice.EXPIRED: "expired_card",
    Choice.WRONG_CODE: "incorrect_cvc",
    Choice.BANK_IS_DOWN: "processing_error",
}


@pytest.mark.parametrize("saving", [False, True])
@pytest.mark.parametrize("choice", [*AFTER, *BACK, Choice.WARNED_OF, Choice.REFUND_FAILS])
def test_what_follows_a_charge_follows_it_on_the_page_and_later(
    choice: Choice, *, saving: bool
) -> None:
    clock = make_clock()
    sandbox = make_sandbox(clock)
    provider = make_provider(sandbox)
    page = open_setup_page(provider) if saving else open_payment_page(provider)
    assert sandbox.pay(page.id, choice.number) is Step.DONE
    if saving:
        setup = provider.read_setup(str(page.setup))
        intent = prepare_intent(provider, str(setup.customer), str(setup.method))
        method = str(setup.method)
        intent = provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    else:
        intent = provider.read_intent(str(provider.read_checkout(page.id).intent))
    assert intent.status is IntentStatus.SUCCEEDED
    clock.advance(timedelta(minutes=2))
    found = [
        (one.status, one.amount.cents, one.taken.cents) for one in provider.list_disputes(intent.id)
    ]
    assert found == AFTER.get(choice, [])
    assert provider.read_intent(intent.id).refunded.cents == BACK.get(choice, 0)
    warned = [m for m in provider.list_events(START) if m.object_kind.startswith("radar")]
    assert len(warned) == (choice is Choice.WARNED_OF)
    if choice is Choice.REFUND_FAILS:
        sandbox.request("POST", "/v1/refunds", {"payment_intent": intent.id})
        clock.advance(timedelta(minutes=2))
        (sent,) = provider.list_refunds(intent.id)
        assert sent.status is RefundStatus.FAILED


@pytest.mark.parametrize("choice", list(REFUSED))
def test_each_class_of_refusal_can_be_chosen(choice: Choice) -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    page = open_payment_page(provider)
    assert sandbox.pay(page.id, choice.number) is Step.DECLINED
    intent = str(provider.read_checkout(page.id).intent)
    assert REFUSED[choice] in provider.read_intent(intent).error


def test_a_page_that_runs_out_cancels_what_it_was_opened_for() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    paying, saving = open_payment_page(provider), open_setup_page(provider)
    sandbox.pay(paying.id, Choice.DECLINED.number)
    for page in (paying, saving):
        sandbox.run_out(page.id)
        assert provider.read_checkout(page.id).status is CheckoutStatus.EXPIRED
    intent = provider.read_intent(str(provider.read_checkout(paying.id).intent))
    assert intent.status is IntentStatus.CANCELED
    assert provider.read_setup(str(saving.setup)).status is SetupStatus.CANCELED


@pytest.mark.parametrize("mode", list(Mode))
def test_how_messages_come_is_chosen_on_the_page(mode: Mode) -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    page = open_payment_page(provider)
    sandbox.choose_page_mode(page.id, mode)
    shown = sandbox.page(page.id)
    assert shown is not None
    assert shown.mode is mode
    sandbox.pay(page.id, Choice.SUCCEEDS.number)
    taken: list[bytes] = []
    sandbox.deliver(lambda body, _signature: taken.append(body) is None)
    times = {Mode.TWICE: 2, Mode.LATE: 0, Mode.DROPPED: 0}.get(mode, 1)
    assert len(taken) == times * len(provider.list_events(START))
