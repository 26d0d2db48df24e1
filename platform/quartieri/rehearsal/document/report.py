"""What a replay found, in the shape that outsiders rely on, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from quartieri.calls.funding import FundingRule, computed_grant, fit, reserved_at_ranking
from quartieri.kit.money import Money
from quartieri.rehearsal.document.values import CampaignOutcome, Edition, ProjectRow, Status

NO_ROWS = "This edition has no rows: there is nothing to replay."


@dataclass(frozen=True, slots=True)
class RowResult:
    """What the domain verbs made of a replayed row.

    ``outcome`` is None for a project that did not fit in the endowment; its grant is then 0.
    ``raised_cents``: what was promised to it; ``backers``: None when the record knows none.
    """

    outcome: CampaignOutcome | None
    grant_cents: int | None
    raised_cents: int | None
    backers: int | None


def forecast(edition: Edition) -> dict[int, RowResult]:
    """Say, by the rule alone, what each replayed row must come to; keys are row numbers.

    All rows are reserved in the file's order before any campaign; one that does not fit gets the
    rest where part funding is on, else nothing; what is freed does not scroll. The oracle for the
    replay through the verbs.
    """
    rule, left = edition.rule, edition.endowment_cents
    results: dict[int, RowResult] = {}
    for row in edition.rows_of(Status.REPLAYED):
        if rule is None or left is None or row.cost_cents is None:
            continue
        wanted = reserved_at_ranking(rule, row.cost_cents)
        reserved = fit(wanted, left, part_funding=rule.part_funding)
        left -= reserved
        results[row.number] = _campaign(rule, row, reserved)
    return results


def _campaign(rule: FundingRule, row: ProjectRow, reserved_cents: int) -> RowResult:
    outcome, grant = None, 0
    if reserved_cents and row.cost_cents is not None and row.goal_cents is not None:
        raised = row.raised_cents or 0
        outcome = row.decided_outcome()
        grant = computed_grant(rule, row.cost_cents, raised, row.goal_cents, reserved_cents)
    return RowResult(outcome, grant, row.raised_cents, row.backers)


def report(
    edition: Edition, results: Mapping[int, RowResult], invented: Iterable[str] = ()
) -> dict[str, Any]:
    """Build the JSON document of a replay from the results of the replayed rows.

    ``results`` holds one for each replayed row, by row number (KeyError otherwise); ``invented``
    adds the values that publication demands and the city never published. Sums cover replayed rows.
    """
    projects = [_project(row, _result(row, results)) for row in edition.rows]
    granted = sum(p["grant_cents"] or 0 for p in projects if p["status"] == Status.REPLAYED.value)
    endowment = edition.endowment_cents
    return {
        "call": {
            "id": edition.id,
            "endowment_cents": endowment,
            "granted_cents": granted,
            "available_cents": None if endowment is None else endowment - granted,
        },
        "projects": projects,
        "assumptions": [*edition.assumptions, *invented],
    }


def agrees(row: ProjectRow, result: RowResult) -> bool | None:
    """Compare a result with what the record holds; None when nothing can be compared.

    ``*_at_least`` figures compare with ≥; what the record or the rule does not know is left out. A
    project that did not fit has no outcome, which differs from any recorded one.
    """
    if row.status is Status.NOT_REPLAYABLE:
        return None
    found: list[bool] = []
    for value, recorded, at_least in (
        (result.raised_cents, row.raised_cents, row.raised_at_least),
        (result.backers, row.backers, row.backers_at_least),
        (result.grant_cents, row.grant_cents, False),
    ):
        if value is not None and recorded is not None:
            found.append(value >= recorded if at_least else value == recorded)
    if row.outcome is not None:
        found.append(result.outcome is row.outcome)
    return all(found) if found else None


def as_lines(document: Mapping[str, Any]) -> list[str]:
    """Say a report in lines of text, for whoever runs the command without ``--json``."""
    call = document["call"]
    lines = [f"{call['id']}: endowment {_euros(call['endowment_cents'])}"]
    if not document["projects"]:
        lines.append(NO_ROWS)
    for project in document["projects"]:
        what = [project["status"].replace("_", " ")]
        if project["missing"]:
            what.append(f"missing {', '.join(project['missing'])}")
        if project["status"] != Status.NOT_REPLAYABLE.value:
            what.append(project["outcome"] or "not admitted, the money had run out")
            what.append(f"raised {_euros(project['raised_cents'])}")
            what.append(f"grant {_euros(project['grant_cents'])}")
            what.append(_AGREES[project["agrees"]])
        lines.append(f"- {project['project']}: {'; '.join(what)}")
    granted, left = _euros(call["granted_cents"]), _euros(call["available_cents"])
    lines.append(f"Granted to replayed projects {granted}; available {left}.")
    lines += [f"Assumed: {said}" for said in document["assumptions"]]
    return lines


_AGREES = {
    True: "agrees with the record",
    False: "differs from the record",
    None: "nothing to compare",
}


def _euros(cents: int | None) -> str:
    return "not known" if cents is None else str(Money(cents))


def _result(row: ProjectRow, results: Mapping[int, RowResult]) -> RowResult:
    if row.status is Status.REPLAYED:
        return results[row.number]
    outcome = row.decided_outcome() if row.status is Status.DECIDED else None
    grant = 0 if outcome is CampaignOutcome.FAILED else None
    return RowResult(outcome, grant, row.raised_cents, row.backers)


def _project(row: ProjectRow, result: RowResult) -> dict[str, Any]:
    return {
        "project": row.project,
        "status": row.status.value,
        "missing": list(row.missing),
        "cost_cents": row.cost_cents,
        "target_cents": row.goal_cents if row.status is Status.REPLAYED else row.target_cents,
        "raised_cents": result.raised_cents,
        "backers": result.backers,
        "outcome": None if result.outcome is None else result.outcome.value,
        "grant_cents": result.grant_cents,
        "record": {
            "raised_cents": row.raised_cents,
            "raised_at_least": row.raised_at_least,
            "backers": row.backers,
            "backers_at_least": row.backers_at_least,
            "outcome": None if row.outcome is None else row.outcome.value,
            "grant_cents": row.grant_cents,
        },
        "agrees": agrees(row, result),
    }
