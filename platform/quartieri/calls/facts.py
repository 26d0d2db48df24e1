"""The known figures of a past edition, in reading order; what nobody published says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money

FACT_LABELS: dict[str, Lazy] = {
    "published_on": lazy("Published"),
    "funding_programme": lazy("Funding programme"),
    "endowment_eur": lazy("Endowment"),
    "application_windows": lazy("Applications"),
    "applicants": lazy("Who could apply"),
    "eligible_areas": lazy("Where"),
    "excluded_areas": lazy("Where not"),
    "project_cost_min_eur": lazy("Lowest cost"),
    "project_cost_max_eur": lazy("Highest cost"),
    "crowdfunding_share": lazy("Share from the crowd"),
    "grant_share": lazy("Share from the city"),
    "grant_cap_eur": lazy("Largest grant"),
    "campaign_days": lazy("Days of a campaign"),
    "applications_received": lazy("Applications received"),
    "applications_admissible": lazy("Applications admitted"),
    "projects_selected": lazy("Projects selected"),
    "projects_funded": lazy("Projects funded"),
    "raised_total_eur": lazy("Raised from the crowd"),
    "donations_total": lazy("Donations"),
    "grant_total_eur": lazy("Granted by the city"),
}
"""What the page of a past edition shows, known or not."""

ALWAYS = frozenset(
    {
        "endowment_eur",
        "application_windows",
        "applicants",
        "applications_received",
        "projects_selected",
        "projects_funded",
        "raised_total_eur",
        "grant_total_eur",
    }
)
"""These say "not published" where nobody told; others are left out."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure: exactly one of the values is set, or none for an unknown one."""

    label: Lazy
    money: Money | None = None
    share: Decimal | None = None
    text: str = ""
    """One line or several."""
    words: tuple[str, ...] = ()
    """Words of the source, in its language (English)."""

    @property
    def known(self) -> bool:
        """Tell whether a source gave it."""
        return bool(self.text or self.words) or self.money is not None or self.share is not None


def known_facts(facts: Mapping[str, Any]) -> list[Fact]:
    """List the figures of a past edition as they are shown."""
    shown = []
    for key, label in FACT_LABELS.items():
        fact = _fact(key, label, facts.get(key))
        if fact.known or key in ALWAYS:
            shown.append(fact)
    return shown


def _fact(key: str, label: Lazy, value: Any) -> Fact:
    if value is None or value == []:
        fact = Fact(label)
    elif key.endswith("_eur"):
        fact = Fact(label, money=Money.of_units(str(value)))
    elif key.endswith("_share"):
        fact = Fact(label, share=Decimal(str(value)))
    elif key == "application_windows":
        fact = Fact(label, text="\n".join(_window(w) for w in value))
    elif isinstance(value, list):
        fact = Fact(label, words=tuple(str(v) for v in value))
    elif key == "published_on":
        fact = Fact(label, text=_day(value))
    elif isinstance(value, int):
        fact = Fact(label, text=str(value))
    else:
        fact = Fact(label, words=(str(value),))
    return fact


def _window(window: Mapping[str, Any]) -> str:
    return f"{_day(window.get('opens'))} – {_day(window.get('closes'))}"


def _day(text: object) -> str:
    """Turn a year, month, day or minute of the sources as figures are read: 31/01/2025 12:00."""
    day, _t, hour = str(text or "…").partition("T")
    return f"{'/'.join(reversed(day.split('-')))} {hour}".strip()
