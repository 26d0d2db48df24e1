"""Following a call by email: double opt-in, news, one click to leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from quartieri.calls import actions
from quartieri.calls.actions import followers
from quartieri.calls.actions.followers import News
from quartieri.calls.models import Call, Follower
from quartieri.gateways.email import message
from quartieri.jobs import registry
from quartieri.jobs.models import Job
from quartieri.kit.clock import SetClock
from quartieri.mail.models import Letter
from tests.conftest import SiteClient
from tests.doubles import NOW, Outbox
from tests.factories.acts import act_data
from tests.factories.call_forms import text
from tests.factories.calls import CLOSES, MANAGER, make_published_call
from tests.integration.test_calls_public import path_of

Work = Callable[[], int]


@pytest.fixture
def call(session: Session) -> Call:
    return make_published_call(session)


def main_of(answer: TestResponse) -> str:
    """Give what a page says, without its frame."""
    return text(answer).partition("<main")[2].partition("</main>")[0]


def follow(session: Session, call: Call, email: str, language: str = "it") -> Follower:
    return followers.follow(session, call, email=email, language=language, at=NOW, own=True)


def test_nobody_follows_before_the_click_on_the_letters_link(
    session: Session, client: SiteClient, call: Call, outbox: Outbox, work: Work
) -> None:
    follow, data = f"/calls/{call.slug}/follow", {"email": "Anna@Example.org"}
    answer = client.send(follow, data)
    assert answer.status_code == 200
    work()
    letter = outbox.to("anna@example.org")[0]
    link = path_of(letter.text)
    assert client.get(link).status_code == 200
    assert session.scalars(sa.select(Follower.confirmed_at)).one() is None
    assert client.post(link).status_code == 303
    assert session.scalars(sa.select(Follower.confirmed_at)).one() == NOW
    again = client.send(follow, data)
    assert main_of(again) == main_of(answer)


def test_whoever_follows_is_told_of_each_thing_once_in_the_own_language(
    session: Session, call: Call, outbox: Outbox, work: Work
) -> None:
    follow(session, call, "it@example.org")
    follow(session, call, "en@example.org", "en")
    followers.follow(session, call, email="no@example.org", language="it", at=NOW)
    window = call.windows[0]
    later = CLOSES + timedelta(days=7)
    actions.extend_window(session, window, later, act_data(), actor=MANAGER, at=NOW)
    actions.suspend(session, call, act_data(), deadlines_stop=True, actor=MANAGER, at=NOW)
    actions.resume(session, call, act_data(), actor=MANAGER, at=NOW)
    work()
    work()
    italian = [letter.subject for letter in outbox.to("it@example.org")]
    assert sorted(italian) == [
        "Il bando riprende: Alleanze di prova",
        "Il bando è sospeso: Alleanze di prova",
        "Nuova scadenza: Alleanze di prova",
    ]
    english = {letter.subject: letter.text for letter in outbox.to("en@example.org")}
    assert "until" in english["New deadline: Alleanze di prova (en)"]
    assert len(outbox.to("no@example.org")) == 1


def test_letters_are_written_in_chunks_and_a_repeated_job_writes_none_twice(
    session: Session,
    call: Call,
    outbox: Outbox,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(followers, "CHUNK", 2)
    for number in range(5):
        follow(session, call, f"{number}@example.org")
    followers.tell(
        session, call, News.RECTIFIED, occasion="edition:2", at=NOW, about_it="Il tetto."
    )
    args = session.scalars(sa.select(Job.args).where(Job.kind == "calls.tell")).one()
    work()
    session.commit()
    registry.run("calls.tell", args)
    work()
    assert len(outbox.letters) == 5
    assert all("Il tetto." in letter.text for letter in outbox.letters)


def test_where_nobody_follows_nothing_is_planned(session: Session, call: Call) -> None:
    followers.tell(session, call, News.SUSPENDED, occasion="x", at=NOW)
    assert session.scalars(sa.select(Job.id).where(Job.kind == "calls.tell")).all() == []


def test_one_click_leaves_without_cookie_or_token_and_nothing_is_kept(
    session: Session, client: SiteClient, call: Call, outbox: Outbox, work: Work
) -> None:
    follow(session, call, "anna@example.org")
    followers.tell(session, call, News.SUSPENDED, occasion="x", at=NOW)
    work()
    letter = outbox.to("anna@example.org")[0]
    assert letter.unsubscribe_url.startswith("http://localhost/calls/unsubscribe/")
    path = letter.unsubscribe_url.removeprefix("http://localhost")
    client.application.config["WTF_CSRF_ENABLED"] = True
    try:
        assert client.get(path).status_code == 200
        assert session.scalar(sa.select(sa.func.count(Follower.id))) == 1
        one_click = {"List-Unsubscribe": "One-Click"}
        assert client.post(path, data=one_click).status_code == 200
        assert client.post(path, data=one_click).status_code == 200
    finally:
        client.application.config["WTF_CSRF_ENABLED"] = False
    assert session.scalar(sa.select(sa.func.count(Follower.id))) == 0
    kept = session.scalars(sa.select(Letter.id).where(Letter.to == "anna@example.org")).all()
    assert kept == []
    assert "cancellato" in text(client.get(path))


def test_the_letter_carries_the_headers_of_one_click_unsubscription() -> None:
    url = "https://quartieri.comune.example.org/calls/unsubscribe/" + "a" * 32
    mail = message("x", "a@b.example", to="c@d.example", subject="S", text="T", unsubscribe_url=url)
    lines = bytes(mail).decode().split("\n\n")[0].replace("\n ", " ")
    assert f"List-Unsubscribe: <{url}>" in " ".join(lines.split(" "))
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert "List-Unsubscribe" not in str(
        message("x", "a@b.example", to="c@d.example", subject="S", text="T")
    )


def test_a_call_that_ended_cannot_be_followed(
    session: Session, client: SiteClient, call: Call
) -> None:
    actions.cancel(session, call, act_data(), reason="errore", actor=MANAGER, at=NOW)
    answer = client.post(f"/calls/{call.slug}/follow", data={"email": "anna@example.org"})
    assert answer.status_code == 409


def test_addresses_are_deleted_unconfirmed_after_days_and_all_months_after_the_end(
    session: Session, call: Call, clock: SetClock
) -> None:
    follow(session, call, "anna@example.org")
    followers.follow(session, call, email="never@example.org", language="it", at=NOW)
    followers.forget_followers(session, at=NOW + timedelta(days=4))
    assert session.scalars(sa.select(Follower.email)).all() == ["anna@example.org"]
    actions.cancel(session, call, act_data(), reason="errore", actor=MANAGER, at=NOW)
    followers.forget_followers(session, at=NOW + timedelta(days=80))
    assert session.scalar(sa.select(sa.func.count(Follower.id))) == 1
    followers.forget_followers(session, at=NOW + timedelta(days=91))
    assert session.scalar(sa.select(sa.func.count(Follower.id))) == 0
    assert clock.now() == NOW
