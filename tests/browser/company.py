"""The people of a journey: the city is there, each has an account and a browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from quartieri.db import unit_of_work
from quartieri.rehearsal.cast import PARTS, engage
from quartieri.rehearsal.demo import ground
from tests.browser.looking import Looker
from tests.browser.pages.person import Person
from tests.browser.site import Site

EMAILS = {part.key: part.email for part in PARTS}


def build_city(site: Site) -> None:
    """Put up a city: areas, a programme with its budget, an account for each role."""
    at = site.clock.now()
    profile = site.services.settings.password_profile
    with site.app.app_context(), unit_of_work() as session:
        cities = ground.authorities(session, at=at)
        milano = cities["Milano"]
        cast = engage(session, milano, at=at, password_profile=profile, demo=False)
        ground.ground(session, milano, manager=cast.actor("manager"), at=at)


class Company:
    """Gives each person of the cast, signed in, in a browser of their own."""

    def __init__(
        self, site: Site, looker: Looker, new_context: Callable[..., BrowserContext]
    ) -> None:
        """Begin with nobody in."""
        self.site, self.looker, self._new_context = site, looker, new_context
        self._in: dict[str, Person] = {}

    def visitor(self, **how: object) -> Person:
        """Give somebody without an account; ``how`` describes the browser."""
        return Person(self.site, self._new_context(**how), self.looker)

    def __getitem__(self, key: str) -> Person:
        """Give a person of the cast; the first time they sign in."""
        if key not in self._in:
            self._in[key] = self.visitor().sign_in(EMAILS[key])
        return self._in[key]
