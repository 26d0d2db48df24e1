"""The money of the whole site: trees, calls, totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.models import Call
from quartieri.calls.rules import PUBLIC_CALL_STATES, CallState
from quartieri.campaigns.models import Campaign
from quartieri.kit.labels import in_language
from quartieri.ledger.models import LedgerAccount
from quartieri.people.models import Authority
from quartieri.people.queries import authorities
from quartieri.programmes import queries as programmes
from quartieri.programmes.models import EndowmentPool
from quartieri.programmes.rules import LevelFigures, LevelKind, PoolBalances
from quartieri.proposals.models import Proposal
from quartieri.transparency.queries.pages import (
    Column,
    Found,
    campaign_holder,
    order_by,
    rows_of,
)
from quartieri.transparency.rules import CrowdMoney, topmost, walk

SITE_CALL_SORTS: Mapping[str, Column] = {
    "title": sa.func.lower(Call.title_it),
    "state": sa.cast(Call.state, sa.String),
    "endowment": EndowmentPool.endowment_cents.expression,
}


@dataclass(frozen=True, slots=True)
class SiteCall:
    """A call of the site with its money."""

    slug: str
    title_it: str
    title_en: str
    authority: str
    state: CallState
    invented: bool
    balances: PoolBalances
    crowd: CrowdMoney

    def title(self, language: str) -> str:
        """Give the title in a language, or in the other one."""
        return in_language({"it": self.title_it, "en": self.title_en}, language)


@dataclass(frozen=True, slots=True)
class Tree:
    """An authority's programmes, flat, parents first, each with its depth."""

    authority: Authority
    levels: list[tuple[int, LevelFigures]]

    @property
    def counted(self) -> list[tuple[LevelKind, int]]:
        """How many levels of each kind there are, from the root; kinds without any left out."""
        found = Counter(level.kind for _depth, level in self.levels)
        return [(kind, found[kind]) for kind in LevelKind if found[kind]]

    @property
    def shown(self) -> list[tuple[int, LevelFigures, int]]:
        """The levels as a table shows them: those of which nothing is known are one row, counted.

        A row's number is how many it stands for; 0: for the level itself.
        """
        rows: list[tuple[int, LevelFigures, int]] = []
        for depth, level in self.levels:
            last = rows[-1] if rows else None
            if not level.unknown:
                rows.append((depth, level, 0))
            elif last and last[2] and (last[0], last[1].kind) == (depth, level.kind):
                rows[-1] = (depth, last[1], last[2] + 1)
            else:
                rows.append((depth, level, 1))
        return rows


@dataclass(frozen=True, slots=True)
class SiteMoney:
    """Trees and totals in cents. Past editions stand outside of all of it.

    ``planned``, ``unallotted`` and ``spent`` add the topmost levels with a published figure;
    ``calls`` adds the pools of all published calls, ``crowd`` all their campaigns.
    """

    trees: list[Tree]
    planned_cents: int
    unallotted_cents: int
    spent_cents: int
    calls: PoolBalances
    crowd: CrowdMoney

    @property
    def allotted_cents(self) -> int:
        """What levels with a figure have given to calls."""
        return self.planned_cents - self.unallotted_cents - self.spent_cents


def site_money(session: Session) -> SiteMoney:
    """Give trees and totals: three queries for each authority, and five."""
    trees: list[Tree] = []
    heads: list[LevelFigures] = []
    for authority in authorities(session):
        tree = programmes.tree(session, authority.id)
        if tree:
            trees.append(Tree(authority, list(walk(tree))))
            heads += topmost(tree)
    pools = session.scalars(
        sa.select(Call.pool_id)
        .where(Call.pool_id.is_not(None), *_counted())
        .distinct()
        .order_by(Call.pool_id)
    )
    return SiteMoney(
        trees=trees,
        planned_cents=sum(level.planned_cents or 0 for level in heads),
        unallotted_cents=sum(level.available_cents or 0 for level in heads),
        spent_cents=sum(level.spent_cents for level in heads),
        calls=programmes.pools_total(session, [i for i in pools if i is not None]),
        crowd=_crowd(session, None).get(None, CrowdMoney()),
    )


def site_calls(session: Session, *, sort: str = "", page: int | None = 1) -> Found[SiteCall]:
    """List the published calls that give money, newest first or as sorted; ``page`` None: all.

    Five queries.
    """
    wanted = (
        sa.select(
            Call.id,
            Call.slug,
            Call.title_it,
            Call.title_en,
            Authority.name,
            Call.state,
            Call.invented,
            Call.pool_id,
        )
        .join(Authority, Authority.id == Call.authority_id)
        .join(EndowmentPool, EndowmentPool.id == Call.pool_id)
        .where(EndowmentPool.bound_at.is_not(None), *_counted())
    )
    rows, number, total = rows_of(
        session, wanted, order_by(SITE_CALL_SORTS, sort, Call.id.desc()), page
    )
    pools = programmes.pools_balances(session, [r.pool_id for r in rows if r.pool_id])
    crowds = _crowd(session, [r.id for r in rows])
    found = [
        SiteCall(
            row.slug,
            row.title_it,
            row.title_en,
            row.name,
            row.state,
            row.invented,
            pools.get(row.pool_id, PoolBalances()),
            crowds.get(row.id, CrowdMoney()),
        )
        for row in rows
    ]
    return Found(found, number, total)


def _counted() -> tuple[sa.ColumnElement[bool], ...]:
    return (Call.state.in_(PUBLIC_CALL_STATES), sa.not_(Call.historical))


def _crowd(session: Session, call_ids: Iterable[int] | None) -> dict[int | None, CrowdMoney]:
    """Give crowd money by call, or (None) of all calls together under None."""
    every = call_ids is None
    where = [*_counted()] if call_ids is None else [Call.id.in_(list(call_ids))]
    key = sa.null().label("call_id") if every else Call.id.label("call_id")
    groups = [] if every else [Call.id]
    base = (
        sa.select(key)
        .select_from(Campaign)
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(*where)
    )
    promised = session.execute(
        base.add_columns(sa.func.sum(Campaign.promised_cents).label("cents")).group_by(*groups)
    )
    found = {row.call_id: int(row.cents or 0) for row in promised}
    sums = session.execute(
        base.add_columns(
            LedgerAccount.kind, sa.func.sum(LedgerAccount.balance_cents).label("cents")
        )
        .join(LedgerAccount, LedgerAccount.holder == campaign_holder())
        .group_by(*groups, LedgerAccount.kind)
    )
    accounts: dict[int | None, dict[str, int]] = {}
    for row in sums:
        accounts.setdefault(row.call_id, {})[row.kind] = int(row.cents)
    return {i: CrowdMoney.of(accounts.get(i, {}), cents) for i, cents in found.items()}
