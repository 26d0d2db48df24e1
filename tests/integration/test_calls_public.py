"""The public side of a call: lists, feeds, calendars, rules, self-check, questions."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import icalendar
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls import actions
from quartieri.calls.actions import questions
from quartieri.calls.models import CallQuestion
from quartieri.calls.rules import QuestionState
from quartieri.jobs import registry
from quartieri.kit.clock import SetClock, end_of_day
from quartieri.mail.models import Letter
from quartieri.people.models import Authority, User
from quartieri.people.rules import Scope
from tests.conftest import SiteClient
from tests.doubles import NOW, Outbox
from tests.factories.acts import act_data
from tests.factories.call_forms import AsUser, text
from tests.factories.calls import AT, CLOSES, MANAGER, make_published_call, ready_design
from tests.factories.people import make_official, make_user
from tests.factories.programmes import make_area, make_authority

ATOM = "{http://www.w3.org/2005/Atom}"
LONG_AGO = timedelta(days=31)
Work = Callable[[], int]


@pytest.fixture
def city(session: Session) -> Authority:
    return make_authority(session, name="Comune di Prova")


@pytest.fixture
def manager(session: Session, city: Authority) -> User:
    return make_official(session, Role.CALL_MANAGER, city.scope)


def path_of(letter: str) -> str:
    """Give the first address of this site in a letter."""
    return next(w for w in letter.split() if w.startswith("http://localhost")).removeprefix(
        "http://localhost"
    )


def parsed(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 -- our own feed


# -- lists, feeds and calendars ----------------------------------------------------------------


def test_the_list_is_narrowed_by_who_may_apply_and_by_authority(
    session: Session, client: SiteClient, city: Authority
) -> None:
    make_published_call(session, authority=city)
    other = make_published_call(session)
    shown = text(client.get("/calls?kind=association"))
    assert shown.count("Alleanze di prova") >= 2
    assert "Alleanze di prova" not in text(client.get("/calls?kind=business"))
    mine = text(client.get(f"/calls?authority={city.id}"))
    assert f"/calls/{other.slug}" not in mine
    assert client.get("/calls?kind=nonsense&authority=x").status_code == 200


def test_the_feed_tells_of_calls_and_one_calls_feed_of_what_happened(
    session: Session, client: SiteClient, city: Authority
) -> None:
    call = make_published_call(session, authority=city)
    actions.extend_window(
        session,
        call.windows[0],
        CLOSES + timedelta(days=5),
        act_data(),
        actor=MANAGER,
        at=NOW,
    )
    answer = client.get("/calls/feed.atom")
    assert answer.mimetype == "application/atom+xml"
    feed = parsed(answer.data)
    entries = feed.findall(f"{ATOM}entry")
    assert [e.findtext(f"{ATOM}title") for e in entries] == ["Alleanze di prova"]
    assert entries[0].findtext(f"{ATOM}updated") == NOW.isoformat()
    own = parsed(client.get(f"/calls/{call.slug}/feed.atom").data)
    titles = [e.findtext(f"{ATOM}title") for e in own.findall(f"{ATOM}entry")]
    assert titles[0] == "Nuova scadenza della sessione 1"
    assert len({e.findtext(f"{ATOM}id") for e in own.findall(f"{ATOM}entry")}) == len(titles) == 2
    again = client.get("/calls/feed.atom", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_feed_is_well_formed_whatever_a_title_holds(
    session: Session, client: SiteClient, city: Authority
) -> None:
    title = {"it": "Uno \x0b<b>&</b> ]]> due", "en": "One"}
    make_published_call(session, authority=city, design=ready_design(title=title))
    feed = parsed(client.get("/calls/feed.atom").data)
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "Uno <b>&</b> ]]> due"


def test_the_calendar_holds_every_deadline_and_takes_a_moved_one(
    session: Session, client: SiteClient, city: Authority
) -> None:
    last_day = end_of_day((NOW + timedelta(days=20)).date())
    call = make_published_call(session, authority=city, windows=((AT, last_day),))
    questions.set_questions_until(session, call, last_day, actor=MANAGER, at=NOW)
    calendar = icalendar.Calendar.from_ical(client.get("/calls/calendar.ics").data)
    events = {str(e["uid"]).partition("-")[2]: e for e in calendar.walk("VEVENT")}
    assert len(events) == 3
    closes = events[f"{call.windows[0].id}-closes@localhost"]
    assert closes["dtstart"].dt == (NOW + timedelta(days=20)).date()
    assert closes["sequence"] == 0
    noon = last_day + timedelta(hours=12, microseconds=1)
    actions.extend_window(session, call.windows[0], noon, act_data(), actor=MANAGER, at=NOW)
    own = icalendar.Calendar.from_ical(client.get(f"/calls/{call.slug}/calendar.ics").data)
    closes = next(e for e in own.walk("VEVENT") if "closes" in e["uid"])
    assert (closes["dtstart"].dt, closes["sequence"]) == (noon, 1)


def test_a_cancelled_call_cancels_its_deadlines_in_calendars(
    session: Session, client: SiteClient, city: Authority
) -> None:
    call = make_published_call(session, authority=city)
    actions.cancel(session, call, act_data(), reason="errore", actor=MANAGER, at=NOW)
    calendar = icalendar.Calendar.from_ical(client.get(f"/calls/{call.slug}/calendar.ics").data)
    assert {str(e["status"]) for e in calendar.walk("VEVENT")} == {"CANCELLED"}


def test_drafts_and_past_editions_are_in_no_feed(
    session: Session, client: SiteClient, city: Authority
) -> None:
    call = make_published_call(session, authority=city)
    call.historical = True
    assert parsed(client.get("/calls/feed.atom").data).findall(f"{ATOM}entry") == []
    assert client.get(f"/calls/{call.slug}/rules").status_code == 404


# -- rules and self-check ----------------------------------------------------------------------


def test_rules_criteria_and_form_are_read_before_registering_as_page_and_pdf(
    session: Session, client: SiteClient, city: Authority
) -> None:
    call = make_published_call(session, authority=city)
    page = text(client.get(f"/calls/{call.slug}/rules"))
    for shown in ("Quale problema?", "Impatto", "60", "Chi si candida può farlo", "1000 caratteri"):
        assert shown in page, shown
    assert page.index("Quale problema?") < page.index("Quali attività?")
    answer = client.get(f"/calls/{call.slug}/rules.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    again = client.get(
        f"/calls/{call.slug}/rules.pdf", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_the_self_check_ends_in_you_can_apply_or_in_why_not(
    session: Session, client: SiteClient, city: Authority
) -> None:
    make_area(session, city)
    call = make_published_call(session, authority=city)
    path = f"/calls/{call.slug}/self-check"
    assert "Puoi partecipare" not in text(client.get(path))
    good = {"kind": "association", "cost_cents": "50.000", "months": "10"}
    assert "Puoi partecipare" in text(client.get(f"{path}?{urlencode(good)}"))
    wrong = {**good, "kind": "business", "cost_cents": "120.000"}
    page = text(client.get(f"{path}?{urlencode(wrong)}"))
    assert "Puoi partecipare" not in page
    assert "20.000 €" in page.replace("\u00a0", " ")
    unreadable = text(client.get(f"{path}?{urlencode({**good, 'cost_cents': 'tanti'})}"))
    assert "tanti" in unreadable
    assert "Puoi partecipare" not in unreadable


def test_a_calls_page_says_in_its_first_screen_who_how_much_until_when_and_then(
    session: Session, client: SiteClient, city: Authority
) -> None:
    call = make_published_call(session, authority=city)
    page = text(client.get(f"/calls/{call.slug}"))
    first = page[: page.index('class="q-beside"')]
    for shown in ("Chi può fare domanda", "Per quanto", "Fino a quando", "data-countdown="):
        assert shown in first, shown
    assert "28 giorni" in first.replace("\u00a0", " ")


# -- questions ---------------------------------------------------------------------------------


def ask(client: SiteClient, slug: str, **over: str) -> str:
    data = {"text": "Vale una sede a Milano?", "email": "anna@example.org", **over}
    answer = client.send(f"/calls/{slug}/questions", data)
    return f"{answer.status_code} {text(answer)}"


def test_a_question_goes_from_its_asker_over_the_office_to_everybody(  # noqa: PLR0917 -- fixtures
    session: Session,
    client: SiteClient,
    as_user: AsUser,
    city: Authority,
    manager: User,
    outbox: Outbox,
    work: Work,
) -> None:
    call = make_published_call(session, authority=city)
    questions.set_questions_until(session, call, NOW + LONG_AGO, actor=MANAGER, at=NOW)
    asked = ask(client, call.slug, text="Sono Anna Neri: vale una sede a Milano?")
    assert asked.startswith("200")
    work()
    link = path_of(outbox.to("anna@example.org")[0].text)
    office = as_user(manager)
    assert "Anna Neri" not in text(office.get("/manage/questions"))
    assert client.get(link).status_code == 200
    assert session.scalars(sa.select(CallQuestion.state)).one() is QuestionState.ASKED
    assert client.post(link).status_code == 303
    assert client.post(link).status_code == 303
    assert "Anna Neri" in text(office.get("/manage/questions"))
    question = session.scalars(sa.select(CallQuestion)).one()
    path = f"/manage/questions/{question.id}"
    assert "Anna Neri" in text(office.get(path))
    data = {
        "version": "1",
        "text": "Vale una sede a Milano?",
        "answer": "Sì.\n\nAnche operativa.",
        "published": "yes",
    }
    assert office.post(path, data={**data, "answer": " "}).status_code == 422
    assert office.post(path, data=data).status_code == 303
    stale = office.post(path, data={**data, "answer": "No."})
    assert stale.status_code == 409
    work()
    assert "Anche operativa." in outbox.to("anna@example.org")[-1].text
    for page in (f"/calls/{call.slug}", f"/calls/{call.slug}/questions"):
        shown = text(client.get(page))
        assert "Anche operativa." in shown
        assert "Anna" not in shown
        assert "anna@example.org" not in shown


def test_questions_are_taken_until_the_date_inclusive_and_not_after(
    session: Session, client: SiteClient, city: Authority, clock: SetClock
) -> None:
    call = make_published_call(session, authority=city)
    assert ask(client, call.slug).startswith("409")
    questions.set_questions_until(session, call, NOW, actor=MANAGER, at=NOW)
    assert ask(client, call.slug).startswith("200")
    clock.advance(timedelta(microseconds=1))
    late = ask(client, call.slug, text="Troppo tardi?")
    assert late.startswith("409")


def test_a_signed_in_person_asks_without_a_letter_only_with_the_own_address(
    session: Session, as_user: AsUser, city: Authority
) -> None:
    call = make_published_call(session, authority=city)
    questions.set_questions_until(session, call, CLOSES, actor=MANAGER, at=NOW)
    user = make_user(session)
    browser = as_user(user)
    assert "Guarda la tua posta" not in ask(browser, call.slug, email=user.email)
    assert "Guarda la tua posta" in ask(browser, call.slug, email="other@example.org")
    states = session.scalars(sa.select(CallQuestion.state).order_by(CallQuestion.id)).all()
    assert states == [QuestionState.WAITING, QuestionState.ASKED]


def test_the_inbox_shows_the_unanswered_first_and_only_what_is_in_scope(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    call, other = make_published_call(session, authority=city), make_published_call(session)
    for number in range(3):
        for where in (call, other):
            questions.set_questions_until(session, where, CLOSES, actor=MANAGER, at=NOW)
            made = questions.ask(
                session,
                where,
                text=f"Domanda {number} {'mia' if where is call else 'altrui'}",
                email="a@example.org",
                language="it",
                at=NOW + timedelta(minutes=number),
                own=True,
            )
            if number == 0:
                questions.answer(
                    session,
                    made,
                    text=made.asked_text,
                    words="Sì.",
                    published=False,
                    version=1,
                    actor=MANAGER,
                    at=NOW + timedelta(hours=1),
                )
    page = text(as_user(manager).get("/manage/questions"))
    assert page.index("Domanda 1 mia") < page.index("Domanda 2 mia") < page.index("Domanda 0 mia")
    assert "altrui" not in page
    stranger = make_official(session, Role.CALL_MANAGER, Scope(authority_id=other.authority_id))
    theirs = session.scalars(sa.select(CallQuestion.id).where(CallQuestion.call_id == call.id))
    assert as_user(stranger).get(f"/manage/questions/{theirs.first()}").status_code == 404
    assert "Domanda 0 mia" not in text(as_user(manager).get(f"/calls/{call.slug}/questions"))


def test_who_asked_is_forgotten_and_the_answer_stays(
    session: Session, client: SiteClient, city: Authority, clock: SetClock, work: Work
) -> None:
    call = make_published_call(session, authority=city)
    questions.set_questions_until(session, call, CLOSES, actor=MANAGER, at=NOW)
    given = {"email": "anna@example.org", "language": "it", "at": NOW}
    kept = questions.ask(session, call, text="Prima?", own=True, **given)
    questions.ask(session, call, text="Mai confermata", **given)
    questions.answer(
        session,
        kept,
        text="Prima?",
        words="Risposta che resta.",
        published=True,
        version=1,
        actor=MANAGER,
        at=NOW,
    )
    work()
    clock.advance(LONG_AGO)
    session.commit()
    registry.run("calls.forget", {})
    session.expire_all()
    found = session.scalars(sa.select(CallQuestion)).all()
    assert [(q.email, q.asked_text, q.answer) for q in found] == [(None, "", "Risposta che resta.")]
    letters = session.scalars(sa.select(Letter).where(Letter.to == "anna@example.org")).all()
    assert letters == []
    assert "Risposta che resta." in text(client.get(f"/calls/{call.slug}/questions"))
