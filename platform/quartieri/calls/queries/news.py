"""What happened to a call, newest first: acts, moved deadlines, rankings, answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from quartieri.acts.models import Act
from quartieri.audit.models import AuditEntry
from quartieri.calls.models import Call, CallAct, Window, WindowExtension
from quartieri.calls.queries.questions import answered
from quartieri.calls.queries.single import acts_of
from quartieri.calls.rules import PUBLIC_CALL_STATES
from quartieri.kit.labels import Lazy, lazy

CALLS_IN_FEED = 100
_RANKED = {
    "publish_provisional": lazy("Provisional ranking of a session"),
    "publish_final": lazy("Final ranking of a session"),
}


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One thing that happened; ``key`` never changes, ``part`` is where the page tells it."""

    key: str
    at: datetime
    title: Lazy
    text: Lazy | str = ""
    part: str = ""


def news_of(session: Session, call: Call) -> list[NewsItem]:
    """List what happened to a call, newest first, in three queries besides the call's own."""
    items = [
        *(_acts(session, call)),
        *(_extensions(call.windows)),
        *(_rankings(session, call)),
        *(
            NewsItem(
                f"answer-{q.id}",
                q.corrected_at or q.answered_at or q.asked_at,
                lazy("A question was answered"),
                f"{q.text}\n\n{q.answer}",
                "/questions",
            )
            for q in answered(session, call)
        ),
    ]
    return sorted(items, key=lambda item: (item.at, item.key), reverse=True)


def _acts(session: Session, call: Call) -> Iterable[NewsItem]:
    for done in acts_of(session, call):
        yield NewsItem(
            f"act-{done.act_id}", done.at, Lazy(done.act.kind.label), _act_words(done.act)
        )


def _extensions(windows: Iterable[Window]) -> Iterable[NewsItem]:
    for window in windows:
        for extension in window.extensions:
            yield NewsItem(
                f"extension-{extension.id}",
                extension.at,
                lazy("New deadline of session %(number)s", number=window.number),
                lazy(
                    "Until %(new)s; it was %(old)s.",
                    new=extension.new_closes_at,
                    old=extension.old_closes_at,
                ),
            )


def _rankings(session: Session, call: Call) -> Iterable[NewsItem]:
    """Rankings are published above this slice; what they did to a session stands in the audit."""
    numbers = {w.id: w.number for w in call.windows}
    entries = session.scalars(
        sa.select(AuditEntry)
        .where(
            AuditEntry.subject_kind == "window",
            AuditEntry.subject_id.in_(numbers),
            AuditEntry.verb.in_(_RANKED),
            sa.not_(AuditEntry.refused),
        )
        .order_by(AuditEntry.id)
    )
    for entry in entries:
        number = numbers[entry.subject_id or 0]
        yield NewsItem(
            f"ranking-{entry.id}", entry.at, _RANKED[entry.verb], part=f"/ranking/{number}"
        )


def _act_words(act: Act) -> Lazy:
    return lazy(
        "Act no. %(number)s of %(day)s, %(office)s. %(decides)s",
        number=act.number,
        day=act.dated,
        office=act.office,
        decides=act.decides,
    )


def published_calls(session: Session) -> list[Call]:
    """List the calls that feeds and calendars hold, with their sessions, the newest first."""
    return list(
        session.scalars(
            sa.select(Call)
            .where(Call.state.in_(PUBLIC_CALL_STATES), sa.not_(Call.historical))
            .options(
                selectinload(Call.windows)
                .selectinload(Window.extensions)
                .joinedload(WindowExtension.act)
            )
            .order_by(Call.published_at.desc(), Call.id.desc())
            .limit(CALLS_IN_FEED)
        )
    )


def last_changes(session: Session, calls: Sequence[Call]) -> dict[int, datetime]:
    """Give when something last happened to each call by act, in one query and what is loaded."""
    rows = session.execute(
        sa.select(CallAct.call_id, sa.func.max(CallAct.at).label("at"))
        .where(CallAct.call_id.in_([c.id for c in calls]))
        .group_by(CallAct.call_id)
    )
    from_acts = {row.call_id: row.at for row in rows}
    found = {}
    for call in calls:
        moments = [e.at for w in call.windows for e in w.extensions]
        moments += [at for at in (from_acts.get(call.id), call.published_at) if at is not None]
        found[call.id] = max(moments, default=call.created_at)
    return found
