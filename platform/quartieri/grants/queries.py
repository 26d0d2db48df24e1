"""Reading grants and payments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from quartieri.calls.models import Call
from quartieri.grants.models import Disbursement, Grant
from quartieri.grants.rules import DisbursementState, GrantState
from quartieri.people.rules import Scope
from quartieri.proposals.models import Proposal

PAGE = 50
DEAD_PAYMENTS = (DisbursementState.REFUSED, DisbursementState.CANCELLED)

SORTS = {
    "title": Proposal.title,
    "call": Call.title_it,
    "state": Grant.state,
    "granted": Grant.granted_cents,
    "reserved": Grant.reserved_cents,
    "paid": Grant.paid_cents,
}


@dataclass(frozen=True, slots=True)
class GrantPage:
    """One page of grants."""

    grants: list[Grant]
    number: int
    pages: int
    total: int


def live_grant(session: Session, proposal_id: int) -> Grant | None:
    """Give a proposal's grant that was not released, or None."""
    return session.scalars(
        sa.select(Grant)
        .where(Grant.proposal_id == proposal_id, Grant.state != GrantState.RELEASED)
        .order_by(Grant.id.desc())
    ).first()


def grant_page(
    session: Session,
    *,
    scopes: list[Scope] | None,
    call_id: int | None = None,
    state: GrantState | None = None,
    sort: str = "",
    page: int = 1,
) -> GrantPage:
    """List the grants in ``scopes`` (None: all), 50 a page, the newest first or as sorted."""
    found = sa.select(Grant).join(Grant.proposal).join(Proposal.call)
    if scopes is not None:
        found = found.where(sa.or_(sa.false(), *(_in_scope(s) for s in scopes)))
    if call_id is not None:
        found = found.where(Proposal.call_id == call_id)
    if state is not None:
        found = found.where(Grant.state == state)
    total = session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    column = SORTS.get(sort.removeprefix("-"))
    if column is None:
        order: tuple[sa.ColumnElement[Any], ...] = (Grant.id.desc(),)
    else:
        order = (column.desc() if sort.startswith("-") else column.asc(), Grant.id.asc())
    rows = session.scalars(
        found.options(joinedload(Grant.proposal).joinedload(Proposal.call))
        .order_by(*order)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    return GrantPage(list(rows), page, max(-(-total // PAGE), 1), total)


def _in_scope(scope: Scope) -> sa.ColumnElement[bool]:
    if scope.call_id is not None:
        return Call.id == scope.call_id
    return Call.authority_id == scope.authority_id


def grants_of_call(session: Session, call_id: int) -> list[Grant]:
    """List a call's grants with their projects and payments, in the order they were reserved."""
    return list(
        session.scalars(
            sa.select(Grant)
            .join(Grant.proposal)
            .where(Proposal.call_id == call_id)
            .options(
                joinedload(Grant.proposal).joinedload(Proposal.organisation),
                joinedload(Grant.act),
                selectinload(Grant.disbursements),
            )
            .order_by(Grant.id)
        )
    )


def asked_cents(session: Session, grant_id: int) -> int:
    """Give what was requested of a grant and neither refused nor cancelled, in cents."""
    return (
        session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(Disbursement.amount_cents), 0)).where(
                Disbursement.grant_id == grant_id, Disbursement.state.not_in(DEAD_PAYMENTS)
            )
        )
        or 0
    )
