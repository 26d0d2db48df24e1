"""Reading grants and payments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.calls.models import Call, Window
from quartieri.calls.queries.sessions import window_endowment
from quartieri.grants.models import Disbursement, Grant, MatchRound
from quartieri.grants.rules import (
    DEAD_PAYMENTS,
    DISBURSEMENT,
    GRANT,
    DisbursementKind,
    DisbursementState,
    GrantState,
)
from quartieri.kit.labels import in_language
from quartieri.ledger import queries as ledger
from quartieri.ledger.rules import GrantAccount
from quartieri.people.models import Organisation
from quartieri.people.rules import Scope
from quartieri.proposals.models import Proposal

PAGE = 50
MOST_PAGES = 10_000

Column = sa.ColumnElement[Any]
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant in a list; sums in cents. ``proposed``: its act may be signed."""

    id: int
    title: str
    organisation: str
    call_it: str
    call_en: str
    state: GrantState
    proposed: bool
    reserved_cents: int
    granted_cents: int
    paid_cents: int

    def call(self, language: str) -> str:
        """Give the call's title in a language, or in the other one."""
        return in_language({"it": self.call_it, "en": self.call_en}, language)


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment in a list; the amount in cents."""

    id: int
    grant_id: int
    title: str
    recipient: str
    kind: DisbursementKind
    state: DisbursementState
    amount_cents: int
    requested_at: datetime
    paid_at: datetime | None


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


GRANT_SORTS: Mapping[str, Column] = {
    "title": sa.func.lower(Proposal.title),
    "call": sa.func.lower(Call.title_it),
    "state": sa.cast(Grant.state, sa.String),
    "reserved": Grant.reserved_cents.expression,
    "granted": Grant.granted_cents.expression,
    "paid": Grant.paid_cents.expression,
}
PAYMENT_SORTS: Mapping[str, Column] = {
    "title": sa.func.lower(Proposal.title),
    "state": sa.cast(Disbursement.state, sa.String),
    "amount": Disbursement.amount_cents.expression,
    "requested": Disbursement.requested_at.expression,
    "paid": Disbursement.paid_at.expression,
}


def live_grant(session: Session, proposal_id: int) -> Grant | None:
    """Give a proposal's grant that was not released, or None."""
    return session.scalars(
        sa.select(Grant)
        .where(Grant.proposal_id == proposal_id, Grant.state != GrantState.RELEASED)
        .order_by(Grant.id.desc())
    ).first()


def matched_cents(session: Session, grant_id: int) -> int:
    """Give the sum of a grant's live matches, in cents, from their own entries in the book."""
    return ledger.balance(session, f"grant:{grant_id}:{GrantAccount.MATCHED.value}")


_HELD = sa.case(
    (Grant.state == GrantState.RESERVED, Grant.reserved_cents), else_=Grant.granted_cents
)
"""What a grant that was not released holds of its pool, in cents."""


def room_within(session: Session, grant: Grant, available_cents: int) -> int:
    """Give by how much a grant may grow when its pool has so much available, in cents.

    The own money of its session, of its list and of its quota may leave less. Up to five queries,
    none where the call sets nothing apart.
    """
    room, window = available_cents, grant.proposal.window
    if window is None or room <= 0:
        return max(room, 0)
    if window.endowment_cents is not None:
        held = held_by_window(session, window.call_id)
        limit = window_endowment(session, window, held)
        room = room if limit is None else min(room, limit - held.get(window.id, 0))
    evaluation = grant.proposal.edition.design.evaluation
    for division, code, column in (
        (evaluation.lists, grant.list_code, Grant.list_code),
        (evaluation.quotas, grant.quota_code, Grant.quota_code),
    ):
        own = next((one.endowment_cents for one in division.parts if one.code == code), None)
        if own is not None:
            room = min(room, own - _held_by(session, window.id, column == code))
    return max(room, 0)


def _held_by(session: Session, window_id: int, part: sa.ColumnElement[bool]) -> int:
    found = (
        sa.select(sa.func.sum(_HELD))
        .join(Proposal, Proposal.id == Grant.proposal_id)
        .where(Proposal.window_id == window_id, part, Grant.state != GrantState.RELEASED)
    )
    return int(session.scalar(found) or 0)


def held_by_window(session: Session, call_id: int) -> dict[int, int]:
    """Give what a call's sessions hold, in cents by window: grants and open rounds.

    Two queries.
    """
    rows = session.execute(
        sa.select(Proposal.window_id, sa.func.sum(_HELD))
        .join(Proposal, Proposal.id == Grant.proposal_id)
        .where(Proposal.call_id == call_id, Grant.state != GrantState.RELEASED)
        .group_by(Proposal.window_id)
        .order_by(Proposal.window_id)
    )
    held = {window_id: int(cents or 0) for window_id, cents in rows if window_id is not None}
    rounds = session.execute(
        sa.select(MatchRound.window_id, MatchRound.reserved_cents)
        .join(Window, Window.id == MatchRound.window_id)
        .where(Window.call_id == call_id, MatchRound.closed_at.is_(None))
        .order_by(MatchRound.window_id)
    )
    for window_id, cents in rounds:
        held[window_id] = held.get(window_id, 0) + cents
    return held


