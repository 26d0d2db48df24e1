"""Funding rules of the kinds beyond the threshold, as tests want them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from quartieri.calls.funding import (
    FixedSum,
    FundingKind,
    FundingRule,
    LiveMatch,
    Multiplier,
    Quadratic,
    QuadraticMethod,
    ShareOf,
)

LONDON = FundingRule(FundingKind.CITY_BACKER, Decimal(1), Decimal("0.75"), None, 2_000_000)


def live(*, cap: int | None = 50_000, part: bool = True, **parameters: object) -> FundingRule:
    own = {"per_donation_cents": 10_000, "donations_per_donor": 1} | parameters
    return FundingRule(
        FundingKind.LIVE_MATCH,
        None,
        None,
        None,
        cap,
        part,
        live=LiveMatch(**own),  # type: ignore[arg-type]  # parameters by name
    )


def quadratic(
    method: QuadraticMethod = QuadraticMethod.SUBSIDY,
    *,
    cap: int | None = None,
    reshare: bool = False,
) -> FundingRule:
    own = Quadratic(method, reshare)
    return FundingRule(FundingKind.QUADRATIC, None, None, None, cap, quadratic=own)


def fixed_sum(
    cents: int, share: str = "1", of: ShareOf = ShareOf.TARGET, backers: int = 0
) -> FundingRule:
    own = FixedSum(cents, Decimal(share), of, backers)
    return FundingRule(FundingKind.FIXED_SUM, Decimal("0.5"), None, fixed_sum=own)


_WEEKEND = Multiplier(
    datetime(2025, 5, 24, tzinfo=UTC), datetime(2025, 5, 26, tzinfo=UTC), Decimal(2)
)
EVERY_KIND = (
    FundingRule(FundingKind.FIXED_SHARE, Decimal("0.5"), Decimal("0.5"), None, 5_000_000),
    FundingRule(FundingKind.GAP_FILLING, Decimal("0.5"), Decimal("0.5"), part_funding=True),
    live(per_donor_cents=20_000, multipliers=(_WEEKEND,)),
    fixed_sum(1_000_000, "0.8", ShareOf.COST, 50),
    LONDON,
    quadratic(QuadraticMethod.SQUARES, cap=100_000, reshare=True),
    FundingRule(FundingKind.DIRECT, None, Decimal("0.9"), 2_000_000, 3_000_000),
)
