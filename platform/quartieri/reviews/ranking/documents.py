"""The published documents of a ranking: how rules and candidates are written and read.

Version 1 knows the mean of Σ points × weight, one list and one stage; it is read and written as
ever, so that what was published stays verifiable. Version 2 adds the rest but imported results,
which version 3 has.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from quartieri.calls.design.scoring import Aggregation, Normalisation, NotApplicable, Scoring
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy
from quartieri.reviews.ranking.rules import (
    CriterionRule,
    GroupRule,
    ListRule,
    Quota,
    RankingRules,
    RunsOut,
    plain,
)

if TYPE_CHECKING:
    from quartieri.reviews.ranking.inputs import Candidate

INPUT = "quartieri-ranking-input-"
RESULT = "quartieri-ranking-"
VERSIONS = (1, 2, 3)
LATER = ("scoring", "normalisation", "not_applicable", "lists", "places", "gate")
"""Rules that version 1 does not know."""


def version_of(document: Mapping[str, Any], name: str) -> int:
    """Give the version of a document of this name; InvalidError when it is another."""
    for version in VERSIONS:
        if document["format"] == f"{name}{version}":
            return version
    raise InvalidError(lazy("Not a ranking's input document."))


def result_format(inputs: Mapping[str, Any]) -> str:
    """Give the format of the result that goes with an input document."""
    return f"{RESULT}{version_of(inputs, INPUT)}"


def only_of(version: int, document: Mapping[str, Any], *keys: str) -> None:
    """Hold a document of version 1 to its own keys, and a later one to all of them."""
    for key in keys:
        if (key in document) is (version == 1):
            raise KeyError(key)


def rules_json(rules: RankingRules, version: int) -> dict[str, Any]:
    """Write the rules; what version 1 does not know is left out of it."""
    document: dict[str, Any] = {
        "aggregation": rules.aggregation.value,
        "criteria": [
            {
                "code": c.code,
                "maximum": plain(c.maximum),
                "weight": plain(c.weight),
                "minimum": _maybe(c.minimum),
                "group": c.group,
            }
            for c in rules.criteria
        ],
        "groups": [{"code": g.code, "minimum": _maybe(g.minimum)} for g in rules.groups],
        "minimum_total": _maybe(rules.minimum_total),
        "minimum_sheets": rules.minimum_sheets,
        "tie_break": list(rules.tie_break),
        "when_money_runs_out": rules.when_money_runs_out.value,
        "quotas": [{"code": q.code, "places": q.places, "cents": q.cents} for q in rules.quotas],
        "draw_seed": rules.draw_seed,
    }
    if version == 1:
        return document
    for written, group in zip(document["groups"], rules.groups, strict=True):
        written["gate"] = group.gate
    return document | {
        "scoring": rules.scoring.value,
        "normalisation": rules.normalisation.value,
        "not_applicable": rules.not_applicable.value,
        "lists": [
            {
                "code": one.code,
                "places": one.places,
                "cents": one.cents,
                "flat_cents": one.flat_cents,
            }
            for one in rules.lists
        ],
        "places": rules.places,
        "gate": rules.gate,
    }


def read_rules(document: Mapping[str, Any], version: int) -> RankingRules:
    """Read the rules; KeyError, TypeError, ValueError or InvalidError when they are none."""
    rules = dict(document)
    only_of(version, rules, *LATER)
    rules["criteria"] = tuple(
        CriterionRule(**_decimals(dict(c), "maximum", "weight", "minimum"))
        for c in rules["criteria"]
    )
    for group in rules["groups"]:
        only_of(version, group, "gate")
    rules["groups"] = tuple(GroupRule(**_decimals(dict(g), "minimum")) for g in rules["groups"])
    rules["quotas"] = tuple(Quota(**q) for q in rules["quotas"])
    rules["tie_break"] = tuple(rules["tie_break"])
    rules["when_money_runs_out"] = RunsOut(rules["when_money_runs_out"])
    rules["aggregation"] = Aggregation(rules["aggregation"])
    _decimals(rules, "minimum_total")
    if version > 1:
        rules["scoring"] = Scoring(rules["scoring"])
        rules["normalisation"] = Normalisation(rules["normalisation"])
        rules["not_applicable"] = NotApplicable(rules["not_applicable"])
        rules["lists"] = tuple(ListRule(**one) for one in rules["lists"])
    elif rules["aggregation"] is not Aggregation.MEAN:
        raise InvalidError(lazy("Not a ranking's input document."))
    return RankingRules(**rules)


def candidate_json(candidate: Candidate, version: int) -> dict[str, Any]:
    """Write a candidate with its sheets, by reviewer."""
    received = candidate.received_at.astimezone(UTC)
    document = {
        "key": candidate.key,
        "protocol_year": candidate.protocol_year,
        "protocol_number": candidate.protocol_number,
        "received_at": received.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "maximum_cents": candidate.maximum_cents,
        "minimum_cents": candidate.minimum_cents,
        "standing": candidate.standing.value,
        "quota": candidate.quota,
        "note": candidate.note,
        "sheets": [
            {"reviewer": s.reviewer, "points": {code: plain(p) for code, p in s.points}}
            | ({} if version == 1 else {"not_applicable": list(s.not_applicable)})
            for s in sorted(candidate.sheets, key=lambda s: s.reviewer)
        ],
    }
    if version == 1:
        return document
    document["list_code"] = candidate.list_code
    if version > 2:  # noqa: PLR2004 -- the version that has them
        document["results"] = {code: plain(p) for code, p in candidate.results}
    return document


def decimal(text: str) -> Decimal:
    """Read points or a weight, written as text."""
    if not isinstance(text, str):
        msg = "points and weights are written as strings"
        raise TypeError(msg)
    return Decimal(text)


def _decimals(document: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        if document.get(name) is not None:
            document[name] = decimal(document[name])
    return document


def _maybe(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
