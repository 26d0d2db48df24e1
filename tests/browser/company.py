"""The people of a journey: the city is there, each has an account and a browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from quartieri.rehearsal.cast import PARTS
from tests.browser.looking import Looker
from tests.browser.pages.person import Person
from tests.browser.pages.thumb import Thumb
from tests.browser.pages.typist import Typist
from tests.browser.site import Site

EMAILS = {part.key: part.email for part in PARTS}


class Company:
    """Gives each person of the cast, signed in, in a browser of their own."""

    def __init__(
        self, site: Site, looker: Looker, new_context: Callable[..., BrowserContext]
    ) -> None:
        """Begin with nobody in."""
        self.site, self.looker, self._new_context = site, looker, new_context
        self._in: dict[str, Person] = {}
        self.by_keyboard = False

    def visitor(self, **how: object) -> Person:
        """Give somebody without an account; ``how`` describes the browser."""
        kind = Typist if self.by_keyboard else Person
        return kind(self.site, self._new_context(**how), self.looker)

    def on_a_phone(self) -> Thumb:
        """Give somebody without an account, with a phone in the hand."""
        return Thumb(self.site, self._new_context(has_touch=True, is_mobile=True), self.looker)

    def __getitem__(self, key: str) -> Person:
        """Give a person of the cast; the first time they sign in."""
        if key not in self._in:
            self._in[key] = self.visitor().sign_in(EMAILS[key])
        return self._in[key]
