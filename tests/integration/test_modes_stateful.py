"""The same machine in every mode of a call, with banks that dispute: invariants 1 to 4 hold."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.campaigns import actions
from quartieri.campaigns.actions.pledging import is_charged_now
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.db import db, get, unit_of_work
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.desk import RefusedError
from quartieri.payments.actions import charges
from tests.conftest import EXAMPLES
from tests.databases import Database
from tests.factories import complaints
from tests.factories.campaigns import Scene, make_call_with_campaigns, make_live, make_picture
from tests.factories.pledging import BACKER, open_card_page, open_payment_page
from tests.factories.stage import shared_app
from tests.integration.test_pledges_stateful import NUMBERS, SUMS, P, Pledging

SETTINGS: tuple[dict[str, Any], ...] = (
    {"charged": "at_once"},
    {"charged": "at_once", "target_counts": "net", "refunds_borne_by": "proposer"},
    {"top_up_in_grace": True, "disputes_borne_by": "authority"},
    {"mode": "keep_it_all", "fees_borne_by": "authority"},
    {"mode": "keep_it_all", "charged": "at_once", "retry_days": (3,)},
)
CARDS = (
    *NUMBERS,
    cards.DISPUTED,
    cards.WARNED_OF,
    cards.PAYPAL_SLOW,
    cards.TAKES_HALF,
)


class Modes(Pledging):
    """One campaign in one of a call's modes."""

    chosen: dict[str, Any]

    @initialize(
        chosen=st.sampled_from(SETTINGS),
        crowd=st.lists(
            st.tuples(st.sampled_from(SUMS[2:]), st.sampled_from(CARDS)), min_size=2, max_size=4
        ),
    )
    def open_campaign(self, chosen: dict[str, Any], crowd: list[tuple[int, str]]) -> None:
        self.chosen, self.disputed = chosen, list[str]()
        Pledging.open_campaign(self, crowd=crowd)

    def make_scene(self, session: Session) -> Scene:
        return make_live(session, call=make_call_with_campaigns(session, **self.chosen))

    @rule(cents=st.sampled_from(SUMS), number=st.sampled_from(CARDS), pays=st.booleans())
    def pledge(self, *, cents: int, number: str, pays: bool) -> None:
        def verb() -> None:
            at_once = is_charged_now(get(db.session(), Campaign, self.campaign_id))
            db.session.remove()
            opened = open_payment_page if at_once else open_card_page
            _id, page = opened(self.provider, self.campaign_id, cents, at=self.clock.now())
            self.pages.append(page)
            if pays:
                self.provider.sandbox.pay(page, number)

        self.attempt(verb)

    @rule(pick=st.integers(0, 9))
    def cancel(self, pick: int) -> None:
        pledge_id = self.some(pick, P.CREATED, P.CONFIRMED)

        def verb() -> None:
            now = self.clock.now()
            with unit_of_work() as session:
                charge_id = actions.open_payment(session, pledge_id or 0)
            if charge_id is not None:
                charges.cancel(unit_of_work, self.provider, charge_id, at=now)
            with unit_of_work() as session:
                pledge = get(session, Pledge, pledge_id)
                actions.cancel_pledge(session, pledge, actor=BACKER, at=now)

        if pledge_id is not None:
            self.attempt(verb)

    @rule(pick=st.integers(0, 9), cents=st.sampled_from([1_00, 5_00, 2_500_00]))
    def give_a_part_back(self, pick: int, cents: int) -> None:
        pledge_id = self.some(pick, P.PAID)

        def verb() -> None:
            with unit_of_work() as session:
                actions.refund_paid(
                    session,
                    get(session, Pledge, pledge_id),
                    reason="Errore",
                    amount_cents=cents,
                    actor=self.treasurer,
                    at=self.clock.now(),
                )

        if pledge_id is not None:
            self.attempt(verb)

    @rule(pick=st.integers(0, 9), part=st.booleans(), inquiry=st.booleans())
    def dispute(self, pick: int, *, part: bool, inquiry: bool) -> None:
        pledge_id = self.some(pick, P.PAID, P.REFUND_PENDING, P.REFUND_STUCK)

        def verb() -> None:
            intent = complaints.intent_of(db.session(), pledge_id or 0)
            if intent is not None:
                cents = 2_00 if part else None
                complaints.dispute(self.provider, intent, cents, inquiry=inquiry)
                self.disputed.append(intent)

        if pledge_id is not None:
            self.attempt(verb)

    @rule(pick=st.integers(0, 9), won=st.booleans())
    def decide(self, pick: int, *, won: bool) -> None:
        if self.disputed:
            intent = self.disputed[pick % len(self.disputed)]
            self.attempt(lambda: complaints.decide(self.provider, intent, won=won))

    @rule(days=st.sampled_from([1, 10]))
    def move_the_end(self, days: int) -> None:
        def verb() -> None:
            with unit_of_work() as session:
                campaign = get(session, Campaign, self.campaign_id)
                assert campaign.ends_at is not None
                later = campaign.ends_at + timedelta(days=days)
                self.number += 1
                act = ActData(str(self.number), date(2025, 2, 1), "Economia", "Dott. Rossi")
                now = self.clock.now()
                actions.extend(session, campaign, later, act, actor=self.manager, at=now)

        if self.number < 2:
            self.attempt(verb)

    @rule(cents=st.sampled_from([1, 10_00, 2_500_00]))
    def pay_a_claim(self, cents: int) -> None:
        def verb() -> None:
            with unit_of_work() as session:
                self.number += 1
                actions.record_claim_paid(
                    session,
                    get(session, Campaign, self.campaign_id),
                    amount_cents=cents,
                    received_on=self.clock.now().date(),
                    reference=f"CRO {self.number}",
                    file=make_picture(session),
                    actor=self.treasurer,
                    at=self.clock.now(),
                )

        self.attempt(verb)

    def _play_to_the_end(self) -> None:
        """Let banks decide what is disputed, also what the last charges brought."""
        self.killer.arm(0)
        self._banks_decide()
        Pledging._play_to_the_end(self)
        self._banks_decide()
        self.worker.run_until_quiet()
        self.clock.advance(timedelta(days=2))
        self.worker.repair()
        self.worker.run_until_quiet()

    def _banks_decide(self) -> None:
        for number, intent in enumerate(complaints.disputed_intents(self.provider)):
            with suppress(RefusedError):
                complaints.decide(self.provider, intent, won=number % 2 == 0)


@pytest.mark.soak
def test_any_sequence_in_any_mode_keeps_the_invariants(
    database: Database, apps: dict[str, Flask], tmp_path: Path
) -> None:
    examples = int(os.environ.get("QUARTIERI_SOAK_EXAMPLES", EXAMPLES))
    machine = type("Machine", (Modes,), {"app": shared_app(database, apps, tmp_path)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            settings.get_profile("quartieri"),
            max_examples=max(examples // 10, 2),
            stateful_step_count=15,
        ),
    )
