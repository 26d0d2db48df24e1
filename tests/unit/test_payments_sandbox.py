"""The sandbox behaves as the provider it stands for."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.gateways.payments import (
    AuthenticationRequiredError,
    BadSignatureError,
    CardDeclinedError,
    Checkout,
    CheckoutStatus,
    Intent,
    IntentStatus,
    ProviderRefusedError,
    ProviderUnavailableError,
    RefundStatus,
    SetupStatus,
)
from quartieri.gateways.sandbox import cards, webhooks
from quartieri.gateways.sandbox.checkout import Step
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.engine import Sandbox
from quartieri.gateways.sandbox.wire import nested
from quartieri.gateways.stripe import Stripe
from quartieri.kit.money import Money
from tests.factories.payments import START, make_clock, make_provider, make_reference, make_sandbox

BACK = "https://quartieri.example/back"


def open_setup(
    provider: Stripe, n: int = 1, *, until: datetime = START + timedelta(hours=1)
) -> Checkout:
    reference = make_reference(n=n)
    customer = provider.create_customer(email="a@b.it", reference=reference, key="customer:12")
    return provider.create_setup_checkout(
        customer=customer,
        reference=reference,
        success_url=BACK,
        cancel_url=BACK,
        locale="it",
        expires_at=until,
        key=f"setup:12:{n}",
    )


def save_card(sandbox: Sandbox, provider: Stripe, number: str = cards.SUCCEEDS) -> tuple[str, str]:
    session = open_setup(provider)
    assert sandbox.pay(session.id, number) is Step.DONE
    setup = provider.read_setup(str(session.setup))
    return str(setup.customer), str(setup.method)


def prepare(provider: Stripe, customer: str, method: str, cents: int = 5_000, n: int = 1) -> Intent:
    return provider.create_intent(
        customer=customer,
        method=method,
        amount=Money(cents),
        description="Orto",
        reference=make_reference(n=n),
        key=f"charge:12:{n}",
    )


def open_payment(provider: Stripe, cents: int = 5_000) -> Checkout:
    reference = make_reference(n=2)
    customer = provider.create_customer(email="a@b.it", reference=reference, key="customer:12:2")
    return provider.create_payment_checkout(
        customer=customer,
        amount=Money(cents),
        description="Orto",
        reference=reference,
        success_url=BACK,
        cancel_url=BACK,
        locale="it",
        expires_at=START + timedelta(hours=1),
        key="rescue:12:2",
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
    session = open_setup(provider)
    assert sandbox.submit(session.id, number) is step
    assert provider.read_setup(str(session.setup)).error == error
    complete = provider.read_checkout(session.id).status is CheckoutStatus.COMPLETE
    assert complete is (step is Step.DONE)


@pytest.mark.parametrize("approve", [True, False])
def test_a_second_factor_saves_the_card_only_when_approved(approve: bool) -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    session = open_setup(provider)
    sandbox.pay(session.id, cards.AUTHENTICATE_AT_SETUP, approve=approve)
    setup = provider.read_setup(str(session.setup))
    assert (setup.status is SetupStatus.SUCCEEDED) is approve
    assert setup.error == ("" if approve else "authentication_required")


def test_a_refused_card_can_be_followed_by_a_good_one_on_the_same_page() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    session = open_setup(provider)
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
    customer, method = save_card(sandbox, provider, number)
    intent = prepare(provider, customer, method)
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
    customer, method = save_card(sandbox, provider, number)
    intent = prepare(provider, customer, method, 10_000)
    paid = provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    assert (paid.status, paid.received) == (IntentStatus.SUCCEEDED, Money(10_000))
    assert paid.fee == Money(175)
    again = provider.confirm_intent(intent.id, method=method, key="confirm:12:1:2")
    assert again == paid
    assert len([c for c in sandbox.objects("charge", intent.id) if c["paid"]]) == 1


def test_a_canceled_charge_is_never_made() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card(sandbox, provider)
    intent = prepare(provider, customer, method)
    assert provider.cancel_intent(intent.id, key="cancel:1").status is IntentStatus.CANCELED
    found = provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    assert found.status is IntentStatus.CANCELED
    assert sandbox.objects("charge", intent.id) == []


def test_a_forgotten_card_is_refused_and_forgetting_twice_is_fine() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card(sandbox, provider)
    provider.detach_method(method)
    provider.detach_method(method)
    with pytest.raises(ProviderRefusedError):
        prepare(provider, customer, method)


def test_a_payment_page_charges_and_its_charge_ends_with_the_page_alone() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    session = open_payment(provider)
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
    first, second = open_setup(provider), open_payment(provider)
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
    customer, method = save_card(sandbox, provider)
    intent = prepare(provider, customer, method, 5_000)
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
    customer, method = save_card(sandbox, provider, cards.REFUND_FAILS)
    intent = prepare(provider, customer, method)
    provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    sent = provider.refund(
        intent.id, amount=Money(5_000), reference=make_reference(), key="refund:12:1"
    )
    assert sent.status is RefundStatus.PENDING
    clock.advance(timedelta(minutes=2))
    assert provider.read_refund(sent.id).status is RefundStatus.FAILED
    assert provider.read_intent(intent.id).refunded == Money(0)


# -- keys --------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["customer", "intent", "confirm", "refund"]), max_size=12))
def test_the_same_key_and_words_always_give_the_same_answer_and_one_deed(verbs: list[str]) -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card(sandbox, provider)
    intent = prepare(provider, customer, method)
    ask = {
        "customer": lambda: provider.create_customer(
            email="a@b.it", reference=make_reference(), key="customer:12"
        ),
        "intent": lambda: prepare(provider, customer, method),
        "confirm": lambda: provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1"),
        "refund": lambda: provider.refund(
            intent.id, amount=Money(5_000), reference=make_reference(), key="refund:12:1"
        ),
    }
    seen: dict[str, object] = {}
    for verb in ["confirm", *verbs]:
        answer = ask[verb]()
        assert seen.setdefault(verb, answer) == answer
    assert len(sandbox.objects("charge", intent.id)) == 1
    assert len(sandbox.objects("refund", intent.id)) == ("refund" in seen)


def test_one_key_with_other_words_or_on_another_endpoint_is_refused() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card(sandbox, provider)
    intent = prepare(provider, customer, method)
    with pytest.raises(ProviderRefusedError, match="idempotency_error"):
        prepare(provider, customer, method, 5_001)
    with pytest.raises(ProviderRefusedError, match="idempotency_error"):
        provider.confirm_intent(intent.id, method=method, key="charge:12:1")
    assert provider.read_intent(intent.id).status is IntentStatus.NEEDS_CONFIRMATION


def test_a_declined_charge_answers_the_same_to_its_key_and_anew_to_the_next() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card(sandbox, provider, cards.REFUSED_LATER)
    intent = prepare(provider, customer, method)
    for key in ("confirm:12:1:1", "confirm:12:1:1", "confirm:12:1:2"):
        with pytest.raises(CardDeclinedError):
            provider.confirm_intent(intent.id, method=method, key=key)
    assert len(sandbox.objects("charge", intent.id)) == 2


def test_the_provider_forgets_keys_after_a_day_but_a_made_charge_is_not_made_again() -> None:
    clock = make_clock()
    sandbox = make_sandbox(clock)
    provider = make_provider(sandbox)
    customer, method = save_card(sandbox, provider)
    intent = prepare(provider, customer, method)
    provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    clock.advance(timedelta(days=2))
    assert prepare(provider, customer, method).id != intent.id
    found = provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    assert found.status is IntentStatus.SUCCEEDED
    assert len(sandbox.objects("charge", intent.id)) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_cut_line_is_unavailable_and_the_same_key_ends_it(moment: str) -> None:
    sandbox = make_sandbox()
    cut = {"POST /v1/payment_intents"}

    def fault(when: str, name: str) -> None:
        if when == moment and name in cut:
            cut.discard(name)
            raise ConnectionError

    provider = make_provider(sandbox, fault)
    customer, method = save_card(sandbox, provider)
    with pytest.raises(ProviderUnavailableError):
        prepare(provider, customer, method)
    prepare(provider, customer, method)
    created = [m for m in provider.list_events(START) if m.kind == "payment_intent.created"]
    assert len(created) == 1


def test_unknown_parameters_objects_and_endpoints_are_refused() -> None:
    sandbox = make_sandbox()
    assert sandbox.request("POST", "/v1/customers", {"emial": "a"}).status == 400
    assert sandbox.request("GET", "/v1/payment_intents/pi_none", {}).status == 404
    assert sandbox.request("POST", "/v1/charges", {}).status == 404
    with pytest.raises(ProviderRefusedError, match="amount_too_small"):
        open_payment(make_provider(sandbox), 49)


# -- events and messages -----------------------------------------------------------------------


def test_events_are_listed_oldest_first_over_several_pages() -> None:
    clock = make_clock()
    sandbox = make_sandbox(clock)
    provider = make_provider(sandbox)
    customer, method = save_card(sandbox, provider)
    for n in range(1, 121):
        prepare(provider, customer, method, n=n)
    clock.advance(timedelta(minutes=1))
    prepare(provider, customer, method, n=121)
    listed = provider.list_events(START)
    created = [m for m in listed if m.kind == "payment_intent.created"]
    assert len({m.id for m in listed}) == len(listed)
    assert len(created) == 121
    assert created[0].created == START
    assert [m.intent for m in provider.list_events(START + timedelta(minutes=1))] == [
        created[-1].intent
    ]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.NORMAL, ["attached", "succeeded", "completed"]),
        (Mode.TWICE, ["attached", "attached", "succeeded", "succeeded", "completed", "completed"]),
        (Mode.LATE, []),
        (Mode.OUT_OF_ORDER, ["completed", "succeeded", "attached"]),
        (Mode.DROPPED, []),
    ],
)
def test_messages_go_out_by_the_mode_and_carry_a_good_signature(
    mode: Mode, expected: list[str]
) -> None:
    clock = make_clock()
    sandbox = make_sandbox(clock)
    provider = make_provider(sandbox)
    sandbox.mode = mode
    save_card(sandbox, provider)
    taken: list[str] = []

    def post(body: bytes, signature: str) -> bool:
        taken.append(provider.verify_webhook(body, signature).kind.rsplit(".", 1)[1])
        return True

    sandbox.deliver(post)
    assert taken == expected
    clock.advance(timedelta(hours=2))
    sandbox.deliver(post)
    late = ["attached", "succeeded", "completed"] if mode is Mode.LATE else []
    assert taken == expected + late
    assert len(provider.list_events(START)) == 3


def test_a_message_that_is_not_taken_comes_again_later() -> None:
    clock = make_clock()
    sandbox = make_sandbox(clock)
    save_card(sandbox, make_provider(sandbox))
    answers: list[int] = []

    def post(body: bytes, signature: str) -> bool:
        answers.append(len(body))
        return len(answers) > 3

    assert sandbox.deliver(post) == 0
    assert sandbox.deliver(post) == 0
    clock.advance(timedelta(minutes=1))
    assert sandbox.deliver(post) == 3


def test_a_changed_body_an_old_or_a_foreign_signature_is_refused() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    save_card(sandbox, provider)
    caught: list[tuple[bytes, str]] = []
    sandbox.deliver(lambda body, signature: bool(caught.append((body, signature))) or True)
    body, signature = caught[0]
    provider.verify_webhook(body, signature)
    at, digest = signature.split(",")
    old = f"t={int(at.removeprefix('t=')) - 400},{digest}"
    foreign = make_provider(make_sandbox(secret="whsec_other"))
    for bad_body, bad_signature, peer in (
        (body + b" ", signature, provider),
        (body, old, provider),
        (body, "", provider),
        (body, "t=x,v1=y", provider),
        (b"\xff\xfe", signature, provider),
        (body, signature, foreign),
    ):
        with pytest.raises(BadSignatureError):
            peer.verify_webhook(bad_body, bad_signature)


def test_a_signed_message_about_something_else_is_read_too() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    event = {"id": "evt_1", "object": "event", "type": "account.updated", "livemode": True}
    event |= {"created": 1_700_000_000, "data": {"object": {"object": "account", "id": "acct_1"}}}
    message = provider.verify_webhook(*webhooks.signed(event, sandbox.secret))
    assert (message.object_kind, message.intent, message.live) == ("account", None, True)
    assert json.loads(message.body) == event


# -- the store ---------------------------------------------------------------------------------


def test_two_processes_share_one_file(tmp_path: Path) -> None:
    clock = make_clock()
    path = tmp_path / "sandbox.sqlite3"
    web, worker = Sandbox(path, now=clock.now), Sandbox(path, now=clock.now)
    session = open_setup(make_provider(web))
    assert worker.pay(session.id, cards.SUCCEEDS) is Step.DONE
    assert make_provider(web).read_checkout(session.id).status is CheckoutStatus.COMPLETE


def test_a_deed_that_breaks_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sandbox.sqlite3"
    sandbox = Sandbox(path, now=make_clock().now)
    provider = make_provider(sandbox)
    customer, method = save_card(sandbox, provider)
    intent = prepare(provider, customer, method)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sandbox._desk.store, "keep_answer", killed)
        with pytest.raises(KeyboardInterrupt):
            provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    assert provider.read_intent(intent.id).status is IntentStatus.NEEDS_CONFIRMATION
    provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    assert len(sandbox.objects("charge", intent.id)) == 1


def test_forms_are_read_as_objects_and_lists() -> None:
    pairs = [("a[b][0][c]", "1"), ("a[b][1][c]", "2"), ("e[]", "x"), ("e[]", "y"), ("f", "z")]
    assert nested(pairs) == {"a": {"b": [{"c": "1"}, {"c": "2"}]}, "e": ["x", "y"], "f": "z"}


@pytest.mark.parametrize(("cents", "fee"), [(10_000, 175), (50, 26), (20, 20), (3_333, 75)])
def test_fees_are_a_share_rounded_half_up_and_a_fixed_part(cents: int, fee: int) -> None:
    assert cards.Fees().of(cents) == fee
