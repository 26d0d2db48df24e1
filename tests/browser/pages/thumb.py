"""A person with a phone: the same deeds by tapping and typing, and how long they take a human."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, ViewportSize

from tests.browser.pages.person import Person

PHONE: ViewportSize = {"width": 390, "height": 844}
SECONDS_A_TAP = 2.65
"""Make up one's mind (1.35), point (1.1), press and let go (0.2): the keystroke-level model of
Card, Moran and Newell, Communications of the ACM 23 (7), 1980."""
SIGNS_A_SECOND = 3.0
"""36.2 words of five signs a minute on a phone: Palin and others, MobileHCI 2019."""
WORDS_A_SECOND = 238 / 60
"""Reading silently: Brysbaert, Journal of Memory and Language 109, 2019."""


class Thumb(Person):
    """Somebody who taps; counts the taps, the signs typed and the words that had to be read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with nothing done; ``pages`` are the addresses that came."""
        super().__init__(*args, **kwargs)
        self.page.set_viewport_size(PHONE)
        self.taps = self.signs = self.words = 0
        self.typed: list[str] = []
        self.pages: list[str] = []
        self.page.on("framenavigated", lambda frame: self.pages.append(frame.url))

    @property
    def seconds(self) -> float:
        """What a person needs for all that was done, whatever the machine takes."""
        return self.taps * SECONDS_A_TAP + self.signs / SIGNS_A_SECOND + self.words / WORDS_A_SECOND

    def read(self, what: str) -> None:
        """Read a part of the page, word by word."""
        self.words += len(self.text(what).split())

    def press_sum(self, euros: int) -> None:
        """Press one of the sums that the project's page suggests, within the thumb's reach."""
        near = self.page.locator(".q-sticky-action")
        self.go_to(near.get_by_role("link", name=f"{euros} €", exact=True))

    def _press(self, what: Locator) -> None:
        what.tap()
        self.taps += 1

    def _set(self, field: Locator, kind: str, value: Any) -> None:
        if kind == "radio":
            self._press(field.and_(self.page.locator(f'[value="{value}"]')))
        elif kind == "checkbox":
            self._press(field)
            assert field.is_checked() == bool(value)
        elif kind == "select-one":
            field.select_option(str(value))
            self.taps += 2
        else:
            self._press(field)
            self.page.keyboard.type(str(value))
            self.signs += len(str(value))
            self.typed.append(str(field.get_attribute("name")))
