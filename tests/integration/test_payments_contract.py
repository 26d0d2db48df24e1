"""One script over the provider's API: the sandbox in process, over real HTTP, and real Stripe.

With STRIPE_TEST_KEY set (a key of Stripe's test mode) the same script runs against Stripe; without
it what is marked ``stripe`` is deselected. It needs no hosted page: Stripe's test methods stand for
cards. What a payer does on the sandbox's own page comes last, over HTTP alone.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from quartieri.gateways.payments import (
    AuthenticationRequiredError,
    CardDeclinedError,
    CheckoutStatus,
    DisputeStatus,
    Intent,
    IntentStatus,
    MovementKind,
    PaymentProvider,
    ProviderRefusedError,
    ProviderUnavailableError,
    RefundStatus,
    SetupStatus,
)
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.webhooks import over_http
from quartieri.gateways.stripe import Stripe
from quartieri.kit.clock import Clock
from quartieri.kit.money import Money
from tests.factories.payments import (
    START,
    make_provider,
    make_reference,
    make_sandbox,
    open_setup_page,
    prepare_intent,
    served,
    serving,
)

PEERS = ["in process", "over http", pytest.param("stripe", marks=pytest.mark.stripe)]
BACK = "https://quartieri.example/back"
AMOUNT = Money(2_500)


@pytest.fixture(params=PEERS)
def provider(request: pytest.FixtureRequest) -> Iterator[PaymentProvider]:
    sandbox = make_sandbox(Clock())  # type: ignore[arg-type] # the system's clock, as Stripe has
    if request.param == "in process":
        yield make_provider(sandbox)
    elif request.param == "over http":
        with served(sandbox) as peer:
            yield peer
    else:
        request.getfixturevalue("outside")
        yield Stripe(os.environ["STRIPE_TEST_KEY"], "whsec_unused")


@pytest.fixture
def run() -> str:
    """Give a word that makes this run's keys its own."""
    return secrets.token_hex(6)


T = TypeVar("T")


def soon(look: Callable[[], Sequence[T]]) -> Sequence[T]:
    """Look until there is something: what a bank says comes to Stripe some seconds later."""
    found = look()
    for _ in range(30):
        if found:
            break
        time.sleep(1)
        found = look()
    return found


def make_intent(provider: PaymentProvider, run: str, method: str = "pm_card_visa") -> Intent:
    reference = make_reference(f"pledge:{run}")
    customer = provider.create_customer(
        email="prova@quartieri.example", reference=reference, key=f"customer:{run}"
    )
    return provider.create_intent(
        customer=customer,
        method=method,
        amount=AMOUNT,
        description="Orto di via Padova",
        reference=reference,
        key=f"charge:{run}:1",
    )


def test_a_charge_is_prepared_made_once_and_sent_back(provider: PaymentProvider, run: str) -> None:
    intent = make_intent(provider, run)
    assert intent.status is IntentStatus.NEEDS_CONFIRMATION
    assert make_intent(provider, run) == intent
    method = str(intent.method)
    paid = provider.confirm_intent(intent.id, method=method, key=f"confirm:{run}:1:1")
    assert (paid.status, paid.received, paid.refunded) == (
        IntentStatus.SUCCEEDED,
        AMOUNT,
        Money(0),
    )
    assert paid.reference == make_reference(f"pledge:{run}")
    payer = str(intent.customer)
    provider.correct_customer(payer, email="giusta@quartieri.example", key=f"correct:{run}")
    again = provider.confirm_intent(intent.id, method=method, key=f"confirm:{run}:1:2")
    assert again.status is IntentStatus.SUCCEEDED
    assert again.fee is not None
    sent = [
        provider.refund(
            intent.id,
            amount=Money(1_000),
            reference=make_reference(f"pledge:{run}"),
            key=f"refund:{run}:1",
        )
        for _ in range(2)
    ]
    assert sent[0] == sent[1] == provider.read_refund(sent[0].id)
    assert sent[0].status is RefundStatus.SUCCEEDED
    assert [refund.id for refund in provider.list_refunds(intent.id)] == [sent[0].id]
    assert provider.read_intent(intent.id).refunded == Money(1_000)
    with pytest.raises(ProviderRefusedError):
        provider.refund(
            intent.id,
            amount=Money(1_501),
            reference=make_reference(f"pledge:{run}", 2),
            key=f"refund:{run}:2",
        )


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("pm_card_chargeCustomerFail", CardDeclinedError),
        ("pm_card_authenticationRequired", AuthenticationRequiredError),
    ],
)
def test_a_refused_card_leaves_the_charge_open_for_another_try(
    provider: PaymentProvider, run: str, method: str, error: type[Exception]
) -> None:
    intent = make_intent(provider, run, method)
    with pytest.raises(error) as caught:
        provider.confirm_intent(intent.id, method=str(intent.method), key=f"confirm:{run}:1:1")
    assert caught.value.intent.status is IntentStatus.NEEDS_METHOD
    assert provider.read_intent(intent.id).error == caught.value.code


