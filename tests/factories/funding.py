"""Funding rules of the kinds beyond the threshold, as tests want them."""

from __future__ import annotations

from decimal import Decimal

from quartieri.calls.funding import (
    FixedSum,
    FundingKind,
    FundingRule,
    LiveMatch,
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
