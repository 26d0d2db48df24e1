"""Any sequence of pledges, charges, messages, deadlines and deaths keeps the product's invariants.

Invariants 1 to 4: the pool balances, the ledger balances, a pledge is charged at most once and
refunded at most what was paid, a failed campaign returns everything, and sums equal their pledges.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from quartieri.campaigns import actions
from quartieri.campaigns.actions.pages import RewardData
from quartieri.campaigns.models import Campaign, Pledge, Reward
from quartieri.campaigns.rules import (
    COLLECTED,
    HOLDS_STOCK,
    PROMISED,
    UNDECIDED,
    CampaignState,
    PledgeChannel,
    PledgeState,
)
from quartieri.db import db, get, unit_of_work
from quartieri.gateways.payments import PaymentError
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.desk import Mode, RefusedError
from quartieri.grants.models import Grant
from quartieri.kit.errors import DomainError
from quartieri.kit.money import Money
from quartieri.ledger.queries import balances_of_holders, verify
from quartieri.mail.models import Letter
from quartieri.payments import jobs as payment_jobs
from quartieri.payments.actions import pages
from quartieri.payments.models import PaymentCharge
from tests.conftest import EXAMPLES
from tests.databases import Database
from tests.factories.campaigns import STARTS, make_live
from tests.factories.payments import paid_at_provider
from tests.factories.pledging import BACKER, change_card, open_card_page
from tests.factories.stage import Killed, Killer, Worker, rolled_back, shared_app

P = PledgeState
NUMBERS = (
    cards.SUCCEEDS,
    cards.SUCCEEDS,
    cards.REFUSED_LATER,
    cards.AUTHENTICATE_ALWAYS,
    cards.AUTHENTICATE_AT_SETUP,
    cards.NO_FUNDS,
    cards.REFUND_FAILS,
)
SUMS = (5_00, 2_500_00, 5_000_00, 7_333_33)
TOLD = {
    P.PAID: "receipt",
    P.RELEASED: "released",
    P.DROPPED: "dropped",
    P.REFUNDED: "refunded",
}
Steps = st.sampled_from([timedelta(minutes=7), timedelta(minutes=61), timedelta(days=1)])


class Pledging(RuleBasedStateMachine):
    """One campaign of 10,000 €, its backers, the sandbox as an adversary, a worker that dies."""

    app: Flask

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.services = self.stack.enter_context(rolled_back(self.app))
        self.killer = self.stack.enter_context(Killer().watching())
        self.worker = Worker(self.services)
        self.clock, self.provider = self.worker.clock, self.worker.provider
        self.pages: list[str] = []
        self.number = 0

    @initialize()
    def open_campaign(self) -> None:
        self.clock.set(STARTS)
        with unit_of_work() as session:
            scene = make_live(session, rewards=(RewardData("Un vaso", "", 5_00, 2),))
            self.campaign_id, self.grant_id = scene.campaign.id, scene.grant.id
            self.pool = f"pool:{scene.grant.pool_id}"
            self.officer = scene.by(scene.officer)
            self.treasurer = scene.by(scene.treasurer)
            self.manager = scene.by(scene.manager)
        db.session.remove()

    def attempt(self, verb: Any) -> None:
        """Do something that a person asks for; being refused is fine, and so is dying."""
        try:
            verb()
        except (DomainError, PaymentError, RefusedError):
            pass
        except Killed:
            self.clock.advance(timedelta(seconds=61))
        finally:
            db.session.remove()

    def some(self, pick: int, *states: PledgeState) -> int | None:
        ids = db.session.scalars(
            sa.select(Pledge.id)
            .where(Pledge.campaign_id == self.campaign_id, Pledge.state.in_(states))
            .order_by(Pledge.id)
        ).all()
        db.session.remove()
        return ids[pick % len(ids)] if ids else None

    # -- what people do ----------------------------------------------------------------------------

    @rule(cents=st.sampled_from(SUMS), number=st.sampled_from(NUMBERS), pays=st.booleans())
    def pledge(self, *, cents: int, number: str, pays: bool) -> None:
        def verb() -> None:
            _id, page = open_card_page(self.provider, self.campaign_id, cents, at=self.clock.now())
            self.pages.append(page)
            if pays:
                self.provider.sandbox.pay(page, number)

        self.attempt(verb)

    @rule(pick=st.integers(0, 9), number=st.sampled_from(NUMBERS))
    @precondition(lambda self: self.pages)
    def finish_late(self, pick: int, number: str) -> None:
        page = self.pages[pick % len(self.pages)]
        self.attempt(lambda: self.provider.sandbox.pay(page, number))

    @rule(pick=st.integers(0, 9))
    def cancel(self, pick: int) -> None:
        pledge_id = self.some(pick, P.CREATED, P.CONFIRMED)

        def verb() -> None:
            with unit_of_work() as session:
                pledge = get(session, Pledge, pledge_id)
                actions.cancel_pledge(session, pledge, actor=BACKER, at=self.clock.now())

        if pledge_id is not None:
            self.attempt(verb)

    @rule(pick=st.integers(0, 9), number=st.sampled_from(NUMBERS))
    def other_card(self, pick: int, number: str) -> None:
        pledge_id = self.some(pick, P.CONFIRMED, P.RETRY_DUE, P.ACTION_REQUIRED)
        if pledge_id is not None:
            self.attempt(
                lambda: change_card(
                    self.provider,
                    get(db.session(), Pledge, pledge_id),
                    number,
                    at=self.clock.now(),
                )
            )

    @rule(pick=st.integers(0, 9), number=st.sampled_from(NUMBERS))
    def pay_in_person(self, pick: int, number: str) -> None:
        pledge_id = self.some(pick, P.RETRY_DUE, P.ACTION_REQUIRED)

        def verb() -> None:
            pledge = get(db.session(), Pledge, pledge_id)
            url = pages.rescue(
                unit_of_work,
                self.provider,
                pledge.subject,
                Money(pledge.amount_cents),
                description="Orto",
                success_url="http://localhost/back",
                cancel_url="http://localhost/back",
                locale="it",
                email="bea@example.org",
                expires_at=self.clock.now() + timedelta(hours=1),
                at=self.clock.now(),
            )
            self.provider.sandbox.pay(url.rpartition("/")[2], number)

        if pledge_id is not None:
            self.attempt(verb)

    # -- what officials do -------------------------------------------------------------------------

    @rule(cents=st.sampled_from(SUMS))
    def record_offline(self, cents: int) -> None:
        def verb() -> None:
            with unit_of_work() as session:
                actions.record_offline(
                    session,
                    get(session, Campaign, self.campaign_id),
                    amount_cents=cents,
                    name="Bar Mario",
                    email="bar@example.org",
                    evidence="Ricevuta",
                    received_at=self.clock.now(),
                    actor=self.officer,
                    at=self.clock.now(),
                )

        self.attempt(verb)

    @rule(pick=st.integers(0, 9), verb=st.sampled_from(["accept_offline", "reverse"]))
    def decide_offline(self, pick: int, verb: str) -> None:
        pledge_id = self.some(pick, P.RECORDED, P.PAID)

        def run() -> None:
            with unit_of_work() as session:
                pledge, now = get(session, Pledge, pledge_id), self.clock.now()
                if verb == "accept_offline":
                    actions.accept_offline(session, pledge, actor=self.treasurer, at=now)
                    return
                actions.ask_reversal(session, pledge, reason="Errore", actor=self.officer, at=now)
                actions.confirm_reversal(session, pledge, actor=self.treasurer, at=now)

        if pledge_id is not None:
            self.attempt(run)

    @rule(pick=st.integers(0, 30))
    def stop(self, pick: int) -> None:
        def verb() -> None:
            with unit_of_work() as session:
                campaign = get(session, Campaign, self.campaign_id)
                actions.cancel(
                    session, campaign, reason="Frode", actor=self.manager, at=self.clock.now()
                )

        if pick == 0:
            self.attempt(verb)

    @rule(pick=st.integers(0, 9), again=st.booleans())
    def see_to_refund(self, pick: int, *, again: bool) -> None:
        pledge_id = self.some(pick, P.REFUND_STUCK)

        def verb() -> None:
            with unit_of_work() as session:
                pledge, now = get(session, Pledge, pledge_id), self.clock.now()
                if again:
                    actions.retry_refund(session, pledge, actor=self.treasurer, at=now)
                else:
                    actions.refund_by_hand(
                        session, pledge, evidence="Bonifico", actor=self.treasurer, at=now
                    )

        if pledge_id is not None:
            self.attempt(verb)

    @rule(pick=st.integers(0, 9), whole=st.booleans())
    def refund_at_the_provider(self, pick: int, *, whole: bool) -> None:
        pledge_id = self.some(pick, P.PAID)

        def verb() -> None:
            pledge = get(db.session(), Pledge, pledge_id)
            if pledge.channel is not PledgeChannel.CARD:
                return
            charge = db.session.scalars(
                sa.select(PaymentCharge).where(
                    PaymentCharge.subject == pledge.subject, PaymentCharge.received_cents > 0
                )
            ).first()
            if charge is None or charge.intent_id is None:
                return
            self.number += 1
            cents = charge.amount_cents if whole else 1_00
            self.provider.sandbox.request(
                "POST",
                "/v1/refunds",
                {"payment_intent": charge.intent_id, "amount": cents},
                f"dashboard-{self.number}",
            )

        if pledge_id is not None:
            self.attempt(verb)

    # -- what the world does -----------------------------------------------------------------------

    @rule(mode=st.sampled_from(list(Mode)))
    def messages_travel(self, mode: Mode) -> None:
        self.provider.sandbox.mode = mode

    @rule(most=st.integers(1, 12))
    def work_a_little(self, most: int) -> None:
        self.worker.run(most=most)

    @rule()
    def work(self) -> None:
        self.worker.run()

    @rule()
    def repair(self) -> None:
        self.worker.repair()

    @rule(commits=st.integers(1, 30))
    def death_waits(self, commits: int) -> None:
        self.killer.arm(commits)

    @rule(by=Steps)
    def time_passes(self, by: timedelta) -> None:
        self.clock.advance(by)

    @rule(which=st.sampled_from(["end", "after", "grace", "late"]))
    def time_leaps(self, which: str) -> None:
        campaign = get(db.session(), Campaign, self.campaign_id)
        ends_at, grace = campaign.ends_at, campaign.grace_ends_at
        db.session.remove()
        assert ends_at is not None
        assert grace is not None
        target = {
            "end": ends_at,
            "after": ends_at + timedelta(seconds=1),
            "grace": grace,
            "late": grace + timedelta(seconds=1),
        }[which]
        if target > self.clock.now():
            self.clock.set(target)

    # -- what always holds -------------------------------------------------------------------------

    @invariant()
    def all_holds(self) -> None:
        if not hasattr(self, "campaign_id"):
            return
        session = db.session()
        campaign = session.get_one(Campaign, self.campaign_id)
        pledges = self._pledges(session)
        self._the_pool_balances(session)
        self._sums_equal_the_pledges(session, campaign, pledges)
        for pledge in pledges:
            self._at_most_once(pledge)
        db.session.remove()

    def _pledges(self, session: Session) -> list[Pledge]:
        found = sa.select(Pledge).where(Pledge.campaign_id == self.campaign_id)
        return list(session.scalars(found.order_by(Pledge.id)))

    def _the_pool_balances(self, session: Session) -> None:
        pool = balances_of_holders(session, [self.pool])[self.pool]
        parts = [pool.get(k, 0) for k in ("available", "reserved", "committed", "disbursed")]
        assert sum(parts) == -pool["endowment"]
        assert min(parts) >= 0
        assert pool.get("reserved", 0) == session.get_one(Grant, self.grant_id).reserved_cents

    def _sums_equal_the_pledges(
        self, session: Session, campaign: Campaign, pledges: list[Pledge]
    ) -> None:
        promised = [p for p in pledges if p.state in PROMISED]
        here = [
            (p.channel, p.amount_cents - p.refunded_cents) for p in pledges if p.state in COLLECTED
        ]
        assert campaign.promised_cents == sum(p.amount_cents for p in promised)
        assert campaign.backers == len(promised)
        assert campaign.collected_cents == sum(cents for _channel, cents in here)
        offline = sum(cents for channel, cents in here if channel is PledgeChannel.OFFLINE)
        assert campaign.offline_cents == offline
        for reward in session.scalars(
            sa.select(Reward).where(Reward.campaign_id == self.campaign_id)
        ):
            held = [p for p in pledges if p.reward_id == reward.id and p.state in HOLDS_STOCK]
            assert reward.taken == len(held)

    def _at_most_once(self, pledge: Pledge) -> None:
        if pledge.channel is PledgeChannel.OFFLINE:
            return
        taken = paid_at_provider(self.provider, pledge.subject)
        assert taken in ([], [pledge.amount_cents])
        returned = self._returned(pledge.subject)
        assert returned <= sum(taken)
        assert pledge.refunded_cents <= pledge.amount_cents
        assert pledge.paid_at is None or taken

    def _returned(self, subject: str) -> int:
        store = self.provider.sandbox._desk.store
        with store.unit():
            rows = store._run("SELECT doc FROM object WHERE kind = 'charge'").fetchall()
        charges = [json.loads(row[0]) for row in rows]
        return sum(c["amount_refunded"] for c in charges if c["metadata"]["subject"] == subject)

    # -- how it ends -------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if hasattr(self, "campaign_id"):
                self._play_to_the_end()
                self._everybody_is_served()
        finally:
            self.stack.close()

    def _play_to_the_end(self) -> None:
        self.killer.arm(0)
        self.provider.sandbox.mode = Mode.NORMAL
        self.worker.repair()
        self.worker.run_until_quiet()
        self.time_leaps("after")
        for _ in range(11):
            self.worker.run_until_quiet()
            self.clock.advance(timedelta(days=1))
            self.worker.repair()
        payment_jobs.reconcile()
        self.worker.run_until_quiet()

    def _everybody_is_served(self) -> None:
        session = db.session()
        campaign = session.get_one(Campaign, self.campaign_id)
        pledges = self._pledges(session)
        open_states = UNDECIDED | {P.CREATED, P.CONFIRMED, P.RECORDED}
        assert [p.state for p in pledges if p.state in open_states] == []
        assert campaign.state in {
            CampaignState.SETTLED,
            CampaignState.PAYING_OUT,
            CampaignState.REFUNDING,
        }
        if not campaign.succeeded or campaign.state is CampaignState.REFUNDING:
            self._everyone_has_it_back(pledges)
        letters = set(session.scalars(sa.select(Letter.key)))
        for pledge in pledges:
            word = TOLD.get(pledge.state)
            if word is not None and pledge.email:
                prefix = f"pledge-{word}:{pledge.id}:"
                assert any(key.startswith(prefix) for key in letters), (pledge.state, word)
        assert verify(session).faults == []
        self.all_holds()

    def _everyone_has_it_back(self, pledges: list[Pledge]) -> None:
        for pledge in pledges:
            assert pledge.state is not P.PAID
            if pledge.state in {P.REFUND_PENDING, P.REFUND_STUCK}:
                assert pledge.refund_due_at is not None
                assert pledge.refund_owner_id is not None
            elif pledge.channel is PledgeChannel.CARD:
                taken = sum(paid_at_provider(self.provider, pledge.subject))
                assert self._returned(pledge.subject) + pledge.hand_cents >= taken


@pytest.mark.soak
def test_any_sequence_keeps_the_invariants(
    database: Database, apps: dict[str, Flask], tmp_path: Path
) -> None:
    examples = int(os.environ.get("QUARTIERI_SOAK_EXAMPLES", EXAMPLES))
    machine = type("Machine", (Pledging,), {"app": shared_app(database, apps, tmp_path)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            settings.get_profile("quartieri"),
            max_examples=max(examples // 3, 5),
            stateful_step_count=30,
        ),
    )
