"""What a ranking is computed from: rules, candidates with their sheets, and the money."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, lazy

UNIT = 10_000
"""Points and weights are counted in ten-thousandths: at most four decimals."""
TOTAL_SCALE = UNIT * UNIT
"""A total (points × weight) is counted in this part of a point: always a whole number."""
MAX_POINTS = 1_000_000
FORMAT = "quartieri-ranking-input-1"


class RunsOut(LabelEnum):
    """What happens when the next project does not fit in the money left."""

    STOP = "stop", N_("The list stops there")
    SKIP = "skip", N_("The next project that fits is funded")
    PART = "part", N_("The project gets the rest")
    OFFER = "offer", N_("The rest is offered to the project if it re-scopes")


class Standing(LabelEnum):
    """Whether a proposal takes part in the ranking."""

    RANKABLE = "rankable", N_("In the ranking")
    EXCLUDED = "excluded", N_("Not admissible")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


@dataclass(frozen=True, slots=True)
class CriterionRule:
    """One criterion: points from 0 to ``maximum`` count times ``weight``.

    ``minimum`` is on the mean of the points, before the weight. ``group`` names a GroupRule.
    """

    code: str
    maximum: Decimal
    weight: Decimal = Decimal(1)
    minimum: Decimal | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        """Refuse a criterion that can't be scored, or whose minimum can't be reached."""
        if units(self.maximum) <= 0 or units(self.weight) <= 0:
            raise InvalidError(lazy("Maximum points and weights are more than zero."))
        if self.minimum is not None and self.minimum > self.maximum:
            raise InvalidError(lazy("A minimum score is above the maximum."))


@dataclass(frozen=True, slots=True)
class GroupRule:
    """A group of criteria with a minimum on the sum of its weighted mean points."""

    code: str
    minimum: Decimal


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit for the candidates that carry its code: so many places, so many cents, or both."""

    code: str
    places: int | None = None
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class RankingRules:
    """What the notice says of the ranking; InvalidError when it contradicts itself.

    ``tie_break``, in order: ``criterion:<code>`` (the higher mean), ``received`` (the earlier),
    ``protocol`` (the lower number), ``draw`` (a public draw: ascending SHA-256 of the published
    seed and the proposal's key). ``aggregation`` is always the mean of the sheets' totals.
    """

    criteria: tuple[CriterionRule, ...]
    when_money_runs_out: RunsOut
    minimum_total: Decimal | None = None
    minimum_sheets: int = 1
    groups: tuple[GroupRule, ...] = ()
    tie_break: tuple[str, ...] = ("received", "protocol")
    quotas: tuple[Quota, ...] = ()
    draw_seed: str | None = None
    aggregation: str = "mean"

    def __post_init__(self) -> None:
        """Check codes, references and amounts."""
        codes = [c.code for c in self.criteria]
        groups = {g.code for g in self.groups}
        quotas = {q.code for q in self.quotas}
        if not codes:
            raise InvalidError(lazy("A ranking needs at least one criterion."))
        if len(set(codes)) < len(codes) or len(groups) < len(self.groups):
            raise InvalidError(lazy("A criterion or a group stands twice."))
        if len(quotas) < len(self.quotas):
            raise InvalidError(lazy("A quota stands twice."))
        if any(c.group is not None and c.group not in groups for c in self.criteria):
            raise InvalidError(lazy("A criterion names a group that is not there."))
        if self.aggregation != "mean" or self.minimum_sheets < 1:
            raise InvalidError(lazy("A ranking takes the mean of at least one sheet."))
        for rule in self.tie_break:
            kind, _, code = rule.partition(":")
            if rule in {"received", "protocol", "draw"} or (kind == "criterion" and code in codes):
                continue
            raise InvalidError(lazy("Not a rule for ties: %(rule)s.", rule=rule))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One reviewer's points, or the commission's agreed ones; sorted by criterion code.

    A criterion without points is absent: that is a missing score, never zero.
    """

    reviewer: str
    points: tuple[tuple[str, Decimal], ...]

    @classmethod
    def of(cls, reviewer: str, points: Mapping[str, Decimal | None]) -> Sheet:
        """Build from a mapping; None is a missing score."""
        return cls(reviewer, tuple(sorted((k, v) for k, v in points.items() if v is not None)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposal of the window.

    ``key`` is its public name in the ranking, unique; ``maximum_cents`` what would be reserved for
    it; ``minimum_cents`` the least it may be given in part; ``quota`` the code of its area or band;
    ``note`` the published reason of an exclusion or withdrawal. A recused reviewer has no sheet.
    """

    key: str
    protocol_year: int
    protocol_number: int
    received_at: datetime
    maximum_cents: int
    sheets: tuple[Sheet, ...] = ()
    standing: Standing = Standing.RANKABLE
    minimum_cents: int = 0
    quota: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a time without zone and negative money."""
        if self.received_at.tzinfo is None:
            msg = "received_at needs a time zone"
            raise ValueError(msg)
        if type(self.maximum_cents) is not int or type(self.minimum_cents) is not int:
            msg = "cents are ints"
            raise TypeError(msg)
        if self.maximum_cents < 0 or self.minimum_cents < 0:
            msg = "negative cents"
            raise ValueError(msg)

    @property
    def protocol(self) -> tuple[int, int]:
        """The place in the register: year, number."""
        return self.protocol_year, self.protocol_number


@dataclass(frozen=True, slots=True)
class RankingInput:
    """All that a ranking depends on; candidates are kept in the order of the register."""

    rules: RankingRules
    endowment_cents: int
    candidates: tuple[Candidate, ...]

    def __post_init__(self) -> None:
        """Bring candidates and sheets in one canonical order; refuse doubles."""
        ordered = sorted(self.candidates, key=lambda c: (c.protocol, c.key))
        object.__setattr__(self, "candidates", tuple(ordered))
        if self.endowment_cents < 0:
            msg = "negative endowment"
            raise ValueError(msg)
        if len({c.key for c in ordered}) < len(ordered):
            raise InvalidError(lazy("A proposal stands twice in the ranking."))
        if len({c.protocol for c in ordered}) < len(ordered):
            raise InvalidError(lazy("A protocol number stands twice in the ranking."))

    def to_json(self) -> dict[str, Any]:
        """Give the document that is published beside the ranking: plain JSON values."""
        rules = self.rules
        return {
            "format": FORMAT,
            "endowment_cents": self.endowment_cents,
            "rules": {
                "aggregation": rules.aggregation,
                "criteria": [
                    {
                        "code": c.code,
                        "maximum": plain(c.maximum),
                        "weight": plain(c.weight),
                        "minimum": None if c.minimum is None else plain(c.minimum),
                        "group": c.group,
                    }
                    for c in rules.criteria
                ],
                "groups": [{"code": g.code, "minimum": plain(g.minimum)} for g in rules.groups],
                "minimum_total": (
                    None if rules.minimum_total is None else plain(rules.minimum_total)
                ),
                "minimum_sheets": rules.minimum_sheets,
                "tie_break": list(rules.tie_break),
                "when_money_runs_out": rules.when_money_runs_out.value,
                "quotas": [
                    {"code": q.code, "places": q.places, "cents": q.cents} for q in rules.quotas
                ],
                "draw_seed": rules.draw_seed,
            },
            "candidates": [_candidate_json(c) for c in self.candidates],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> RankingInput:
        """Read a published document; InvalidError when it is none."""
        try:
            if document["format"] != FORMAT:
                raise InvalidError(lazy("Not a ranking's input document."))
            rules = dict(document["rules"])
            rules["criteria"] = tuple(
                CriterionRule(**_decimals(dict(c), "maximum", "weight", "minimum"))
                for c in rules["criteria"]
            )
            rules["groups"] = tuple(
                GroupRule(**_decimals(dict(g), "minimum")) for g in rules["groups"]
            )
            rules["quotas"] = tuple(Quota(**q) for q in rules["quotas"])
            rules["tie_break"] = tuple(rules["tie_break"])
            rules["when_money_runs_out"] = RunsOut(rules["when_money_runs_out"])
            _decimals(rules, "minimum_total")
            candidates = tuple(_candidate(c) for c in document["candidates"])
            return cls(RankingRules(**rules), document["endowment_cents"], candidates)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise InvalidError(lazy("Not a ranking's input document.")) from error

    def sha256(self) -> str:
        """Give the hash of the canonical document; it does not depend on the order of rows."""
        return canonical_sha256(self.to_json())


def settles_every_tie(tie_break: Iterable[str]) -> bool:
    """Tell whether the rule can leave no tie: it ends in the register's number or in a draw."""
    return any(rule in {"protocol", "draw"} for rule in tie_break)


