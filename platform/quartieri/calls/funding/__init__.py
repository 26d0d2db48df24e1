"""The funding rule of a call: what a project must raise, what the city may add, what it adds.

Pure arithmetic on whole cents; shares and factors are exact decimals, never floats. Threshold rules
(a campaign must reach its target first), the live match, the fixed sum, the city as a backer,
quadratic funding, and the direct grant (no campaign).
"""

from quartieri.calls.funding.compute import (
    Computed,
    Outcome,
    Project,
    Result,
    city_pledge,
    compute,
    needs_cost,
)
from quartieri.calls.funding.grants import (
    Outlook,
    computed_grant,
    counted_cents,
    crowd_target,
    fit,
    foreseen_grant,
    grant_ceiling,
    minimum_target,
    pool_at_ranking,
    project_outlook,
    reserved_at_ranking,
    rule_target,
    succeeded,
    sum_bar,
)
from quartieri.calls.funding.live import (
    Before,
    Donation,
    live_match,
    live_matches,
    project_limit,
)
from quartieri.calls.funding.quadratic import Crowd, ideal_total, quadratic_matches, subsidy
from quartieri.calls.funding.rule import (
    PARAMETERS,
    FixedSum,
    FundingKind,
    FundingRule,
    LiveMatch,
    Multiplier,
    Quadratic,
    QuadraticMethod,
    ShareOf,
)
from quartieri.calls.funding.words import (
    payment_sentences,
    percent,
    rule_sentences,
)

__all__ = [
    "PARAMETERS",
    "Before",
    "Computed",
    "Crowd",
    "Donation",
    "FixedSum",
    "FundingKind",
    "FundingRule",
    "LiveMatch",
    "Multiplier",
    "Outcome",
    "Outlook",
    "Project",
    "Quadratic",
    "QuadraticMethod",
    "Result",
    "ShareOf",
    "city_pledge",
    "compute",
    "computed_grant",
    "counted_cents",
    "crowd_target",
    "fit",
    "foreseen_grant",
    "grant_ceiling",
    "ideal_total",
    "live_match",
    "live_matches",
    "minimum_target",
    "needs_cost",
    "payment_sentences",
    "percent",
    "pool_at_ranking",
    "project_limit",
    "project_outlook",
    "quadratic_matches",
    "reserved_at_ranking",
    "rule_sentences",
    "rule_target",
    "subsidy",
    "succeeded",
    "sum_bar",
]
