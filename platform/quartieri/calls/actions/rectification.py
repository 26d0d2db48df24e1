"""Changing a published call by act: on a copy, then as the next edition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.models import Act
from quartieri.acts.rules import ActKind
from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.calls.actions.drafting import discard, need_manager, write_design
from quartieri.calls.actions.exchange import import_document
from quartieri.calls.actions.followers import News, tell
from quartieri.calls.actions.publishing import by_act, freeze
from quartieri.calls.exchange import CallDocument
from quartieri.calls.gaps import NotReadyError
from quartieri.calls.models import Call, CallEdition, CallFile, Rectification, Window
from quartieri.calls.queries.exchange import document_of, level_codes
from quartieri.calls.queries.rectification import open_rectification, plan
from quartieri.calls.rectifying import RefusedChangesError
from quartieri.calls.rules import RECTIFICATION, CallFileKind, CallState
from quartieri.db import lock
from quartieri.jobs.actions import enqueue
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.programmes import actions as programmes
from quartieri.programmes.models import EndowmentPool


def begin_rectification(
    session: Session, call: Call, *, actor: Actor, at: datetime
) -> Rectification:
    """Copy a published call into a draft on which its change is written.

    One at a time: the one that is being written is given again. Raises IllegalMoveError for a call
    that does not run, NotYoursError.
    """
    need_manager(actor)
    call = lock(session, Call, call.id)
    if call.state is not CallState.PUBLISHED or call.historical:
        raise IllegalMoveError(lazy("Only a call that runs can be rectified."))
    found = open_rectification(session, call)
    if found is not None:
        return found
    document = document_of(session, call)
    draft = import_document(
        session,
        call.authority,
        document,
        actor=actor,
        at=at,
        source=f"rectification of call:{call.id}",
    )
    draft.invented = call.invented
    rectification = Rectification(
        call_id=call.id,
        draft_id=draft.id,
        base=document.to_json(),
        created_by=actor.user_id,
        created_at=at,
    )
    session.add(rectification)
    session.flush()
    record(
        session,
        "begin_rectification",
        "call",
        call.id,
        actor=actor,
        at=at,
        after={"rectification": rectification.id},
    )
    return rectification


def publish_rectification(
    session: Session,
    rectification: Rectification,
    act: ActData,
    *,
    reason: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> CallEdition:
    """Change a published call by act: the next edition, with what changed and why.

    Applications keep the edition that they were submitted for; drafts are carried over by a job of
    who owns them, and whoever follows or applied is told. Raises InvalidError without a change or a
    reason in both languages, RefusedChangesError for what may change no more, NotReadyError for
    what the changed call would lack, InsufficientFundsError when money is short.
    """
    need_manager(actor)
    call = lock(session, Call, rectification.call_id)
    if call.state is not CallState.PUBLISHED:
        raise IllegalMoveError(lazy("Only a call that runs can be rectified."))
    RECTIFICATION.find("publish", rectification.state)
    if not all(reason.get(language, "").strip() for language in ("it", "en")):
        raise InvalidError(lazy("State why, in both languages."), field="reason_it")
    found = plan(session, rectification, now=at)
    if not found.changes:
        raise InvalidError(lazy("Nothing has changed: there is nothing to publish."))
    if found.refusals:
        raise RefusedChangesError(found.refusals)
    blocking = [g for g in found.gaps if g.blocking]
    if blocking:
        raise NotReadyError(blocking)
    done = by_act(session, call, ActKind.RECTIFICATION, "rectify", act, actor=actor, at=at)
    _change_money(session, call, found.before, found.after, done, actor=actor, at=at)
    _change_windows(session, call, found.after)
    _add_files(session, call, rectification.draft)
    write_design(call, found.after.design)
    call.version += 1
    edition = freeze(session, call, done, at=at)
    rectification.changes = [c.as_json() for c in found.changes]
    rectification.reason_it, rectification.reason_en = reason["it"].strip(), reason["en"].strip()
    rectification.edition = edition
    move(
        session,
        rectification,
        RECTIFICATION,
        "publish",
        actor=actor,
        at=at,
        act=done.id,
        edition=edition.number,
    )
    record(
        session,
        "rectify",
        "call",
        call.id,
        actor=actor,
        at=at,
        before={c.place: c.before for c in found.changes},
        after={c.place: c.after for c in found.changes},
        reason=rectification.reason_it,
    )
    discard(session, rectification.draft, actor=actor, at=at)
    tell(
        session,
        call,
        News.RECTIFIED,
        occasion=f"edition:{edition.id}",
        at=at,
        about_it=rectification.reason_it,
        about_en=rectification.reason_en,
    )
    enqueue(
        session,
        "calls.rectified",
        {"edition_id": edition.id},
        run_at=at,
        key=f"calls.rectified:{edition.id}",
    )
    return edition


def discard_rectification(
    session: Session, rectification: Rectification, *, actor: Actor, at: datetime
) -> None:
    """Put a rectification that is being written away, with its copy of the call."""
    need_manager(actor)
    move(session, rectification, RECTIFICATION, "discard", actor=actor, at=at)
    discard(session, rectification.draft, actor=actor, at=at)


# -- what stands beside the design -------------------------------------------------------------


def _change_money(
    session: Session,
    call: Call,
    before: CallDocument,
    after: CallDocument,
    act: Act,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    if (before.endowment_cents, before.shares) == (after.endowment_cents, after.shares):
        return
    codes = level_codes(session, call.authority_id)
    programmes.change_endowment(
        session,
        session.get_one(EndowmentPool, call.pool_id),
        after.endowment_cents or 0,
        shares={codes[s.level]: s.cents for s in after.shares},
        act_id=act.id,
        actor=actor,
        at=at,
    )


def _change_windows(session: Session, call: Call, after: CallDocument) -> None:
    for number, wanted in enumerate(after.windows, 1):
        if wanted.opens_at is None or wanted.closes_at is None:
            continue
        if number > len(call.windows):
            call.windows.append(
                Window(
                    number=number,
                    opens_at=wanted.opens_at,
                    closes_at=wanted.closes_at,
                    endowment_cents=wanted.endowment_cents,
                )
            )
            continue
        window = call.windows[number - 1]
        if (window.opens_at, window.closes_at) != (wanted.opens_at, wanted.closes_at):
            window.opens_at, window.closes_at = wanted.opens_at, wanted.closes_at
        window.endowment_cents = wanted.endowment_cents
    session.flush()


def _add_files(session: Session, call: Call, draft: Call) -> None:
    """Add the draft's new files to the call, and its new cover; nothing published goes away."""
    kept = set(session.scalars(sa.select(CallFile.file_id).where(CallFile.call_id == call.id)))
    added = session.scalars(
        sa.select(CallFile)
        .where(CallFile.call_id == draft.id, CallFile.file_id.not_in(kept))
        .order_by(CallFile.id)
    ).all()
    if any(file.kind is CallFileKind.COVER for file in added):
        session.execute(
            sa.delete(CallFile).where(
                CallFile.call_id == call.id, CallFile.kind == CallFileKind.COVER
            )
        )
    for file in added:
        original = session.get(CallFile, file.copy_of_id) if file.copy_of_id else None
        if original is not None and original.call_id == draft.id:
            file.copy_of_id = session.scalars(
                sa.select(CallFile.id).where(
                    CallFile.call_id == call.id, CallFile.file_id == original.file_id
                )
            ).first()
        file.call_id = call.id
        session.flush()
