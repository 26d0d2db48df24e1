"""What a page needs to show a ranking: its lines, the line where the money ends, its words."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from quartieri.calls.models import Criterion
from quartieri.kit.formats import language
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money
from quartieri.reviews import queries
from quartieri.reviews.models import Ranking
from quartieri.reviews.ranking import Outcome, RankingInput, RunsOut


def titles(criteria: list[Criterion]) -> dict[str, str]:
    """Give the criteria's titles by code, in the reader's language."""
    english = language() == "en"
    return {c.code: (c.title_en if english else c.title_it) or c.title_it for c in criteria}


def tie_words(rules: list[str], names: dict[str, str]) -> list[Lazy]:
    """Say the written rules for ties, in their order."""
    words = {
        "received": lazy("the earlier time of receipt"),
        "protocol": lazy("the lower protocol number"),
        "draw": lazy("the public draw"),
    }
    said = []
    for rule in rules:
        kind, _, code = rule.partition(":")
        if kind == "criterion":
            said.append(lazy("the higher score on %(name)s", name=names.get(code, code)))
        else:
            said.append(words.get(rule, lazy("%(rule)s", rule=rule)))
    return said


def ranking_page(session: Session, ranking: Ranking, *, office: bool) -> dict[str, Any]:
    """Give the template's values; five queries."""
    entries = queries.published_entries(session, ranking, office=office)
    criteria = queries.criteria_of(session, ranking.window)
    names = titles(criteria)
    given = RankingInput.from_json(ranking.inputs)
    allotted = sum(line.entry.amount_cents for line in entries)
    last = max(
        (i for i, line in enumerate(entries) if line.entry.outcome is Outcome.FUNDED), default=-1
    )
    eligible = [line for line in entries if line.entry.position is not None]
    return {
        "ranking": ranking,
        "entries": entries,
        "criteria": criteria,
        "names": names,
        "allotted": Money(allotted),
        "endowment": Money(ranking.endowment_cents),
        "left": Money(ranking.endowment_cents - allotted),
        "last_funded": last,
        "money_ends": len(eligible) > last + 1,
        "rules": given.rules,
        "ties": tie_words(list(given.rules.tie_break), names),
        "runs_out": RunsOut(given.rules.when_money_runs_out),
    }
