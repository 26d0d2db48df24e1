"""Presentation meetings: the calendar, places and the waiting list, reminders, forgetting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from threading import Barrier, Thread

import icalendar
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls.actions import meetings, places
from quartieri.calls.models import Meeting, MeetingPlace
from quartieri.calls.rules import PlaceState
from quartieri.db import db, unit_of_work
from quartieri.jobs import registry
from quartieri.kit.clock import SetClock, in_rome
from quartieri.kit.errors import InvalidError
from quartieri.mail.models import Letter
from quartieri.people.rules import Scope
from quartieri.rehearsal.paper import blank_pdf
from tests.conftest import SiteClient
from tests.doubles import NOW, Outbox
from tests.factories.call_forms import AsUser, count_queries, text
from tests.factories.calls import MANAGER, make_published_call
from tests.factories.meetings import STARTS, make_meeting, meeting_data
from tests.factories.people import make_official, make_user
from tests.integration.test_calls_public import path_of

Work = Callable[[], int]
P = PlaceState


def sign_up(session: Session, meeting: Meeting, name: str) -> MeetingPlace:
    return places.ask_place(
        session,
        meeting,
        name=name,
        email=f"{name}@example.org",
        language="it",
        at=NOW,
        own=True,
    )


def states(session: Session, meeting: Meeting) -> dict[str, PlaceState]:
    session.expire_all()
    rows = session.scalars(
        sa.select(MeetingPlace)
        .where(MeetingPlace.meeting_id == meeting.id)
        .order_by(MeetingPlace.id)
    )
    return {p.name: p.state for p in rows}


def typed(meeting: Meeting, **over: object) -> dict[str, object]:
    return {
        "version": str(meeting.version),
        "title_it": meeting.title_it,
        "calls": [str(c.id) for c in meeting.calls],
        "starts_at": f"{in_rome(meeting.starts_at):%Y-%m-%dT%H:%M}",
        "ends_at": f"{in_rome(meeting.ends_at):%Y-%m-%dT%H:%M}",
        "place": meeting.place,
        "area": "",
        "capacity": str(meeting.capacity or ""),
        **over,
    }


# -- places ------------------------------------------------------------------------------------


def test_a_place_is_taken_by_the_click_on_the_letters_link_and_no_account_is_needed(
    session: Session, client: SiteClient, outbox: Outbox, work: Work
) -> None:
    meeting = make_meeting(session)
    page = f"/meetings/{meeting.id}"
    answer = client.post(page, data={"name": "Anna Neri", "email": "Anna@example.org"})
    assert (answer.status_code, answer.location) == (303, "/look-at-your-mail")
    assert "Anna@example.org" in text(client.get(answer.location))
    work()
    letter = outbox.to("anna@example.org")[0]
    assert "Anna Neri" not in letter.text
    link = path_of(letter.text)
    assert client.get(link).status_code == 200
    assert states(session, meeting) == {"Anna Neri": P.ASKED}
    assert client.post(link, data={"verb": "confirm"}).status_code == 303
    assert states(session, meeting) == {"Anna Neri": P.PLACED}
    work()
    assert outbox.to("anna@example.org")[-1].subject == "Hai un posto: Presentazione del bando"
    assert "Anna" not in text(client.get(page))
    assert "1 libero su 2" in text(client.get(page))
    again = client.post(page, data={"name": "Altri", "email": "anna@example.org"})
    assert again.status_code == 303
    assert states(session, meeting) == {"Anna Neri": P.PLACED}


def test_the_waiting_list_moves_up_when_a_place_is_given_up_and_says_so(
    session: Session, client: SiteClient, outbox: Outbox, work: Work
) -> None:
    meeting = make_meeting(session, capacity=1)
    first = sign_up(session, meeting, "anna")
    for number, name in enumerate(("bruno", "carla"), 1):
        place = sign_up(session, meeting, name)
        place.since = NOW + timedelta(minutes=number)
        session.flush()
    assert states(session, meeting) == {"anna": P.PLACED, "bruno": P.WAITING, "carla": P.WAITING}
    code = first.code
    assert client.post(f"/meetings/places/{code}", data={"verb": "give_up"}).status_code == 303
    assert states(session, meeting) == {"anna": P.GIVEN_UP, "bruno": P.PLACED, "carla": P.WAITING}
    work()
    assert "si è liberato un posto" in outbox.to("bruno@example.org")[-1].text
    assert len(outbox.to("carla@example.org")) == 1
    assert client.post(f"/meetings/places/{code}", data={"verb": "confirm"}).status_code == 303
    assert states(session, meeting)["anna"] is P.WAITING


@given(
    capacity=st.integers(1, 3),
    steps=st.lists(st.tuples(st.sampled_from("anbc"), st.booleans()), max_size=12),
)
def test_there_are_never_more_than_places_and_nobody_waits_while_one_is_free(
    session: Session, capacity: int, steps: list[tuple[str, bool]]
) -> None:
    meeting = make_meeting(session, capacity=capacity)
    found: dict[str, MeetingPlace] = {}
    for name, comes in steps:
        if comes:
            found[name] = sign_up(session, meeting, name)
        elif name in found:
            places.give_up(session, found[name], at=NOW)
        now = list(states(session, meeting).values())
        assert now.count(P.PLACED) <= capacity
        assert now.count(P.WAITING) == 0 or now.count(P.PLACED) == capacity


def test_the_last_place_goes_to_one_of_many_who_click_at_once(fresh_app: Flask) -> None:
    with fresh_app.app_context():
        with unit_of_work() as session:
            meeting = make_meeting(session, capacity=3)
            ids = []
            for number in range(8):
                place = places.ask_place(
                    session,
                    meeting,
                    name=f"n{number}",
                    email=f"n{number}@example.org",
                    language="it",
                    at=NOW,
                )
                ids.append(place.id)
            meeting_id = meeting.id
        db.session.remove()
    start = Barrier(len(ids))
    faults: list[Exception] = []

    def click(place_id: int) -> None:
        with fresh_app.app_context():
            start.wait()
            try:
                with unit_of_work() as session:
                    place = session.get_one(MeetingPlace, place_id)
                    places.confirm_place(session, place, at=NOW)
            except Exception as error:  # noqa: BLE001 -- told by the test
                faults.append(error)
            finally:
                db.session.remove()

    threads = [Thread(target=click, args=(i,)) for i in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with fresh_app.app_context():
        rows = db.session.execute(
            sa.select(MeetingPlace.state, sa.func.count())
            .where(MeetingPlace.meeting_id == meeting_id)
            .group_by(MeetingPlace.state)
        ).all()
        assert {r.state: r[1] for r in rows} == {P.PLACED: 3, P.WAITING: 5}
        db.session.remove()


def test_one_address_that_signs_up_twice_at_once_has_one_sign_up(fresh_app: Flask) -> None:
    with fresh_app.app_context():
        with unit_of_work() as session:
            meeting_id = make_meeting(session).id
        db.session.remove()
    start = Barrier(4)
    faults: list[Exception] = []

    def ask() -> None:
        with fresh_app.app_context():
            start.wait()
            try:
                with unit_of_work() as session:
                    sign_up(session, session.get_one(Meeting, meeting_id), "anna")
            except Exception as error:  # noqa: BLE001 -- told by the test
                faults.append(error)
            finally:
                db.session.remove()

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with fresh_app.app_context():
        assert db.session.scalars(sa.select(MeetingPlace.state)).all() == [P.PLACED]
        db.session.remove()


def test_nothing_moves_once_the_meeting_has_begun(
    session: Session, client: SiteClient, clock: SetClock
) -> None:
    meeting = make_meeting(session)
    place = sign_up(session, meeting, "anna")
    clock.set(STARTS)
    link = f"/meetings/places/{place.code}"
    assert client.post(link, data={"verb": "give_up"}).status_code == 409
    late = client.post(f"/meetings/{meeting.id}", data={"name": "B", "email": "b@example.org"})
    assert late.status_code == 409
    assert states(session, meeting) == {"anna": P.PLACED}


# -- the office --------------------------------------------------------------------------------


def test_the_office_plans_changes_and_cancels_and_people_are_told(
    session: Session, client: SiteClient, as_user: AsUser, outbox: Outbox, work: Work
) -> None:
    call = make_published_call(session)
    officer = make_official(session, Role.OFFICER, Scope(authority_id=call.authority_id))
    office = as_user(officer)
    assert office.get("/manage/meetings/new").status_code == 200
    draft = Meeting(
        version=1, title_it="Incontro", starts_at=STARTS, ends_at=STARTS, place="Via Padova 1"
    )
    draft_data = {**typed(draft), "calls": [str(call.id)], "capacity": "1"}
    refused = office.post("/manage/meetings", data=draft_data)
    assert refused.status_code == 422
    assert "Via Padova 1" in text(refused)
    end = f"{in_rome(STARTS + timedelta(hours=1)):%Y-%m-%dT%H:%M}"
    assert office.post("/manage/meetings", data={**draft_data, "ends_at": end}).status_code == 303
    meeting = session.scalars(sa.select(Meeting)).one()
    for page in ("/meetings", "/meetings?area=" + "9" * 20, f"/calls/{call.slug}"):
        assert "Incontro" in text(client.get(page))
    for name in ("anna", "bruno"):
        sign_up(session, meeting, name)
    path = f"/manage/meetings/{meeting.id}"
    moved = typed(meeting, place="Via Padova 2", capacity="2")
    assert office.post(f"{path}/edit", data=moved).status_code == 303
    assert states(session, meeting) == {"anna": P.PLACED, "bruno": P.PLACED}
    stale = office.post(f"{path}/edit", data=moved)
    assert stale.status_code == 409
    fewer = office.post(f"{path}/edit", data=typed(meeting, capacity="1"))
    assert fewer.status_code == 422
    work()
    assert "Via Padova 2" in outbox.to("anna@example.org")[-1].text
    page = text(office.get(path))
    assert "anna@example.org" in page
    assert office.post(f"{path}/cancel", data={"reason": "Sala chiusa"}).status_code == 422
    sure = {"reason": "Sala chiusa", "sure": "y"}
    assert office.post(f"{path}/cancel", data=sure).status_code == 303
    work()
    assert "Sala chiusa" in outbox.to("bruno@example.org")[-1].text
    assert "Sala chiusa" in text(client.get(f"/meetings/{meeting.id}"))
    calendar = icalendar.Calendar.from_ical(client.get("/meetings/calendar.ics").data)
    assert [str(e["status"]) for e in calendar.walk("VEVENT")] == ["CANCELLED"]


def test_only_the_authoritys_officials_see_who_signed_up(
    session: Session, client: SiteClient, as_user: AsUser
) -> None:
    meeting = make_meeting(session)
    sign_up(session, meeting, "anna")
    path = f"/manage/meetings/{meeting.id}"
    other = make_published_call(session)
    stranger = make_official(session, Role.CALL_MANAGER, Scope(authority_id=other.authority_id))
    assert as_user(stranger).get(path).status_code == 403
    assert as_user(make_user(session)).get(path).status_code == 403
    assert client.get(path).status_code == 302
    theirs = as_user(stranger)
    assert "Presentazione del bando" not in text(theirs.get("/manage/meetings"))
    data = typed(meeting, title_it="Preso")
    assert theirs.post("/manage/meetings", data=data).status_code == 422
    assert theirs.get(f"{path}/participants.csv").status_code == 403
    own = make_official(session, Role.OFFICER, Scope(authority_id=meeting.authority_id))
    table = text(as_user(own).get(f"{path}/participants.csv"))
    assert table.splitlines()[0] == "name,email,since,state,came"
    assert "anna" in table


def test_a_meeting_presents_calls_of_its_own_authority_alone(session: Session) -> None:
    mine, other = make_published_call(session), make_published_call(session)
    for calls in ((), (mine, other)):
        with pytest.raises(InvalidError):
            meetings.plan_meeting(
                session, mine.authority, meeting_data(*calls), actor=MANAGER, at=NOW
            )


def test_attendance_is_ticked_and_materials_are_served_safely(
    session: Session, client: SiteClient, as_user: AsUser, clock: SetClock
) -> None:
    meeting = make_meeting(session)
    anna, _bruno = (sign_up(session, meeting, n) for n in ("anna", "bruno"))
    officer = make_official(session, Role.OFFICER, Scope(authority_id=meeting.authority_id))
    office, path = as_user(officer), f"/manage/meetings/{meeting.id}"
    early = office.post(f"{path}/attendance", data={"present": [str(anna.id)]})
    assert early.status_code == 409
    clock.set(STARTS + timedelta(hours=1))
    assert office.post(f"{path}/attendance", data={"present": [str(anna.id)]}).status_code == 303
    assert {p.name: p.attended for p in places.people_of(session, meeting)} == {
        "anna": True,
        "bruno": False,
    }
    upload = {"title": "Slide", "file": (BytesIO(blank_pdf()), "slide.pdf")}
    assert office.post(f"{path}/materials", data=upload).status_code == 303
    script = {"title": "No", "file": (BytesIO(b"<script>alert(1)</script>"), "x.html")}
    assert office.post(f"{path}/materials", data=script).status_code == 422
    session.expire_all()
    material = meeting.materials[0].id
    served = client.get(f"/meetings/{meeting.id}/materials/{material}")
    assert served.mimetype == "application/pdf"
    assert served.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Slide" in text(client.get(f"/meetings/{meeting.id}"))
    assert office.post(f"{path}/materials/{material}/remove").status_code == 303
    assert client.get(f"/meetings/{meeting.id}/materials/{material}").status_code == 404


# -- timed work --------------------------------------------------------------------------------


def test_a_reminder_goes_out_once_the_day_before_to_whoever_has_a_place_since(
    session: Session, clock: SetClock, outbox: Outbox, work: Work
) -> None:
    meeting = make_meeting(session)
    for name in ("anna", "bruno", "carla"):
        sign_up(session, meeting, name)

    def run() -> list[str]:
        session.commit()
        registry.run("calls.remind", {})
        work()
        return [letter.to for letter in outbox.letters if letter.subject.startswith("Tra poco")]

    clock.set(STARTS - timedelta(hours=24, minutes=1))
    assert run() == []
    clock.set(STARTS - timedelta(hours=24))
    assert sorted(run()) == ["anna@example.org", "bruno@example.org"]
    clock.advance(timedelta(hours=1))
    assert len(run()) == 2


def test_names_and_addresses_are_deleted_a_month_later_and_the_numbers_stay(
    session: Session, client: SiteClient, clock: SetClock, work: Work
) -> None:
    meeting = make_meeting(session)
    place = sign_up(session, meeting, "anna")
    places.ask_place(session, meeting, name="mai", email="mai@example.org", language="it", at=NOW)
    work()
    clock.set(meeting.ends_at + places.KEPT_AFTER_MEETING + timedelta(seconds=1))
    session.commit()
    registry.run("calls.forget", {})
    session.expire_all()
    left = session.scalars(sa.select(MeetingPlace)).all()
    assert [(p.name, p.email, p.state) for p in left] == [("", None, P.PLACED)]
    assert session.scalars(sa.select(Letter).where(Letter.to.like("%example.org"))).all() == []
    assert meeting.forgotten_at == clock.now()
    assert client.get(f"/meetings/places/{place.code}").status_code == 200


def test_the_calendar_asks_the_same_however_many_meetings_there_are(
    session: Session, client: SiteClient
) -> None:
    call = make_published_call(session)
    make_meeting(session, call)
    client.get("/meetings")
    few = count_queries(session, lambda: client.get("/meetings"))
    for _more in range(4):
        make_meeting(session, call)
    assert count_queries(session, lambda: client.get("/meetings")) == few
