"""Any sequence of pledges, charges, messages, deadlines and deaths keeps the product's invariants.

Invariants 1 to 4: the pool balances, the ledger balances, a pledge is charged at most once and
refunded at most what was paid, a failed campaign returns everything, and sums equal their pledges.
"""

from __future__ import annotations

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
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import (
    PledgeChannel,
    PledgeState,
    RewardData,
)
from quartieri.db import db, get, unit_of_work
from quartieri.gateways.payments import PaymentError
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.desk import Mode, RefusedError
from quartieri.kit.errors import DomainError
from quartieri.kit.money import Money
from quartieri.payments import jobs as payment_jobs
from quartieri.payments.actions import pages
from quartieri.payments.models import PaymentCharge
from tests.conftest import EXAMPLES
from tests.databases import Database
from tests.factories import pledge_checks as checks
from tests.factories.campaigns import STARTS, Scene, make_live
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

    @initialize(
        crowd=st.lists(
            st.tuples(st.sampled_from(SUMS[2:]), st.sampled_from(NUMBERS)), min_size=2, max_size=4
        )
    )
    def open_campaign(self, crowd: list[tuple[int, str]]) -> None:
        """Begin with some backers: mostly the target is promised, and the cards decide."""
        self.clock.set(STARTS)
        with unit_of_work() as session:
            scene = self.make_scene(session)
            self.campaign_id, self.grant_id = scene.campaign.id, scene.grant.id
            self.pool = f"pool:{scene.grant.pool_id}"
            self.officer = scene.by(scene.officer)
            self.treasurer = scene.by(scene.treasurer)
            self.manager = scene.by(scene.manager)
        db.session.remove()
        for cents, number in crowd:
            self.pledge(cents=cents, number=number, pays=True)
        self.worker.run()

    def make_scene(self, session: Session) -> Scene:
        """Give the campaign that is played."""
        return make_live(session, rewards=(RewardData("Un vaso", "", 5_00, 2),))

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
        over = self.clock.now() > ends_at
        if target > self.clock.now() and (over or which in {"end", "after"}):
            self.clock.set(target)

    # -- what always holds -------------------------------------------------------------------------

    @invariant()
    def all_holds(self) -> None:
        if not hasattr(self, "campaign_id"):
            return
        checks.all_holds(db.session(), self.provider, self.campaign_id)
        db.session.remove()

    # -- how it ends -------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if hasattr(self, "campaign_id"):
                self._play_to_the_end()
                checks.everybody_is_served(db.session(), self.provider, self.campaign_id)
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
            max_examples=max(examples // 5, 5),
            stateful_step_count=30,
        ),
    )
