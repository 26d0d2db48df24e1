"""Following a call by email: asking, confirming, leaving, and telling those who follow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quartieri.calls.links import call_url, follower_url, new_code, unsubscribe_url
from quartieri.calls.models import Call, CallAct, Follower, MeetingPlace
from quartieri.calls.rules import PUBLIC_CALL_STATES, CallState
from quartieri.jobs.actions import enqueue
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import N_, LabelEnum, lazy
from quartieri.mail.actions import forget, write

Row = TypeVar("Row", Follower, MeetingPlace)
CHUNK = 100
"""How many letters one unit of work writes."""
CONFIRM_WITHIN = timedelta(days=3)
KEPT_AFTER_END = timedelta(days=90)
"""How long addresses are kept after a call was concluded or cancelled."""
_ENDED = (CallState.CONCLUDED, CallState.CANCELLED, CallState.ANNULLED)


class News(LabelEnum):
    """What followers are told; the label is the heading of the letter's subject."""

    EXTENDED = "extended", N_("New deadline")
    RECTIFIED = "rectified", N_("The call was rectified")
    SUSPENDED = "suspended", N_("The call is suspended")
    RESUMED = "resumed", N_("The call runs again")
    CANCELLED = "cancelled", N_("The call was cancelled")
    ANSWERED = "answered", N_("A question was answered")
    RANKED = "ranked", N_("A ranking was published")


def follow(
    session: Session, call: Call, *, email: str, language: str, at: datetime, own: bool = False
) -> Follower:
    """Ask to follow a call; ``own`` says that the address is known to be the asker's.

    Otherwise a letter asks for a confirmation (double opt-in). Asked again, the letter is written
    again; nothing tells whether the address follows already. Raises IllegalMoveError for a call
    that nothing will happen to any more.
    """
    if call.historical or call.state in _ENDED or call.state not in PUBLIC_CALL_STATES:
        raise IllegalMoveError(lazy("Nothing will happen in this call any more."))
    address = email.strip().lower()
    new = Follower(call_id=call.id, email=address, language=language, code=new_code(), asked_at=at)
    same = sa.select(Follower).where(Follower.call_id == call.id, Follower.email == address)
    found = the_one(session, same, new)
    if own:
        return confirm_follower(session, found, at=at)
    found.asked_at = at
    write(
        session,
        "call_follow",
        to=address,
        language=found.language,
        key=f"call-follow:{found.code[:12]}:{at.isoformat()}",
        at=at,
        about=("call_follower", found.id),
        unsubscribe_url=unsubscribe_url(found) if found.confirmed_at else "",
        title=call.title(found.language),
        known=found.confirmed_at is not None,
        url=follower_url(found),
        leave=unsubscribe_url(found),
    )
    return found


def the_one(session: Session, same: sa.Select[Row], new: Row) -> Row:
    """Give the row that there is, or add the new one; two who add it at once get the same."""
    found = session.scalars(same).one_or_none()
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(new)
    except IntegrityError:
        return session.scalars(same).one()
    return new


def confirm_follower(session: Session, follower: Follower, *, at: datetime) -> Follower:
    """Note that the address is its owner's; a second click changes nothing."""
    if follower.confirmed_at is None:
        follower.confirmed_at = at
        session.flush()
    return follower


def unfollow(session: Session, follower: Follower) -> None:
    """Delete an address and the letters written to it."""
    _delete(session, [follower.id])


def _delete(session: Session, ids: list[int]) -> None:
    forget(session, "call_follower", ids)
    session.execute(sa.delete(Follower).where(Follower.id.in_(ids)))


# -- telling -----------------------------------------------------------------------------------


def tell(
    session: Session, call: Call, news: News, *, occasion: str, at: datetime, **values: str | int
) -> None:
    """Tell everyone who follows a call, by a job that leaves with the caller's transaction.

    Plans nothing where nobody follows.
    ``occasion`` makes it unique ("extension:12"): nobody is told twice. ``values`` are plain and go
    to ``templates/letters/call_news.txt``: what ends in ``_at`` is an instant in ISO 8601; a text
    is given by language as ``about_it`` and ``about_en``; ``number`` is that of a session.
    """
    followed = sa.select(Follower.id).where(
        Follower.call_id == call.id, Follower.confirmed_at.is_not(None)
    )
    if session.scalar(followed.limit(1)) is None:
        return
    enqueue(
        session,
        "calls.tell",
        {
            "call_id": call.id,
            "news": news.value,
            "occasion": occasion,
            "values": dict(values),
            "after": 0,
        },
        run_at=at,
        key=f"calls.tell:{call.id}:{occasion}",
    )


def write_news(
    session: Session,
    call: Call,
    news: News,
    *,
    occasion: str,
    values: dict[str, str | int],
    after: int,
    at: datetime,
) -> int | None:
    """Write the next letters of one piece of news; give the last follower's id, None at the end."""
    followers = session.scalars(
        sa.select(Follower)
        .where(
            Follower.call_id == call.id,
            Follower.confirmed_at.is_not(None),
            Follower.id > after,
        )
        .order_by(Follower.id)
        .limit(CHUNK)
    ).all()
    shown = {
        name: datetime.fromisoformat(str(value)) if name.endswith("_at") else value
        for name, value in values.items()
    }
    for follower in followers:
        about = shown.get(f"about_{follower.language}") or shown.get("about_it") or ""
        write(
            session,
            "call_news",
            to=follower.email,
            language=follower.language,
            key=f"call-news:{occasion}:{follower.code[:12]}",
            at=at,
            about=("call_follower", follower.id),
            unsubscribe_url=unsubscribe_url(follower),
            news=news,
            title=call.title(follower.language),
            about_text=about,
            values=shown,
            url=call_url(call),
            leave=unsubscribe_url(follower),
        )
    return followers[-1].id if len(followers) == CHUNK else None


# -- forgetting --------------------------------------------------------------------------------


def forget_followers(session: Session, *, at: datetime) -> int:
    """Delete addresses that were never confirmed, and those of calls that ended long ago."""
    ended = (
        sa.select(CallAct.call_id)
        .join(Call, Call.id == CallAct.call_id)
        .where(Call.state.in_(_ENDED))
        .group_by(CallAct.call_id)
        .having(sa.func.max(CallAct.at) < at - KEPT_AFTER_END)
    )
    ids = list(
        session.scalars(
            sa.select(Follower.id)
            .where(
                sa.or_(
                    sa.and_(
                        Follower.confirmed_at.is_(None), Follower.asked_at < at - CONFIRM_WITHIN
                    ),
                    Follower.call_id.in_(ended),
                )
            )
            .order_by(Follower.id)
            .limit(1000)
        )
    )
    _delete(session, ids)
    return len(ids)