def test_a_canceled_charge_reads_back_canceled_and_cannot_be_made(
    provider: PaymentProvider, run: str
) -> None:
    intent = make_intent(provider, run)
    assert provider.cancel_intent(intent.id, key=f"cancel:{run}").status is IntentStatus.CANCELED
    assert provider.cancel_intent(intent.id, key=f"again:{run}").status is IntentStatus.CANCELED
    found = provider.confirm_intent(intent.id, method=str(intent.method), key=f"confirm:{run}:1:1")
    assert found.status is IntentStatus.CANCELED


def test_one_key_on_two_endpoints_is_refused(provider: PaymentProvider, run: str) -> None:
    intent = make_intent(provider, run)
    with pytest.raises(ProviderRefusedError, match="idempotency_error"):
        provider.cancel_intent(intent.id, key=f"charge:{run}:1")
    with pytest.raises(ProviderRefusedError, match="idempotency_error"):
        provider.create_customer(
            email="altra@quartieri.example",
            reference=make_reference(f"pledge:{run}"),
            key=f"customer:{run}",
        )


def test_a_key_that_is_sent_again_does_nothing_twice(provider: PaymentProvider, run: str) -> None:
    def customer(key: str) -> str:
        return provider.create_customer(email="a@b.it", reference=make_reference(run), key=key)

    assert customer(f"payer:{run}") == customer(f"payer:{run}") != customer(f"other:{run}")
    intent = make_intent(provider, run, "pm_card_chargeCustomerFail")
    for _ in range(2):
        with pytest.raises(CardDeclinedError) as caught:
            provider.confirm_intent(intent.id, method=str(intent.method), key=f"confirm:{run}:1:1")
        assert caught.value.intent.status is IntentStatus.NEEDS_METHOD
    for _ in range(2):
        gone = provider.cancel_intent(intent.id, key=f"cancel:{run}")
        assert gone.status is IntentStatus.CANCELED


def test_a_refunds_key_is_for_one_refund_alone(provider: PaymentProvider, run: str) -> None:
    intent = make_intent(provider, run)
    provider.confirm_intent(intent.id, method=str(intent.method), key=f"confirm:{run}:1:1")
    reference = make_reference(f"pledge:{run}")

    def refund(cents: int, key: str) -> str:
        sent = provider.refund(intent.id, amount=Money(cents), reference=reference, key=key)
        return sent.id

    first = refund(1_000, f"refund:{run}:1")
    assert refund(1_000, f"refund:{run}:1") == first
    for cents, key in [(900, f"refund:{run}:1"), (1_000, f"confirm:{run}:1:1")]:
        with pytest.raises(ProviderRefusedError, match="idempotency_error"):
            refund(cents, key)
    with pytest.raises(ProviderRefusedError, match="idempotency_error"):
        provider.cancel_intent(intent.id, key=f"refund:{run}:1")
    second = refund(1_000, f"refund:{run}:2")
    assert [one.id for one in provider.list_refunds(intent.id)] == [first, second]
    assert provider.read_intent(intent.id).refunded == Money(2_000)


