"""The office's editor of an application form: sections, questions, their order, when they show."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.pages.person import Person


class FormEditor:
    """Designs the form that applicants will fill in."""

    def __init__(self, person: Person, address: str) -> None:
        """Keep who designs the form of which call."""
        self.person, self.address = person, address

    def open(self) -> None:
        """Open the list of sections and questions."""
        self.person.open(f"{self.address}/edit/application")

    def add_section(self, title: str, english: str) -> None:
        """Add a section, and name it in English too."""
        self.open()
        self.person.fill({"s-title": title})
        self.person.press("Add the section")
        self.person.go_to(self.row("section", title).get_by_role("link").first)
        self.person.fill({"title_it": title, "title_en": english})
        self.person.press("Save the section")

    def add(self, label: str, kind: str, english: str, **more: Any) -> None:
        """Add a question at the end of the last section; ``more`` are its other fields."""
        self.open()
        sections = self.person.page.locator("[name=q-section] option")
        last = sections.last.get_attribute("value")
        self.person.fill({"q-label": label, "q-kind": kind, "q-section": last})
        self.person.press("Add and go on")
        self.person.fill({"label_it": label, "label_en": english, **more})

    def show_if(self, question: str, op: str, value: str) -> None:
        """Let the question that is open depend on another's answer."""
        options = self.person.page.locator('[name="rows-0-question"] option')
        key = options.filter(has_text=question).first.get_attribute("value")
        self.person.fill({"rows-0-op": op, "rows-0-question": key, "rows-0-value": value})

    def save(self) -> None:
        """Save the question that is open."""
        self.person.press("Save the question")

    def move(self, label: str, way: str) -> None:
        """Move a question up or down; the focus stays on the button and the order is said."""
        self._nudge(self.row("question", label).locator(f"[id^={way}-question]"))

    def delete(self, label: str) -> None:
        """Take a question away."""
        self._nudge(self.row("question", label).locator("[id^=delete-question]"))
        expect(self.row("question", label)).to_have_count(0)

    def order(self) -> list[str]:
        """Give the questions' texts as they stand."""
        names = self.person.page.locator("[data-arrange-item]")
        return list(names.evaluate_all("all => all.map(i => i.dataset.arrangeName)"))

    def _nudge(self, button: Locator) -> None:
        said = self.person.page.locator("[data-arrange-said]")
        said.evaluate("s => { s.textContent = ''; }")
        self.person.activate(button)
        expect(said).not_to_be_empty()

    def row(self, kind: str, text: str) -> Locator:
        """Give a section or a question of the list."""
        return self.person.page.locator(f"li[id^={kind}-]").filter(has_text=text)
