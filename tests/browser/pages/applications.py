"""Applying to a call, and what comes after."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.browser.pages.person import PDF, Person

ANSWER = (
    "Il cortile è chiuso da dieci anni e chi abita qui lo guarda dalla finestra.\n\n"
    "Lo apriamo con chi ci vive: prima le panchine, poi le piante, poi le feste."
)
SECTIONS = ("applicant", "summary", "story", "place", "team", "budget", "money")


@dataclass(frozen=True, slots=True)
class Project:
    """What an applicant writes; amounts in euros."""

    title: str
    applicant: str
    kind: str
    lines: Sequence[tuple[str, str]]
    money: Mapping[str, str]
    tax_code: str = ""
    members: Sequence[str] = ()
    partners: Sequence[str] = ()
    place: str = "Cortile di via Padova 36"
    area: str = "Municipio 2"
    months: int = 9
    summary: str = "Apriamo un cortile chiuso da dieci anni e lo curiamo insieme."


class Application:
    """One application in its applicant's hands."""

    def __init__(self, person: Person, project: Project, *, looked: bool = False) -> None:
        """Keep who applies with what; ``looked``: check each page on the way."""
        self.person, self.project, self.looked = person, project, looked
        self.address = ""
        self.number = ""

    def look(self, name: str) -> None:
        """Have the page checked, in the one application that is looked at."""
        if self.looked:
            self.person.look(name)

    def start(self, call: str) -> None:
        """Begin from the call's public page."""
        person, project = self.person, self.project
        person.open(call)
        person.follow("Apply to this call")
        self.look("apply")
        values = {"who": "new", "kind": project.kind, "name": project.applicant}
        person.fill(values | {"tax_code": project.tax_code} if project.tax_code else values)
        person.press("Start the application")
        found = re.search(r"/applications/\d+", person.page.url)
        assert found
        self.address = found[0]
        self.look("draft, just begun")

    def write(self) -> None:
        """Fill in every section, from one to the next."""
        for section in SECTIONS:
            self.save_section(section)
        self.person.open(f"{self.address}/documents")
        if self.looked:
            self.look("draft: documents")
            self.person.fill({"file": PDF, "title": "Lettera di sostegno"})
            self.person.press("Add the document")
            self.person.sees("Lettera di sostegno")
            self.look("draft: documents, one added")
        self.person.follow("Go on to the declarations")
        self.look("draft: declarations")
        boxes = self.person.page.locator("main input[type=checkbox]")
        names = boxes.evaluate_all("all => all.map(f => f.name)")
        self.person.fill(dict.fromkeys(names, True))
        self.person.press("Save and go on")

    def save_section(self, section: str) -> None:
        """Fill in one section and save it."""
        self.person.open(f"{self.address}/edit/{section}")
        self.look(f"draft: {section}")
        self.person.fill(self._values(section))
        self.person.press("Save and go on")

    def _values(self, section: str) -> dict[str, object]:
        project = self.project
        values: dict[str, Mapping[str, object]] = {
            "applicant": {"name": project.applicant, "seat": "Via Padova 36, Milano"},
            "summary": {"title": project.title, "summary": project.summary},
            "story": {},
            "place": {
                "q_place-place": project.place,
                "q_place-area": self._area(),
                "q_place-months": project.months,
            },
            "team": {f"q_members-{n}-c_name": name for n, name in enumerate(project.members)}
            | {f"q_partners-{n}-c_name": name for n, name in enumerate(project.partners)}
            | {f"q_partners-{n}-c_kind": "association" for n in range(len(project.partners))},
            "budget": self._budget(),
            "money": dict(project.money),
        }
        return self._simple() | dict(values[section])

    def _simple(self) -> dict[str, object]:
        """Answer every question in words, and every choice with its first answer, or no."""
        page, names = self.person.page, "all => all.map(f => f.name)"
        found: dict[str, object] = {}
        for name in page.locator("textarea[name^=q_]").evaluate_all(names):
            found[name] = ANSWER
        for name in page.locator("[type=checkbox][name^=q_]").evaluate_all(names):
            found[name] = [page.locator(f"[name={name}]").first.get_attribute("value")]
        for name in page.locator("[type=radio][name^=q_]").evaluate_all(names):
            answers = page.locator(f"[name={name}]").evaluate_all("all => all.map(f => f.value)")
            found[name] = "no" if "no" in answers else answers[0]
        return found

    def _budget(self) -> dict[str, object]:
        """Write the lines of the cost, in the first category of a call that names some."""
        rows: dict[str, object] = {}
        categories = self.person.page.locator("[name=q_budget-0-c_category] option")
        for n, (what, amount) in enumerate(self.project.lines):
            if categories.count():
                rows[f"q_budget-{n}-c_category"] = categories.nth(1).get_attribute("value")
            rows |= {f"q_budget-{n}-c_what": what, f"q_budget-{n}-c_amount": amount}
        return rows

    def _area(self) -> str | None:
        options = self.person.page.locator("[name='q_place-area'] option")
        area = options.filter(has_text=self.project.area)
        return area.first.get_attribute("value") if area.count() else None

    def submit(self) -> None:
        """Look it over and submit; keep the protocol number."""
        person = self.person
        person.open(f"{self.address}/review")
        self.look("draft: look it over")
        person.press("Submit the application")
        number = re.search(r"\d{4}/\d+|\d+/\d{4}|\d{4,}", person.text(".q-flashes"))
        assert number, person.text(".q-flashes")
        self.number = number[0]
        self.look("application submitted")

    def open(self) -> None:
        """Open its page from the list of one's own."""
        self.person.open("/account/applications")
        self.look("my applications")
        self.person.follow(self.project.title)

    def answer(self, text: str) -> None:
        """Answer what the office asks for, with a document."""
        self.open()
        self.look("application: the office asks")
        self.person.follow("Answer the office")
        self.look("answer the office")
        self.person.fill({"text": text, "file": PDF})
        self.person.press("Send the answer")
