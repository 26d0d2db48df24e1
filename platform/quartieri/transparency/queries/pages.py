"""What all lists here share: pages from 1, a stated order, and the crowd's accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign

PAGE = 50
MOST_PAGES = 10_000

Column = sa.ColumnElement[Any]
Select = sa.Select[*tuple[Any, ...]]
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """One page of a list, counted from 1, and how many rows there are in all."""

    rows: list[Row]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.total // PAGE), 1)


def order_by(sorts: Mapping[str, Column], sort: str, key: Column) -> tuple[Column, ...]:
    """Give the order for ``sort`` ("-" before it: downwards); ``key`` settles what is equal."""
    column = sorts.get(sort.removeprefix("-"))
    if column is None:
        return (key,)
    turned = column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()
    return (turned, key)


def rows_of(
    session: Session, wanted: Select, order: tuple[Column, ...], page: int | None
) -> tuple[list[Any], int, int]:
    """Give a page's rows, its number and the total; ``page`` None gives all rows."""
    ordered = wanted.order_by(*order)
    if page is None:
        rows = list(session.execute(ordered))
        return rows, 1, len(rows)
    number = min(max(page, 1), MOST_PAGES)
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    rows = list(session.execute(ordered.offset((number - 1) * PAGE).limit(PAGE)))
    return rows, number, total


def campaign_holder() -> sa.ColumnElement[str]:
    """Give the ledger's name of a campaign ("campaign:12") as SQL."""
    return sa.literal("campaign:") + sa.cast(Campaign.id, sa.String)
