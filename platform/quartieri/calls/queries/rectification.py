"""Reading changes of published calls, and calls kept as templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.exchange import CallDocument
from quartieri.calls.gaps import Gap, PoolDraft, Share, Step, WindowDates
from quartieri.calls.models import Call, CallEdition, KeptTemplate, Rectification
from quartieri.calls.publication import missing_for_publication
from quartieri.calls.queries.exchange import document_of
from quartieri.calls.queries.single import city_of, pool_draft
from quartieri.calls.rectifying import (
    Change,
    Moment,
    Refusal,
    advice,
    changes,
    merged,
    refusals,
)
from quartieri.calls.rules import RectificationState
from quartieri.db import get
from quartieri.kit.labels import Lazy
from quartieri.people.rules import Scope
from quartieri.programmes import queries as programmes


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rectification would change, what keeps it from that, and what to think of."""

    before: CallDocument
    after: CallDocument
    changes: list[Change]
    refusals: list[Refusal]
    gaps: list[Gap]
    advice: list[Lazy]

    @property
    def ready(self) -> bool:
        """Tell whether an act can publish it."""
        blocked = self.refusals or any(g.blocking for g in self.gaps)
        return bool(self.changes) and not blocked


def rectification_by_id(session: Session, rectification_id: int) -> Rectification:
    """Give a rectification; raise NotFoundError."""
    return get(session, Rectification, rectification_id)


def rectification_of_draft(session: Session, call: Call) -> Rectification | None:
    """Give the rectification that a draft is the copy for, or None for a draft of its own."""
    return session.scalars(
        sa.select(Rectification).where(Rectification.draft_id == call.id)
    ).one_or_none()


def open_rectification(session: Session, call: Call) -> Rectification | None:
    """Give the rectification of a call that is being written, or None."""
    return session.scalars(
        sa.select(Rectification).where(
            Rectification.call_id == call.id, Rectification.state == RectificationState.DRAFT
        )
    ).one_or_none()


def rectifications(session: Session, call: Call) -> list[Rectification]:
    """List the published rectifications of a call with their editions and acts, newest first."""
    return list(
        session.scalars(
            sa.select(Rectification)
            .where(
                Rectification.call_id == call.id,
                Rectification.state == RectificationState.PUBLISHED,
            )
            .options(joinedload(Rectification.edition).joinedload(CallEdition.act))
            .order_by(Rectification.edition_id.desc())
        )
    )


def plan(session: Session, rectification: Rectification, *, now: datetime) -> Plan:
    """Give what a rectification would change at an instant, and what keeps it from that."""
    call, draft = rectification.call, rectification.draft
    present = document_of(session, call)
    wanted = merged(
        CallDocument.from_json(rectification.base), present, document_of(session, draft)
    )
    compared = present
    if wanted.design.sections:  # the standard form, written out to be changed, is no change
        compared = replace(present, design=present.design.with_sections())
    before, after = compared.to_json(), wanted.to_json()
    moment = moment_of(session, call, now=now)
    return Plan(
        present,
        wanted,
        changes(before, after),
        refusals(before, after, moment),
        _gaps(session, call, draft),
        advice(before, after, moment),
    )


def moment_of(session: Session, call: Call, *, now: datetime) -> Moment:
    """Give where a call stands: its sessions, and what its grants hold in cents."""
    held = 0
    if call.pool_id:
        money = programmes.pool_balances(session, call.pool_id)
        held = money.reserved_cents + money.committed_cents + money.disbursed_cents
    return Moment(now, tuple(w.state_at(now) for w in call.windows), held)


def _gaps(session: Session, call: Call, draft: Call) -> list[Gap]:
    """List what the changed call would lack.

    Its sessions may be past, since they were published; whether the programme covers the endowment
    is the ledger's to say, which holds what is bound already.
    """
    windows = [
        WindowDates(w.number, w.opens_at, w.closes_at, w.endowment_cents) for w in draft.windows
    ]
    planned = pool_draft(session, draft)
    pool = PoolDraft(
        planned.endowment_cents, tuple(Share(s.level, s.cents) for s in planned.shares)
    )
    opened = min((w.opens_at for w in draft.windows), default=draft.created_at)
    city = city_of(session, call.authority_id)
    found = missing_for_publication(draft.design, windows, pool, opened, city)
    return [g for g in found if g.blocking or g.where is not Step.WINDOWS]


# -- templates ---------------------------------------------------------------------------------


def kept_templates(session: Session, scopes: Sequence[Scope] | None) -> list[KeptTemplate]:
    """List the templates that authorities keep, by name; ``scopes`` None: of all."""
    query = sa.select(KeptTemplate).options(joinedload(KeptTemplate.authority))
    if scopes is not None:
        mine = [s.authority_id for s in scopes if s.call_id is None]
        query = query.where(KeptTemplate.authority_id.in_(mine))
    return list(session.scalars(query.order_by(KeptTemplate.name, KeptTemplate.id)))


def kept_template(session: Session, template_id: int) -> KeptTemplate:
    """Give a template that an authority keeps; raise NotFoundError."""
    return get(session, KeptTemplate, template_id)
