"""One project of a replay document: its columns, and how much of it can be replayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quartieri.calls.funding import reserved_at_ranking, rule_target
from quartieri.kit.money import Money
from quartieri.rehearsal.document import cells
from quartieri.rehearsal.document.call import ParsedCall
from quartieri.rehearsal.document.cells import Place, known, quoted, shown
from quartieri.rehearsal.document.values import CampaignOutcome, ProjectRow, Status

COLUMNS = (
    "call_id",
    "edition",
    "project",
    "proposer",
    "neighbourhood",
    "total_cost_eur",
    "target_eur",
    "raised_eur",
    "raised_at_least",
    "backers",
    "backers_at_least",
    "grant_eur",
    "outcome",
    "source_url",
)
OUTCOMES = {"funded": CampaignOutcome.SUCCEEDED, "target missed": CampaignOutcome.FAILED}
MAX_BACKERS = 100_000
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of a row in cents; None is not known."""

    cost: int | None
    target: int | None
    raised: int | None
    backers: int | None


def parse_row(
    document: object, number: int, call: ParsedCall, assumptions: list[str]
) -> ProjectRow:
    """Read the row at place ``number`` (from 1); what it assumes is added to ``assumptions``.

    Raises ReplayInputError with one line that names row and column.
    """
    place = Place(f"row {number}")
    if not isinstance(document, dict):
        place.refuse("must be an object")
    name = document.get("project")
    if isinstance(name, str) and name.strip():
        place = Place(f"row {number} ({shown(name)})")
    for key in document:
        if key not in COLUMNS:
            place.at(key).refuse("not a column of a project")
    project = _text(place, document, "project")
    if project is None:
        place.at("project").refuse("is required")
    figures = Figures(
        cost=cells.amount(place.at("total_cost_eur"), document.get("total_cost_eur")),
        target=cells.amount(place.at("target_eur"), document.get("target_eur")),
        raised=cells.amount(place.at("raised_eur"), document.get("raised_eur"), zero=True),
        backers=cells.count(place.at("backers"), document.get("backers"), most=MAX_BACKERS),
    )
    goal = _check(place, figures, call)
    status, missing = classify(figures.cost, goal, figures.raised)
    row = ProjectRow(
        number=number,
        project=project,
        proposer=_text(place, document, "proposer"),
        neighbourhood=_text(place, document, "neighbourhood"),
        source_url=_text(place, document, "source_url"),
        cost_cents=figures.cost,
        target_cents=figures.target,
        goal_cents=goal,
        raised_cents=figures.raised,
        raised_at_least=cells.flag(place.at("raised_at_least"), document.get("raised_at_least")),
        backers=figures.backers,
        backers_at_least=cells.flag(place.at("backers_at_least"), document.get("backers_at_least")),
        grant_cents=cells.amount(place.at("grant_eur"), document.get("grant_eur"), zero=True),
        outcome=_outcome(place.at("outcome"), document.get("outcome")),
        status=status,
        missing=missing,
    )
    _text(place, document, "edition")
    call_id = _text(place, document, "call_id")
    if call_id is not None and call_id != call.id:
        assumptions.append(f"{row.label}, call_id {shown(call_id)}: taken as of {call.id}.")
    assumptions.extend(_assumed(row))
    return row


def classify(
    cost_cents: int | None, goal_cents: int | None, raised_cents: int | None
) -> tuple[Status, tuple[str, ...]]:
    """Say how much can be replayed and which CSV columns keep it from more.

    ``goal_cents`` is the stored target or the rule's minimum, so a known cost always gives one.
    """
    columns = {
        "total_cost_eur": cost_cents,
        "target_eur": goal_cents,
        "raised_eur": raised_cents,
    }
    missing = tuple(column for column, value in columns.items() if value is None)
    if not missing:
        return Status.REPLAYED, missing
    if missing == ("total_cost_eur",):
        return Status.DECIDED, missing
    return Status.NOT_REPLAYABLE, missing


def _check(place: Place, figures: Figures, call: ParsedCall) -> int | None:
    """Refuse impossible figures; give the target that counts."""
    goal = figures.target
    cost = figures.cost
    if cost is not None and call.rule is not None:
        at = place.at("total_cost_eur")
        if call.cost_min_cents is not None and cost < call.cost_min_cents:
            at.refuse(f"{Money(cost)} is below the call's project_cost_min_eur")
        if call.cost_max_cents is not None and cost > call.cost_max_cents:
            at.refuse(f"{Money(cost)} is above the call's project_cost_max_eur")
        if reserved_at_ranking(call.rule, cost) == 0:
            at.refuse(f"{Money(cost)} is so small that there is no grant")
        least = rule_target(call.rule, cost)
        if goal is not None and goal < least:
            place.at("target_eur").refuse(
                f"{Money(goal)} is below the rule's minimum for the cost, {Money(least)}"
            )
        if goal is not None and goal > cost:
            place.at("target_eur").refuse(f"{Money(goal)} is above the whole cost, {Money(cost)}")
        goal = least if goal is None else goal
    _check_backers(place.at("backers"), figures, call)
    return goal


def _check_backers(place: Place, figures: Figures, call: ParsedCall) -> None:
    raised, backers = figures.raised, figures.backers
    if raised is None or backers is None:
        return
    if backers == 0 and raised > 0:
        place.refuse(f"nobody can't have given {Money(raised)}")
    if raised < backers:
        place.refuse(f"{backers} backers can't have given {Money(raised)}: less than a cent each")
    least = call.donation_min_cents
    if least is not None and raised < backers * least:
        place.refuse(f"{backers} backers can't have given {Money(raised)}: below donation_min_eur")


def _outcome(place: Place, value: object) -> CampaignOutcome | None:
    if not known(value):
        return None
    if not isinstance(value, str) or value.strip() not in OUTCOMES:
        place.refuse(f"{quoted(value)} is not an outcome: {' or '.join(OUTCOMES)}")
    return OUTCOMES[value.strip()]


def _text(place: Place, document: Mapping[str, object], column: str) -> str | None:
    most = MAX_NAME if column == "project" else 2_000
    return cells.text(place.at(column), document.get(column), most=most, one_line=True)


def _assumed(row: ProjectRow) -> list[str]:
    """List what the replay of this row takes for the record; nothing for rows left alone."""
    if row.status is Status.NOT_REPLAYABLE:
        return []
    said = []
    if row.target_cents is None and row.goal_cents is not None:
        least = Money(row.goal_cents)
        said.append(f"{row.label}, target_eur: not known; the rule's minimum, {least}.")
    if row.raised_at_least:
        said.append(f"{row.label}, raised_eur: published as 'at least'; taken as that bound.")
    if row.status is Status.REPLAYED and row.backers_at_least and row.backers:
        said.append(f"{row.label}, backers: published as 'at least'; taken as that bound.")
    if row.status is Status.REPLAYED and row.backers is None and row.raised_cents:
        said.append(f"{row.label}, backers: not known; one pledge of the whole sum.")
    return said
