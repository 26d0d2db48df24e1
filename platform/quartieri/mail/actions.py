"""Writing letters."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.db import lock
from quartieri.gateways.email import message
from quartieri.jobs.actions import enqueue, take_away
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy
from quartieri.mail.bounces import LONGEST, Bounce
from quartieri.mail.models import Letter, LetterState

PARAGRAPHS = re.compile(r"\n{3,}")
"""What a template leaves where something is not said: one empty line is enough."""


def write(
    session: Session,
    template: str,
    *,
    to: str,
    language: str,
    key: str,
    at: datetime,
    about: tuple[str, int] = ("", 0),
    unsubscribe_url: str = "",
    **values: Any,
) -> Letter | None:
    """Write a letter from ``templates/letters/<template>.txt`` and plan its sending.

    The template's first line is the subject; then an empty line and the text. ``key`` names the
    occasion ("proposal-submitted:12:1"): a second letter with the same key is not written (None).
    ``unsubscribe_url`` marks a letter to a list: one click there takes the address off it.
    """
    if session.scalar(sa.select(Letter.id).where(Letter.key == key)) is not None:
        return None
    with force_locale(language):
        rendered = render_template(f"letters/{template}.txt", **values).strip()
    subject, _, text = PARAGRAPHS.sub("\n\n", rendered).partition("\n")
    letter = Letter(
        key=key,
        to=to,
        language=language,
        subject=subject.strip(),
        text=text.strip() + "\n",
        subject_kind=about[0],
        subject_id=about[1] or None,
        unsubscribe_url=unsubscribe_url,
        written_at=at,
    )
    session.add(letter)
    session.flush()
    enqueue(session, "mail.send", {"letter_id": letter.id}, run_at=at, key=f"mail.send:{letter.id}")
    return letter


def forget(session: Session, kind: str, subject_ids: Sequence[int]) -> None:
    """Delete the letters about some things, because the personal data in them has had its time."""
    session.execute(
        sa.delete(Letter).where(Letter.subject_kind == kind, Letter.subject_id.in_(subject_ids))
    )


def came_back(session: Session, bounce: Bounce, *, sender: str, at: datetime) -> Letter | None:
    """Note that a letter did not arrive; None where the report names none that we sent.

    Its id holds a digest of what it said and to whom (``sender``: from whom), so that nobody who
    did not have the letter can make it look lost. Told twice it is noted once; what is told of an
    earlier sending says nothing of a later one.
    """
    letter = session.get(Letter, bounce.letter_id, with_for_update=True)
    if letter is None:
        return None
    sent = message(letter.name, sender, to=letter.to, subject=letter.subject, text=letter.text)
    if not secrets.compare_digest(str(sent["Message-ID"]), bounce.message_id):
        return None
    if letter.state is not LetterState.FAILED:
        letter.state, letter.failure, letter.failed_at = LetterState.FAILED, bounce.reason, at
    session.flush()
    return letter


def give_up(session: Session, *, at: datetime) -> None:
    """Note as lost what the mail server did not take for days: its list is where people look."""
    for args, error in take_away(session, "mail.send"):
        letter = session.get(Letter, args["letter_id"], with_for_update=True)
        if letter is not None and letter.state is LetterState.WRITTEN:
            letter.state, letter.failure, letter.failed_at = LetterState.FAILED, error[:LONGEST], at
    session.flush()


def send_again(session: Session, letter: Letter, *, actor: Actor, at: datetime) -> None:
    """Send a letter anew that did not arrive: to the address it was written to, and no other.

    Many letters hold a link that opens what they are about, so that an official may not turn one
    to another address.
    """
    letter = lock(session, Letter, letter.id)
    if letter.state is not LetterState.FAILED:
        raise IllegalMoveError(lazy("Only a letter that did not arrive is sent again."))
    before = letter.failure
    letter.state, letter.failure, letter.failed_at = LetterState.WRITTEN, "", None
    letter.again += 1
    session.flush()
    record(
        session,
        "send_again",
        "letter",
        letter.id,
        actor=actor,
        at=at,
        before={"failure": before},
        after={"again": letter.again},
    )
    enqueue(session, "mail.send", {"letter_id": letter.id}, run_at=at, key=f"mail.send:{letter.id}")
