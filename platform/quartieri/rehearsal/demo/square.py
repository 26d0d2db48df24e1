"""The demo's public square: meetings about its calls, questions with answers, who follows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.calls.actions import followers, meetings, places, questions
from quartieri.calls.meeting import MeetingData
from quartieri.calls.models import Call, CallQuestion, Meeting
from quartieri.db import get, unit_of_work
from quartieri.extensions import services
from quartieri.files.actions import keep
from quartieri.kit.clock import end_of_day, in_rome
from quartieri.people.models import Authority
from quartieri.programmes import queries as programmes
from quartieri.rehearsal.demo.tale import Tale
from quartieri.rehearsal.paper import blank_pdf

PEOPLE = (
    "Marta Invernizzi",
    "Karim Haddad",
    "Teresa Lo Cascio",
    "Paolo Brambilla",
    "Huda Salem",
    "Gianni Ferri",
)
ANSWERED = (
    (
        "alleanze",
        "Un'associazione che non ha ancora il codice fiscale può essere partner?",
        (
            "Sì, come partner.\n\nIl capofila invece deve essere già costituito: è lui che firma la"
            " convenzione e risponde del contributo."
        ),
    ),
    (
        "alleanze",
        "Le ore dei volontari contano come quota nostra?",
        (
            "No: la quota che mettete voi è in denaro. Potete raccontare il lavoro dei volontari"
            " nel progetto, e la commissione ne tiene conto nei criteri."
        ),
    ),
    (
        "scuola",
        "Possiamo candidarci se uno di noi abita fuori Milano?",
        (
            "Sì. Il progetto deve svolgersi in uno dei quartieri ammessi; le persone possono"
            " abitare dove vogliono."
        ),
    ),
)
"""Call, question, and the office's answer: all invented."""


def listen(tale: Tale) -> None:
    """Let the office take questions, and people follow the calls."""
    manager, at = tale.stage.cast.actor("manager"), tale.stage.now
    with unit_of_work() as session:
        for key, days in (("scuola", 40), ("alleanze", 50)):
            call = get(session, Call, tale.calls[key])
            until = end_of_day(in_rome(tale.day(days)).date())
            questions.set_questions_until(session, call, until, actor=manager, at=at)
            for name in PEOPLE[:3]:
                followers.follow(
                    session, call, email=_address(name), language="it", at=at, own=True
                )


def answer(tale: Tale) -> None:
    """Answer the first questions in public."""
    manager, at = tale.stage.cast.actor("manager"), tale.stage.now
    with unit_of_work() as session:
        for n, (key, text, words) in enumerate(ANSWERED):
            asked = _ask(session, tale, key, text, PEOPLE[n])
            questions.answer(
                session,
                asked,
                text=text,
                words=words,
                published=True,
                version=asked.version,
                actor=manager,
                at=at,
            )


def ask(tale: Tale) -> None:
    """Leave a question that waits for its answer."""
    with unit_of_work() as session:
        _ask(session, tale, "alleanze", "Si può cambiare partner dopo aver vinto?", PEOPLE[4])


def _ask(session: Session, tale: Tale, key: str, text: str, name: str) -> CallQuestion:
    call = get(session, Call, tale.calls[key])
    return questions.ask(
        session,
        call,
        text=text,
        email=_address(name),
        language="it",
        at=tale.stage.now,
        own=True,
    )


# -- meetings ----------------------------------------------------------------------------------


def invite(tale: Tale) -> None:
    """Plan the first meeting."""
    _plan(tale, "past", tale.day(-50, 18), ("alleanze", "civico"), "4", 40, PEOPLE[:5])


def present(tale: Tale) -> None:
    """Tick who came to the first meeting, and put what was shown on its page."""
    officer, at = tale.stage.cast.actor("officer"), tale.stage.now
    with unit_of_work() as session:
        meeting = get(session, Meeting, tale.made["meeting-past"][0])
        people = places.people_of(session, meeting)
        came = {p.id for p in people[:4]}
        places.mark_attendance(session, meeting, came, actor=officer, at=at)
        stored = keep(
            session,
            services().storage,
            name="presentazione.pdf",
            content=blank_pdf(),
            user_id=officer.user_id,
            at=at,
            most_bytes=services().settings.max_upload_bytes,
            public=True,
        )
        meetings.add_material(
            session, meeting, stored, title="Le slide dell'incontro", actor=officer, at=at
        )


def invite_again(tale: Tale) -> None:
    """Plan two more: one with places left, one that is full."""
    _plan(tale, "next", tale.day(6, 18), ("scuola", "alleanze"), "9", 30, PEOPLE[:4])
    _plan(tale, "full", tale.day(13, 17), ("alleanze",), "", 4, PEOPLE)


WORDS = {
    "past": ("Alleanze e crowdfunding: come si partecipa", "Centro civico di via Oglio 18"),
    "next": ("I bandi nei quartieri: domande e risposte", "Biblioteca Dergano, via Baldinucci 60"),
    "full": ("Alleanze di quartiere, passo per passo", ""),
}


def _plan(  # noqa: PLR0917 -- read as one sentence at its uses
    tale: Tale,
    key: str,
    starts_at: datetime,
    calls: Sequence[str],
    area: str,
    capacity: int,
    people: Sequence[str],
) -> None:
    title, place = WORDS[key]
    at = tale.stage.now
    with unit_of_work() as session:
        city = get(session, Authority, tale.authority_id)
        areas = {a.code: a.id for a in programmes.areas(session, city.id)}
        data = MeetingData(
            title_it=title,
            title_en="",
            about_it="Presentiamo i bandi aperti e rispondiamo alle domande. Incontro inventato"
            " per questa dimostrazione.",
            about_en="We present the open calls and answer questions. A meeting invented for this"
            " demo.",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            place=place,
            link="" if place else "https://incontri.demo.example/alleanze",
            area_id=areas.get(area),
            capacity=capacity,
            call_ids=tuple(tale.calls[c] for c in calls),
        )
        manager = tale.stage.cast.actor("manager")
        meeting = meetings.plan_meeting(session, city, data, actor=manager, at=at)
        tale.made[f"meeting-{key}"] = [meeting.id]
        for name in people:
            places.ask_place(
                session,
                meeting,
                name=name,
                email=_address(name),
                language="it",
                at=at,
                own=True,
            )


def _address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@demo.example"
