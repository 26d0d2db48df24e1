"""Questions to the office of a call: asking, confirming, answering, forgetting."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM, Actor
from quartieri.calls.actions.followers import CONFIRM_WITHIN, News, tell
from quartieri.calls.links import call_url, new_code, question_url
from quartieri.calls.models import Call, CallQuestion
from quartieri.calls.models.questions import ANSWER_LIMIT, QUESTION_LIMIT
from quartieri.calls.rules import CALL_QUESTION, QuestionState, takes_questions
from quartieri.db import check_version, lock
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.mail.actions import forget, write

KEPT_AFTER_ANSWER = timedelta(days=30)
"""How long the asker's address and words are kept after the answer."""


def ask(
    session: Session,
    call: Call,
    *,
    text: str,
    email: str,
    language: str,
    at: datetime,
    own: bool = False,
) -> CallQuestion:
    """Ask the office; it reads the question once the address is confirmed (``own``: it is known).

    Raises IllegalMoveError when the call takes no questions (any more), InvalidError for no words
    or too many.
    """
    if not takes_questions(call.state, call.questions_until, at):
        raise IllegalMoveError(lazy("This call takes no questions any more."))
    words = _words(text, QUESTION_LIMIT, "text")
    question = CallQuestion(
        call_id=call.id,
        code=new_code(),
        email=email.strip().lower(),
        language=language,
        asked_text=words,
        asked_at=at,
    )
    session.add(question)
    session.flush()
    if own:
        return confirm_question(session, question, at=at)
    write(
        session,
        "call_question",
        to=str(question.email),
        language=language,
        key=f"call-question:{question.code[:12]}",
        at=at,
        about=("call_question", question.id),
        title=call.title(language),
        url=question_url(question),
    )
    return question


def confirm_question(session: Session, question: CallQuestion, *, at: datetime) -> CallQuestion:
    """Hand a question on to the office; a second click changes nothing."""
    question = lock(session, CallQuestion, question.id)
    if question.state is QuestionState.ASKED:
        move(session, question, CALL_QUESTION, "confirm", actor=SYSTEM, at=at)
        question.confirmed_at = at
    return question


def answer(
    session: Session,
    question: CallQuestion,
    *,
    text: str,
    words: str,
    published: bool,
    version: int,
    actor: Actor,
    at: datetime,
) -> CallQuestion:
    """Answer a question, or correct an answer: for everybody, or for the asker alone.

    ``text`` is the question as it is published, without personal data; the asker always gets a
    letter. Raises ConflictError when a colleague answered meanwhile, InvalidError for empty words.
    """
    question = lock(session, CallQuestion, question.id)
    check_version(question.version, version)
    text = _words(text, QUESTION_LIMIT, "text")
    words = _words(words, ANSWER_LIMIT, "answer")
    before = {"published": question.published, "answer": question.answer}
    first = question.state is QuestionState.WAITING
    if first:
        move(session, question, CALL_QUESTION, "answer", actor=actor, at=at)
        question.answered_at = at
    elif question.state is QuestionState.ANSWERED:
        question.corrected_at = at
        record(
            session,
            "correct",
            CALL_QUESTION.name,
            question.id,
            actor=actor,
            at=at,
            before=before,
            after={"published": published, "answer": words},
        )
    else:
        raise IllegalMoveError(lazy("This question can no longer be answered."))
    question.text, question.answer, question.published = text, words, published
    question.answered_by = actor.user_id
    question.version += 1
    session.flush()
    _tell_asker(session, question, at=at)
    if published and first:
        tell(
            session,
            question.call,
            News.ANSWERED,
            occasion=f"answer:{question.code[:12]}",
            at=at,
            question=text,
        )
    return question


def _tell_asker(session: Session, question: CallQuestion, *, at: datetime) -> None:
    if not question.email:
        return
    write(
        session,
        "call_answer",
        to=question.email,
        language=question.language,
        key=f"call-answer:{question.code[:12]}:{question.version}",
        at=at,
        about=("call_question", question.id),
        title=question.call.title(question.language),
        corrected=question.corrected_at is not None,
        published=question.published,
        asked=question.asked_text or question.text,
        answer=question.answer,
        url=call_url(question.call) + "/questions",
    )


def discard_question(
    session: Session, question: CallQuestion, *, actor: Actor, at: datetime
) -> None:
    """Put away what is no question (advertising, a message sent twice); its words are deleted."""
    question = lock(session, CallQuestion, question.id)
    move(session, question, CALL_QUESTION, "discard", actor=actor, at=at)
    question.email, question.asked_text = None, ""
    forget(session, "call_question", [question.id])
    session.flush()


def set_questions_until(
    session: Session, call: Call, until: datetime | None, *, actor: Actor, at: datetime
) -> None:
    """Say until when, inclusive, a call takes questions through the site; None: it takes none."""
    before = call.questions_until
    call.questions_until = until
    session.flush()
    if before != until:
        record(
            session,
            "set_questions_until",
            "call",
            call.id,
            actor=actor,
            at=at,
            before={"until": before.isoformat() if before else None},
            after={"until": until.isoformat() if until else None},
        )


def forget_askers(session: Session, *, at: datetime) -> int:
    """Delete questions never confirmed, and who asked those answered long ago."""
    never = list(
        session.scalars(
            sa.select(CallQuestion.id)
            .where(
                CallQuestion.state == QuestionState.ASKED,
                CallQuestion.asked_at < at - CONFIRM_WITHIN,
            )
            .order_by(CallQuestion.id)
        )
    )
    old = list(
        session.scalars(
            sa.select(CallQuestion.id)
            .where(
                CallQuestion.email.is_not(None),
                sa.func.coalesce(CallQuestion.corrected_at, CallQuestion.answered_at)
                < at - KEPT_AFTER_ANSWER,
            )
            .order_by(CallQuestion.id)
        )
    )
    forget(session, "call_question", [*never, *old])
    session.execute(sa.delete(CallQuestion).where(CallQuestion.id.in_(never)))
    session.execute(
        sa.update(CallQuestion).where(CallQuestion.id.in_(old)).values(email=None, asked_text="")
    )
    return len(never) + len(old)


def _words(text: str, most: int, field: str) -> str:
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise InvalidError(lazy("This must be filled in."), field=field)
    if len(words) > most:
        raise InvalidError(
            lazy(
                "The text has %(over)s characters more than the %(most)s allowed.",
                over=len(words) - most,
                most=most,
            ),
            field=field,
        )
    return words
