"""Reading the tree with its figures, pools, shares and areas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.ledger import queries as ledger
from quartieri.ledger.rules import LevelAccount
from quartieri.programmes import rules
from quartieri.programmes.models import (
    Area,
    DirectSpending,
    EndowmentPool,
    PoolShare,
    ProgrammeLevel,
)
from quartieri.programmes.rules import LevelFigures, LevelKind, PoolBalances

DEPTH = sa.case(
    {kind.value: kind.depth for kind in LevelKind},
    value=sa.cast(ProgrammeLevel.kind, sa.String),
)
"""The order from the root; locks are taken in it."""


def level(session: Session, level_id: int) -> ProgrammeLevel:
    """Give a level; raise NotFoundError."""
    found = session.get(ProgrammeLevel, level_id)
    if found is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return found


def levels(session: Session, authority_id: int) -> list[ProgrammeLevel]:
    """List an authority's levels from the root, by code."""
    return list(
        session.scalars(
            sa.select(ProgrammeLevel)
            .where(ProgrammeLevel.authority_id == authority_id)
            .order_by(DEPTH, ProgrammeLevel.code, ProgrammeLevel.id)
        )
    )


def parents(session: Session, authority_id: int) -> dict[int, int | None]:
    """Give ``{level id: parent's id}`` for an authority's tree."""
    rows = session.execute(
        sa.select(ProgrammeLevel.id, ProgrammeLevel.parent_id)
        .where(ProgrammeLevel.authority_id == authority_id)
        .order_by(ProgrammeLevel.id)
    )
    return {row.id: row.parent_id for row in rows}


def pools(session: Session, authority_id: int) -> list[EndowmentPool]:
    """List an authority's endowment pools, newest first."""
    return list(
        session.scalars(
            sa.select(EndowmentPool)
            .where(EndowmentPool.authority_id == authority_id)
            .order_by(EndowmentPool.id.desc())
        )
    )


def shares_of(session: Session, pool_id: int) -> dict[int, int]:
    """Give a pool's shares, ``{level id: cents}``."""
    rows = session.execute(
        sa.select(PoolShare.level_id, PoolShare.amount_cents)
        .where(PoolShare.pool_id == pool_id)
        .order_by(PoolShare.level_id)
    )
    return {row.level_id: row.amount_cents for row in rows}


def share_levels(session: Session, pool_id: int) -> Sequence[tuple[ProgrammeLevel, int]]:
    """List the levels that a pool draws on with the cents of each, from the root."""
    rows = session.execute(
        sa.select(ProgrammeLevel, PoolShare.amount_cents)
        .join(PoolShare, PoolShare.level_id == ProgrammeLevel.id)
        .where(PoolShare.pool_id == pool_id)
        .order_by(DEPTH, ProgrammeLevel.id)
    )
    return [(row[0], row[1]) for row in rows]


def pool_balances(session: Session, pool_id: int) -> PoolBalances:
    """Give one pool's money; all zero before it is bound."""
    return pools_balances(session, [pool_id])[pool_id]


def pools_balances(session: Session, pool_ids: Iterable[int]) -> dict[int, PoolBalances]:
    """Give several pools' money by pool id, in one query."""
    wanted = sorted(set(pool_ids))
    accounts = ledger.balances_of_holders(session, [f"pool:{i}" for i in wanted])
    return {i: PoolBalances.of(accounts[f"pool:{i}"]) for i in wanted}


def pools_total(session: Session, pool_ids: Iterable[int]) -> PoolBalances:
    """Add several pools' money, in one grouped query."""
    return PoolBalances.of(ledger.totals(session, [f"pool:{i}" for i in pool_ids]))


def areas(session: Session, authority_id: int) -> list[Area]:
    """List an authority's areas by code (digits in their order)."""
    found = session.scalars(sa.select(Area).where(Area.authority_id == authority_id))
    return sorted(found, key=lambda a: (len(a.code), a.code) if a.code.isdigit() else (99, a.code))


def tree(session: Session, authority_id: int) -> list[LevelFigures]:
    """Give an authority's programmes with all below them and the money of each, in three queries.

    Amounts are cents; ``None`` where no figure is published. A level's reserved, committed,
    disbursed and recovered are those of the bound pools below it, by their shares.
    """
    by_id: dict[int, LevelFigures] = {}
    roots: list[LevelFigures] = []
    accounts = ledger.balances_of_book(session, f"authority:{authority_id}")
    for row in levels(session, authority_id):
        money = accounts.get(f"level:{row.id}", {})
        published = row.budget_cents is not None
        figures = LevelFigures(
            id=row.id,
            parent_id=row.parent_id,
            kind=row.kind,
            code=row.code,
            slug=row.slug,
            title_it=row.title_it,
            title_en=row.title_en,
            planned_cents=row.budget_cents,
            available_cents=money.get(LevelAccount.AVAILABLE.value, 0) if published else None,
            description_it=row.description_it,
            description_en=row.description_en,
            office=row.office,
            spent_cents=money.get(LevelAccount.SPENT.value, 0),
        )
        by_id[row.id] = figures
        siblings = roots if row.parent_id is None else by_id[row.parent_id].children
        siblings.append(figures)
    parent_of = {i: f.parent_id for i, f in by_id.items()}
    for pool_id, shares in _bound_shares(session, authority_id).items():
        pool = PoolBalances.of(accounts.get(f"pool:{pool_id}", {}))
        for name, cents in (
            ("reserved_cents", pool.reserved_cents),
            ("committed_cents", pool.committed_cents),
            ("disbursed_cents", pool.disbursed_cents),
            ("recovered_cents", pool.recovered_cents),
        ):
            _add(by_id, parent_of, name, rules.in_proportion(cents, shares))
        _add(by_id, parent_of, "allotted_cents", shares)
    return roots


def _add(
    by_id: dict[int, LevelFigures],
    parent_of: dict[int, int | None],
    name: str,
    parts: dict[int, int],
) -> None:
    for level_id, cents in rules.by_level(parts, parent_of, by_id).items():
        setattr(by_id[level_id], name, getattr(by_id[level_id], name) + cents)


def _bound_shares(session: Session, authority_id: int) -> dict[int, dict[int, int]]:
    rows = session.execute(
        sa.select(PoolShare.pool_id, PoolShare.level_id, PoolShare.amount_cents)
        .join(EndowmentPool, EndowmentPool.id == PoolShare.pool_id)
        .where(EndowmentPool.authority_id == authority_id, EndowmentPool.bound_at.is_not(None))
        .order_by(PoolShare.pool_id, PoolShare.level_id)
    )
    found: dict[int, dict[int, int]] = {}
    for row in rows:
        found.setdefault(row.pool_id, {})[row.level_id] = row.amount_cents
    return found


def bound_below(session: Session, authority_id: int) -> dict[int, int]:
    """Give what bound pools took from each level itself (not from those below), in cents."""
    sums: dict[int, int] = {}
    for shares in _bound_shares(session, authority_id).values():
        for level_id, cents in shares.items():
            sums[level_id] = sums.get(level_id, 0) + cents
    return sums


def spent_at(session: Session, authority_id: int) -> dict[int, int]:
    """Give what each level itself spent directly, in cents."""
    rows = session.execute(
        sa.select(DirectSpending.level_id, sa.func.sum(DirectSpending.amount_cents).label("cents"))
        .join(ProgrammeLevel, ProgrammeLevel.id == DirectSpending.level_id)
        .where(ProgrammeLevel.authority_id == authority_id)
        .group_by(DirectSpending.level_id)
        .order_by(DirectSpending.level_id)
    )
    return {row.level_id: int(row.cents) for row in rows}
