"""The verbs of a call's life, one after the other, as the right persons would use them.

The demo city and the replay of past editions are told in these words. Each word is one or more
units of work, at the instant that the stage's clock shows; the worker is run by `work`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import NoReturn

import sqlalchemy as sa
from PIL import Image
from sqlalchemy.orm import Session
from stdnum import luhn

from quartieri.acts.actions import ActData
from quartieri.audit.rules import Role
from quartieri.calls.design import CallDesign, FileKind, QuestionKind
from quartieri.calls.models import Call, Window
from quartieri.campaigns import actions as campaigns
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.rules import BasicsPart, RewardData, StoryPart, SurplusPart
from quartieri.campaigns.rules.page import Part as PagePart
from quartieri.db import get, unit_of_work
from quartieri.extensions import services
from quartieri.files.actions import keep
from quartieri.kit.clock import SetClock, in_rome
from quartieri.people import actions as people
from quartieri.people.models import Organisation
from quartieri.people.rules import OrganisationKind
from quartieri.programmes.models import Area
from quartieri.proposals import actions as proposals
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import (
    DECLARATIONS,
    AnswersPart,
    ApplicantPart,
    BudgetPart,
    CheckOutcome,
    DeclarationsPart,
    LineFacts,
    MemberFacts,
    MoneyPart,
    Part,
    PlacePart,
    SummaryPart,
    TeamPart,
)
from quartieri.rehearsal.cast import Cast
from quartieri.rehearsal.crew import work_alone
from quartieri.rehearsal.paper import blank_pdf, signed_pdf
from quartieri.reviews import actions as reviews
from quartieri.reviews.models import Assignment, Ranking
from quartieri.reviews.rules import Line, Pair


@dataclass(frozen=True, slots=True)
class Application:
    """What an applicant writes; amounts in cents."""

    title: str
    applicant: str
    kind: OrganisationKind
    summary: str
    answers: Mapping[str, object]
    place: str
    months: int
    budget: Sequence[tuple[str, int] | tuple[str, int, str]]
    """What for, how much, and the category where the call names some."""
    own_cents: int = 0
    requested_cents: int = 0
    crowd_cents: int = 0
    area: str = ""
    members: Sequence[str] = ()
    founded_on: date | None = None
    owner: str = "citizen"


HALF = Decimal("0.5")
SURPLUS = "Ogni euro in più resta nel progetto: più giornate aperte, e materiali che durano."


def nothing_runs_yet() -> None:
    """Do the timed work of a rehearsal that has no campaigns yet."""
    work_alone(())


@dataclass(slots=True)
class Stage:
    """A cast, a clock that can be set, and the acts that have been numbered so far."""

    cast: Cast
    clock: SetClock
    work: Callable[[], None] = nothing_runs_yet
    """Does the timed work that is due now."""
    acts: int = 0
    series: str = ""
    """Stands before the acts' numbers."""
    companies: int = 0
    signer: str = "Dirigente dell'area"
    office: str = "Area Attività produttive e Commercio"
    tax_codes: list[str] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The instant that the stage's clock shows."""
        return self.clock.now()

    def go_to(self, instant: datetime) -> None:
        """Move the clock on to an instant; it never goes back."""
        self.clock.set(max(instant, self.clock.now()))

    def act(self, decides: str) -> ActData:
        """Give the next act, of today."""
        self.acts += 1
        return ActData(
            number=f"{self.series}{self.acts}",
            dated=in_rome(self.now).date(),
            office=self.office,
            signer=self.signer,
            decides=decides,
        )

    def tax_code(self) -> str:
        """Give the next invented tax code, with a right check digit."""
        self.companies += 1
        bare = f"{9_900_000_000 + self.companies:010d}"
        return bare + str(luhn.calc_check_digit(bare))

    # -- applications --------------------------------------------------------------------------

    def apply(self, call_id: int, what: Application, *, submit: bool = True) -> int:
        """Start, fill in and (if asked) submit an application; give its id."""
        owner = self.cast.user(what.owner)
        actor = self.cast.actor(what.owner, Role.APPLICANT)
        with unit_of_work() as session:
            call = get(session, Call, call_id)
            informal = what.kind is OrganisationKind.INFORMAL_GROUP
            organisation = people.add_organisation(
                session,
                owner,
                kind=what.kind,
                name=what.applicant,
                tax_code=None if informal else self.tax_code(),
                seat="",
                founded_on=what.founded_on,
                actor=actor,
                at=self.now,
            )
            draft = proposals.start(
                session, call, owner=owner, organisation=organisation, actor=actor, at=self.now
            )
            area = session.scalars(
                sa.select(Area).where(
                    Area.authority_id == call.authority_id, Area.code == what.area
                )
            ).first()
            for part in _parts(what, organisation, area, call.design):
                proposals.save(session, draft, part, actor=actor, at=self.now)
            self._attach(session, draft)
            if submit:
                proposals.submit(session, draft, received_at=self.now, actor=actor, at=self.now)
            return draft.id

    def _attach(self, session: Session, draft: Proposal) -> None:
        """Answer the questions that ask for files: each with as many as it needs."""
        for question in draft.edition.design.form.questions:
            if question.kind is not QuestionKind.FILE or not question.required:
                continue
            signed = FileKind.SIGNED in question.takes
            pdf = signed or FileKind.PDF in question.takes
            for n in range(max(int(question.least or 1), 1)):
                kept = keep(
                    session,
                    services().storage,
                    name=f"documento-{n + 1}.{'pdf' if pdf else 'png'}",
                    content=signed_pdf() if signed else blank_pdf() if pdf else plain_picture(),
                    user_id=draft.owner_id,
                    at=self.now,
                    most_bytes=services().settings.max_upload_bytes,
                )
                proposals.attach(session, draft, kept, title="", at=self.now, question=question.key)

    # -- check, evaluation, ranking ------------------------------------------------------------

    def start_checking(self, window_id: int) -> None:
        """Close the intake of a session that has ended."""
        actor = self.cast.actor("officer")
        with unit_of_work() as session:
            window = get(session, Window, window_id)
            proposals.start_checking(session, window, actor=actor, at=self.now)

    def check(self, proposal_id: int, *, excluded: str = "") -> None:
        """Go through an application's checklist: admit it, or exclude it with the reason."""
        actor = self.cast.actor("officer")
        with unit_of_work() as session:
            proposal = get(session, Proposal, proposal_id)
            lines = [r.code for r in proposal.edition.design.checklist]
            outcomes = dict.fromkeys(lines, (CheckOutcome.MET, ""))
            if excluded:
                outcomes[lines[0]] = (CheckOutcome.NOT_MET, excluded)
            proposals.record_check(session, proposal, outcomes, actor=actor, at=self.now)
            if excluded:
                proposals.exclude(session, proposal, reason=excluded, actor=actor, at=self.now)
            else:
                proposals.admit(session, proposal, actor=actor, at=self.now)

    def evaluate(
        self,
        window_id: int,
        reviewers: Sequence[str],
        points: Mapping[int, Sequence[Decimal]],
        *,
        comments: Sequence[str] = ("",),
        leave: Iterable[int] = (),
    ) -> None:
        """Assign every application to every reviewer, declare, score and submit.

        ``points``: for each proposal the share of the maximum (0 to 1) that each reviewer gives;
        proposals in ``leave`` are assigned but not scored yet. ``comments`` are used in turn.
        """
        with unit_of_work() as session:
            window = get(session, Window, window_id)
            actor = self.cast.actor("manager")
            reviews.open_evaluation(session, window, actor=actor, at=self.now)
            pairs = [Pair(p, self.cast.user(r).id) for p in [*points, *leave] for r in reviewers]
            reviews.assign_many(session, window, pairs, actor=actor, at=self.now)
        for proposal_id, shares in points.items():
            for reviewer, share in zip(reviewers, shares, strict=True):
                self.score(proposal_id, reviewer, share, comments)

    def score(
        self,
        proposal_id: int,
        reviewer: str,
        share: Decimal,
        comments: Sequence[str],
        *,
        agreed: bool = False,
    ) -> None:
        """Declare no conflict on an application, score the present stage's criteria and submit.

        ``agreed``: the sheet on which the commission agrees, which its secretary writes.
        """
        actor = self.cast.actor(reviewer)
        with unit_of_work() as session:
            assignment = self.sheet(session, proposal_id, reviewer, agreed=agreed)
            reviews.declare_none(session, assignment, actor=actor, at=self.now)
            judged = assignment.proposal.edition.design.evaluation.run[assignment.stage - 1]
            first = proposal_id + assignment.user_id
            lines = {
                c.code: Line(
                    _points(c.maximum * share, c.step), comments[(first + n) % len(comments)]
                )
                for n, c in enumerate(judged.scored)
            }
            reviews.submit_scores(
                session, assignment, lines, version=assignment.version, actor=actor, at=self.now
            )

    def sheet(
        self, session: Session, proposal_id: int, reviewer: str, *, agreed: bool = False
    ) -> Assignment:
        """Give the latest sheet of a reviewer on an application, or the agreed one."""
        return session.scalars(
            sa.select(Assignment)
            .where(
                Assignment.proposal_id == proposal_id,
                Assignment.user_id == self.cast.user(reviewer).id,
                Assignment.agreed == agreed,
            )
            .order_by(Assignment.stage.desc())
        ).first() or _missing(reviewer)

    def rank(self, window_id: int, decides: str, *, final: bool = True, seed: str = "") -> int:
        """Compute a session's ranking and publish it by act, provisional or final; give its id.

        ``seed`` is that of the public draw, in a call that names one.
        """
        actor = self.cast.actor("manager")
        with unit_of_work() as session:
            window = get(session, Window, window_id)
            ranking = reviews.compute_ranking(session, window, seed=seed, actor=actor, at=self.now)
            reviews.publish_ranking(
                session, ranking, self.act(decides), final=final, actor=actor, at=self.now
            )
            return ranking.id

    def make_final(self, ranking_id: int, decides: str) -> None:
        """Publish a provisional ranking as final, by act."""
        actor = self.cast.actor("manager")
        with unit_of_work() as session:
            ranking = get(session, Ranking, ranking_id)
            reviews.publish_ranking(
                session, ranking, self.act(decides), final=True, actor=actor, at=self.now
            )

    # -- campaigns -----------------------------------------------------------------------------

    def launch(
        self,
        proposal_id: int,
        *,
        starts_at: datetime,
        story: str,
        target_cents: int | None = None,
        picture: bytes = b"",
        alternative_text: str = "",
        rewards: Sequence[RewardData] = (),
        surplus: str = SURPLUS,
        more: Sequence[PagePart] = (),
        approve: bool = True,
    ) -> int:
        """Fill in a campaign's page and (if asked) have it approved and scheduled; give its id."""
        with unit_of_work() as session:
            campaign = session.scalars(
                sa.select(Campaign).where(Campaign.proposal_id == proposal_id)
            ).one()
            owner = campaign.proposal.owner_id
            proposer = self.cast.actor(self.cast.key_of(owner), Role.APPLICANT)
            image = keep(
                session,
                services().storage,
                name="campaign.png",
                content=picture or plain_picture(),
                user_id=owner,
                at=self.now,
                most_bytes=services().settings.max_upload_bytes,
                public=True,
            )
            parts = (
                BasicsPart(
                    title=campaign.title,
                    summary=campaign.summary,
                    target_cents=target_cents or campaign.target_cents,
                    image_id=image.id,
                    image_text=alternative_text or campaign.title,
                ),
                StoryPart(story),
                SurplusPart(surplus),
                *more,
            )
            for part in parts:
                campaigns.save_part(session, campaign, part, actor=proposer, at=self.now)
            for reward in rewards:
                campaigns.save_reward(session, campaign, reward, actor=proposer, at=self.now)
            campaigns.ask_approval(session, campaign, actor=proposer, at=self.now)
            if approve:
                manager = self.cast.actor("manager")
                campaigns.approve(
                    session, campaign, starts_at=starts_at, actor=manager, at=self.now
                )
            return campaign.id


