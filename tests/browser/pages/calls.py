"""The office's editor of calls."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from quartieri.kit.clock import in_rome
from tests.browser.pages.person import Person

PRIVACY = "I dati servono solo a valutare la domanda. / Data serve only to assess the application."
BOTH = ("it", "en")


def both(name: str, text: str) -> dict[str, str]:
    """Give a text for the two languages of a field."""
    return {f"{name}_{language}": f"{text} ({language})" for language in BOTH}


class CallEditor:
    """Makes a call from a template and publishes it."""

    def __init__(self, person: Person) -> None:
        """Begin at the list of calls."""
        self.person = person
        self.address = ""

    def start(self, template: str) -> None:
        """Start a draft from a template."""
        person = self.person
        person.open("/manage/calls")
        person.look("office: calls, none")
        person.follow("New call")
        person.look("office: new call")
        person.fill({"template": template})
        person.press("Start the draft")
        found = re.search(r"(/manage/calls/\d+)/", person.page.url)
        assert found
        self.address = found[1]

    def identity(self, **more: str) -> None:
        """Fill in the first step: who answers, the privacy notice, terms and consent."""
        self._step("identity")
        values = {
            "contact": "bandi@comune.example",
            **both("privacy_notice", PRIVACY),
            **both("terms", "Chi partecipa accetta il bando."),
            **both("consent", "Acconsento all'uso dei miei dati."),
            **more,
        }
        self._save(values)

    def sessions(self, *dates: tuple[datetime, datetime]) -> None:
        """Fill in the sessions, by days and hours in Rome."""
        self._step("windows")
        values: dict[str, str] = {}
        for number, (opens, closes) in enumerate(dates):
            for name, instant in (("opens", in_rome(opens)), ("closes", in_rome(closes))):
                values[f"windows-{number}-{name}_on"] = instant.date().isoformat()
                values[f"windows-{number}-{name}_time"] = f"{instant:%H:%M}"
        self._save(values)

    def who(self, values: dict[str, Any]) -> None:
        """Say who may apply, with which project."""
        self._step("who")
        self._save(values)

    def requirements(self, *texts: str) -> None:
        """State what the office will check before anything is scored."""
        self._step("application")
        rows = [both(f"requirements-{n}-text", text) for n, text in enumerate(texts)]
        self._save({name: text for row in rows for name, text in row.items()})

    def as_the_template_says(self, step: str) -> None:
        """Save a step as the template filled it in."""
        self._step(step)
        self._save({})

    def evaluation(self, criteria: list[tuple[str, int]], minimum: int) -> None:
        """State criteria with their points, minimum, reviewers, ties, the end of the money."""
        self._step("evaluation")
        values: dict[str, Any] = {}
        for n, (title, points) in enumerate(criteria):
            values |= {**both(f"criteria-{n}-title", title), f"criteria-{n}-maximum": points}
            values[f"criteria-{n}-minimum"] = points // 4
        values |= {"minimum_total": minimum, "sheets": 2, "tie_1": "received", "tie_2": "protocol"}
        self._save(values | {"when_money_runs_out": "skip"})

    def money(self, level: str, cents: int, **more: Any) -> None:
        """State advance and days, and bind the endowment to a level of the programme."""
        self._step("money")
        page = self.person.page
        option = page.locator('[name="shares-0-level"] option').filter(has_text=level).first
        values = {
            "advance_share": 50,
            "integration_days": 10,
            "endowment": cents // 100,
            "shares-0-level": option.get_attribute("value"),
            "shares-0-amount": cents // 100,
        }
        self._save(values | more)

    def campaign(self, level: str, cents: int) -> None:
        """State money and the campaign's rule."""
        rule = {"grace_days": 7, "pledge_min": 5, "pledge_max": 5000, "confirm_minutes": 30}
        self.money(level, cents, **rule)

    def review(self) -> None:
        """Open the list of what is missing."""
        self.person.open(f"{self.address}/review")

    def publish(self, number: str) -> None:
        """Publish by act."""
        self.review()
        self.person.sees(
            "Nothing is missing. Publication freezes the rules and binds the endowment."
        )
        self.person.look("office: publish a call")
        self.person.fill_act(number, "Approva e pubblica il bando")
        self.person.press("Publish the call")
        self.person.sees("The call is published. Its rules are frozen as edition 1.")

    def _step(self, step: str) -> None:
        self.person.open(f"{self.address}/edit/{step}")
        self.person.look(f"office: call editor, {step}")

    def _save(self, values: dict[str, Any]) -> None:
        self.person.fill(values)
        self.person.press("Save and go on")
