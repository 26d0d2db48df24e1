"""Our books against the provider's: what is late is repaired, what differs waits for a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.campaigns.models import Campaign
from quartieri.db import unit_of_work
from quartieri.extensions import Services
from quartieri.gateways.payments import ProviderUnavailableError, Reference
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.jobs import registry
from quartieri.kit.clock import SetClock
from quartieri.kit.money import Money
from quartieri.ledger import actions as ledger
from quartieri.ledger import rules as book
from quartieri.payments import jobs, queries
from quartieri.payments.models import PaymentCharge, ReconciliationCase, ReconciliationRun
from quartieri.payments.rules import CaseKind, CaseState, DisputeStanding, ReturnStatus
from quartieri.people.rules import Scope
from tests.conftest import SiteClient
from tests.factories import complaints
from tests.factories.campaigns import make_live
from tests.factories.payments import make_paid
from tests.factories.people import make_official

SUBJECT = "pledge:12"


@pytest.fixture
def provider(services: Services, session: Session) -> SandboxProvider:
    assert isinstance(services.payments, SandboxProvider)
    services.payments.sandbox.mode = Mode.DROPPED
    return services.payments


@pytest.fixture(autouse=True)
def nobody_settles(monkeypatch: pytest.MonkeyPatch) -> None:
    def settle(pledge_id: int) -> None:
        del pledge_id

    monkeypatch.setitem(registry.HANDLERS, "pledge.settle", settle)


def booked(clock: SetClock, subject: str = SUBJECT, cents: int = 5_000) -> None:
    """Write to the ledger what the slice above would have written of a charge."""
    with unit_of_work() as session:
        ledger.post(
            session,
            key=f"{subject}:charge",
            kind=book.PostingKind.CHARGED,
            entries=book.charge(make_live(session).campaign.id, Money(cents)),
            at=clock.now(),
        )


def change(charge_id: int, **values: object) -> None:
    """Let our side say something else of a charge."""
    with unit_of_work() as session:
        session.execute(
            sa.update(PaymentCharge).where(PaymentCharge.id == charge_id).values(values)
        )


def cases(session: Session) -> list[ReconciliationCase]:
    found = sa.select(ReconciliationCase).order_by(ReconciliationCase.id)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def outside_refund(provider: SandboxProvider, intent: str, cents: int = 1_000) -> None:
    words = {"payment_intent": intent, "amount": str(cents)}
    assert provider.sandbox.request("POST", "/v1/refunds", words).status == 200


def test_a_refund_that_no_message_told_of_is_repaired_and_nothing_is_listed(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    booked(clock)
    charge_id = make_paid(provider, at=clock.now())
    outside_refund(provider, str(session.get_one(PaymentCharge, charge_id).intent_id))
    session.rollback()
    clock.advance(timedelta(minutes=1))
    counts = jobs.run_reconciliation()
    refund = queries.facts(session, SUBJECT).refund
    assert refund is not None
    assert (refund.outside, refund.status) == (True, ReturnStatus.SUCCEEDED)
    assert cases(session) == []
    assert (counts["charge"], counts["refund"], counts["opened"]) == (1, 1, 0)
    assert counts["events"] > 0
    session.rollback()
    assert jobs.run_reconciliation()["events"] == 0


def test_a_dispute_that_only_the_balance_shows_is_read_with_its_end(
    provider: SandboxProvider,
    session: Session,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    booked(clock)
    intent = str(session.get_one(PaymentCharge, make_paid(provider, at=clock.now())).intent_id)
    session.rollback()
    monkeypatch.setattr(provider, "list_events", lambda _since: ())
    complaints.dispute(provider, intent)
    clock.advance(timedelta(minutes=1))
    assert jobs.run_reconciliation()["repaired"] == 1
    (dispute,) = queries.facts(session, SUBJECT).disputes
    assert (dispute.standing, dispute.taken_cents) == (DisputeStanding.OPEN, 5_000)
    session.rollback()
    complaints.decide(provider, intent, won=True)
    clock.advance(timedelta(minutes=1))
    assert jobs.run_reconciliation()["repaired"] == 1
    (dispute,) = queries.facts(session, SUBJECT).disputes
    assert (dispute.standing, dispute.taken_cents) == (DisputeStanding.WON, 0)
    assert cases(session) == []


def test_money_that_belongs_to_no_pledge_and_to_another_site_is_told_apart(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    for site in ("", "elsewhere"):
        reference = Reference(f"pledge:9{len(site)}", 1, site)
        customer = provider.create_customer(email="x@y.it", reference=reference, key=f"c{site}")
        intent = provider.create_intent(
            customer=customer,
            method="pm_card_visa",
            amount=Money(900),
            description="",
            reference=reference if site else Reference("", 0),
            key=f"i{site}",
        )
        provider.confirm_intent(intent.id, method=str(intent.method), key=f"k{site}")
    jobs.run_reconciliation()
    (case,) = cases(session)
    assert (case.kind, case.here_cents, case.there_cents) == (CaseKind.NO_PLEDGE, None, 900)


def test_what_is_not_in_the_ledger_is_listed_until_it_is(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    make_paid(provider, at=clock.now())
    jobs.run_reconciliation()
    (case,) = cases(session)
    assert (case.kind, case.subject, case.there_cents) == (CaseKind.NOT_BOOKED, SUBJECT, 5_000)
    booked(clock)
    clock.advance(timedelta(days=40))
    assert jobs.run_reconciliation()["closed"] == 1
    (case,) = cases(session)
    assert (case.state, case.note) == (CaseState.CLOSED, "")


def test_a_refund_that_is_a_day_old_and_not_in_the_ledger_is_listed_until_it_is(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    booked(clock)
    charge_id = make_paid(provider, at=clock.now())
    outside_refund(provider, str(session.get_one(PaymentCharge, charge_id).intent_id))
    session.rollback()
    jobs.run_reconciliation()
    assert cases(session) == []  # whoever books it has a day
    clock.advance(timedelta(days=1, minutes=1))
    jobs.run_reconciliation()
    (case,) = cases(session)
    assert (case.kind, case.here_cents, case.there_cents) == (CaseKind.REFUND, 0, -1_000)
    (campaign_id,) = session.scalars(sa.select(Campaign.id))
    session.rollback()
    with unit_of_work() as work:
        entries = book.refund(campaign_id, Money(1_000), out_of=book.CampaignAccount.COLLECTED)
        kind = book.PostingKind.REFUNDED
        ledger.post(work, key=f"{SUBJECT}:refund:1", kind=kind, entries=entries, at=clock.now())
    clock.advance(timedelta(days=1))
    jobs.run_reconciliation()
    (case,) = cases(session)
    assert case.state is CaseState.CLOSED


def test_amounts_and_fees_that_differ_are_listed_with_both_figures(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    booked(clock)
    first = make_paid(provider, at=clock.now())
    change(first, amount_cents=6_000, received_cents=6_000)
    jobs.run_reconciliation()
    (case,) = cases(session)
    assert (case.kind, case.here_cents, case.there_cents) == (CaseKind.AMOUNT, 6_000, 5_000)


def test_a_fee_that_nobody_tells_is_listed_after_a_day(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    charge_id = make_paid(provider, at=clock.now())
    change(charge_id, fee_cents=None, intent_id=None)
    clock.advance(timedelta(days=2))
    jobs.run_reconciliation()
    assert CaseKind.FEE in {case.kind for case in cases(session)}


def test_a_run_that_is_cut_off_is_kept_and_the_next_one_does_it_all(
    provider: SandboxProvider,
    session: Session,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_paid(provider, at=clock.now())

    def cut(*_: object) -> None:
        raise ProviderUnavailableError

    with monkeypatch.context() as patch:
        patch.setattr(provider, "list_movements", cut)
        with pytest.raises(ProviderUnavailableError):
            jobs.run_reconciliation()
    jobs.run_reconciliation()
    runs = session.scalars(sa.select(ReconciliationRun).order_by(ReconciliationRun.id)).all()
    assert [bool(run.error) for run in runs] == [True, False]
    assert len(cases(session)) == 1


def test_the_treasurer_reconciles_sees_and_decides(
    provider: SandboxProvider,
    session: Session,
    clock: SetClock,
    client: SiteClient,
    work: Callable[[], int],
) -> None:
    treasurer = make_official(session, Role.TREASURER, Scope(), "Tea Tesoriera")
    session.commit()
    make_paid(provider, at=clock.now())
    client.sign_in(treasurer)
    assert client.post("/manage/reconciliation/").status_code == 303
    work()
    (case,) = cases(session)
    shown = client.get("/manage/reconciliation/", headers={"Accept-Language": "en"}).text
    assert "Paid at the provider, not in the ledger" in shown
    assert "Tea Tesoriera" in shown
    address = f"/manage/reconciliation/{case.id}"
    assert client.post(f"{address}/owner").status_code == 303
    assert client.post(address, data={"note": ""}).status_code == 422
    assert client.post(address, data={"note": "Booked by hand."}).status_code == 303
    (case,) = cases(session)
    assert (case.state, case.note, case.owner_id) == (
        CaseState.CLOSED,
        "Booked by hand.",
        treasurer.id,
    )
    assert "Booked by hand." in client.get(address).text
    session.rollback()
    jobs.run_reconciliation()
    assert [one.state for one in cases(session)] == [CaseState.CLOSED]
    assert client.post(address, data={"note": "Not yet."}).status_code == 303
    assert [one.state for one in cases(session)] == [CaseState.OPEN]


def test_the_command_prints_its_counts(
    app: Flask, provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    make_paid(provider, at=clock.now())
    result = app.test_cli_runner().invoke(args=["payments", "reconcile", "--json"])
    assert result.exit_code == 0, result.output
    counts = json.loads(result.output)
    assert (counts["charge"], counts["opened"], counts["waiting"]) == (1, 1, 1)


def test_what_a_bank_holds_or_took_for_good_is_compared_with_the_ledger(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    booked(clock)
    intent = str(session.get_one(PaymentCharge, make_paid(provider, at=clock.now())).intent_id)
    (campaign_id,) = session.scalars(sa.select(Campaign.id))
    session.rollback()
    private = {"pledge": int(SUBJECT.partition(":")[2])}

    def differ() -> list[tuple[str, int | None, int | None]]:
        clock.advance(timedelta(days=1, minutes=1))
        jobs.run_reconciliation()
        return [
            (case.key, case.here_cents, case.there_cents)
            for case in cases(session)
            if case.state is CaseState.OPEN
        ]

    def post(entries: list[book.Transfer], kind: book.PostingKind) -> None:
        session.rollback()
        with unit_of_work() as work:
            at = clock.now()
            ledger.post(work, key=kind.value, kind=kind, entries=entries, at=at, private=private)

    complaints.dispute(provider, intent)
    jobs.run_reconciliation()
    assert cases(session) == []  # whoever books it has a day
    assert differ() == [(f"dispute:disputed:{SUBJECT}", 0, -5_000)]
    post(book.dispute(campaign_id, Money(5_000)), book.PostingKind.DISPUTED)
    assert differ() == []
    session.rollback()
    complaints.decide(provider, intent, won=False)
    jobs.run_reconciliation()
    assert differ() == [
        (f"dispute:disputed:{SUBJECT}", -5_000, 0),
        (f"dispute:charged_back:{SUBJECT}", 0, -5_000),
    ]
    post(book.charge_back(campaign_id, Money(5_000)), book.PostingKind.CHARGED_BACK)
    assert differ() == []
