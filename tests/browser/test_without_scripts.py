"""Without scripts: sign in, change the language, write an application, back a project."""

from __future__ import annotations

from quartieri.calls.design import Condition, Question, QuestionKind
from quartieri.calls.design.conditions import Op
from tests.browser.company import EMAILS, Company
from tests.browser.pages.campaigns import Backer
from tests.browser.pages.person import Person
from tests.browser.pages.thumb import PHONE
from tests.browser.scene import Scene
from tests.browser.site import on_postgresql, on_sqlite

SHOP = Question("shop", {"it": "Hai un negozio?", "en": "A shop?"}, kind=QuestionKind.YES_NO)
SIGN = Question(
    "sign",
    {"it": "Quale insegna?", "en": "Which sign?"},
    kind=QuestionKind.SHORT_TEXT,
    shown_if=Condition(Op.IS, question="shop", value=True),
)


def scriptless(company: Company) -> Person:
    """Give somebody whose browser runs no scripts."""
    return company.visitor(java_script_enabled=False)


@on_postgresql
def test_one_applies_without_scripts(company: Company, scene: Scene) -> None:
    call = scene.open_call(questions=(SHOP, SIGN))
    person = scriptless(company)
    person.sign_in(EMAILS["citizen"])
    person.open(call)
    person.speak("en")
    assert person.page.locator("html").get_attribute("lang") == "en"
    assert person.page.url.endswith(call)
    person.speak("it")
    person.follow("Apply to this call")
    person.fill({"kind": "association", "name": "Associazione Lenta", "tax_code": "97103880585"})
    person.press("Start the application")
    draft = person.page.url
    person.open(f"{draft}/edit/budget")
    spare = person.page.locator("[name$=-c_what]").count()
    person.fill({f"q_budget-{n}-c_what": f"Voce {n}" for n in range(spare)})
    person.fill({f"q_budget-{n}-c_amount": "100,50" for n in range(spare)})
    person.press("Save and get more rows")
    assert person.page.locator("[name$=-c_what]").count() == 2 * spare
    person.fill({f"q_budget-{spare}-c_what": "Ancora", f"q_budget-{spare}-c_amount": "1.000"})
    person.press("Save and go back to the list")
    person.open(f"{draft}/edit/budget")
    person.sees("1.301,50 €")
    # a conditional question is there without scripts and says when it is to be answered
    story, review = f"{draft}/edit/story", f"{draft}/review"
    for answer, missing in (("yes", True), ("no", False)):
        person.open(story)
        person.sees("Rispondi solo se:")
        person.page.locator(f"[name=q_shop][value={answer}]").check()
        person.press("Save and go back to the list")
        person.open(review)
        assert (person.page.locator("main").inner_text().count("Quale insegna?") > 0) is missing
    person.sign_out()


@on_sqlite
def test_a_guest_backs_a_project_without_scripts_and_changes_it_by_the_link(
    company: Company, scene: Scene
) -> None:
    backer = Backer(scriptless(company))
    backer.person.page.set_viewport_size(PHONE)
    backer.begin(scene.live_project(), 25, "Nina Niente", "nina@example.org")
    backer.card("succeeds")
    backer.counts()
    backer.changes_to(40)
    backer.person.sees("40,00 €")
    backer.cancel()


@on_sqlite
def test_the_menu_is_there_without_scripts_on_a_phone(company: Company) -> None:
    person = scriptless(company)
    person.page.set_viewport_size(PHONE)
    person.open("/")
    person.follow("Sign in", within="header")
    person.sees("I forgot the password")
