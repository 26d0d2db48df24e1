"""A mistyped address is put right by the backer's own link, or by the office after a bounce."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import SYSTEM
from quartieri.campaigns import actions, letters
from quartieri.campaigns.jobs import tell_address
from quartieri.campaigns.links import address_url, pledge_token
from quartieri.campaigns.models import Pledge
from quartieri.db import unit_of_work
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.jobs.worker import work_until_idle
from quartieri.kit.clock import SetClock
from quartieri.mail.models import Letter, LetterState
from quartieri.mail.queries import letters_about
from quartieri.payments.models import PaymentSetup
from quartieri.payments.queries import customer
from tests.conftest import SiteClient
from tests.factories.campaigns import STARTS, Scene, make_call_with_campaigns, make_confirmed
from tests.factories.campaigns import make_live as live
from tests.factories.payments import make_saved_card

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

WRONG, RIGHT = "bea@exmaple.org", "bea@example.org"
TICK = timedelta(microseconds=1)
Browser = Callable[..., SiteClient]


@pytest.fixture
def scene(session: Session, clock: SetClock) -> Scene:
    clock.set(STARTS)
    return live(session, call=make_call_with_campaigns(session, person_cap_cents=100_00))


@pytest.fixture
def pledge(session: Session, scene: Scene) -> Pledge:
    pledge = make_confirmed(session, scene.campaign, email=WRONG)
    session.execute(sa.delete(Letter))
    session.commit()
    return pledge


def sent(session: Session, pledge: Pledge) -> list[tuple[str, str]]:
    session.expire_all()
    found = letters_about(session, "pledge", pledge.id)
    return [(one.key.partition(":")[0], one.to) for one in found]


def test_the_new_address_counts_once_its_own_letter_was_answered(
    session: Session, pledge: Pledge, client: SiteClient
) -> None:
    token = pledge_token(pledge)
    path = f"/pledges/{token}/address"
    assert f'href="{path}"' in client.get(f"/pledges/{token}").text
    assert client.get(path).status_code == 200
    for bad in ("", "bea", WRONG):
        refused = client.post(path, data={"email": bad})
        assert refused.status_code == 422
        assert f'value="{bad}"' in refused.text
    assert client.post(path, data={"email": "Bea@Example.org"}).status_code == 303
    assert sent(session, pledge) == [("pledge-address", RIGHT)]
    assert pledge.email == WRONG
    letter = letters_about(session, "pledge", pledge.id)[-1]
    assert token not in letter.text
    [link] = re.findall(r"http://localhost(/pledges/new-address/\S+)", letter.text)
    assert client.get(link).status_code == 200
    assert client.get(link + "x").status_code == 404
    assert pledge.email == WRONG, "opening alone changes nothing"
    assert client.post(link).status_code == 303
    assert sent(session, pledge)[1:] == [
        ("pledge-address-old", WRONG),
        ("pledge-address_new", RIGHT),
    ]
    assert (pledge.email, pledge.mailbox) == (RIGHT, RIGHT)
    assert client.get(f"/pledges/{token}").status_code == 404, "a stranger may have this link"
    assert client.get(f"/pledges/{pledge_token(pledge)}").status_code == 200
    old = letters_about(session, "pledge", pledge.id)[1]
    assert "http" not in old.text
    assert RIGHT not in old.text
    assert client.post(link).status_code == 303
    assert len(sent(session, pledge)) == 3, "a second click changes nothing"
    verbs = sa.select(AuditEntry.verb).where(AuditEntry.subject_kind == "pledge")
    assert {"ask_address", "change_address"} <= set(session.scalars(verbs))


def test_the_provider_hears_of_the_new_address_and_of_the_last_one_of_several(
    session: Session, pledge: Pledge, payments: SandboxProvider, clock: SetClock
) -> None:
    make_saved_card(payments, subject=pledge.subject, at=clock.now())
    payer = str(customer(session, pledge.subject))
    for email in (RIGHT, WRONG, RIGHT):
        clock.advance(TICK)
        with unit_of_work() as writing:
            actions.confirm_address(writing, pledge, email, actor=SYSTEM, at=clock.now())
        work_until_idle()
        with payments.sandbox._unit():
            assert payments.sandbox._desk.find("customer", payer)["email"] == email
    tell_address(pledge.id, token=clock.now().isoformat())
    with unit_of_work() as writing:
        writing.execute(sa.update(PaymentSetup).values(customer_id="cus_gone"))
    tell_address(pledge.id, token="x")  # deleted there: nothing is left to put right


def test_until_the_end_and_thrice_a_day_a_new_address_may_be_asked(
    *, session: Session, scene: Scene, pledge: Pledge, client: SiteClient, clock: SetClock
) -> None:
    path = f"/pledges/{pledge_token(pledge)}/address"
    for number in range(3):
        assert client.post(path, data={"email": f"b{number}@example.org"}).status_code == 303
    assert client.post(path, data={"email": RIGHT}).status_code == 409
    assert len(sent(session, pledge)) == 3
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at)
    assert client.post(path, data={"email": RIGHT}).status_code == 303
    clock.advance(TICK)
    assert client.post(path, data={"email": "c@example.org"}).status_code == 409
    assert "<form" not in client.get(path).text.partition("<main")[2].partition("</main")[0]


def test_an_address_that_would_pass_the_cap_for_one_person_is_refused(
    session: Session, scene: Scene, pledge: Pledge, client: SiteClient
) -> None:
    make_confirmed(session, scene.campaign, 60_00, email=RIGHT)
    link = address_url(pledge, RIGHT).removeprefix("http://localhost")
    session.commit()
    refused = client.post(link)
    assert refused.status_code == 409
    assert "100" in refused.text
    session.expire_all()
    assert pledge.email == WRONG


def test_the_office_puts_right_only_what_came_back_and_says_how_it_knows(
    session: Session, scene: Scene, pledge: Pledge, as_user: Browser
) -> None:
    officer, path = as_user(scene.officer), f"/manage/pledges/{pledge.id}/address"
    typed = {"email": RIGHT, "reason": "Detto al telefono, richiamata"}
    assert officer.post(path, data=typed).status_code == 409
    session.info["writing"] = True
    lost = Letter(
        key="x",
        to=WRONG,
        language="it",
        subject="Grazie",
        text="",
        subject_kind="pledge",
        subject_id=pledge.id,
        state=LetterState.FAILED,
        failed_at=STARTS,
        written_at=STARTS,
    )
    session.add(lost)
    session.flush()
    letters.confirmed(session, scene.campaign, pledge, at=STARTS)  # a newer one, not back yet
    session.commit()
    officer = as_user(scene.officer)
    assert path in officer.get(f"/manage/pledges/{pledge.id}").text
    assert officer.post(path, data=typed | {"reason": ""}).status_code == 422
    assert as_user(scene.treasurer).post(path, data=typed).status_code == 403
    assert as_user(scene.officer).post(path, data=typed).status_code == 303
    assert [to for _key, to in sent(session, pledge)] == [WRONG, WRONG, WRONG, RIGHT]
    assert pledge.email == RIGHT
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.verb == "change_address")).one()
    assert entry.reason == typed["reason"]
    assert "@" in str(entry.after)
    assert RIGHT not in str(entry.after)
