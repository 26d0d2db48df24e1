"""The call of a replay document: its keys, figures, dates and rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from quartieri.calls.funding import FundingKind, FundingRule
from quartieri.kit.clock import end_of_day, rome
from quartieri.rehearsal.document import cells
from quartieri.rehearsal.document.cells import Place, known, quoted
from quartieri.rehearsal.document.values import EditionWindow

CALL = Place("call")
REQUIRED = (
    "id",
    "application_windows",
    "endowment_eur",
    "crowdfunding_share",
    "grant_share",
    "campaign_days",
    "rule",
)
RULES = {kind.value: kind for kind in FundingKind if kind.is_threshold}
MAX_DAYS = 3650
MAX_ID = 100
YEARS = range(1900, 2201)

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?)?)?")

Read = Callable[[Place, object], object]


def _amount(place: Place, value: object) -> object:
    return cells.amount(place, value)


def _amount_or_zero(place: Place, value: object) -> object:
    return cells.amount(place, value, zero=True)


def _share(place: Place, value: object) -> object:
    return cells.share(place, value)


def _share_or_zero(place: Place, value: object) -> object:
    return cells.share(place, value, zero=True)


def _count(place: Place, value: object) -> object:
    return cells.count(place, value)


def _days(place: Place, value: object) -> object:
    return cells.count(place, value, least=1, most=MAX_DAYS)


def _id(place: Place, value: object) -> object:
    return cells.text(place, value, most=MAX_ID, one_line=True)


def _title(place: Place, value: object) -> object:
    return cells.text(place, value, most=300, one_line=True)


def _text(place: Place, value: object) -> object:
    return cells.text(place, value)


def _number_or_text(place: Place, value: object) -> object:
    number = isinstance(value, int) and not isinstance(value, bool)
    return cells.count(place, value) if number else cells.text(place, value)


def _rule(place: Place, value: object) -> object:
    if not known(value):
        return None
    if not isinstance(value, str) or value.strip() not in RULES:
        place.refuse(f"{quoted(value)} is not a rule: {' or '.join(RULES)}")
    return value.strip()


def _windows(place: Place, value: object) -> object:
    if not known(value):
        return None
    if not isinstance(value, list):
        place.refuse(f"{quoted(value)} is not a list of windows")
    for number, window in enumerate(value, start=1):
        if not isinstance(window, dict):
            place.refuse(f"window {number} is not an object with opens and closes")
        for key in window:
            if key not in {"opens", "closes"}:
                place.refuse(f"window {number}: unknown key {quoted(key)}")
    return value


_AMOUNTS = ("endowment_eur", "project_cost_min_eur", "project_cost_max_eur", "grant_cap_eur")
_AMOUNTS_OR_ZERO = ("grant_min_eur", "donation_min_eur", "raised_total_eur", "grant_total_eur")
_SHARES = ("crowdfunding_share", "grant_share")
_COUNTS = (
    "min_group_members",
    "max_organisation_age_years",
    "project_months_min",
    "project_months_max",
    "applications_received",
    "applications_admissible",
    "projects_selected",
    "projects_funded",
    "donations_total",
)
_FLAGS = (
    "existing_organisations_allowed",
    "alliance_allowed",
    "lead_partner_required",
    "in_kind_cofinancing_allowed",
    "part_funding",
)
_TEXTS = (
    "city",
    "authority",
    "published_on",
    "funding_programme",
    "seat_requirement",
    "project_end_by",
    "campaign_platform",
    "campaign_model",
    "rewards",
    "on_target_missed",
    "on_target_exceeded",
    "grant_formula",
    "tie_rule",
    "de_minimis",
    "payment_schedule",
    "spending_rules",
    "notes",
)
_LISTS = (
    "applicants",
    "eligible_areas",
    "excluded_areas",
    "payment_methods",
    "selection_phases",
    "scoring_criteria",
    "selection_requirements",
    "sources",
)

KEYS: dict[str, Read] = {
    "id": _id,
    "title": _title,
    "edition": _number_or_text,
    "minimum_score": _number_or_text,
    "application_windows": _windows,
    "campaign_days": _days,
    "cofinancing_min_share": _share_or_zero,
    "rule": _rule,
    **dict.fromkeys(_AMOUNTS, _amount),
    **dict.fromkeys(_AMOUNTS_OR_ZERO, _amount_or_zero),
    **dict.fromkeys(_SHARES, _share),
    **dict.fromkeys(_COUNTS, _count),
    **dict.fromkeys(_FLAGS, cells.flag),
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(_LISTS, cells.texts),
}
"""Every key of a call and how it is read; amounts become cents."""


@dataclass(frozen=True, slots=True)
class ParsedCall:
    """The call's part of an edition; ``facts`` holds every key as it was written."""

    id: str
    facts: Mapping[str, Any]
    endowment_cents: int | None
    cost_min_cents: int | None
    cost_max_cents: int | None
    donation_min_cents: int | None
    published_at: datetime | None
    windows: tuple[EditionWindow, ...]
    rule: FundingRule | None
    campaign_days: int | None
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as written: its Rome day, its time where it has one, whether the day was assumed."""

    written: str
    day: date
    at: time | None
    assumed: bool

    @property
    def starts(self) -> datetime:
        """The UTC instant at which it begins."""
        return rome(self.day, self.at or time())

    @property
    def ends(self) -> datetime:
        """The last UTC instant that belongs to it: a time itself, or the end of its day."""
        return rome(self.day, self.at) if self.at is not None else end_of_day(self.day)


def parse_call(document: object, *, strict: bool, rows: bool) -> ParsedCall:
    """Read a call; ``strict`` asks for the keys that a file must have, ``rows`` for windows.

    Raises ReplayInputError with one line that names the column.
    """
    if not isinstance(document, dict):
        CALL.refuse("must be an object")
    for key in document:
        if key not in KEYS:
            CALL.at(key).refuse("not a key of a call")
    read: dict[str, Any] = {
        key: reader(CALL.at(key), document.get(key)) for key, reader in KEYS.items()
    }
    if strict:
        for key in REQUIRED:
            if read[key] is None:
                CALL.at(key).refuse("is required")
    if not isinstance(read["id"], str):
        CALL.at("id").refuse("is required")
    _check_order(read, "project_cost_min_eur", "project_cost_max_eur")
    _check_order(read, "grant_min_eur", "grant_cap_eur")
    _check_order(read, "project_months_min", "project_months_max")
    assumptions: list[str] = []
    published, windows = _dates(read, assumptions)
    if rows and not windows:
        CALL.at("application_windows").refuse("there are rows, but no window to apply in")
    return ParsedCall(
        id=read["id"],
        facts={key: value for key, value in document.items() if known(value)},
        endowment_cents=read["endowment_eur"],
        cost_min_cents=read["project_cost_min_eur"],
        cost_max_cents=read["project_cost_max_eur"],
        donation_min_cents=read["donation_min_eur"],
        published_at=published,
        windows=windows,
        rule=_funding_rule(read, assumptions),
        campaign_days=read["campaign_days"],
        assumptions=tuple(assumptions),
    )


def parse_moment(place: Place, value: object, what: str = "") -> Moment | None:
    """Read a year, a month, a day or a time in Rome; None when unknown."""
    if not known(value):
        return None
    found = _DATE.fullmatch(value.strip()) if isinstance(value, str) and value.isascii() else None
    if found is None:
        place.refuse(
            f"{what}{quoted(value)} is not a date (2025, 2025-01, 2025-01-31 or with T12:00)"
        )
    try:
        return _moment(found)
    except ValueError:
        place.refuse(f"{what}{quoted(value)} is not a date of the calendar")


def _moment(found: re.Match[str]) -> Moment:
    year, month, day, hour, minute, second = (
        None if group is None else int(group) for group in found.groups()
    )
    if year is None or year not in YEARS:
        msg = "a year far away"
        raise ValueError(msg)
    return Moment(
        written=found.group(),
        day=date(year, 1 if month is None else month, 1 if day is None else day),
        at=None if hour is None else time(hour, minute or 0, second or 0),
        assumed=day is None,
    )


def _dates(
    read: Mapping[str, Any], assumptions: list[str]
) -> tuple[datetime | None, tuple[EditionWindow, ...]]:
    published = parse_moment(CALL.at("published_on"), read["published_on"])
    if published is not None:
        _note_day(assumptions, "published_on", published)
    windows = tuple(
        _window(number, window, published, assumptions)
        for number, window in enumerate(read["application_windows"] or (), start=1)
    )
    at = None if published is None else published.starts
    first = min((w.opens_at for w in windows), default=None)
    if first is not None and (at is None or first < at):
        why = "not known" if at is None else "after the first opening"
        assumptions.append(f"call, published_on: {why}; published at the first opening instead.")
        at = first
    return at, windows


def _window(
    number: int, window: Mapping[str, object], published: Moment | None, assumptions: list[str]
) -> EditionWindow:
    place = CALL.at("application_windows")
    name = f"window {number}"
    opens = parse_moment(place, window.get("opens"), f"{name}, opens: ")
    closes = parse_moment(place, window.get("closes"), f"{name}, closes: ")
    if closes is None:
        place.refuse(f"{name}, closes: is required")
    if opens is None:
        if published is None:
            CALL.at("published_on").refuse(f"is required, because {name} has no opening date")
        assumptions.append(f"call, {name} opens: not known; taken as the publication.")
        opens = published
    else:
        _note_day(assumptions, f"{name} opens", opens)
    _note_day(assumptions, f"{name} closes", closes)
    assumptions.append(
        f"call, {name} closes {closes.written}: that time in Rome is still in time."
        if closes.at is not None
        else f"call, {name} closes {closes.day}: just before the next midnight in Rome."
    )
    if opens.starts >= closes.ends:
        place.refuse(f"{name} closes ({closes.written}) before it opens ({opens.written})")
    return EditionWindow(opens.starts, closes.ends)


def _note_day(assumptions: list[str], name: str, moment: Moment) -> None:
    if moment.assumed:
        assumptions.append(f"call, {name} {moment.written}: taken as its first day, {moment.day}.")


def _funding_rule(read: Mapping[str, Any], assumptions: list[str]) -> FundingRule | None:
    if read["rule"] is None:
        return None
    for key in _SHARES:
        if read[key] is None:
            CALL.at(key).refuse("is required")
    if read["part_funding"] is None:
        assumptions.append("call, part_funding: not given; taken as false.")
    if read["grant_min_eur"]:
        assumptions.append(
            "call, grant_min_eur: the rules with a target have no smallest grant; not applied."
        )
    return FundingRule(
        kind=RULES[read["rule"]],
        crowdfunding_share=read["crowdfunding_share"],
        grant_share=read["grant_share"],
        grant_cap_cents=read["grant_cap_eur"],
        part_funding=bool(read["part_funding"]),
    )


def _check_order(read: Mapping[str, Any], low: str, high: str) -> None:
    if read[low] is not None and read[high] is not None and read[low] > read[high]:
        CALL.at(low).refuse(f"is above {high}")