def _missing(reviewer: str) -> NoReturn:
    raise LookupError(reviewer)


def _points(points: Decimal, step: Decimal | None) -> Decimal:
    """Give points that the criterion's step allows: half points where it names none."""
    unit = step or HALF
    return points // unit * unit


def _parts(
    what: Application, organisation: Organisation, area: Area | None, design: CallDesign
) -> list[Part]:
    own = (d.code for d in design.declarations)
    return [
        ApplicantPart(
            kind=what.kind,
            name=organisation.name,
            tax_code=organisation.tax_code or "",
            founded_on=what.founded_on,
        ),
        SummaryPart(what.title, what.summary),
        PlacePart(what.place, area.id if area else None, what.months),
        TeamPart(members=tuple(MemberFacts(name) for name in what.members)),
        BudgetPart(tuple(LineFacts(*line) for line in what.budget)),
        MoneyPart(what.own_cents, what.requested_cents, what.crowd_cents),
        AnswersPart(dict(what.answers)),
        DeclarationsPart(frozenset((*DECLARATIONS, *own))),
    ]


@cache
def plain_picture() -> bytes:
    """Give a small picture of one colour."""
    out = BytesIO()
    Image.new("RGB", (64, 36), (0, 102, 204)).save(out, "PNG")
    return out.getvalue()
