"""A person who uses no mouse: the same deeds by Tab, Enter, Space, arrows and letters alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from playwright.sync_api import FileChooser, Locator
from playwright.sync_api import TimeoutError as LateError

from quartieri.kit.clock import ROME
from tests.browser.pages.keyboard import Keyboard
from tests.browser.pages.person import Person

MOST_STOPS = 250
MOST_ARROWS = 60
MOST_WAITS, WAIT_STEP_MS = 250, 20

GOAL = """goals => {
  document.querySelectorAll("[data-goal]").forEach(e => delete e.dataset.goal);
  goals.forEach(e => { e.dataset.goal = "1"; });
}"""
AT_GOAL = "() => document.activeElement?.dataset.goal === '1'"
BEHIND = """() => {
  const goal = document.querySelector("[data-goal]"), here = document.activeElement;
  return Boolean(goal && here && here !== document.body &&
    here.compareDocumentPosition(goal) & Node.DOCUMENT_POSITION_PRECEDING);
}"""
DATES = {"date": "%m%d%Y", "time": "%I%M%p", "datetime-local": "%m%d%Y|%I%M%p"}
"""How a date is typed in a browser whose own language is English; | moves to the next part."""
READ = {"date": "%Y-%m-%d", "time": "%H:%M", "datetime-local": "%Y-%m-%dT%H:%M"}


class Typist(Person):
    """Somebody who uses no mouse; each stop of the focus must be seen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Open the browser, and listen from the start to its windows for choosing a file."""
        super().__init__(*args, **kwargs)
        self._choosers: list[FileChooser] = []
        self.page.on("filechooser", self._take)

    def _take(self, chooser: FileChooser) -> None:
        self._choosers.append(chooser)

    def _offered(self) -> FileChooser:
        for _wait in range(MOST_WAITS):
            if self._choosers:
                return self._choosers.pop()
            self.page.wait_for_timeout(WAIT_STEP_MS)
        message = f"no window for choosing a file opens on {self.page.url}"
        raise AssertionError(message)

    def _tab_to(self, what: Locator) -> None:
        """Press Tab, or Shift and Tab, until the focus stands on what is meant."""
        what.first.wait_for(state="attached")
        what.evaluate_all(GOAL)
        if self.page.evaluate(AT_GOAL):
            return
        key = "Shift+Tab" if self.page.evaluate(BEHIND) else "Tab"
        keyboard = Keyboard(self)
        passed = []
        for _press in range(MOST_STOPS):
            self.page.keyboard.press(key)
            stop = keyboard.stop()
            if stop and stop.meant:
                return
            passed.append(stop.what if stop else "(outside)")
        message = f"{what} is not reached on {self.page.url}: {passed[-20:]}"
        raise AssertionError(message)

    def _go(self, what: Locator, status: int = 200) -> None:
        try:
            self._tab_to(what)
            with self.page.expect_navigation() as coming:
                self.page.keyboard.press("Enter")
        except LateError as late:
            message = f"{late}\n{self.page.url}\n{self.text()[:2000]}"
            raise AssertionError(message) from None
        self._well(coming.value, status)

    def activate(self, what: Locator) -> None:
        """Press what changes the page without leaving it."""
        self._tab_to(what)
        self.page.keyboard.press("Enter")

    def unfold(self, label: str, **given: Any) -> None:
        """Open a part of the page that is folded."""
        summary = self._summary(label, **given)
        if not summary.evaluate("s => s.parentElement.open"):
            self._tab_to(summary)
            self.page.keyboard.press("Enter")

    # -- fields --------------------------------------------------------------------------------

    def _set(self, field: Locator, kind: str, value: Any) -> None:
        self._tab_to(field)
        keyboard = self.page.keyboard
        if kind == "select-one":
            self._choose(str(value))
        elif kind == "radio":
            self._turn_to(str(value))
        elif kind == "checkbox":
            if field.is_checked() != bool(value):
                keyboard.press("Space")
        elif kind == "file":
            keyboard.press("Space")
            self._offered().set_files(value.payload)
        elif kind in DATES:
            self._type_date(kind, str(value))
        else:
            keyboard.press("Control+A")
            keyboard.insert_text(str(value))
        self._holds(kind, value)

    def _choose(self, value: str) -> None:
        self.page.keyboard.press("Home")
        self._press_until("ArrowDown", value)

    def _turn_to(self, value: str) -> None:
        if self._focused() == value:
            self.page.keyboard.press("Space")
        else:
            self._press_until("ArrowDown", value)

    def _press_until(self, key: str, value: str) -> None:
        for _press in range(MOST_ARROWS):
            if self._focused() == value:
                return
            self.page.keyboard.press(key)
        message = f"{value} cannot be chosen on {self.page.url}"
        raise AssertionError(message)

    def _focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.value"))

    def _type_date(self, kind: str, value: str) -> None:
        moment = datetime.strptime(value, READ[kind]).replace(tzinfo=ROME)
        first, _bar, rest = moment.strftime(DATES[kind]).partition("|")
        self.page.keyboard.type(first)
        if rest:
            self.page.keyboard.press("ArrowRight")
            self.page.keyboard.type(rest)

    def _holds(self, kind: str, value: Any) -> None:
        if kind in {"file", "checkbox"}:
            return
        held = self._focused().replace("\r\n", "\n")
        assert held == str(value), f"{held!r} was typed, not {value!r}, on {self.page.url}"
