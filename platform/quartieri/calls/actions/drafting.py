"""Drafting a call: from a template, step by step, until it is published or discarded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.calls.design import CallDesign
from quartieri.calls.models import Call, Window
from quartieri.calls.rules import CALL, CallState
from quartieri.calls.shipped import template as shipped_template
from quartieri.db import check_version, lock
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import IllegalMoveError, InvalidError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.kit.markdown import rendered
from quartieri.kit.slugs import slug_of
from quartieri.people.models import Authority
from quartieri.programmes import actions as programmes
from quartieri.programmes.models import EndowmentPool

SLUG_LIMIT = 60
UNNAMED = "bando"
"""The address of a call without a title, until it gets one."""
MOST_WINDOWS = 12
Dates = tuple[datetime, datetime]
"""When a session opens and closes, both inclusive."""


def create_from_template(
    session: Session,
    authority: Authority,
    template: str,
    *,
    actor: Actor,
    at: datetime,
    invented: bool = False,
    slug: str = "",
) -> Call:
    """Start a draft from a shipped template ("" for a blank one), with its pool, not yet bound.

    What the template knows of the endowment (cents) is set; sessions are never copied: their dates
    are past. ``invented`` marks a demo's call.
    """
    shipped = shipped_template(template) if template else None
    return start_draft(
        session,
        authority,
        shipped.design if shipped else CallDesign(),
        endowment_cents=shipped.endowment_cents if shipped else None,
        slug=slug,
        invented=invented,
        actor=actor,
        at=at,
        after={"template": template},
    )


def start_draft(
    session: Session,
    authority: Authority,
    design: CallDesign,
    *,
    endowment_cents: int | None,
    actor: Actor,
    at: datetime,
    after: Mapping[str, Any],
    slug: str = "",
    invented: bool = False,
) -> Call:
    """Start a draft with a design and its pool, not yet bound; ``after`` says where it came from.

    Raises NotYoursError.
    """
    need_manager(actor)
    pool = programmes.create_pool(
        session,
        authority_id=authority.id,
        title=design.title.get("it", "") or "-",
        endowment_cents=endowment_cents,
        actor=actor,
        at=at,
    )
    call = Call(
        authority_id=authority.id,
        slug=free_slug(session, slug or design.title.get("it", "")),
        state=CallState.DRAFT,
        design_json={},
        pool_id=pool.id,
        invented=invented,
        created_by=actor.user_id,
        created_at=at,
    )
    write_design(call, design)
    session.add(call)
    session.flush()
    record(session, "create", "call", call.id, actor=actor, at=at, after=dict(after))
    return call


def save_design(
    session: Session,
    call: Call,
    design: CallDesign,
    *,
    version: int | None,
    actor: Actor,
    at: datetime,
) -> Call:
    """Save a draft's document and its safe HTML; gives the call with its new version.

    ``version`` is the one that the form was opened on: ConflictError when somebody saved since
    (None: not asked). Raises IllegalMoveError once the call is published.
    """
    call = open_draft(session, call, version=version, actor=actor)
    before, after = call.design_json, design.to_json()
    changed = sorted(k for k in after if before.get(k) != after[k])
    if not changed:
        return call
    write_design(call, design)
    if re.fullmatch(rf"{UNNAMED}(-\d+)?", call.slug) and call.title_it:
        call.slug = free_slug(session, call.title_it)  # nobody has seen a draft's address
    _raise_version(session, call)
    record(
        session,
        "save",
        "call",
        call.id,
        actor=actor,
        at=at,
        before={k: before.get(k) for k in changed},
        after={k: after[k] for k in changed},
    )
    return call


def set_windows(
    session: Session,
    call: Call,
    windows: Sequence[Dates],
    *,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Call:
    """Replace a draft's sessions; they are numbered in the order of their opening.

    Raises InvalidError when one closes before it opens or runs into the next.
    """
    call = open_draft(session, call, version=version, actor=actor)
    ordered = sorted(windows)
    if len(ordered) > MOST_WINDOWS:
        raise InvalidError(
            lazy("A call has at most %(most)s sessions.", most=MOST_WINDOWS), field="windows"
        )
    for number, (opens_at, closes_at) in enumerate(ordered, 1):
        if opens_at >= closes_at:
            raise InvalidError(
                lazy("Session %(number)s closes before it opens.", number=number), field="windows"
            )
        if number < len(ordered) and ordered[number][0] <= closes_at:
            raise InvalidError(
                lazy(
                    "Session %(second)s opens before session %(first)s closes.",
                    first=number,
                    second=number + 1,
                ),
                field="windows",
            )
    before = readable_windows(call)
    for window in call.windows[len(ordered) :]:
        session.delete(window)
    for number, (opens_at, closes_at) in enumerate(ordered, 1):
        if number <= len(call.windows):
            window = call.windows[number - 1]
            window.opens_at, window.closes_at = opens_at, closes_at
        else:
            call.windows.append(Window(number=number, opens_at=opens_at, closes_at=closes_at))
    session.flush()
    session.refresh(call, ["windows"])
    after = readable_windows(call)
    if before != after:
        _raise_version(session, call)
        record(
            session,
            "set_windows",
            "call",
            call.id,
            actor=actor,
            at=at,
            before={"windows": before},
            after={"windows": after},
        )
    return call


def set_pool(
    session: Session,
    call: Call,
    *,
    endowment_cents: int | None,
    shares: Mapping[int, int],
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Call:
    """Plan a draft's endowment and which level of the programme gives how much of it, in cents.

    ``shares`` is ``{level id: cents}``; they add up to the endowment or are empty (InvalidError).
    """
    call = open_draft(session, call, version=version, actor=actor)
    pool = session.get_one(EndowmentPool, call.pool_id)
    programmes.set_endowment(
        session, pool, endowment_cents, shares=dict(shares), actor=actor, at=at
    )
    _raise_version(session, call)
    return call


def discard(session: Session, call: Call, *, actor: Actor, at: datetime) -> None:
    """Put a draft away: it stays in the log, and is shown no more."""
    call = lock(session, Call, call.id)
    move(session, call, CALL, "discard", actor=actor, at=at)


# -- what the other verbs share ----------------------------------------------------------------


def need_manager(actor: Actor) -> None:
    """Refuse whoever is not the call manager (or the system) here."""
    if not actor.holds(Role.CALL_MANAGER, Role.SYSTEM):
        raise NotYoursError(lazy("Only the call manager may do this."))


def open_draft(session: Session, call: Call, *, version: int | None, actor: Actor) -> Call:
    """Lock a draft for a change; raise NotYours-, IllegalMove- or ConflictError."""
    need_manager(actor)
    call = lock(session, Call, call.id)
    if call.state is not CallState.DRAFT:
        raise IllegalMoveError(
            lazy("The call is published: it changes by act only, never in the editor.")
        )
    if version is not None:
        check_version(call.version, version)
    return call


def readable_windows(call: Call) -> list[dict[str, Any]]:
    """Give a call's sessions as plain values, for the audit log."""
    return [
        {
            "number": w.number,
            "opens_at": in_rome(w.opens_at).isoformat(),
            "closes_at": in_rome(w.closes_at).isoformat(),
        }
        for w in call.windows
    ]


def slugify(text: str) -> str:
    """Turn a title into the part of an address: small letters, digits and hyphens."""
    return slug_of(text, most=SLUG_LIMIT) or UNNAMED


def free_slug(session: Session, text: str) -> str:
    """Give a slug that no call has yet."""
    wanted = slugify(text)
    taken = set(session.scalars(sa.select(Call.slug).where(Call.slug.startswith(wanted))))
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug


def write_design(call: Call, design: CallDesign) -> None:
    """Put a design into a call, with its title, its summary and its safe HTML."""
    call.design_json = design.to_json()
    call.title_it, call.title_en = design.title.get("it", ""), design.title.get("en", "")
    call.summary_it, call.summary_en = design.summary.get("it", ""), design.summary.get("en", "")
    call.text_html_it = rendered(design.text.get("it", ""))
    call.text_html_en = rendered(design.text.get("en", ""))


def _raise_version(session: Session, call: Call) -> None:
    call.version += 1
    session.flush()