def units(value: Decimal) -> int:
    """Give points or a weight in ten-thousandths; InvalidError beyond four decimals."""
    if not isinstance(value, Decimal):
        msg = f"points and weights are Decimals, not {type(value).__name__}"
        raise TypeError(msg)
    if not value.is_finite() or abs(value) > MAX_POINTS:
        raise InvalidError(lazy("Points and weights are numbers up to a million."))
    over, under = value.as_integer_ratio()
    whole, odd = divmod(over * UNIT, under)
    if odd:
        raise InvalidError(lazy("Points and weights have at most four decimals."))
    return whole


def plain(value: Decimal) -> str:
    """Write a decimal in one way only: 7.50 and 7.5 give ``7.5``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def canonical_sha256(document: Mapping[str, Any]) -> str:
    """Give the SHA-256 of a JSON document: keys sorted, no spaces, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _candidate_json(candidate: Candidate) -> dict[str, Any]:
    received = candidate.received_at.astimezone(UTC)
    return {
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
            for s in sorted(candidate.sheets, key=lambda s: s.reviewer)
        ],
    }


def _candidate(document: Mapping[str, Any]) -> Candidate:
    given = dict(document)
    given["received_at"] = datetime.fromisoformat(given["received_at"])
    given["standing"] = Standing(given["standing"])
    given["sheets"] = tuple(
        Sheet.of(s["reviewer"], {code: _decimal(p) for code, p in s["points"].items()})
        for s in given["sheets"]
    )
    return Candidate(**given)


def _decimals(document: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        if document.get(name) is not None:
            document[name] = _decimal(document[name])
    return document


def _decimal(text: str) -> Decimal:
    if not isinstance(text, str):
        msg = "points and weights are written as strings"
        raise TypeError(msg)
    return Decimal(text)
