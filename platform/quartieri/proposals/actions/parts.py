"""Writing the parts of a draft to its row and its tables."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from quartieri.calls.design import QuestionKind
from quartieri.db import lock
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import Lazy, lazy
from quartieri.people.models import Organisation
from quartieri.programmes.models import Area
from quartieri.proposals.models import BudgetLine, Partner, Proposal, TeamMember
from quartieri.proposals.queries import areas_of, draft_of
from quartieri.proposals.rules import (
    AnswersPart,
    ApplicantPart,
    BudgetPart,
    DeclarationsPart,
    MoneyPart,
    Part,
    PlacePart,
    SummaryPart,
    TeamPart,
    part_fed_by,
)
from quartieri.proposals.rules.form.draft import fed_answer
from quartieri.proposals.rules.form.feeding import area_allowed, excluded_area
from quartieri.proposals.rules.parts import SUMMARY_LIMIT, TITLE_LIMIT

K = QuestionKind
_FED_BY: Mapping[type, frozenset[QuestionKind]] = {
    PlacePart: frozenset({K.PLACE}),
    TeamPart: frozenset({K.MEMBERS, K.PARTNERS}),
    BudgetPart: frozenset({K.BUDGET}),
    MoneyPart: frozenset({K.SOURCES}),
}
"""The kinds of question whose answers the rows of a part are."""


def put(session: Session, proposal: Proposal, part: Part) -> None:
    """Write one part; raises InvalidError for what no column can hold."""
    match part:
        case ApplicantPart():
            _put_applicant(session, proposal, part)
        case SummaryPart(title, summary):
            _fits("title", lazy("The title"), title, TITLE_LIMIT)
            _fits("summary", lazy("The summary"), summary, SUMMARY_LIMIT)
            proposal.title, proposal.summary = title, summary
        case DeclarationsPart(keys):
            proposal.declarations = dict.fromkeys(sorted(keys), True)
        case AnswersPart():
            _put_answers(session, proposal, part)
        case _:
            if isinstance(part, PlacePart):
                _check_area(session, proposal, part)
            _put_rows(proposal, part)
            form = proposal.edition.design.form
            fed = {q.key for q in form.questions if q.kind in _FED_BY[type(part)]}
            proposal.answers = {k: v for k, v in proposal.answers.items() if k not in fed}


def _fits(field: str, what: Lazy, text: str, limit: int) -> None:
    if len(text) > limit:
        raise InvalidError(
            lazy(
                "%(what)s: %(over)s characters more than the %(limit)s allowed.",
                what=what,
                over=len(text) - limit,
                limit=limit,
            ),
            field=field,
        )


def _put_applicant(session: Session, proposal: Proposal, part: ApplicantPart) -> None:
    organisation = lock(session, Organisation, proposal.organisation_id)
    organisation.name = part.name
    organisation.tax_code = part.tax_code or None
    organisation.seat = part.seat
    organisation.founded_on = part.founded_on
    organisation.version += 1
    for partner in proposal.partners:
        if partner.lead:
            partner.name, partner.tax_code = part.name, part.tax_code


def _check_area(session: Session, proposal: Proposal, part: PlacePart) -> None:
    area = None if part.area_id is None else session.get(Area, part.area_id)
    if part.area_id is not None and (
        area is None or area.authority_id != proposal.call.authority_id
    ):
        raise InvalidError(lazy("Choose one of the areas in the list."), field="area")
    if area is not None and not area_allowed(area.code, proposal.edition.design.eligibility):
        raise InvalidError(excluded_area(area.name_it), field="area")


def _put_answers(session: Session, proposal: Proposal, part: AnswersPart) -> None:
    """Keep answers; those that feed the project's own figures go to their tables.

    What a table cannot hold as it was given stays beside it, so that the page shows it again. An
    answer to a question that the form does not ask is left aside.
    """
    form = proposal.edition.design.form
    areas = areas_of(session, proposal.call.authority_id)
    for key, value in part.answers.items():
        question = form.by_key.get(key)
        if question is None:
            continue
        proposal.answers = {k: v for k, v in proposal.answers.items() if k != key}
        held = False
        if question.kind.single:
            draft = draft_of(session, proposal, areas=areas)
            _put_rows(proposal, part_fed_by(question, value, draft, {a.code: a.id for a in areas}))
            held = fed_answer(draft_of(session, proposal, areas=areas), question) == value
        if value is not None and not held:
            proposal.answers = {**proposal.answers, key: value}


def _put_rows(proposal: Proposal, part: Part) -> None:
    match part:
        case PlacePart(place, area_id, months):
            proposal.place, proposal.area_id, proposal.months = place, area_id, months
        case TeamPart():
            _put_team(proposal, part)
        case BudgetPart(lines):
            proposal.budget = [
                BudgetLine(
                    position=i,
                    description=x.description,
                    amount_cents=x.amount_cents,
                    category=x.category,
                )
                for i, x in enumerate(lines)
            ]
            proposal.cost_cents = part.cost_cents
        case MoneyPart(own, requested, crowd):
            proposal.own_cents = own
            proposal.requested_cents, proposal.crowd_cents = requested, crowd


def _put_team(proposal: Proposal, part: TeamPart) -> None:
    proposal.members = [
        TeamMember(position=i, name=m.name, role=m.role) for i, m in enumerate(part.members)
    ]
    proposal.partners = [
        Partner(position=i, name=p.name, kind=p.kind, tax_code=p.tax_code, role=p.role, lead=p.lead)
        for i, p in enumerate(part.partners)
    ]
