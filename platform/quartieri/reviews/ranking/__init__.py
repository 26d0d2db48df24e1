"""The ranking (graduatoria) of a window as a pure function of published inputs.

``rank(RankingInput)`` gives a ``Ranking``; both have a canonical JSON form with a SHA-256, so that
a stranger recomputes a published ranking: ``rank(RankingInput.from_json(document))``.

Each sheet's total is the sum of points × weight. A proposal's score is the exact mean of its
sheets' totals, or what else the notice says (``scores``); places, ties and thresholds go by exact
values, and rounding (half up, two decimals) is for show only. Ties break by the written rules in
their order, never by the order of rows.
"""

from quartieri.reviews.ranking.allocation import Allotment, Claim, allocate
from quartieri.reviews.ranking.faults import Fault, FaultKind, NotRankableError, faults
from quartieri.reviews.ranking.inputs import Candidate, RankingInput, Sheet, Standing
from quartieri.reviews.ranking.order import (
    StoredTotal,
    UnresolvedTieError,
    rank_totals,
    sheet_total,
)
from quartieri.reviews.ranking.outcomes import Outcome, ReasonCode
from quartieri.reviews.ranking.result import Entry, Ranking, rank, stops_at_gate
from quartieri.reviews.ranking.rules import (
    TOTAL_SCALE,
    CriterionRule,
    GroupRule,
    ListRule,
    Quota,
    RankingRules,
    RunsOut,
    settles_every_tie,
)
from quartieri.reviews.ranking.scores import sheet_value
from quartieri.reviews.ranking.sentences import Reason, Tie

__all__ = [
    "TOTAL_SCALE",
    "Allotment",
    "Candidate",
    "Claim",
    "CriterionRule",
    "Entry",
    "Fault",
    "FaultKind",
    "GroupRule",
    "ListRule",
    "NotRankableError",
    "Outcome",
    "Quota",
    "Ranking",
    "RankingInput",
    "RankingRules",
    "Reason",
    "ReasonCode",
    "RunsOut",
    "Sheet",
    "Standing",
    "StoredTotal",
    "Tie",
    "UnresolvedTieError",
    "allocate",
    "faults",
    "rank",
    "rank_totals",
    "settles_every_tie",
    "sheet_total",
    "sheet_value",
    "stops_at_gate",
]
