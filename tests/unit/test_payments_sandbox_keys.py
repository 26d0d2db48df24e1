"""The sandbox's keys, events, messages and store."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.gateways.payments import (
    BadSignatureError,
    CardDeclinedError,
    CheckoutStatus,
    IntentStatus,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from quartieri.gateways.sandbox import cards, webhooks
from quartieri.gateways.sandbox.checkout import Step
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.engine import Sandbox
from quartieri.gateways.sandbox.wire import nested
from quartieri.kit.money import Money
from tests.factories.payments import (
    START,
    make_clock,
    make_provider,
    make_reference,
    make_sandbox,
    open_payment_page,
    open_setup_page,
    prepare_intent,
    save_card_there,
)

# -- keys --------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["customer", "intent", "confirm", "refund"]), max_size=12))
def test_the_same_key_and_words_always_give_the_same_answer_and_one_deed(verbs: list[str]) -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card_there(sandbox, provider)
    intent = prepare_intent(provider, customer, method)
    ask = {
        "customer": lambda: provider.create_customer(
            email="a@b.it", reference=make_reference(), key="customer:12"
        ),
        "intent": lambda: prepare_intent(provider, customer, method),
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
    customer, method = save_card_there(sandbox, provider)
    intent = prepare_intent(provider, customer, method)
    with pytest.raises(ProviderRefusedError, match="idempotency_error"):
        prepare_intent(provider, customer, method, 5_001)
    with pytest.raises(ProviderRefusedError, match="idempotency_error"):
        provider.confirm_intent(intent.id, method=method, key="charge:12:1")
    assert provider.read_intent(intent.id).status is IntentStatus.NEEDS_CONFIRMATION


def test_a_declined_charge_answers_the_same_to_its_key_and_anew_to_the_next() -> None:
    sandbox = make_sandbox()
    provider = make_provider(sandbox)
    customer, method = save_card_there(sandbox, provider, cards.REFUSED_LATER)
    intent = prepare_intent(provider, customer, method)
    for key in ("confirm:12:1:1", "confirm:12:1:1", "confirm:12:1:2"):
        with pytest.raises(CardDeclinedError):
            provider.confirm_intent(intent.id, method=method, key=key)
    assert len(sandbox.objects("charge", intent.id)) == 2


def test_the_provider_forgets_keys_after_a_day_but_a_made_charge_is_not_made_again() -> None:
    clock = make_clock()
    sandbox = make_sandbox(clock)
    provider = make_provider(sandbox)
    customer, method = save_card_there(sandbox, provider)
    intent = prepare_intent(provider, customer, method)
    provider.confirm_intent(intent.id, method=method, key="confirm:12:1:1")
    clock.advance(timedelta(days=2))
    assert prepare_intent(provider, customer, method).id != intent.id
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
    customer, method = save_card_there(sandbox, provider)
    with pytest.raises(ProviderUnavailableError):
        prepare_intent(provider, customer, method)
    prepare_intent(provider, customer, method)
    created = [m for m in provider.list_events(START) if m.kind == "payment_intent.created"]
    assert len(created) == 1


def test_unknown_parameters_objects_and_endpoints_are_refused() -> None:
    sandbox = make_sandbox()
    assert sandbox.request("POST", "/v1/customers", {"emial": "a"}).status == 400
    assert sandbox.request("GET", "/v1/payment_intents/pi_none", {}).status == 404
    assert sandbox.request("POST", "/v1/charges", {}).status == 404
    with pytest.raises(ProviderRefusedError, match="amount_too_small"):
        open_payment_page(make_provider(sandbox), 49)


# -- events and messages -----------------------------------------------------------------------


def test_events_are_listed_oldest_first_over_several_pages() -> None:
    clock = make_clock()
    sandbox = make_sandbox(clock)
    provider = make_provider(sandbox)
    customer, method = save_card_there(sandbox, provider)
    for n in range(1, 121):
        prepare_intent(provider, customer, method, n=n)
    clock.advance(timedelta(minutes=1))
    prepare_intent(provider, customer, method, n=121)
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
    save_card_there(sandbox, provider)
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
    save_card_there(sandbox, make_provider(sandbox))
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
    save_card_there(sandbox, provider)
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
    session = open_setup_page(make_provider(web))
    assert worker.pay(session.id, cards.SUCCEEDS) is Step.DONE
    assert make_provider(web).read_checkout(session.id).status is CheckoutStatus.COMPLETE


def test_a_deed_that_breaks_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sandbox.sqlite3"
    sandbox = Sandbox(path, now=make_clock().now)
    provider = make_provider(sandbox)
    customer, method = save_card_there(sandbox, provider)
    intent = prepare_intent(provider, customer, method)

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
