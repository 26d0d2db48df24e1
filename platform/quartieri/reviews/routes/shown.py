"""What a page needs to show a ranking: its lines, the line where the money ends, its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from quartieri.kit.formats import language
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money
from quartieri.kit.numbers import page_number
from quartieri.reviews import queries
from quartieri.reviews.models import Ranking
from quartieri.reviews.ranking import RankingInput, RunsOut


def titles(notice: queries.SheetNotice) -> dict[str, str]:
    """Give the titles of criteria, groups, lists and quotas by code, in the reader's language."""
    english = language() == "en"
    evaluation = notice.design.evaluation
    parts = (*evaluation.quotas.parts, *evaluation.lists.parts)
    named = {part.code: words(part.title) or part.code for part in parts}
    named |= {group.code: words(group.title) or group.code for group in notice.stage.groups}
    rows = {c.code: (c.title_en if english else c.title_it) or c.title_it for c in notice.criteria}
    return named | rows


def words(text: Mapping[str, str]) -> str:
    """Give a text in the reader's language, or in the other one."""
    first, second = text.get("it", ""), text.get("en", "")
    return (second or first) if language() == "en" else (first or second)


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
    """Give the template's values for the page of lines that the address asks for; five queries."""
    page = page_number()
    entries = queries.published_entries(session, ranking, office=office, page=page)
    whole = queries.summary(session, ranking)
    notice = queries.sheet_notice(session, ranking.window, ranking.stage)
    names = titles(notice)
    given = RankingInput.from_json({**ranking.inputs, "candidates": []})
    return {
        "ranking": ranking,
        "entries": entries,
        "page": page,
        "pages": -(-whole.lines // queries.ENTRIES),
        "lines": whole.lines,
        "criteria": notice.criteria,
        "stage": notice.stage,
        "shows_money": notice.stage.last and not notice.design.money.no_money,
        "stages": notice.design.evaluation.run,
        "names": names,
        "list_names": {
            part.code: words(part.title) or part.code
            for part in notice.design.evaluation.lists.parts
        },
        "draw_source": words(notice.design.evaluation.draw_source),
        "allotted": Money(whole.allotted_cents),
        "endowment": Money(ranking.endowment_cents),
        "left": Money(ranking.endowment_cents - whole.allotted_cents),
        "last_funded": whole.last_funded,
        "money_ends": whole.eligible > whole.last_funded and not given.rules.lists,
        "rules": given.rules,
        "ties": tie_words(list(given.rules.tie_break), names),
        "runs_out": RunsOut(given.rules.when_money_runs_out),
    }
