"""A report of non-delivery marks the letter that it is about, and no other."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM, Role
from quartieri.extensions import Services, services
from quartieri.gateways.email import message
from quartieri.kit.clock import SetClock
from quartieri.mail.actions import came_back, send_again
from quartieri.mail.bounces import read_report
from quartieri.mail.models import Letter, LetterState
from quartieri.mail.queries import letters_about, undelivered
from quartieri.people.models import User
from quartieri.people.rules import Scope
from tests.conftest import SiteClient
from tests.doubles import Outbox
from tests.factories.campaigns import STARTS, Scene, make_confirmed, make_live
from tests.factories.people import make_authority, make_official

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
    sent: str, *, action: str = "failed", status: str = "5.1.1", attached: str = "rfc822"
) -> bytes:
    kinds = {"rfc822": "message/rfc822", "headers": "text/rfc822-headers"}
    text = REPORT.format(action=action, status=status, kind=kinds[attached], sent=sent)
    return text.encode()


@pytest.fixture
def scene(session: Session, clock: SetClock) -> Scene:
    clock.set(STARTS)
    return make_live(session)


@pytest.fixture
def letter(session: Session, scene: Scene) -> Letter:
    pledge = make_confirmed(session, scene.campaign, email="bea@example.org")
    return letters_about(session, "pledge", pledge.id)[-1]


def id_of(letter: Letter) -> str:
    sender = services().settings.mail_from
    sent = message(letter.name, sender, to=letter.to, subject=letter.subject, text=letter.text)
    return str(sent["Message-ID"])


@pytest.mark.parametrize("attached", ["rfc822", "headers"])
def test_a_letter_that_came_back_is_told_on_the_pledges_page(
    session: Session, letter: Letter, attached: str
) -> None:
    bounce = read_report(report(id_of(letter), attached=attached))
    assert bounce is not None
    found = came_back(session, bounce, sender=services().settings.mail_from, at=STARTS)
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
    assert came_back(session, bounce, sender=services().settings.mail_from, at=STARTS) is None
    assert letter.state is not LetterState.FAILED


SECRET = "un segreto di almeno ventiquattro lettere"


def signed(body: bytes, *, ago: int = 0) -> dict[str, str]:
    t = str(int(time.time()) - ago)
    made = hmac.new(SECRET.encode(), f"{t}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Bounce-Signature": f"t={t},v1={made}"}


def test_a_mail_service_tells_it_by_a_signed_request_once_or_twice(
    *,
    session: Session,
    services: Services,
    letter: Letter,
    client: SiteClient,
    work: Callable[[], int],
    outbox: Outbox,
) -> None:
    body = report(id_of(letter))
    assert client.post("/mail/bounces", data=body, headers=signed(body)).status_code == 404
    services.settings = replace(services.settings, mail_bounce_secret=SECRET)
    session.commit()
    work()
    bad: dict[str, str]
    for bad in ({}, signed(body, ago=3600), signed(b"other"), {"Bounce-Signature": "t=1,v1=x"}):
        assert client.post("/mail/bounces", data=body, headers=bad).status_code == 401
    for _twice in range(2):
        assert client.post("/mail/bounces", data=body, headers=signed(body)).status_code == 200
        session.expire_all()
        assert letter.state is LetterState.FAILED
        assert letter.failed_at == STARTS
    old_id = id_of(letter)
    session.info["writing"] = True
    send_again(session, letter, actor=SYSTEM, at=STARTS)
    session.commit()
    work()
    session.expire_all()
    assert [one.subject for one in outbox.to(letter.to)].count(letter.subject) == 2
    notice = {"message_id": old_id, "permanent": True, "reason": "550 unknown"}
    for told, state in (
        (notice, LetterState.SENT),  # of the first sending, told late
        (notice | {"message_id": id_of(letter), "permanent": False}, LetterState.SENT),
        (notice | {"message_id": id_of(letter)}, LetterState.FAILED),
    ):
        body = json.dumps(told).encode()
        said = client.post(
            "/mail/bounces", data=body, headers=signed(body), content_type="application/json"
        )
        assert said.status_code == 200
        session.expire_all()
        assert letter.state is state
    assert letter.failure == "550 unknown"


def test_officials_see_what_came_back_in_their_scope_and_send_it_again(
    session: Session, scene: Scene, letter: Letter, as_user: Callable[[User], SiteClient]
) -> None:
    letter.state, letter.failed_at, letter.failure = LetterState.FAILED, STARTS, "5.1.1"
    elsewhere = Scope(authority_id=make_authority(session).id)
    stranger = make_official(session, Role.OFFICER, elsewhere)
    session.commit()
    officer = as_user(scene.officer)
    page = officer.get("/manage/letters?sort=to&kind=pledge").text
    assert "bea@example.org" in page
    assert "5.1.1" in page
    path = f"/manage/letters/{letter.id}/again"
    other = as_user(stranger)
    assert "bea@example.org" not in other.get("/manage/letters").text
    assert other.post(path).status_code == 404
    officer = as_user(scene.officer)
    assert officer.post(path).status_code == 303
    session.expire_all()
    assert letter.state is LetterState.WRITTEN
    assert "5.1.1" not in officer.get("/manage/letters").text
