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

UNNAMED: tuple[tuple[LevelKind, str, int], ...] = (
    (LevelKind.INSTRUMENT, "S", 18),
    (LevelKind.ACTION, "A", 30),
)
"""How many instruments and actions there are. Their names, budgets and lines are not published:
the letters are this site's own, so that an office can name each one when it knows it."""

ITALIAN_TITLES = {
    "milano-cfc-2015": "Crowdfunding civico, prima edizione",
    "milano-cfc-2020": "Crowdfunding civico 2020, seconda edizione",
    "milano-cfc-2022": "Crowdfunding civico 2022, terza edizione",
    "milano-sdq-2019": "La Scuola dei Quartieri, primo bando",
    "milano-sdq-2020a": "La Scuola dei Quartieri, secondo bando",
    "milano-sdq-2020b": "La Scuola dei Quartieri, terzo bando",
    "milano-sdq-2022": "La Scuola dei Quartieri 2022, quarto bando",
    "milano-sdq-2024": "La Scuola dei Quartieri 2024-2025, quinto bando",
    "torino-cocity-2017": "Co-City: patti di collaborazione sui beni comuni urbani",
    "torino-axto-303": "AxTO, azione 3.03: avvio di nuovi servizi in aree urbane a rischio degrado",
    "torino-axto-401": "AxTO, azione 4.01: progetti innovativi sociali e culturali in periferia",
}
"""Past calls by their id, where the shipped title is English."""


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
        description_it="8 linee, 18 strumenti e 30 azioni. I nomi di strumenti e azioni, la linea"
        " di ciascuno e quanto gli spetta non sono pubblicati.",
        description_en="8 lines, 18 instruments and 30 actions. The names of instruments and"
        " actions, the line of each one and what it gets are not published.",
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
    for kind, letter, number in UNNAMED:
        for n in range(1, number + 1):
            programmes.create_level(
                session,
                authority_id=milano.id,
                kind=kind,
                code=f"{letter}{n:02}",
                slug=f"{kind.value}-{n:02}",
                title_it="",
                parent=programme,
                actor=manager,
                at=at,
            )
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
        italian = ITALIAN_TITLES.get(str(facts["id"]))
        calls.import_historical(
            session,
            cities[str(facts["city"])],
            facts,
            rows,
            actor=manager,
            at=at,
            title={"it": italian} if italian else None,
        )
