"""Without a mouse: sign in, write an application, back a project."""

from __future__ import annotations

from quartieri.rehearsal.cast import PASSWORD
from tests.browser.company import EMAILS, Company
from tests.browser.pages.calls import CallEditor, both
from tests.browser.pages.keyboard import Keyboard
from tests.browser.scene import Scene
from tests.browser.site import on_postgresql, on_sqlite


@on_postgresql
def test_one_signs_in_and_applies_by_keyboard_alone(company: Company, scene: Scene) -> None:
    call = scene.open_call()
    person = company.visitor()
    keyboard = Keyboard(person)
    person.open(call)
    assert len(keyboard.walk_through()) > 8
    person.open(call)
    person.page.keyboard.press("Tab")
    person.page.keyboard.press("Enter")
    assert person.page.evaluate("document.activeElement.id") == "main"
    keyboard.press_on("a[href$='/apply']")
    keyboard.type_into("email", EMAILS["citizen"])
    keyboard.type_into("password", PASSWORD)
    keyboard.press_on("main form button")
    assert person.page.url.endswith("/apply")
    keyboard.tab_to("[name=kind]")
    person.page.keyboard.press("ArrowDown")
    keyboard.type_into("name", "Associazione Tastiera")
    keyboard.type_into("tax_code", "97103880585")
    keyboard.press_on("main form button[type=submit]", "Space")
    person.sees("Associazione Tastiera")

    keyboard.press_on("a[href$='/edit/summary']")
    keyboard.type_into("title", "Un progetto senza mouse")
    keyboard.type_into("summary", "Tutto si fa con i tasti.")
    keyboard.press_on("main button[value=list]")
    person.sees("Un progetto senza mouse")

    keyboard.press_on("a[href$='/edit/budget']")
    for number in range(3):
        keyboard.type_into(f"q_budget-{number}-c_what", f"Voce {number}")
        keyboard.type_into(f"q_budget-{number}-c_amount", "100,50")
    keyboard.tab_to("[data-add-row]")
    person.page.keyboard.press("Enter")
    assert person.page.evaluate("document.activeElement.name") == "q_budget-3-c_category"
    keyboard.type_into("q_budget-3-c_what", "Voce 3")
    keyboard.type_into("q_budget-3-c_amount", "50")
    keyboard.press_on("main button[value=list]")
    person.open(person.page.url + "/edit/budget")
    person.sees("351,50 €")

    person.open("/account")
    keyboard.press_on("header form[action$='/sign-out'] button")
    person.sees("You are signed out.")


@on_sqlite
def test_one_backs_a_project_by_keyboard_alone(company: Company, scene: Scene) -> None:
    person = company.visitor()
    keyboard = Keyboard(person)
    person.open(scene.live_project())
    assert len(keyboard.walk_through()) > 8
    person.open(person.page.url)
    keyboard.press_on("main a.btn-primary")
    keyboard.type_into("amount", "25")
    keyboard.press_on("main form button[type=submit]")
    keyboard.type_into("email", "tasti@example.org")
    keyboard.type_into("name", "Tea Tasti")
    keyboard.tab_to("[name=consent]")
    person.page.keyboard.press("Space")
    keyboard.press_on("main form button[type=submit]")

    keyboard.choose("outcome", "second_factor")
    keyboard.press_on("main form button[type=submit]")
    keyboard.press_on("main form:has([value=approve]) button")
    scene.site.work()
    person.open(person.page.url)
    person.sees("Thank you: your pledge counts")


@on_postgresql
def test_errors_take_the_focus_and_lead_to_their_fields(company: Company, scene: Scene) -> None:
    person = company.visitor()
    keyboard = Keyboard(person)
    person.open(scene.live_project() + "/pledge/data?amount=25")
    keyboard.press_on("main form button[type=submit]")
    assert person.page.evaluate("document.activeElement.id") == "error-summary"
    keyboard.tab_to("#error-summary a")
    person.page.keyboard.press("Enter")
    assert person.page.evaluate("document.activeElement.name") == "email"


@on_sqlite
def test_criteria_are_added_ordered_and_weighed_by_keyboard_alone(
    company: Company, scene: Scene
) -> None:
    scene.open_call()  # the city is there
    company.by_keyboard = True
    manager = company["manager"]
    editor = CallEditor(manager)
    editor.start("")
    step = f"{editor.address}/edit/evaluation"
    manager.open(step)
    first = {**both("criteria-0-title", "Utile"), "criteria-0-maximum": 40}
    manager.fill({**first, **both("criteria-1-title", "Nuova"), "criteria-1-maximum": 30})
    manager.press("Save and go on")
    manager.open(step)
    manager.fill({"criteria-1-order": 1, "criteria-1-maximum": 35})
    manager.fill({**both("criteria-2-title", "Duratura"), "criteria-2-maximum": 25})
    manager.press("Save and go on")
    manager.open(step)
    titles = [manager.page.input_value(f"[name=criteria-{n}-title_it]") for n in range(3)]
    points = [manager.page.input_value(f"[name=criteria-{n}-maximum]") for n in range(3)]
    assert titles == ["Nuova (it)", "Utile (it)", "Duratura (it)"]
    assert points == ["35", "40", "25"]
