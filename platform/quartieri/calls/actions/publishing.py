"""What acts do to a call: publish, extend, suspend, resume, cancel, annul, conclude."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.actions import record as record_act
from quartieri.acts.models import Act
from quartieri.acts.rules import ActKind
from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.calls.actions.drafting import need_manager
from quartieri.calls.actions.followers import News, tell
from quartieri.calls.gaps import NotReadyError
from quartieri.calls.models import Call, CallAct, CallEdition, Criterion, Window, WindowExtension
from quartieri.calls.queries import gaps, rectification_of_draft
from quartieri.calls.rules import (
    CALL,
    ENDED_WINDOW_STATES,
    RANKED_WINDOW_STATES,
    WINDOW,
    CallState,
    WindowState,
    refuse_new_deadline,
)
from quartieri.db import lock
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy
from quartieri.programmes import actions as programmes
from quartieri.programmes.models import EndowmentPool

NEWS = {
    "suspend": News.SUSPENDED,
    "resume": News.RESUMED,
    "cancel": News.CANCELLED,
    "annul": News.CANCELLED,
}
"""What followers are told of the acts on a whole call."""


def publish(
    session: Session, call: Call, act: ActData, *, actor: Actor, at: datetime
) -> CallEdition:
    """Publish a draft by act: freeze it as an edition with its hash, and bind its endowment.

    A call without money has none to bind.

    Raises NotReadyError with the gaps while anything is missing, InsufficientFundsError naming the
    level of the programme that lacks money.
    """
    need_manager(actor)
    call = lock(session, Call, call.id)
    CALL.find("publish", call.state)
    if rectification_of_draft(session, call) is not None:
        raise IllegalMoveError(lazy("This is a copy for a rectification: publish that instead."))
    blocking = [g for g in gaps(session, call, now=at) if g.blocking]
    if blocking:
        raise NotReadyError(blocking)
    done = by_act(session, call, ActKind.PUBLICATION, "publish", act, actor=actor, at=at)
    pool = session.get_one(EndowmentPool, call.pool_id)
    pool.title = call.title_it
    if not call.design.money.no_money:
        programmes.bind_pool(session, pool, act_id=done.id, actor=actor, at=at)
    edition = freeze(session, call, done, at=at)
    call.published_at = at
    move(
        session,
        call,
        CALL,
        "publish",
        actor=actor,
        at=at,
        act=done.id,
        edition=edition.number,
        sha256=edition.sha256,
    )
    return edition


def freeze(session: Session, call: Call, act: Act, *, at: datetime) -> CallEdition:
    """Freeze a call's design as its next edition, with its criteria as rows."""
    design = call.design
    edition = CallEdition(
        call_id=call.id,
        number=len(call.editions) + 1,
        act_id=act.id,
        design_json=design.to_json(),
        sha256=design.sha256(),
        published_at=at,
        criteria=[
            Criterion(
                code=c.code,
                position=position,
                title_it=c.title["it"],
                title_en=c.title["en"],
                guidance_it=c.guidance.get("it", ""),
                guidance_en=c.guidance.get("en", ""),
                maximum=c.maximum,
                weight=c.weight,
                minimum=c.minimum,
            )
            for position, c in enumerate(design.evaluation.criteria, 1)
        ],
    )
    call.editions.append(edition)
    session.flush()
    return edition


def extend_window(
    session: Session,
    window: Window,
    new_closes_at: datetime,
    act: ActData,
    *,
    actor: Actor,
    at: datetime,
) -> WindowExtension:
    """Move a session's deadline by act, the old one kept; after closing this reopens it.

    Raises IllegalMoveError once checking began or when the call is not published, InvalidError for
    a deadline that is not later, is past, or runs into the next session.
    """
    need_manager(actor)
    window = lock(session, Window, window.id)
    if window.call.state is not CallState.PUBLISHED:
        raise IllegalMoveError(lazy("Only a published call's deadline can be extended."))
    following = next((w for w in window.call.windows if w.number == window.number + 1), None)
    state = window.state_at(at)
    refuse_new_deadline(
        state,
        closes_at=window.closes_at,
        new_closes_at=new_closes_at,
        next_opens_at=following.opens_at if following else None,
        at=at,
    )
    verb = "extend" if window.closes_at >= at else "reopen"
    done = record_act(session, window.call.authority_id, ActKind.EXTENSION, act, actor=actor, at=at)
    return _postpone(session, window, new_closes_at, done, verb, actor=actor, at=at)


def _postpone(
    session: Session,
    window: Window,
    new_closes_at: datetime,
    act: Act,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
) -> WindowExtension:
    extension = WindowExtension(
        act_id=act.id, old_closes_at=window.closes_at, new_closes_at=new_closes_at, at=at
    )
    window.extensions.append(extension)
    window.closes_at = new_closes_at
    session.flush()
    if verb != "postpone":  # the end of a suspension tells of all dates at once
        tell(
            session,
            window.call,
            News.EXTENDED,
            occasion=f"extension:{extension.id}",
            at=at,
            number=window.number,
            old_at=extension.old_closes_at.isoformat(),
            new_at=new_closes_at.isoformat(),
        )
    record(
        session,
        verb,
        "window",
        window.id,
        actor=actor,
        at=at,
        before={"closes_at": in_rome(extension.old_closes_at).isoformat()},
        after={"closes_at": in_rome(new_closes_at).isoformat(), "act": act.id},
    )
    return extension