def round_of(session: Session, window_id: int | None) -> MatchRound | None:
    """Give the quadratic round of a session, open or closed, or None."""
    return session.scalars(
        sa.select(MatchRound).where(MatchRound.window_id == window_id)
    ).one_or_none()


def is_shared_out(session: Session, window_id: int | None) -> bool:
    """Tell whether a session's quadratic round is closed: its matches are final."""
    row = round_of(session, window_id)
    return row is not None and row.closed_at is not None


def asked_cents(session: Session, grant_id: int) -> int:
    """Give what was requested of a grant and neither refused nor cancelled, in cents."""
    asked = session.scalar(
        sa.select(sa.func.sum(Disbursement.amount_cents)).where(
            Disbursement.grant_id == grant_id, Disbursement.state.not_in(DEAD_PAYMENTS)
        )
    )
    return int(asked or 0)


def grant_history(session: Session, grant: Grant) -> list[AuditEntry]:
    """List what happened to a grant, to its payments, and its act's publication; oldest first."""
    payments = sa.select(Disbursement.id).where(Disbursement.grant_id == grant.id)
    kind, subject = AuditEntry.subject_kind, AuditEntry.subject_id
    return list(
        session.scalars(
            sa.select(AuditEntry)
            .where(
                sa.or_(
                    sa.and_(kind == GRANT.name, subject == grant.id),
                    sa.and_(kind == DISBURSEMENT.name, subject.in_(payments)),
                    sa.and_(kind == "act", subject == grant.act_id, AuditEntry.verb == "publish"),
                )
            )
            .order_by(AuditEntry.id)
        )
    )


def grant_page(
    session: Session,
    *,
    scopes: list[Scope] | None,
    call_id: int | None = None,
    state: GrantState | None = None,
    text: str = "",
    sort: str = "",
    page: int = 1,
) -> Found[GrantRow]:
    """List the grants in ``scopes`` (None: all), 50 a page, the newest first or as sorted.

    Two queries. ``sort`` is a key of GRANT_SORTS, with "-" before it downwards.
    """
    where = [*_in_scopes(scopes), *_about(text)]
    if call_id is not None:
        where.append(Proposal.call_id == call_id)
    if state is not None:
        where.append(Grant.state == state)
    wanted = (
        sa.select(
            Grant.id,
            Proposal.title,
            Organisation.name,
            Call.title_it,
            Call.title_en,
            Grant.state,
            Grant.proposed_at.is_not(None),
            Grant.reserved_cents,
            Grant.granted_cents,
            Grant.paid_cents,
        )
        .join(Proposal, Proposal.id == Grant.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .where(*where)
    )
    order = _order(GRANT_SORTS, sort, Grant.id.expression)
    rows, number, total = _page(session, wanted, order, page)
    return Found([GrantRow(*row) for row in rows], number, total)


def payment_page(
    session: Session,
    *,
    scopes: list[Scope] | None,
    states: frozenset[DisbursementState] | None = None,
    text: str = "",
    sort: str = "",
    page: int = 1,
) -> Found[PaymentRow]:
    """List the payments in ``scopes`` (None: all), 50 a page, the newest first or as sorted.

    Two queries. ``sort`` is a key of PAYMENT_SORTS, with "-" before it downwards.
    """
    where = [*_in_scopes(scopes), *_about(text)]
    if states is not None:
        where.append(Disbursement.state.in_(sorted(states)))
    wanted = (
        sa.select(
            Disbursement.id,
            Disbursement.grant_id,
            Proposal.title,
            Grant.recipient_name,
            Disbursement.kind,
            Disbursement.state,
            Disbursement.amount_cents,
            Disbursement.requested_at,
            Disbursement.paid_at,
        )
        .join(Grant, Grant.id == Disbursement.grant_id)
        .join(Proposal, Proposal.id == Grant.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(*where)
    )
    order = _order(PAYMENT_SORTS, sort, Disbursement.id.expression)
    rows, number, total = _page(session, wanted, order, page)
    return Found([PaymentRow(*row) for row in rows], number, total)


def _in_scopes(scopes: list[Scope] | None) -> list[sa.ColumnElement[bool]]:
    if scopes is None:
        return []
    calls = [s.call_id for s in scopes if s.call_id is not None]
    authorities = [s.authority_id for s in scopes if s.call_id is None]
    return [sa.or_(Call.id.in_(calls), Call.authority_id.in_(authorities))]


def _about(text: str) -> list[sa.ColumnElement[bool]]:
    words = text.strip()
    return [Proposal.title.icontains(words, autoescape=True)] if words else []


def _order(sorts: Mapping[str, Column], sort: str, key: Column) -> tuple[Column, ...]:
    column = sorts.get(sort.removeprefix("-"))
    if column is None:
        return (key.desc(),)
    return (column.desc() if sort.startswith("-") else column.asc(), key.desc())


def _page(
    session: Session, wanted: sa.Select[*tuple[Any, ...]], order: tuple[Column, ...], page: int
) -> tuple[list[Any], int, int]:
    number = min(max(page, 1), MOST_PAGES)
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    rows = session.execute(wanted.order_by(*order).offset((number - 1) * PAGE).limit(PAGE))
    return list(rows), number, total
