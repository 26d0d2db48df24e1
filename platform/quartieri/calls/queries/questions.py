"""Reading the questions of calls and who follows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.models import Call, CallQuestion, Follower
from quartieri.calls.rules import QuestionState
from quartieri.db import get
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.people.rules import Scope

PAGE = 50
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of the questions to an office, counted from 1."""

    questions: list[CallQuestion]
    number: int
    total: int
    waiting: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.total // PAGE), 1)


def question_by_id(session: Session, question_id: int) -> CallQuestion:
    """Give a question; raise NotFoundError."""
    return get(session, CallQuestion, question_id)


def question_by_code(session: Session, code: str) -> CallQuestion:
    """Give a question by the code of its letter; raise NotFoundError."""
    return _by_code(session.scalars(sa.select(CallQuestion).where(CallQuestion.code == code)).all())


def follower_by_code(session: Session, code: str) -> Follower:
    """Give who follows a call by the code of the letter; raise NotFoundError."""
    return _by_code(session.scalars(sa.select(Follower).where(Follower.code == code)).all())


def _by_code(found: Sequence[Row]) -> Row:
    if not found:
        raise NotFoundError(lazy("This link is not valid any more. Ask for a new one."))
    return found[0]


def answered(session: Session, call: Call, *, most: int | None = None) -> list[CallQuestion]:
    """List the published answers of a call, the newest first."""
    return list(
        session.scalars(
            sa.select(CallQuestion)
            .where(
                CallQuestion.call_id == call.id,
                CallQuestion.state == QuestionState.ANSWERED,
                CallQuestion.published,
            )
            .order_by(CallQuestion.answered_at.desc(), CallQuestion.id.desc())
            .limit(most)
        )
    )


def inbox(
    session: Session,
    *,
    scopes: Sequence[Scope] | None,
    call_id: int | None = None,
    waiting_only: bool = False,
    page: int = 1,
) -> Inbox:
    """List the questions of an official's scopes (None: all): unanswered first, the oldest on top.

    Three queries. Nothing that its asker has not confirmed is listed.
    """
    shown = (QuestionState.WAITING,) if waiting_only else _SHOWN
    where: list[sa.ColumnElement[bool]] = [CallQuestion.state.in_(shown)]
    if scopes is not None:
        where.append(sa.or_(sa.false(), *(_within(s) for s in scopes)))
    if call_id is not None:
        where.append(CallQuestion.call_id == call_id)
    first = sa.case((CallQuestion.state == QuestionState.WAITING, 0), else_=1)
    counts = session.execute(
        sa.select(sa.func.count(CallQuestion.id), sa.func.count(sa.case((first == 0, 1))))
        .join(Call, Call.id == CallQuestion.call_id)
        .where(*where)
    ).one()
    number = min(max(page, 1), 10_000)
    rows = session.scalars(
        sa.select(CallQuestion)
        .join(Call, Call.id == CallQuestion.call_id)
        .options(joinedload(CallQuestion.call))
        .where(*where)
        .order_by(
            first,
            sa.case((first == 0, CallQuestion.confirmed_at)),
            CallQuestion.answered_at.desc(),
            CallQuestion.id,
        )
        .offset((number - 1) * PAGE)
        .limit(PAGE)
    )
    return Inbox(list(rows), number, counts[0], counts[1])


def count_followers(session: Session, call: Call) -> int:
    """Count who follows a call."""
    return (
        session.scalar(
            sa.select(sa.func.count(Follower.id)).where(
                Follower.call_id == call.id, Follower.confirmed_at.is_not(None)
            )
        )
        or 0
    )


_SHOWN = (QuestionState.WAITING, QuestionState.ANSWERED, QuestionState.DISCARDED)


def _within(scope: Scope) -> sa.ColumnElement[bool]:
    if scope.call_id is not None:
        return Call.id == scope.call_id
    if scope.authority_id is not None:
        return Call.authority_id == scope.authority_id
    return sa.true()
