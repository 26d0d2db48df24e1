"""The keyboard alone: every stop of the focus must be seen, on the screen, and left again."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.pages.person import Person

MOST_STOPS = 120

STOP = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const box = e.getBoundingClientRect();
  const lined = o => {
    const style = getComputedStyle(o);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const card = e.closest(".q-card");
  const within = (n, most) => Math.min(Math.max(n, 0), most - 1);
  const x = within(box.left + box.width / 2, innerWidth);
  const y = within(box.top + Math.min(box.height / 2, innerHeight / 3), innerHeight);
  const top = document.elementFromPoint(x, y);
  if (!e.dataset.stop) e.dataset.stop = String(1 + document.querySelectorAll("[data-stop]").length);
  return {
    what: e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.name ? "[" + e.name + "]" : "") +
      " " + (e.innerText || e.value || "").trim().slice(0, 40),
    number: Number(e.dataset.stop),
    meant: e.dataset.goal === "1",
    seen: lined(e) || (card !== null && lined(card)),
    on_screen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    covered: top !== null && top !== e && !e.contains(top) && !top.contains(e) &&
      ["fixed", "sticky"].includes(getComputedStyle(top.closest("header, .q-sticky-action") || top)
        .position),
  };
}"""


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the focus."""

    what: str
    number: int
    meant: bool
    """Whether this is what the typist is on the way to."""


class Keyboard:
    """Somebody who uses no mouse."""

    def __init__(self, person: Person) -> None:
        """Keep who types."""
        self.person, self.page = person, person.page

    def stop(self) -> Stop | None:
        """Look where the focus is; it must be visible there. None: it left the page."""
        found = self.page.evaluate(STOP)
        if found is None:
            return None
        where = f"{self.page.url}: {found['what']}"
        assert found["seen"], f"the focus cannot be seen at {where}"
        assert found["on_screen"], f"the focus is outside of the screen at {where}"
        assert not found["covered"], f"the focus is covered at {where}"
        return Stop(found["what"], found["number"], found["meant"])

    def tab_to(self, selector: str) -> None:
        """Press Tab until the focus stands on what the selector means."""
        passed = []
        for _press in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            stop = self.stop()
            passed.append(stop.what if stop else "(outside)")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        message = f"{selector} is not reached by Tab on {self.page.url}: {passed}"
        raise AssertionError(message)

    def type_into(self, name: str, text: str) -> None:
        """Go to a field and type."""
        self.tab_to(f'[name="{name}"]')
        self.page.keyboard.type(text)

    def press_on(self, selector: str, key: str = "Enter") -> None:
        """Go to a link or button and press it; a page comes."""
        self.tab_to(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def choose(self, name: str, value: str) -> None:
        """Go to a group of radio buttons and down to the one that is meant."""
        self.tab_to(f'[name="{name}"]')
        for _press in range(MOST_STOPS):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.page.keyboard.press("ArrowDown")
        message = f"{value} cannot be chosen on {self.page.url}"
        raise AssertionError(message)

    def walk_through(self) -> list[str]:
        """Tab through the whole page; give its stops, none of them twice, up to its end."""
        seen: list[str] = []
        for _press in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            stop = self.stop()
            if stop is None or stop.number <= len(seen):
                return seen
            seen.append(stop.what)
        message = f"the focus does not come to an end on {self.page.url}: {seen[-5:]}"
        raise AssertionError(message)
