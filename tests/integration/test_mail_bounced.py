"""A report of non-delivery marks the letter that it is about, and no other."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from quartieri.extensions import services
from quartieri.gateways.email import message
from quartieri.kit.clock import SetClock
from quartieri.mail.actions import came_back
from quartieri.mail.bounces import read_report
from quartieri.mail.models import Letter, LetterState
from quartieri.mail.queries import letters_about, undelivered
from tests.factories.campaigns import STARTS, make_confirmed, make_live

REPORT = """From: MAILER-DAEMON@mail.example.org
To: noreply@quartieri.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"

--edge
Content-Type: text/plain; charset=us-ascii

This is the mail system.

--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; bea@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 Recipient address
    rejected: User unknown

--edge
Content-Type: {kind}

From: noreply@quartieri.example
Message-ID: {sent}

--edge--
"""


def report(
    sent: str, *, action: str = "failed", status: str = "5.1.1", kind: str = "rfc822"
) -> bytes:
    kinds = {"rfc822": "message/rfc822", "headers": "text/rfc822-headers"}
    text = REPORT.format(action=action, status=status, kind=kinds[kind], sent=sent)
    return text.encode()


@pytest.fixture
def letter(session: Session, clock: SetClock) -> Letter:
    clock.set(STARTS)
    pledge = make_confirmed(session, make_live(session).campaign, email="bea@example.org")
    return letters_about(session, "pledge", pledge.id)[-1]


def id_of(letter: Letter) -> str:
    sender = services().settings.mail_from
    sent = message(
        f"letter-{letter.id}", sender, to=letter.to, subject=letter.subject, text=letter.text
    )
    return str(sent["Message-ID"])


@pytest.mark.parametrize("kind", ["rfc822", "headers"])
def test_a_letter_that_came_back_is_told_on_the_pledges_page(
    session: Session, letter: Letter, kind: str
) -> None:
    bounce = read_report(report(id_of(letter), kind=kind))
    assert bounce is not None
    found = came_back(session, bounce, sender=services().settings.mail_from)
    assert found is letter
    assert letter.state is LetterState.FAILED
    assert letter.failure == "5.1.1 550 5.1.1 Recipient address rejected: User unknown"
    assert letter.subject_id is not None
    assert undelivered(session, "pledge", letter.subject_id) is letter


def test_a_delay_a_passing_status_and_other_mail_are_no_bounce(letter: Letter) -> None:
    sent = id_of(letter)
    assert read_report(report(sent, action="delayed")) is None
    assert read_report(report(sent, status="4.4.1")) is None
    assert read_report(report("<other@example.org>")) is None
    assert read_report(b"Subject: Ciao\n\nSono in ferie.") is None


def test_nobody_marks_a_letter_without_having_it(session: Session, letter: Letter) -> None:
    forged = f"<letter-{letter.id}.{'0' * 24}@quartieri.invalid>"
    bounce = read_report(report(forged))
    assert bounce is not None
    assert came_back(session, bounce, sender=services().settings.mail_from) is None
    assert letter.state is not LetterState.FAILED
