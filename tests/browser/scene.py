"""Where a short journey begins: a city, an open call, a live campaign, told by the rehearsal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from quartieri.calls import actions as calls
from quartieri.calls.design import Question
from quartieri.calls.design import QuestionKind as K
from quartieri.calls.models import Call, Window
from quartieri.campaigns.models import Campaign
from quartieri.db import db, get, unit_of_work
from quartieri.payments.models import PaymentCharge
from quartieri.people.models import Authority
from quartieri.people.rules import OrganisationKind
from quartieri.rehearsal.cast import PARTS, engage
from quartieri.rehearsal.crowd import pledge
from quartieri.rehearsal.demo import ground
from quartieri.rehearsal.demo.designs import ready
from quartieri.rehearsal.stage import Application, Stage
from tests.browser.site import Site

CALL = {"it": "Alleanze di prova", "en": "Trial alliances"}
ENDOWMENT_CENTS = 600_000_00
OPEN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """One application of a scene; the crowd is asked for half of the cost."""

    title: str
    applicant: str
    cost_cents: int
    owner: str = "citizen"


COURTYARD = Entry("Il cortile che riapre", "Associazione Cortile Aperto", 20_000_00)


class Scene:
    """A city with areas, a programme and an account for each role; what else is asked for."""

    def __init__(self, site: Site) -> None:
        """Put up the city."""
        self.site = site
        at = site.clock.now()
        profile = site.services.settings.password_profile
        with site.app.app_context(), unit_of_work() as session:
            milano = ground.authorities(session, at=at)["Milano"]
            cast = engage(session, milano, at=at, password_profile=profile, demo=False)
            self.lines = ground.ground(session, milano, manager=cast.actor("manager"), at=at)
            self.authority_id = milano.id
            session.flush()
            for part in PARTS:  # so that who acts is known after this session, too
                session.refresh(cast.user(part.key))
                session.expunge(cast.user(part.key))
        self.stage = Stage(cast, site.clock)
        self.call_id = 0

    def open_call(self, questions: tuple[Question, ...] = (), **campaign: Any) -> str:
        """Publish a call with campaigns, open for a month; give its address.

        ``questions``: asked besides; ``campaign``: settings of its campaigns that are not the
        demo's.
        """
        manager, at = self.stage.cast.actor("manager"), self.stage.now
        with self.site.app.app_context(), unit_of_work() as session:
            call = calls.create_from_template(
                session,
                get(session, Authority, self.authority_id),
                "alleanze-2024",
                actor=manager,
                at=at,
            )
            design = ready("alleanze-2024", CALL)
            if questions:
                asked = (replace(q, section=design.sections[0].key) for q in questions)
                design = replace(design, questions=(*design.questions, *asked))
            if campaign and design.campaign is not None:
                design = replace(design, campaign=replace(design.campaign, **campaign))
            calls.save_design(session, call, design, version=None, actor=manager, at=at)
            dates = [(at - timedelta(hours=1), at + timedelta(days=OPEN_DAYS))]
            calls.set_windows(session, call, dates, actor=manager, at=at)
            calls.set_pool(
                session,
                call,
                endowment_cents=ENDOWMENT_CENTS,
                shares={self.lines["E"]: ENDOWMENT_CENTS},
                actor=manager,
                at=at,
            )
            calls.publish(session, call, self.stage.act("Pubblica"), actor=manager, at=at)
            self.call_id = call.id
            return f"/calls/{call.slug}"

    def selected(self, *entries: Entry, **campaign: Any) -> list[int]:
        """Take applications through check, evaluation and ranking; give their ids."""
        self.open_call(**campaign)
        with self.site.app.app_context():
            with unit_of_work() as session:
                questions = get(session, Call, self.call_id).design.questions
                answers = {q.key: _answer(q) for q in questions if q.kind.text or q.kind.chosen}
                window_id = session.scalars(
                    sa.select(Window.id).where(Window.call_id == self.call_id)
                ).one()
            made = [self.stage.apply(self.call_id, _application(e, answers)) for e in entries]
            self.stage.go_to(self.stage.now + timedelta(days=OPEN_DAYS + 1))
            self.stage.start_checking(window_id)
            for proposal_id in made:
                self.stage.check(proposal_id)
            points = dict.fromkeys(made, (Decimal("0.9"), Decimal("0.8")))
            self.stage.evaluate(window_id, ("chair", "member"), points, comments=("Bene.",))
            self.stage.rank(window_id, "Approva la graduatoria")
            return made

    def live_project(self, entry: Entry = COURTYARD, **campaign: Any) -> str:
        """Bring one project to a live campaign; give its address."""
        (proposal_id,) = self.selected(entry, **campaign)
        starts_at = self.stage.now + timedelta(hours=1)
        with self.site.app.app_context():
            campaign_id = self.stage.launch(proposal_id, starts_at=starts_at, story="Si apre.")
            self.stage.go_to(starts_at + timedelta(hours=1))
            self.site.work()
            with unit_of_work() as session:
                return f"/projects/{get(session, Campaign, campaign_id).slug}"

    def promise(self, *given: tuple[int, str]) -> None:
        """Have guests pledge to the live campaign: cents, and the card that each saves."""
        with self.site.app.app_context():
            campaign_id = self._campaign().id
            db.session.rollback()
            for n, (cents, card) in enumerate(given):
                pledge(self.stage.now, campaign_id, cents, email=f"b{n}@example.org", card=card)

    @property
    def ends_at(self) -> datetime:
        """When the only campaign ends."""
        with self.site.app.app_context():
            ends_at = self._campaign().ends_at
            db.session.rollback()
        assert ends_at is not None
        return ends_at

    def charges(self) -> int:
        """Count what was ever asked of the payment provider."""
        with self.site.app.app_context():
            count = db.session.scalars(sa.select(sa.func.count(PaymentCharge.id))).one()
            db.session.rollback()
        return count

    @staticmethod
    def _campaign() -> Campaign:
        return db.session.scalars(sa.select(Campaign)).one()


def _answer(question: Question) -> object:
    first = next((option.code for option in question.options), "")
    return {K.CHOICE: first, K.CHOICES: [first]}.get(question.kind, "Lo apriamo insieme.")


def _application(entry: Entry, answers: dict[str, object]) -> Application:
    half = entry.cost_cents // 2
    return Application(
        title=entry.title,
        applicant=entry.applicant,
        kind=OrganisationKind.ASSOCIATION,
        summary="Apriamo un cortile chiuso da dieci anni e lo curiamo insieme.",
        answers=answers,
        place="Via Padova 36",
        months=9,
        budget=[("Lavori", half, "goods"), ("Laboratori", entry.cost_cents - half, "people")],
        crowd_cents=half,
        area="2",
        owner=entry.owner,
    )
