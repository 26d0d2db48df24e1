"""Whose audit entries an official may read: those about what belongs to the own authority or call.

Every table leads to its call or its authority by its keys; an entry about a thing that leads to
neither is read by those alone who hold their role for the whole installation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from quartieri.audit.models import AuditEntry
from quartieri.calls.models import Call
from quartieri.db import Base
from quartieri.people.models import RoleGrant
from quartieri.people.rules import Scope
from quartieri.proposals.models import Proposal

TABLES = {"window": "call_window"}
"""The table of a kind of subject, where it has another name."""

UPWARDS = (
    "call_id",
    "proposal_id",
    "window_id",
    "grant_id",
    "campaign_id",
    "assignment_id",
    "meeting_id",
    "authority_id",
)
"""The keys that lead from a row to its call or its authority, the nearest first."""

Ids = sa.Select[int]


Column = sa.ColumnElement[Any] | InstrumentedAttribute[Any]


def about_calls(scopes: Sequence[Scope], kind: Column, subject: Column) -> sa.ColumnElement[bool]:
    """Give the condition that keeps the rows about calls, and what hangs on them, in ``scopes``."""
    parts: list[sa.ColumnElement[bool]] = [sa.false()]
    for name in _kinds():
        ids = _ids(TABLES.get(name, name), scopes)
        if ids is not None:
            parts.append(sa.and_(kind == name, subject.in_(ids)))
    return sa.or_(*parts)


def within(scopes: Sequence[Scope]) -> sa.ColumnElement[bool]:
    """Give the condition that keeps the entries about things within ``scopes``."""
    kind, subject = AuditEntry.subject_kind, AuditEntry.subject_id
    officials = _officials(scopes)
    applicants = sa.select(Proposal.organisation_id).where(Proposal.call_id.in_(_calls(scopes)))
    return sa.or_(
        about_calls(scopes, kind, subject),
        sa.and_(kind == "authority", subject.in_(_authorities(scopes))),
        sa.and_(kind == "user", subject.in_(officials)),
        sa.and_(kind == "organisation", subject.in_(applicants)),
        sa.and_(kind == "page", AuditEntry.actor_id.in_(officials)),
    )


def _kinds() -> list[str]:
    aliases = {table: kind for kind, table in TABLES.items()}
    return sorted(aliases.get(name, name) for name in Base.metadata.tables)


def _calls(scopes: Sequence[Scope]) -> Ids:
    return sa.select(Call.id).where(sa.or_(sa.false(), *(_inside(s) for s in scopes)))


def _inside(scope: Scope) -> sa.ColumnElement[bool]:
    if scope.call_id is not None:
        return Call.id == scope.call_id
    return Call.authority_id == scope.authority_id


def _authorities(scopes: Sequence[Scope]) -> list[int]:
    return [s.authority_id for s in scopes if s.call_id is None and s.authority_id is not None]


def _officials(scopes: Sequence[Scope]) -> Ids:
    held: list[sa.ColumnElement[bool]] = [RoleGrant.authority_id.in_(_authorities(scopes))]
    held += [RoleGrant.call_id == s.call_id for s in scopes if s.call_id is not None]
    return sa.select(RoleGrant.user_id).where(sa.or_(*held))


def _ids(name: str, scopes: Sequence[Scope]) -> Ids | None:
    """Give the ids of a table's rows within ``scopes``, or None where no key leads there."""
    table = Base.metadata.tables.get(name)
    if table is None or name in {"authority", "user_account", "role_grant", "organisation"}:
        return None
    if name == "call":
        return _calls(scopes)
    found = sa.select(table.c.id) if "id" in table.c else None
    key = next((k for k in UPWARDS if k in table.c), None)
    if found is None or key is None:
        return None
    if key == "authority_id":
        return found.where(table.c.authority_id.in_(_authorities(scopes)))
    target = next(iter(table.c[key].foreign_keys)).column.table.name
    above = _ids(target, scopes)
    return None if above is None else found.where(table.c[key].in_(above))
