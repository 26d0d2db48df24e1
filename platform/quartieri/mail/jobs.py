"""Sending letters."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from quartieri.db import db, unit_of_work
from quartieri.extensions import services
from quartieri.gateways.email import Undeliverable
from quartieri.jobs.registry import handler
from quartieri.mail import actions
from quartieri.mail.bounces import LONGEST
from quartieri.mail.models import Letter, LetterState

TRIES = 84
"""A passing fault is tried again for about three days: hourly, after the first eleven times."""
GIVE_UP = timedelta(minutes=10)


@handler("mail.send", posted=True, tries=TRIES)
def send(*, letter_id: int) -> None:
    """Send one letter; a refused address marks it, a passing fault raises and is tried again.

    Sent, and killed before that is noted, it is sent again under the same name: a mailbox shows
    it once. A report that it came back may be here first: that stays.
    """
    letter = db.session.get(Letter, letter_id)
    if letter is None or letter.state is not LetterState.WRITTEN:
        return
    name, to, subject, text = letter.name, letter.to, letter.subject, letter.text
    unsubscribe_url = letter.unsubscribe_url
    db.session.rollback()
    try:
        services().email.send(
            name,
            to=to,
            subject=subject,
            text=text,
            unsubscribe_url=unsubscribe_url,
        )
        state, failure = LetterState.SENT, ""
    except Undeliverable as error:
        state, failure = LetterState.FAILED, str(error)[:LONGEST]
    now = services().clock.now()
    lost_at = now if state is LetterState.FAILED else None
    with unit_of_work() as session:
        session.execute(
            sa.update(Letter)
            .where(Letter.id == letter_id, Letter.state == LetterState.WRITTEN)
            .values(state=state, failure=failure, sent_at=now, failed_at=lost_at)
            .execution_options(synchronize_session=False)
        )


@handler("mail.give_up", every=GIVE_UP)
def give_up() -> None:
    """Put the letters that no try could hand over among those that did not arrive."""
    with unit_of_work() as session:
        actions.give_up(session, at=services().clock.now())