def suspend(
    session: Session,
    call: Call,
    act: ActData,
    *,
    deadlines_stop: bool,
    actor: Actor,
    at: datetime,
) -> None:
    """Suspend a call by act: nothing can be submitted meanwhile.

    ``deadlines_stop``: the open and coming sessions move by the length of the suspension when it
    ends; otherwise the deadlines run on.
    """
    call = lock(session, Call, call.id)
    move(session, call, CALL, "suspend", actor=actor, at=at, deadlines_stop=deadlines_stop)
    by_act(session, call, ActKind.SUSPENSION, "suspend", act, actor=actor, at=at)
    call.suspended_at, call.suspension_shifts = at, deadlines_stop


def resume(session: Session, call: Call, act: ActData, *, actor: Actor, at: datetime) -> None:
    """End a suspension by act; deadlines that stood still move by its length, the old ones kept."""
    call = lock(session, Call, call.id)
    since = call.suspended_at or at
    move(session, call, CALL, "resume", actor=actor, at=at)
    done = by_act(session, call, ActKind.SUSPENSION, "resume", act, actor=actor, at=at)
    if call.suspension_shifts:
        for window in reversed(call.windows):
            if window.state is None and window.closes_at >= since:
                later = window.closes_at + (at - since)
                if window.opens_at > since:
                    window.opens_at += at - since
                _postpone(session, window, later, done, "postpone", actor=actor, at=at)
    call.suspended_at, call.suspension_shifts = None, False


def cancel(
    session: Session, call: Call, act: ActData, *, reason: str, actor: Actor, at: datetime
) -> Act:
    """Cancel a call by act, before any ranking: its sessions end, its endowment goes back.

    What becomes of its applications is theirs to say. Locks: levels, pool, windows.
    """
    call = lock(session, Call, call.id)
    CALL.find("cancel", call.state)
    done = by_act(session, call, ActKind.SUSPENSION, "cancel", act, actor=actor, at=at)
    _end(session, call, done, "cancel", reason=reason, actor=actor, at=at)
    return done


def annul(
    session: Session, call: Call, act: ActData, *, reason: str, actor: Actor, at: datetime
) -> Act:
    """Annul a call by act, even after a ranking: its sessions end, what is free goes back.

    Whoever releases reservations after this calls :func:`give_back` at the end. Locks: levels,
    pool, windows.
    """
    call = lock(session, Call, call.id)
    CALL.find("annul", call.state)
    done = by_act(session, call, ActKind.SUSPENSION, "annul", act, actor=actor, at=at)
    _end(session, call, done, "annul", reason=reason, actor=actor, at=at)
    return done


def _end(
    session: Session,
    call: Call,
    act: Act,
    verb: str,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    _refuse_ranked(call.windows, verb)
    give_back(session, call, act, actor=actor, at=at)
    windows = [lock(session, Window, window.id) for window in call.windows]
    _refuse_ranked(windows, verb)
    for window in windows:
        state = window.state_at(at)
        if state is not WindowState.CANCELLED:
            move(session, window, WINDOW, "cancel", actor=actor, at=at, state=state, reason=reason)
    move(session, call, CALL, verb, actor=actor, at=at, reason=reason, act=act.id)
    call.suspended_at, call.suspension_shifts = None, False


def _refuse_ranked(windows: Sequence[Window], verb: str) -> None:
    if verb == "cancel" and any(w.state in RANKED_WINDOW_STATES for w in windows):
        raise IllegalMoveError(
            lazy("A ranking is published already: the call can only be annulled.")
        )


def conclude(session: Session, call: Call, act: ActData, *, actor: Actor, at: datetime) -> None:
    """Conclude a call by act when all its sessions ended: what is left of the money goes back."""
    call = lock(session, Call, call.id)
    CALL.find("conclude", call.state)
    if any(w.state not in ENDED_WINDOW_STATES for w in call.windows):
        raise IllegalMoveError(lazy("The call still has a session that is not concluded."))
    done = by_act(session, call, ActKind.CONCLUSION, "conclude", act, actor=actor, at=at)
    give_back(session, call, done, actor=actor, at=at)
    move(session, call, CALL, "conclude", actor=actor, at=at)


def give_back(session: Session, call: Call, act: Act, *, actor: Actor, at: datetime) -> None:
    """Give what is available in a call's endowment back to the programme; nothing is too little."""
    pool = session.get(EndowmentPool, call.pool_id) if call.pool_id else None
    if pool is not None and pool.bound_at is not None:
        programmes.unbind_pool(session, pool, act_id=act.id, actor=actor, at=at)


def by_act(
    session: Session,
    call: Call,
    kind: ActKind,
    verb: str,
    data: ActData,
    *,
    actor: Actor,
    at: datetime,
) -> Act:
    """Record an act and what it did to the call."""
    act = record_act(session, call.authority_id, kind, data, actor=actor, at=at)
    session.add(CallAct(call_id=call.id, act_id=act.id, verb=verb, at=at))
    session.flush()
    if verb in NEWS:
        tell(session, call, NEWS[verb], occasion=f"act:{act.id}", at=at)
    return act