def test_a_method_is_forgotten_also_when_it_is_forgotten_already(
    provider: PaymentProvider, run: str
) -> None:
    method = str(make_intent(provider, run).method)
    provider.detach_method(method)
    provider.detach_method(method)
    assert provider.read_method(method).last4 == "4242"


@pytest.mark.parametrize("kind", ["setup", "payment"])
def test_a_hosted_page_opens_and_is_closed(provider: PaymentProvider, run: str, kind: str) -> None:
    reference = make_reference(f"pledge:{run}")
    customer = provider.create_customer(
        email="prova@quartieri.example", reference=reference, key=f"customer:{run}"
    )
    words = {
        "customer": customer,
        "reference": reference,
        "success_url": BACK,
        "cancel_url": BACK,
        "locale": "it",
        "expires_at": datetime.now(UTC) + timedelta(hours=1),
        "key": f"{kind}:{run}:1",
    }
    if kind == "payment":
        words |= {"amount": AMOUNT, "description": "Orto di via Padova"}
    opened = getattr(provider, f"create_{kind}_checkout")(**words)
    assert (opened.status, opened.reference) == (CheckoutStatus.OPEN, reference)
    assert str(opened.url).startswith("http")
    assert getattr(provider, f"create_{kind}_checkout")(**words).id == opened.id
    closed = provider.expire_checkout(opened.id, key=f"expire:{run}")
    assert closed.status is CheckoutStatus.EXPIRED
    assert provider.expire_checkout(opened.id, key=f"again:{run}").status is CheckoutStatus.EXPIRED
    assert provider.read_checkout(opened.id).status is CheckoutStatus.EXPIRED


@pytest.mark.parametrize(
    ("method", "status", "takes"),
    [
        ("pm_card_createDispute", DisputeStatus.OPEN, True),
        ("pm_card_createDisputeInquiry", DisputeStatus.WARNING, False),
    ],
)
def test_a_complaint_is_read_and_listed_with_what_it_took(
    provider: PaymentProvider, run: str, method: str, status: DisputeStatus, *, takes: bool
) -> None:
    intent = make_intent(provider, run, method)
    provider.confirm_intent(intent.id, method=str(intent.method), key=f"confirm:{run}:1:1")
    found = soon(lambda: provider.list_disputes(intent.id))[0]
    assert (found.status, found.amount, found.intent) == (status, AMOUNT, intent.id)
    assert found.taken == (AMOUNT if takes else Money(0))
    assert (found.fee is not None) is takes
    assert found.due_by is not None
    assert provider.read_dispute(found.id) == found


def test_an_early_warning_of_fraud_is_read(provider: PaymentProvider, run: str) -> None:
    intent = make_intent(provider, run, "pm_card_createIssuerFraudRecord")
    provider.confirm_intent(intent.id, method=str(intent.method), key=f"confirm:{run}:1:1")

    def warned() -> list[str]:
        since = datetime.now(UTC) - timedelta(minutes=5)
        return [
            one.object_id
            for one in provider.list_events(since)
            if one.intent == intent.id and one.object_kind == "radar.early_fraud_warning"
        ]

    warning = provider.read_warning(soon(warned)[0])
    assert (warning.intent, warning.actionable) == (intent.id, True)


def test_a_method_tells_its_kind_and_last_month(provider: PaymentProvider, run: str) -> None:
    method = provider.read_method(str(make_intent(provider, run).method))
    assert (method.kind, method.brand, method.last4) == ("card", "visa", "4242")
    assert method.expires is not None
    assert method.expires >= (datetime.now(UTC).year, 1)


def test_the_balance_lists_charges_and_refunds_with_their_fees(
    provider: PaymentProvider, run: str
) -> None:
    began = datetime.now(UTC) - timedelta(seconds=5)
    intent = make_intent(provider, run)
    provider.confirm_intent(intent.id, method=str(intent.method), key=f"confirm:{run}:1:1")
    provider.refund(
        intent.id,
        amount=Money(1_000),
        reference=make_reference(f"pledge:{run}"),
        key=f"refund:{run}:1",
    )
    moved = [one for one in provider.list_movements(began) if one.intent == intent.id]
    assert [(one.kind, one.amount) for one in moved] == [
        (MovementKind.CHARGE, AMOUNT),
        (MovementKind.REFUND, Money(-1_000)),
    ]
    assert moved[0].fee == provider.read_intent(intent.id).fee
    assert all(one.net == Money(one.amount.cents - one.fee.cents) for one in moved)


