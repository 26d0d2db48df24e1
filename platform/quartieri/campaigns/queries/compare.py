"""A campaign's page beside the application that was approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign
from quartieri.campaigns.queries.manage import submitted_content
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money

Value = str | Money | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One line: what it is, how it stood in the application, how it stands on the page."""

    what: Lazy | str
    before: Value
    now: Value

    @property
    def differs(self) -> bool:
        """Tell whether the page says something else."""
        return self.before != self.now


def compared(session: Session, campaign: Campaign) -> list[Compared]:
    """Set the page beside the application as it was last submitted: words, sums, place, people.

    A line of the budget that one side lacks has None there.
    """
    proposal = campaign.proposal
    content = submitted_content(session, proposal.id)
    said = _part(content, "summary")
    place = _part(content, "place")
    money = _part(content, "money")
    return [
        Compared(lazy("Title"), said.get("title", proposal.title), campaign.title),
        Compared(lazy("In one sentence"), said.get("summary", proposal.summary), campaign.summary),
        Compared(
            lazy("Cost"),
            Money(content.get("cost_cents", proposal.cost_cents)),
            Money(campaign.cost_cents),
        ),
        Compared(
            lazy("Target"),
            Money(money.get("crowd_cents", proposal.crowd_cents)),
            Money(campaign.target_cents),
        ),
        Compared(lazy("Place"), place.get("place", proposal.place), proposal.place),
        Compared(
            lazy("Partners"),
            _names(_part(content, "team").get("partners", ())),
            _names({"name": p.name} for p in proposal.partners if not p.lead),
        ),
        *_budget(content, campaign),
    ]


def _part(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = content.get(name)
    return part if isinstance(part, dict) else {}


def _names(partners: Any) -> str:
    return ", ".join(p["name"] for p in partners if not p.get("lead"))


def _budget(content: Mapping[str, Any], campaign: Campaign) -> list[Compared]:
    budget = campaign.proposal.budget
    lines = _part(content, "budget").get("lines")
    before = _sums((line["description"], line["amount_cents"]) for line in lines or ())
    now = _sums((line.description, line.amount_cents) for line in budget)
    if lines is None:  # the form asks for no budget: nothing to compare
        before = now
    return [
        Compared(lazy("Budget: %(line)s", line=line), before.get(line), now.get(line))
        for line in dict.fromkeys((*before, *now))
    ]


def _sums(lines: Any) -> dict[str, Money]:
    """Add up lines of one name."""
    found: dict[str, Money] = {}
    for description, amount in lines:
        found[description] = found.get(description, Money(0)) + Money(amount)
    return found
