"""What is real in the demo: authorities, Milan's areas and programme, past calls as history."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.actions import record as record_act
from quartieri.acts.rules import ActKind
from quartieri.audit.rules import Actor
from quartieri.calls import actions as calls
from quartieri.people import actions as people
from quartieri.people.models import Authority
from quartieri.programmes import actions as programmes
from quartieri.programmes.rules import AreaKind, LevelKind
from quartieri.rehearsal.document import shipped_calls, shipped_rows

PROGRAMME_CENTS = 15_000_000_00
"""Programma triennale Economia di Prossimità 2024-2027: 15 million euros, 8 lines."""

LINES: tuple[tuple[str, str, str], ...] = (
    ("A", "Dati e informazione", "Data and information"),
    ("B", "Negozi e botteghe", "Shops and workshops"),
    ("C", "Vetrine su strada", "Street-front windows"),
    ("D", "Botteghe storiche e mercati", "Historic businesses and markets"),
    ("E", "Alleanze di quartiere", "Neighbourhood alliances"),
    ("F", "Economia civile e circolare", "Civil and circular economy"),
    ("G", "Luoghi d'incontro", "Meeting places"),
    ("H", "Spazi a basso costo", "Low-cost space"),
)
"""The names of the lines; their budgets are not published."""


def authorities(session: Session, *, at: datetime) -> dict[str, Authority]:
    """Add the two cities."""
    milano = people.add_authority(
        session, slug="milano", name="Comune di Milano", city="Milano", at=at
    )
    torino = people.add_authority(
        session, slug="torino", name="Città di Torino", city="Torino", at=at
    )
    torino.accent = "gold"
    milano.province, torino.province = "MI", "TO"
    return {"Milano": milano, "Torino": torino}


def ground(session: Session, milano: Authority, *, manager: Actor, at: datetime) -> dict[str, int]:
    """Add Milan's nine Municipi and its programme; give the lines' ids by their letter."""
    for number in range(1, 10):
        programmes.create_area(
            session,
            authority_id=milano.id,
            code=str(number),
            name_it=f"Municipio {number}",
            name_en=f"Municipio {number}",
            kind=AreaKind.MUNICIPIO,
            actor=manager,
            at=at,
        )
    programme = programmes.create_level(
        session,
        authority_id=milano.id,
        kind=LevelKind.PROGRAMME,
        code="EP",
        slug="economia-di-prossimita-2024-2027",
        title_it="Programma triennale Economia di Prossimità 2024-2027",
        title_en="Three-year programme Proximity Economy 2024-2027",
        starts_on=date(2024, 1, 1),
        ends_on=date(2027, 12, 31),
        actor=manager,
        at=at,
    )
    act = record_act(
        session,
        milano.id,
        ActKind.BUDGET,
        ActData("DEMO-1", at.date(), "Giunta comunale", "Segretario generale", "Bilancio"),
        actor=manager,
        at=at,
    )
    programmes.set_budget(session, programme, PROGRAMME_CENTS, act_id=act.id, actor=manager, at=at)
    return {
        code: programmes.create_level(
            session,
            authority_id=milano.id,
            kind=LevelKind.LINE,
            code=code,
            slug=f"linea-{code.lower()}",
            title_it=title_it,
            title_en=title_en,
            parent=programme,
            actor=manager,
            at=at,
        ).id
        for code, title_it, title_en in LINES
    }


def history(
    session: Session, cities: dict[str, Authority], *, manager: Actor, at: datetime
) -> None:
    """Enter the past calls with their known figures and projects, outside of the ledger."""
    for facts in shipped_calls():
        rows = [row for row in shipped_rows() if row["call_id"] == facts["id"]]
        calls.import_historical(
            session, cities[str(facts["city"])], facts, rows, actor=manager, at=at
        )
