"""Calls that officials design: from a blank page to publication, and changed by act later."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest

from quartieri.kit.clock import rome
from tests.browser.company import Company
from tests.browser.neighbourhood import COURTYARD
from tests.browser.pages.applications import Application
from tests.browser.pages.calls import CallEditor, both
from tests.browser.pages.form_editor import FormEditor
from tests.browser.scene import Scene
from tests.browser.site import Site, on_sqlite
from tests.browser.test_scuola import KITCHEN

TITLE = "La Scuola dei Quartieri da zero"
OPENS = rome(date(2025, 2, 3), time(8, 0))
CLOSES = rome(date(2025, 3, 14), time(12, 0))
WHO = {
    "kinds": ["informal_group", "association", "third_sector", "other_non_profit"],
    "min_group_members": 2,
    "max_organisation_age_years": 3,
    "months_min": 8,
    "months_max": 12,
    "own_share_min": 10,
    "double_funding": "other_costs",
    "signature": "session",
    "stamp_duty": "not_due",
}
NEED, ACTIVE, WHERE = "Quale bisogno affronti?", "Lavorate già nel quartiere?", "Dove lavorate?"
SLIP = "Domanda di troppo"


@pytest.mark.journey
@on_sqlite
def test_a_call_is_designed_from_a_blank_page(company: Company, site: Site, kind: str) -> None:
    """Once with a mouse and looked at, once by keyboard alone."""
    company.by_keyboard = kind == "postgresql"
    manager = company["manager"]
    editor = CallEditor(manager)
    editor.start("")
    texts = {
        **both("title", TITLE),
        **both("summary", "Un contributo diretto a chi comincia."),
        **both("text", "## A che cosa serve\n\nA fare scuola nei quartieri."),
        **both("legal_basis", "Legge 241/1990, art. 12"),
    }
    editor.identity(office="Direzione Giovani", **texts)
    editor.sessions((OPENS, CLOSES))
    editor.who(WHO)
    form = FormEditor(manager, editor.address)
    design_the_form(form)
    editor.requirements("Il gruppo ha almeno due persone.")
    editor.evaluation([("Utile", 40), ("Nuova", 30), ("Duratura", 30)], minimum=50)
    grant = {"kind": "direct", "grant_share": 90, "grant_min": "20.000", "grant_cap": "30.000"}
    editor.money("G Luoghi d'incontro", 750_000_00, **grant)
    editor.publish("DD-20")

    visitor = company.visitor()
    visitor.open("/calls").follow(TITLE)
    visitor.look("designed: call")
    public = visitor.page.url
    for text in ("750.000", "20.000 €", "venerdì 14 marzo 2025, ore 12:00"):
        visitor.sees(text)
    visitor.follow("the form, the criteria and what is checked first")
    visitor.look("designed: rules, criteria and form")
    visitor.sees(NEED)
    visitor.sees_not(SLIP)
    for page in ("self-check", "questions", "follow"):
        visitor.open(f"{public}/{page}")
        visitor.look(f"designed: {page}")
    visitor.open("/meetings")
    visitor.look("meetings, none")
    site.go_to(OPENS + timedelta(hours=1))
    applicant = company["citizen"]
    application = Application(applicant, KITCHEN)
    application.start(public)
    applicant.sees("Le vostre radici")


def design_the_form(form: FormEditor) -> None:
    """Add a section of three questions, one of which depends on another; order them."""
    person = form.person
    form.add_section("Le vostre radici", "Your roots")
    person.look("office: form, a section added")
    form.add(ACTIVE, "yes_no", "Do you work there already?", required=True)
    form.save()
    form.add(WHERE, "short_text", "Where do you work?", required=True, limit=120)
    form.show_if(ACTIVE, "is", "sì")
    form.save()
    form.add(SLIP, "number", "One too many")
    form.save()
    form.add(NEED, "long_text", "Which need do you answer?", required=True, limit=2000)
    form.save()
    person.look("office: form, its questions")
    person.go_to(form.row("question", WHERE).get_by_role("link"))
    person.look("office: form, a question on a condition")
    form.open()
    form.delete(SLIP)
    form.move(NEED, "up")
    form.move(NEED, "up")
    assert form.order()[-3:] == [NEED, ACTIVE, WHERE]
    form.open()
    assert form.order()[-3:] == [NEED, ACTIVE, WHERE]


@pytest.mark.journey
@on_sqlite
def test_a_call_is_rectified_while_a_draft_exists(
    company: Company, site: Site, scene: Scene, kind: str
) -> None:
    company.by_keyboard = kind == "postgresql"
    public = scene.open_call()
    office = f"/manage/calls/{scene.call_id}"
    applicant = company["citizen"]
    application = Application(applicant, COURTYARD)
    application.start(public)
    application.save_section("summary")

    manager = company["manager"]
    manager.open(office)
    manager.press("Rectify the call")
    found = re.search(r"(/manage/calls/\d+)/edit", manager.page.url)
    assert found
    manager.sees(
        "You are changing a copy of the published call. Nothing changes in the call before an "
        "act publishes it."
    )
    manager.follow("See what changes")
    manager.look("office: rectification, nothing yet")
    manager.sees("Nothing has changed yet. Change the copy in the editor, then come back here.")
    copy = FormEditor(manager, found[1])
    copy.add("Chi vi aiuta?", "long_text", "Who helps you?", required=True, limit=800)
    copy.save()
    manager.open(office)
    manager.press("Go on with the rectification")
    manager.follow("See what changes")
    manager.look("office: rectification, ready")
    manager.sees("Chi vi aiuta?")
    assert "Dove si svolge?" not in manager.text(), "what stayed as it was is no change"
    manager.fill({"reason_it": "Mancava una domanda.", "reason_en": "A question was missing."})
    manager.fill_act("DD-30", "Rettifica il bando")
    manager.press("Publish the rectification")
    manager.sees("The call is rectified: edition %(number)s.", number=2)

    visitor = company.visitor()
    visitor.open(public)
    visitor.look("call, rectified")
    visitor.follow("The call was rectified: what changed, before and after")
    visitor.look("call: what changed")
    visitor.sees("Mancava una domanda.")
    visitor.sees("Chi vi aiuta?")
    assert any("Mancava una domanda." in letter for letter in applicant.letters())
    application.open()
    applicant.look("draft, carried over")
    applicant.sees(COURTYARD.title)
    applicant.open(f"{application.address}/edit/summary")
    assert applicant.page.input_value("[name=title]") == COURTYARD.title