def test_what_happened_is_listed_with_its_charge(provider: PaymentProvider, run: str) -> None:
    began = datetime.now(UTC) - timedelta(seconds=5)
    intent = make_intent(provider, run)
    provider.confirm_intent(intent.id, method=str(intent.method), key=f"confirm:{run}:1:1")
    kinds = [m.kind for m in provider.list_events(began) if m.intent == intent.id]
    assert kinds.index("payment_intent.created") < kinds.index("payment_intent.succeeded")


# -- over HTTP alone -----------------------------------------------------------------------------


def test_every_verb_of_the_protocol_is_asked_over_http_in_this_script() -> None:
    verbs = {name for name in vars(PaymentProvider) if not name.startswith("_")} - {"test_mode"}
    script = Path(__file__).read_text()
    assert {verb for verb in verbs if f".{verb}(" not in script} == {
        "create_payment_checkout",  # named by their kind, see the hosted page
        "create_setup_checkout",
    }


def test_a_card_that_was_saved_on_the_page_is_read_charged_and_forgotten() -> None:
    sandbox = make_sandbox()
    with served(sandbox) as peer:
        page = open_setup_page(peer)
        sandbox.pay(page.id, cards.SUCCEEDS)
        assert peer.read_checkout(page.id).status is CheckoutStatus.COMPLETE
        setup = peer.read_setup(str(page.setup))
        assert setup.status is SetupStatus.SUCCEEDED
        method = str(setup.method)
        intent = prepare_intent(peer, str(setup.customer), method)
        assert peer.confirm_intent(intent.id, method=method, key="confirm:12:1:1").received
        peer.detach_method(method)
        peer.detach_method(method)
        second = prepare_intent(peer, str(setup.customer), "pm_card_visa", n=2)
        with pytest.raises(ProviderRefusedError):
            peer.confirm_intent(second.id, method=method, key="confirm:12:2:1")


def test_lists_of_several_pages_are_read_to_their_end() -> None:
    sandbox = make_sandbox()
    many = make_provider(sandbox)
    payer = many.create_customer(email="a@b.it", reference=make_reference(), key="customer:12")
    for n in range(1, 104):
        prepare_intent(many, payer, "pm_card_visa", n=n)
    with served(sandbox) as peer:
        listed = peer.list_events(START)
    assert len({one.intent for one in listed}) == len(listed) == 103


def test_a_server_that_does_not_answer_is_unavailable(run: str) -> None:
    dead = Stripe("sk_test_x", "whsec_x", api="http://127.0.0.1:9", retries=0)
    with pytest.raises(ProviderUnavailableError):
        make_intent(dead, run)


def test_a_wrong_key_is_refused(run: str) -> None:
    with served(make_sandbox()) as peer:
        address = peer._stripe._requestor._options.base_addresses["api"]
        wrong = Stripe("rk_live_x", "whsec_x", api=str(address))
        assert wrong.test_mode is False
        with pytest.raises(ProviderRefusedError):
            make_intent(wrong, run)


def test_messages_reach_an_address_and_a_dead_one_is_tried_again() -> None:
    sandbox = make_sandbox()
    peer = make_provider(sandbox)
    sandbox.pay(open_setup_page(peer).id, cards.SUCCEEDS)
    taken: list[str] = []

    def site(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        signature = environ["HTTP_STRIPE_SIGNATURE"]
        taken.append(peer.verify_webhook(body, signature).kind)
        start("200 OK" if len(taken) < 3 else "503 Busy", [])
        return [b""]

    assert sandbox.deliver(over_http("http://127.0.0.1:9/webhook")) == 0
    sandbox.hasten()
    with serving(site) as address:
        assert sandbox.deliver(over_http(address)) == 2
    assert taken == ["payment_method.attached", "setup_intent.succeeded", taken[2]]
    assert sandbox.next_delivery() is not None
