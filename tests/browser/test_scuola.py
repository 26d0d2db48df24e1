"""La Scuola dei Quartieri: a direct grant to an informal group, which must become a body first."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from quartieri.kit.clock import rome
from tests.browser.company import Company
from tests.browser.pages.applications import Application, Project
from tests.browser.pages.calls import CallEditor, both
from tests.browser.pages.money import GrantPage
from tests.browser.pages.office import Checks, Commission, Desk, Rankings
from tests.browser.site import Site, on_sqlite

CALL = "La Scuola dei Quartieri 2024-2025"
CLOSES = rome(date(2025, 3, 14), time(12, 0))
KITCHEN = Project(
    "Cucina di ringhiera",
    "Le cuoche del quinto piano",
    "informal_group",
    [("Attrezzature", "20.000"), ("Corsi", "5.000")],
    {"q_sources-own_own": "2.500", "q_sources-requested": "22.500"},
    members=["Cinzia Cittadina", "Amina Diallo", "Wei Chen"],
    area="Municipio 4",
    place="Via dei Cinquecento 12",
    months=10,
)
BODY_TAX_CODE = "97103880585"


@pytest.mark.journey
@on_sqlite
def test_scuola_pays_an_informal_group_once_it_is_a_body(company: Company, site: Site) -> None:
    manager, officer = company["manager"], company["officer"]
    editor = CallEditor(manager)
    editor.start("scuola-quartieri-2024")
    editor.identity(office="Direzione Giovani", **both("legal_basis", "Legge 241/1990, art. 12"))
    editor.sessions((rome(date(2025, 2, 3), time(8, 0)), CLOSES))
    editor.evaluation([("Utile", 40), ("Nuova", 30), ("Duratura", 30)], minimum=50)
    editor.money("G Luoghi d'incontro", 750_000_00)
    editor.publish("DD-10")

    visitor = company.visitor()
    visitor.open("/calls").follow(CALL)
    visitor.look("scuola: call")
    public = visitor.page.url
    application = Application(company["citizen"], KITCHEN)
    application.start(public)
    application.write()
    application.submit()
    application.look("scuola: application submitted")

    site.go_to(CLOSES + timedelta(days=1))
    checks = Checks(officer, editor.address)
    checks.start()
    checks.admit(application.number)
    checks.end()
    Commission(company["secretary"], editor.address).share_out(2)
    for key in ("chair", "member", "member2"):
        desk = Desk(company[key])
        for title in desk.titles():
            desk.score(title, [35, 25, 25], "Risponde a un bisogno vero.")
    rankings = Rankings(manager, editor.address)
    rankings.compute()
    visitor.open(rankings.publish("DD-11"))
    visitor.look("scuola: ranking")
    visitor.sees("22.500")

    grant = GrantPage(officer, KITCHEN.title)
    grant.open()
    officer.look("office: grant of an informal group")
    grant.request("advance", "11.250", status=409)
    officer.sees(
        "The informal group is not a legal entity yet: first record by act the new body's "
        "tax code, statute and IBAN. Until then the grant stays reserved and nothing is paid."
    )
    officer.look("office: payment refused to an informal group", reload=False)
    grant.record_entity("DD-12", "Associazione Cuoche del quinto piano", BODY_TAX_CODE)
    officer.look("office: the new body")
    grant.record_act("DD-13")
    grant.record_agreement()
    grant.request("advance", "11.250")
    pay(company, "CRO 1")
    grant.approve_report()
    grant.request("balance", "11.250")
    pay(company, "CRO 2")
    officer.open("/manage/grants/")
    officer.look("office: grants")
    assert "0,00 € 22.500,00 € 22.500,00 €" in officer.text("tbody")
    assert any("11.250" in letter for letter in company["citizen"].letters())
    assert "22.500,00 €" in visitor.open(public).text()


def pay(company: Company, reference: str) -> None:
    """Approve, order and pay the payment that was requested, by two more people."""
    GrantPage(company["manager"], KITCHEN.title).approve()
    GrantPage(company["treasurer"], KITCHEN.title).order_and_pay(reference)
