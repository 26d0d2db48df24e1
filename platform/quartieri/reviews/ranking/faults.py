"""What keeps a window from being ranked: scores that miss, scores that can't be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from quartieri.calls.design.scoring import Aggregation, NotApplicable
from quartieri.kit.errors import DomainError
from quartieri.kit.labels import N_, LabelEnum, lazy
from quartieri.reviews.ranking.inputs import Candidate, RankingInput, Sheet, Standing
from quartieri.reviews.ranking.rules import RankingRules


class FaultKind(LabelEnum):
    """What keeps a proposal from being ranked."""

    TOO_FEW_SHEETS = "too_few_sheets", N_("too few score sheets")
    UNEVEN_SHEETS = "uneven_sheets", N_("a sum needs the same number of sheets for everybody")
    MISSING_SCORE = "missing_score", N_("a score is missing")
    NOT_APPLICABLE = "not_applicable", N_("every criterion needs points in this call")
    NOTHING_SCORED = "nothing_scored", N_("a sheet without any points")
    OUT_OF_RANGE = "out_of_range", N_("a score is outside of the criterion's points")
    UNKNOWN_CRITERION = "unknown_criterion", N_("a score for a criterion that is not there")
    TWO_SHEETS = "two_sheets", N_("two sheets of one reviewer")
    NO_LIST = "no_list", N_("it belongs to none of the call's lists")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that keeps a proposal from being ranked, and where it is."""

    kind: FaultKind
    key: str
    reviewer: str | None = None
    criterion: str | None = None


class NotRankableError(DomainError):
    """The scores are not complete; ``faults`` says where, in the order of the register."""

    def __init__(self, found: tuple[Fault, ...]) -> None:
        """Say the first fault and how many there are."""
        first = found[0]
        super().__init__(
            lazy(
                "The ranking can't be computed yet: %(proposal)s, %(fault)s (%(count)s to settle).",
                proposal=first.key,
                fault=lazy(first.kind.label),
                count=len(found),
            )
        )
        self.faults = found


def faults(given: RankingInput) -> tuple[Fault, ...]:
    """List everything that keeps candidates from being ranked; a missing score is never zero."""
    limits = {c.code: c.maximum for c in given.rules.criteria}
    lists = {one.code for one in given.rules.lists}
    found: list[Fault] = []
    for candidate in given.candidates:
        if candidate.standing is not Standing.RANKABLE:
            continue
        found.extend(_count_faults(given.rules, candidate))
        if lists and candidate.list_code not in lists:
            found.append(Fault(FaultKind.NO_LIST, candidate.key))
        seen: set[str] = set()
        for sheet in candidate.counted:
            if sheet.reviewer in seen:
                found.append(Fault(FaultKind.TWO_SHEETS, candidate.key, sheet.reviewer))
            seen.add(sheet.reviewer)
            found.extend(_sheet_faults(given.rules, candidate.key, sheet, limits))
    return tuple(found)


def _count_faults(rules: RankingRules, candidate: Candidate) -> Iterator[Fault]:
    count = len(candidate.counted)
    if count < rules.minimum_sheets:
        yield Fault(FaultKind.TOO_FEW_SHEETS, candidate.key)
    elif rules.aggregation is Aggregation.SUM and count != rules.minimum_sheets:
        yield Fault(FaultKind.UNEVEN_SHEETS, candidate.key)


def _sheet_faults(
    rules: RankingRules, key: str, sheet: Sheet, limits: Mapping[str, Decimal]
) -> list[Fault]:
    given = dict(sheet.points)
    found = [
        Fault(FaultKind.UNKNOWN_CRITERION, key, sheet.reviewer, code)
        for code in (*given, *sheet.not_applicable)
        if code not in limits
    ]
    if sheet.not_applicable and rules.not_applicable is NotApplicable.REFUSED:
        found.append(Fault(FaultKind.NOT_APPLICABLE, key, sheet.reviewer, sheet.not_applicable[0]))
    if not given and sheet.not_applicable:
        found.append(Fault(FaultKind.NOTHING_SCORED, key, sheet.reviewer))
    for code, maximum in limits.items():
        if code not in given:
            if code not in sheet.not_applicable:
                found.append(Fault(FaultKind.MISSING_SCORE, key, sheet.reviewer, code))
        elif not 0 <= given[code] <= maximum:
            found.append(Fault(FaultKind.OUT_OF_RANGE, key, sheet.reviewer, code))
    return found
