"""A draft's answers: those kept as they are, and those that feed the project's own figures.

Place, people, partners, cost and sources have tables of their own, which everything else reads.
Their answer is made of these rows; only what no row can hold as it was given (a figure that is
none, too long a name) is kept beside them, and stands until the page is saved again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quartieri.calls.design import (
    SHORT_LIMIT,
    ApplicationForm,
    Question,
    QuestionKind,
    Value,
    shown_questions,
)
from quartieri.people.rules import OrganisationKind
from quartieri.proposals.rules.form.values import (
    MOST_MONTHS,
    NAME_LIMIT,
    OWN,
    TAX_CODE_LIMIT,
    seen_by_conditions,
)
from quartieri.proposals.rules.parts import (
    BudgetPart,
    Draft,
    LineFacts,
    MemberFacts,
    MoneyPart,
    PartnerFacts,
    PlacePart,
    TeamPart,
)

K = QuestionKind
PLACE_LIMIT = 200
CATEGORY_LIMIT = 40
MOST_PART_CENTS = 10**13

FeedingPart = PlacePart | TeamPart | BudgetPart | MoneyPart


def answer_to(draft: Draft, question: Question) -> Any:
    """Give the value of an answer, None if there is none; of files, how many there are."""
    if question.kind is K.FILE:
        return draft.files.get(question.key) or None
    if question.key in draft.answers:
        value = draft.answers[question.key]
        return None if isinstance(value, str) and not value.strip() else value
    return fed_answer(draft, question) if question.kind.single else None


def answers_of(draft: Draft, form: ApplicationForm) -> dict[str, Any]:
    """Give every answer that there is, by the key of its question."""
    found = {q.key: answer_to(draft, q) for q in form.questions if q.asks}
    return {key: value for key, value in found.items() if value is not None}


def shown_in(draft: Draft, form: ApplicationForm) -> frozenset[str]:
    """Give the keys of the questions that this draft's answers leave shown."""
    return shown_questions(form, condition_values(draft, form))


def condition_values(draft: Draft, form: ApplicationForm) -> Mapping[str, Value]:
    """Give the answers as conditions see them."""
    found = {}
    for question in form.questions:
        value = seen_by_conditions(question, answer_to(draft, question))
        if value is not None:
            found[question.key] = value
    return found


def fed_answer(draft: Draft, question: Question) -> Any:
    """Make an answer of the rows that it feeds."""
    found: Any = None
    match question.kind:
        case K.PLACE:
            place = {"place": draft.place.place, "area": draft.area_code}
            found = place | {"months": draft.place.months}
        case K.MEMBERS:
            found = [{"name": m.name, "role": m.role} for m in draft.team.members]
        case K.PARTNERS:
            found = [
                {"name": p.name, "kind": p.kind.value, "tax_code": p.tax_code, "role": p.role}
                for p in draft.team.partners
                if not p.lead
            ]
        case K.BUDGET:
            found = [
                {"category": x.category, "what": x.description, "amount": x.amount_cents or None}
                for x in draft.budget.lines
            ]
        case K.SOURCES:
            code = question.options[0].code if question.options else OWN
            own = {code: draft.money.own_cents} if draft.money.own_cents else None
            asked = {"requested": draft.money.requested_cents, "crowd": draft.money.crowd_cents}
            found = {"own": own, **{name: cents or None for name, cents in asked.items()}}
    return _without_blanks(found) or None


def _without_blanks(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_blanks(row) for row in value]
    return {key: item for key, item in (value or {}).items() if item not in (None, "")}


def part_fed_by(
    question: Question, value: Any, draft: Draft, area_ids: Mapping[str, int]
) -> FeedingPart:
    """Give what an answer puts into the project's own tables: all of it that they can hold."""
    match question.kind:
        case K.PLACE:
            place = value or {}
            months = place.get("months")
            fits = isinstance(months, int) and months <= MOST_MONTHS
            return PlacePart(
                place.get("place", "")[:PLACE_LIMIT],
                area_ids.get(place.get("area", "")),
                months if fits else None,
            )
        case K.BUDGET:
            return BudgetPart(tuple(_line(row) for row in value or ()))
        case K.SOURCES:
            given = value or {}
            own = sum(_cents(cents) for cents in given.get("own", {}).values())
            return MoneyPart(
                min(own, MOST_PART_CENTS),
                _cents(given.get("requested")),
                _cents(given.get("crowd")),
            )
        case K.MEMBERS:
            members = tuple(
                MemberFacts(row.get("name", "")[:NAME_LIMIT], row.get("role", "")[:SHORT_LIMIT])
                for row in value or ()
            )
            return TeamPart(members, draft.team.partners)
    return TeamPart(draft.team.members, _partners(value or (), draft))


def _cents(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _line(row: Mapping[str, Any]) -> LineFacts:
    return LineFacts(
        row.get("what", "")[:SHORT_LIMIT],
        _cents(row.get("amount")),
        row.get("category", "")[:CATEGORY_LIMIT],
    )


def _partners(rows: Any, draft: Draft) -> tuple[PartnerFacts, ...]:
    lead = next((p for p in draft.team.partners if p.lead), None)
    me = draft.applicant
    others = tuple(
        PartnerFacts(
            row.get("name", "")[:NAME_LIMIT],
            _kind(row.get("kind")),
            row.get("tax_code", "")[:TAX_CODE_LIMIT],
            row.get("role", "")[:SHORT_LIMIT],
        )
        for row in rows
    )
    role = lead.role if lead else ""
    return (PartnerFacts(me.name, me.kind, me.tax_code, role, lead=True), *others)


def _kind(code: str | None) -> OrganisationKind:
    return next((k for k in OrganisationKind if k.value == code), OrganisationKind.OTHER_NON_PROFIT)
