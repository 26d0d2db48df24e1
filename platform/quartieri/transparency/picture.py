"""The flow pictures: which stages there are, and of what parts."""

from __future__ import annotations

from quartieri.kit.labels import lazy
from quartieri.programmes.rules import PoolBalances
from quartieri.transparency.queries.site import SiteMoney
from quartieri.transparency.rules import CrowdMoney, Part, Stage, stage


def site_stages(money: SiteMoney) -> list[Stage]:
    """Draw the city's money: budgets, then what calls have of them."""
    first = stage(
        lazy("Budgets of the programmes"),
        (
            Part(lazy("Allotted to calls"), money.allotted_cents, "city"),
            Part(lazy("Spent directly"), money.spent_cents, "paid"),
            Part(lazy("Not allotted yet"), money.unallotted_cents, "free"),
        ),
    )
    # the calls' bar enlarges the first part of the bar above, if there is one
    fed = first if first is not None and money.allotted_cents > 0 else None
    second = pool_stage(money.calls, above=fed)
    return [s for s in (first, second) if s is not None]


def pool_stage(money: PoolBalances, *, above: Stage | None = None) -> Stage | None:
    """Draw what endowments have become."""
    return stage(
        lazy("Endowments of the calls"),
        (
            Part(lazy("Paid"), money.disbursed_cents, "paid"),
            Part(lazy("Committed"), money.committed_cents, "city"),
            Part(lazy("Reserved"), money.reserved_cents, "if"),
            Part(lazy("Available"), money.available_cents, "free"),
        ),
        above=above,
    )


def crowd_stages(money: CrowdMoney) -> list[Stage]:
    """Draw what people gave: where it has come to."""
    found = stage(
        lazy("Collected from people"),
        (
            Part(lazy("Paid out to proposers"), money.paid_out_cents, "paid"),
            Part(lazy("Held by proposers, given outside of the site"), money.held_cents, "crowd"),
            Part(lazy("Owed to proposers"), money.owed_cents, "offline"),
            Part(lazy("Given back"), money.refunded_cents, "back"),
            Part(lazy("Fees of the payment provider"), money.covered_cents, "city"),
            Part(lazy("Waiting for the outcome"), money.waiting_cents, "free"),
        ),
    )
    return [found] if found is not None else []
