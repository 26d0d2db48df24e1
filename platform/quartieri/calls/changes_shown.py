"""Changes of a call's document in words: which field it was, and its value before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quartieri.calls.design import (
    Aggregation,
    Bearer,
    CallDesign,
    CampaignMode,
    ChargeTime,
    Collector,
    DaysCounted,
    Leftovers,
    Normalisation,
    NotApplicable,
    TargetCounts,
    TeamBacking,
    Text,
    Venue,
    WhenMoneyRunsOut,
)
from quartieri.calls.funding import FundingKind, QuadraticMethod, ShareOf
from quartieri.calls.rectifying import LANGUAGES, Change
from quartieri.kit.labels import LabelEnum, Lazy, Until, lazy
from quartieri.kit.money import Money

WORDS: dict[str, Lazy] = {
    "about": lazy("About"),
    "notice": lazy("Notice"),
    "windows": lazy("Session"),
    "opens_at": lazy("Opens"),
    "closes_at": lazy("Deadline"),
    "endowment_cents": lazy("Endowment"),
    "shares": lazy("Share of a level of the programme"),
    "level": lazy("Level of the programme"),
    "documents": lazy("Document"),
    "name": lazy("Name"),
    "title": lazy("Title"),
    "summary": lazy("Summary"),
    "text": lazy("Text"),
    "office": lazy("Office in charge"),
    "contact": lazy("Contact"),
    "legal_basis": lazy("Legal basis"),
    "privacy_notice": lazy("Privacy notice"),
    "terms": lazy("Terms"),
    "consent": lazy("Consent"),
    "sources": lazy("Sources"),
    "sessions": lazy("Rules of the sessions"),
    "leftovers": lazy("What is left over"),
    "term_days": lazy("Legal term, in days"),
    "term_counts": lazy("Days counted"),
    "list_months": lazy("Months for which a ranking can be gone down"),
    "eligibility": lazy("Who and what"),
    "kinds": lazy("Kinds of applicant"),
    "min_group_members": lazy("People of an informal group, at least"),
    "max_group_members": lazy("People of an informal group, at most"),
    "member_data": lazy("Data asked of each person"),
    "min_organisation_age_years": lazy("Age of the organisation, at least"),
    "max_organisation_age_years": lazy("Age of the organisation, at most"),
    "seat": lazy("Seat"),
    "alliance": lazy("Alliances"),
    "partners": lazy("Partners"),
    "unconstituted": lazy("Alliances not constituted yet"),
    "allowed_areas": lazy("Areas allowed"),
    "excluded_areas": lazy("Areas excluded"),
    "applications_most": lazy("Applications of one applicant, at most"),
    "cost_min_cents": lazy("Lowest cost"),
    "cost_max_cents": lazy("Highest cost"),
    "months_min": lazy("Months, at least"),
    "months_max": lazy("Months, at most"),
    "own_share_min": lazy("Own share, at least"),
    "in_kind_counts": lazy("Own share in kind counts"),
    "double_funding": lazy("Other public money"),
    "signature": lazy("Signature"),
    "stamp_duty": lazy("Stamp duty"),
    "declarations": lazy("Declaration"),
    "sections": lazy("Page of the form"),
    "questions": lazy("Question"),
    "label": lazy("Words"),
    "help": lazy("Help"),
    "limit": lazy("Characters, at most"),
    "required": lazy("Required"),
    "kind": lazy("Kind"),
    "section": lazy("Page"),
    "least": lazy("At least"),
    "most": lazy("At most"),
    "options": lazy("Choice"),
    "columns": lazy("Column"),
    "shown_if": lazy("Shown if"),
    "personal": lazy("Personal data"),
    "public": lazy("Public after selection"),
    "blind": lazy("Hidden from reviewers"),
    "unlockable": lazy("May be completed later"),
    "requirements": lazy("Requirement"),
    "evaluation": lazy("Evaluation"),
    "criteria": lazy("Criterion"),
    "maximum": lazy("Highest points"),
    "weight": lazy("Weight"),
    "minimum": lazy("Minimum"),
    "guidance": lazy("Guidance"),
    "groups": lazy("Group of criteria"),
    "group": lazy("Group of criteria"),
    "minimum_total": lazy("Lowest total"),
    "sheets": lazy("Reviewers of each application"),
    "tie_break": lazy("How ties are broken"),
    "when_money_runs_out": lazy("When the money runs out"),
    "provisional": lazy("Provisional ranking"),
    "aggregation": lazy("How sheets are brought together"),
    "collegial": lazy("One sheet agreed by the commission"),
    "places": lazy("Places"),
    "lists": lazy("List"),
    "quotas": lazy("Quota"),
    "parts": lazy("Part"),
    "stages": lazy("Stage"),
    "admitted": lazy("Admitted to the next stage"),
    "result": lazy("Result"),
    "money": lazy("Money"),
    "rule": lazy("The money rule"),
    "crowdfunding_share": lazy("Share of the crowd"),
    "grant_share": lazy("Share of the grant"),
    "grant_min_cents": lazy("Smallest grant"),
    "grant_cap_cents": lazy("Largest grant"),
    "part_funding": lazy("Funding in part"),
    "live": lazy("Live match"),
    "factor": lazy("Factor"),
    "per_donation_cents": lazy("Most matched of a donation"),
    "donations_per_donor": lazy("Matched donations of each person"),
    "per_donor_cents": lazy("Most added for each person"),
    "multipliers": lazy("Times with another factor"),
    "fixed_sum": lazy("Fixed sum"),
    "sum_cents": lazy("The sum that the city gives"),
    "at_share": lazy("What must be raised"),
    "of": lazy("A percentage"),
    "at_backers": lazy("Number of people"),
    "quadratic": lazy("Quadratic funding"),
    "method": lazy("How the pool is shared"),
    "reshare": lazy("What limits cut off is shared again"),
    "advance_share": lazy("Advance"),
    "integration_days": lazy("Days to complete the papers"),
    "refusal_notice": lazy("Notice before an exclusion"),
    "no_money": lazy("A call without money"),
    "campaign": lazy("Campaign"),
    "days": lazy("Days"),
    "grace_days": lazy("Days in which charges are tried again"),
    "offline_days": lazy("Days after the end to record offline money received by then"),
    "pledge_min_cents": lazy("Smallest pledge"),
    "pledge_max_cents": lazy("Largest pledge"),
    "confirm_minutes": lazy("Minutes to confirm a pledge"),
    "order": lazy("Order"),
    "mode": lazy("What is collected"),
    "charged": lazy("When a card is charged"),
    "target_counts": lazy("What counts for the target"),
    "collected_by": lazy("Who collects"),
    "fees_borne_by": lazy("Who bears the payment service's fees"),
    "refunds_borne_by": lazy("Who bears what the service keeps of money given back"),
    "disputes_borne_by": lazy("Who bears a lost dispute"),
    "cover_fees": lazy("Backers may add the expected fees"),
    "fee_share": lazy("Fee of a charge, as a share"),
    "fee_fixed_cents": lazy("Fee of each charge"),
    "retry_days": lazy("Days between the tries of a refused charge"),
    "top_up_in_grace": lazy("While charges are tried again others may give"),
    "person_cap_cents": lazy("The most that one person gives to one project"),
    "team_backing": lazy("Whether those who propose a project may back it"),
    "companies": lazy("Companies may give"),
    "rescope_share": lazy("By how much a cost may change before the launch"),
    "venue": lazy("Where campaigns run"),
    "venue_name": lazy("Name of the other platform"),
    "venue_url": lazy("Address of the other platform"),
    "rounds": lazy("Round"),
    "starts_at": lazy("Starts"),
    "ends_at": lazy("Ends"),
}
"""The fields that people read by name; others stand as the document writes them."""

CODES: dict[str, type[LabelEnum]] = {
    "kind": FundingKind,
    "method": QuadraticMethod,
    "of": ShareOf,
    "leftovers": Leftovers,
    "term_counts": DaysCounted,
    "when_money_runs_out": WhenMoneyRunsOut,
    "aggregation": Aggregation,
    "normalisation": Normalisation,
    "not_applicable": NotApplicable,
    "mode": CampaignMode,
    "charged": ChargeTime,
    "target_counts": TargetCounts,
    "collected_by": Collector,
    "fees_borne_by": Bearer,
    "refunds_borne_by": Bearer,
    "disputes_borne_by": Bearer,
    "team_backing": TeamBacking,
    "venue": Venue,
}
"""The fields whose values are codes, and what the codes mean."""

_INSTANTS = frozenset({"opens_at", "closes_at", "starts_at", "ends_at"})
_DEADLINES = frozenset({"closes_at", "ends_at"})
_SILENT = frozenset({"design"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a value: its field inside of the value, its language, what it says."""

    value: object
    language: str = ""
    field: str | Lazy = ""


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One change: the way to its field, and the lines of its value before and after."""

    way: tuple[str | Lazy, ...]
    before: tuple[Line, ...]
    after: tuple[Line, ...]


def shown(change: Change, *designs: CallDesign, language: str) -> ShownChange:
    """Give a change as a page shows it; values are text, ``Lazy``, ``Money`` or an instant.

    Questions, criteria and the like are called by their title in the first of ``designs`` that has
    them.
    """
    steps = [s for s in change.place.split("/")[1:] if s not in _SILENT]
    key = steps[-1] if steps else ""
    names: dict[tuple[str, str], str] = {}
    for design in reversed(designs):
        names |= _names(design, language)
    return ShownChange(
        tuple(
            names.get((before, step)) or word_of(step)
            for before, step in zip(("", *steps), steps, strict=False)
        ),
        tuple(_lines(change.before, key)),
        tuple(_lines(change.after, key)),
    )


def _names(design: CallDesign, language: str) -> dict[tuple[str, str], str]:
    """Give the titles of what is known by a code: ``{(list, code): title}``."""
    evaluation = design.evaluation
    titled: list[tuple[str, str, Text]] = [
        *(("sections", s.key, s.title) for s in design.sections),
        *(("questions", q.key, q.label) for q in design.questions),
        *(("requirements", r.code, r.text) for r in design.requirements),
        *(("declarations", d.code, d.text) for d in design.eligibility.declarations),
        *(("criteria", c.code, c.title) for c in evaluation.criteria),
        *(("groups", g.code, g.title) for g in evaluation.groups),
        *(("stages", s.code, s.title) for s in evaluation.stages),
    ]
    return {
        (name, code): f"“{title}”"
        for name, code, text in titled
        if (title := text.get(language) or next(iter(text.values()), ""))
    }


def word_of(step: str) -> str | Lazy:
    """Give the name of a field, or the code of an item as it is."""
    return WORDS.get(step, step.replace("_", " "))


def _lines(value: Any, key: str, field: str | Lazy = "") -> Iterator[Line]:
    if isinstance(value, Mapping) and value and set(value) <= LANGUAGES:
        for language in sorted(value, reverse=True):
            yield Line(value[language], language, field)
    elif isinstance(value, Mapping):
        for inner, one in value.items():
            if one not in (None, "", [], {}):
                yield from _lines(one, inner, word_of(inner))
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for one in value:
            yield from _lines(one, key, field)
    else:
        yield Line(_plain(value, key), field=field)


def _plain(value: Any, key: str) -> object:
    found: object = value
    if value is None or value in ("", [], {}):
        found = lazy("not stated")
    elif isinstance(value, bool):
        found = lazy("yes") if value else lazy("no")
    elif isinstance(value, list):
        found = ", ".join(str(one) for one in value)
    elif isinstance(value, int) and (key.endswith("cents")):
        found = Money(value)
    elif key in CODES and value in {one.value for one in CODES[key]}:
        found = Lazy(CODES[key](value).label)
    elif isinstance(value, str) and key in _INSTANTS:
        instant = datetime.fromisoformat(value)
        found = Until(instant) if key in _DEADLINES else instant
    else:
        found = str(value)
    return found
