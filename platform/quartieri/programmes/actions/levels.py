"""The tree's levels and their budgets, direct spending, areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.ledger import actions as ledger
from quartieri.ledger import queries as ledger_queries
from quartieri.ledger.rules import (
    Account,
    LevelAccount,
    PostingKind,
    Transfer,
    level_account,
)
from quartieri.programmes import queries, rules
from quartieri.programmes.models import Area, DirectSpending, ProgrammeLevel
from quartieri.programmes.rules import AreaKind, LevelKind, LevelShortError

EDITABLE = (
    "title_it",
    "title_en",
    "description_it",
    "description_en",
    "office",
    "starts_on",
    "ends_on",
)


def create_level(
    session: Session,
    *,
    authority_id: int,
    kind: LevelKind,
    code: str,
    slug: str,
    title_it: str,
    actor: Actor,
    at: datetime,
    parent: ProgrammeLevel | None = None,
    title_en: str = "",
    description_it: str = "",
    description_en: str = "",
    office: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> ProgrammeLevel:
    """Add a level below ``parent``, without a figure; raise InvalidError for a wrong parent."""
    _check_parent(kind, parent, authority_id)
    level = ProgrammeLevel(
        authority_id=authority_id,
        kind=kind,
        parent_id=parent.id if parent else None,
        parent_kind=parent.kind.value if parent else None,
        code=code,
        slug=slug,
        title_it=title_it,
        title_en=title_en,
        description_it=description_it,
        description_en=description_en,
        office=office,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    session.add(level)
    session.flush()
    record(
        session,
        "create",
        "programme_level",
        level.id,
        actor=actor,
        at=at,
        after={"kind": kind.value, "code": code, "title": title_it},
    )
    return level


def _check_parent(kind: LevelKind, parent: ProgrammeLevel | None, authority_id: int) -> None:
    if kind is LevelKind.PROGRAMME:
        if parent is not None:
            raise InvalidError(lazy("A programme stands at the root."), field="parent")
        return
    if parent is None or parent.authority_id != authority_id or parent.kind.depth >= kind.depth:
        raise InvalidError(
            lazy("This level belongs below a higher one of the same authority."), field="parent"
        )


def edit_level(
    session: Session,
    level: ProgrammeLevel,
    changes: Mapping[str, str | date | None],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Change a level's texts, office and years; its budget changes only by act."""
    before: dict[str, str | None] = {}
    after: dict[str, str | None] = {}
    for name in EDITABLE:
        if name not in changes or getattr(level, name) == changes[name]:
            continue
        before[name] = _text(getattr(level, name))
        after[name] = _text(changes[name])
        setattr(level, name, changes[name])
    if level.starts_on and level.ends_on and level.ends_on < level.starts_on:
        raise InvalidError(lazy("The end lies before the start."), field="ends_on")
    if after:
        session.flush()
        record(
            session,
            "edit",
            "programme_level",
            level.id,
            actor=actor,
            at=at,
            before=before,
            after=after,
        )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def set_budget(
    session: Session,
    level: ProgrammeLevel,
    cents: int,
    *,
    act_id: int | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Publish, raise or lower a level's budget by act.

    The first figure takes up what calls below have already bound and what was spent directly.
    Raises LevelShortError when the figure is below what is allotted and spent.
    """
    if cents < 0:
        raise InvalidError(lazy("The amount must not be negative."), field="budget")
    level = lock_levels(session, [level.id])[0]
    before = level.budget_cents
    change = cents - (before or 0)
    entries = _moves(level, LevelAccount.OPENING, LevelAccount.AVAILABLE, change)
    if before is None:
        entries += _taken_so_far(session, level)
    taken = sum(
        t.amount.cents
        for t in entries
        if t.source.kind == "available" and t.target.kind != "opening"
    )
    available = 0
    if before is not None:
        code = _account(level, LevelAccount.AVAILABLE).code
        available = ledger_queries.balance(session, code)
    missing = taken - available - change
    if missing > 0:
        raise LevelShortError(level.id, level.title_it, Money(missing))
    level.budget_cents = cents
    level.revision += 1
    session.flush()
    if entries:
        ledger.post(
            session,
            key=f"level:{level.id}:budget:{level.revision}",
            kind=PostingKind.BUDGET_SET,
            entries=entries,
            at=at,
            public={"level": level.id, "act": act_id},
            private={"actor": actor.user_id},
        )
    record(
        session,
        "set_budget",
        "programme_level",
        level.id,
        actor=actor,
        at=at,
        before={"budget_cents": before},
        after={"budget_cents": cents, "act": act_id},
    )


def _taken_so_far(session: Session, level: ProgrammeLevel) -> list[Transfer]:
    parents = queries.parents(session, level.authority_id)
    allotted = rules.by_level(
        queries.bound_below(session, level.authority_id), parents, [level.id]
    ).get(level.id, 0)
    spent = rules.by_level(queries.spent_at(session, level.authority_id), parents, [level.id]).get(
        level.id, 0
    )
    return [
        *_moves(level, LevelAccount.AVAILABLE, LevelAccount.ALLOTTED, allotted),
        *_moves(level, LevelAccount.AVAILABLE, LevelAccount.SPENT, spent),
    ]


def spend_directly(
    session: Session,
    level: ProgrammeLevel,
    cents: int,
    *,
    about: str,
    act_id: int | None,
    actor: Actor,
    at: datetime,
) -> DirectSpending:
    """Book money that a level spends without a call, at it and at every level above with a figure.

    Raises LevelShortError, which names the nearest level that lacks money.
    """
    if cents <= 0:
        raise InvalidError(lazy("The amount must be more than zero."), field="amount")
    spending = DirectSpending(
        level_id=level.id, amount_cents=cents, act_id=act_id, about=about, at=at
    )
    entries = tree_moves(session, level.authority_id, {level.id: cents}, LevelAccount.SPENT)
    session.add(spending)
    session.flush()
    if entries:
        ledger.post(
            session,
            key=f"spending:{spending.id}",
            kind=PostingKind.BUDGET_SPENT,
            entries=entries,
            at=at,
            public={"level": level.id, "act": act_id, "about": about},
            private={"actor": actor.user_id},
        )
    record(
        session,
        "spend_directly",
        "programme_level",
        level.id,
        actor=actor,
        at=at,
        after={"amount_cents": cents, "about": about, "act": act_id},
    )
    return spending


def create_area(
    session: Session,
    *,
    authority_id: int,
    code: str,
    name_it: str,
    actor: Actor,
    at: datetime,
    name_en: str = "",
    kind: AreaKind = AreaKind.OTHER,
) -> Area:
    """Add an area of an authority."""
    area = Area(authority_id=authority_id, code=code, name_it=name_it, name_en=name_en, kind=kind)
    session.add(area)
    session.flush()
    record(session, "create", "area", area.id, actor=actor, at=at, after={"code": code})
    return area


# -- the tree's accounts -----------------------------------------------------------------------


def lock_levels(session: Session, level_ids: Iterable[int]) -> list[ProgrammeLevel]:
    """Lock levels from the root, first of all rows in the lock order, and give them fresh."""
    return list(
        session.scalars(
            sa.select(ProgrammeLevel)
            .where(ProgrammeLevel.id.in_(sorted(set(level_ids))))
            .order_by(queries.DEPTH, ProgrammeLevel.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def tree_moves(
    session: Session, authority_id: int, shares: Mapping[int, int], target: LevelAccount
) -> list[Transfer]:
    """Lock every level at or above ``shares`` and give the transfers of those with a figure.

    ``shares`` is ``{level id: cents}``, negative to give back: available → ``target`` or back.
    Raises LevelShortError for the nearest level whose available money does not cover it.
    """
    parents = queries.parents(session, authority_id)
    above = {i for level_id in shares for i in rules.ancestry(level_id, parents)}
    levels = {level.id: level for level in lock_levels(session, above)}
    with_figure = [i for i, level in levels.items() if level.budget_cents is not None]
    sums = rules.by_level(shares, parents, with_figure)
    codes = {i: _account(levels[i], LevelAccount.AVAILABLE).code for i in sums}
    available = ledger_queries.balances(session, codes.values())
    nearest_first = [i for level_id in sorted(shares) for i in rules.ancestry(level_id, parents)]
    for i in nearest_first:
        if i in sums and available[codes[i]] < sums[i]:
            missing = Money(sums[i] - available[codes[i]])
            raise LevelShortError(i, levels[i].title_it, missing)
    return [
        transfer
        for i in levels
        if i in sums
        for transfer in _moves(levels[i], LevelAccount.AVAILABLE, target, sums[i])
    ]


def _account(level: ProgrammeLevel, name: LevelAccount) -> Account:
    return level_account(level.id, name, authority_id=level.authority_id)


def _moves(
    level: ProgrammeLevel, source: LevelAccount, target: LevelAccount, cents: int
) -> list[Transfer]:
    if cents == 0:
        return []
    if cents < 0:
        source, target, cents = target, source, -cents
    return [Transfer(_account(level, source), _account(level, target), Money(cents))]
