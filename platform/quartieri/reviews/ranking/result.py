"""The ranking itself: entries with place, outcome, amount, reasons and how ties were settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import Lazy, lazy
from quartieri.reviews.ranking.allocation import Allotment, Claim, allocate
from quartieri.reviews.ranking.inputs import (
    UNIT,
    Candidate,
    RankingInput,
    RankingRules,
    Standing,
    canonical_sha256,
    plain,
)
from quartieri.reviews.ranking.order import (
    NotRankableError,
    Order,
    Scored,
    common_factors,
    faults,
    score,
)
from quartieri.reviews.ranking.outcomes import Outcome, ReasonCode
from quartieri.reviews.ranking.sentences import Reason, Tie, shown_below, to_hundredths

FORMAT = "quartieri-ranking-1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ranking.

    ``position``: 1 and on for the eligible, None for the others. ``amount_cents``: what is
    reserved, partial when below ``maximum_cents``. ``score`` is the exact mean; ``criteria`` the
    exact mean points of each criterion; both None or empty for whoever was not ranked.
    """

    key: str
    position: int | None
    outcome: Outcome
    amount_cents: int
    maximum_cents: int
    offered_cents: int
    sheets: int
    score: Fraction | None
    criteria: tuple[tuple[str, Fraction], ...]
    reasons: tuple[Reason, ...]
    tie: Tie | None

    @property
    def is_partial(self) -> bool:
        """Tell whether less than the project's maximum is reserved for it."""
        return self.outcome is Outcome.FUNDED and self.amount_cents < self.maximum_cents

    @property
    def shown_score(self) -> Decimal | None:
        """The score rounded half up to two decimals, for show only."""
        return None if self.score is None else to_hundredths(self.score)

    def reason(self, names: Mapping[str, str] | None = None) -> Lazy | None:
        """Give the first reason as a sentence; ``names`` gives criteria and groups their titles."""
        return self.reasons[0].sentence(names or {}) if self.reasons else None


@dataclass(frozen=True, slots=True)
class Ranking:
    """A computed ranking: the eligible by place, then not eligible, excluded and withdrawn."""

    input_sha256: str
    endowment_cents: int
    entries: tuple[Entry, ...]

    @property
    def allotted_cents(self) -> int:
        """What all funded entries reserve."""
        return sum(e.amount_cents for e in self.entries)

    @property
    def left_cents(self) -> int:
        """What is left of the endowment."""
        return self.endowment_cents - self.allotted_cents

    def to_json(self) -> dict[str, Any]:
        """Give the published document: plain JSON values, scores exact and shown."""
        return {
            "format": FORMAT,
            "input_sha256": self.input_sha256,
            "endowment_cents": self.endowment_cents,
            "allotted_cents": self.allotted_cents,
            "left_cents": self.left_cents,
            "entries": [_entry_json(e) for e in self.entries],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Ranking:
        """Read a published document; InvalidError when it is none."""
        try:
            if document["format"] != FORMAT:
                raise InvalidError(lazy("Not a ranking document."))
            entries = tuple(_entry(e) for e in document["entries"])
            return cls(document["input_sha256"], document["endowment_cents"], entries)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise InvalidError(lazy("Not a ranking document.")) from error

    def sha256(self) -> str:
        """Give the hash of the canonical document."""
        return canonical_sha256(self.to_json())


def rank(given: RankingInput) -> Ranking:
    """Compute the ranking of a window; the same for every order of rows, sheets and points.

    Below a threshold (by criterion, by group, in total) a proposal is not eligible, with every
    threshold that it missed. The endowment goes down the list of the eligible. Raises
    NotRankableError (scores incomplete) and UnresolvedTieError (rules leave a tie among them).
    """
    found = faults(given)
    if found:
        raise NotRankableError(found)
    rules = given.rules
    eligible: list[Scored] = []
    below: list[tuple[Scored, tuple[Reason, ...]]] = []
    for candidate in given.candidates:
        if candidate.standing is Standing.RANKABLE:
            scored = score(rules, candidate)
            missed = tuple(_missed(rules, scored))
            if missed:
                below.append((scored, missed))
            else:
                eligible.append(scored)
    entries = _eligible_entries(rules, given.endowment_cents, eligible)
    factors = common_factors(s.sheets for s, _ in below)
    below.sort(
        key=lambda pair: (-pair[0].total * factors[pair[0].sheets], pair[0].candidate.protocol)
    )
    entries += [_ranked_entry(rules, s, Outcome.NOT_ELIGIBLE, reasons=r) for s, r in below]
    for standing in (Standing.EXCLUDED, Standing.WITHDRAWN):
        entries += [_out(c) for c in given.candidates if c.standing is standing]
    return Ranking(given.sha256(), given.endowment_cents, tuple(entries))


def _eligible_entries(
    rules: RankingRules, endowment_cents: int, eligible: list[Scored]
) -> list[Entry]:
    keyed = Order(rules, eligible).sort()
    ties = _ties(rules, [key for key, _ in keyed])
    claims = (
        Claim(
            s.candidate.key, s.candidate.maximum_cents, s.candidate.minimum_cents, s.candidate.quota
        )
        for _, s in keyed
    )
    given = allocate(claims, endowment_cents, rules.when_money_runs_out, rules.quotas)
    return [
        _ranked_entry(
            rules,
            scored,
            Outcome.FUNDED if allotment.funded else Outcome.ELIGIBLE_UNFUNDED,
            position=place,
            allotment=allotment,
            tie=tie,
        )
        for place, ((_, scored), allotment, tie) in enumerate(
            zip(keyed, given, ties, strict=True), start=1
        )
    ]


def _ranked_entry(
    rules: RankingRules,
    scored: Scored,
    outcome: Outcome,
    *,
    position: int | None = None,
    reasons: tuple[Reason, ...] = (),
    allotment: Allotment | None = None,
    tie: Tie | None = None,
) -> Entry:
    candidate = scored.candidate
    if allotment is not None and allotment.reason is not None:
        reasons = (Reason.of_money(allotment, candidate),)
    return Entry(
        key=candidate.key,
        position=position,
        outcome=outcome,
        amount_cents=allotment.amount_cents if allotment else 0,
        maximum_cents=candidate.maximum_cents,
        offered_cents=allotment.offered_cents if allotment else 0,
        sheets=scored.sheets,
        score=scored.mean,
        criteria=tuple(_criterion_means(rules, scored)),
        reasons=reasons,
        tie=tie,
    )


def _out(candidate: Candidate) -> Entry:
    excluded = candidate.standing is Standing.EXCLUDED
    code = ReasonCode.EXCLUDED if excluded else ReasonCode.WITHDRAWN
    return Entry(
        key=candidate.key,
        position=None,
        outcome=Outcome.EXCLUDED if excluded else Outcome.WITHDRAWN,
        amount_cents=0,
        maximum_cents=candidate.maximum_cents,
        offered_cents=0,
        sheets=0,
        score=None,
        criteria=(),
        reasons=(Reason(code, (("note", candidate.note),)),),
        tie=None,
    )


def _criterion_means(rules: RankingRules, scored: Scored) -> Iterator[tuple[str, Fraction]]:
    for criterion, points in zip(rules.criteria, scored.points, strict=True):
        yield criterion.code, Fraction(points, UNIT * scored.sheets)


def _missed(rules: RankingRules, scored: Scored) -> Iterator[Reason]:
    """Name every threshold that the exact means miss: criteria, groups, total."""
    means = dict(_criterion_means(rules, scored))
    for criterion in rules.criteria:
        mean = means[criterion.code]
        if criterion.minimum is not None and mean < Fraction(criterion.minimum):
            yield _below(ReasonCode.BELOW_CRITERION, mean, criterion.minimum, criterion.code)
    for group in rules.groups:
        members = (c for c in rules.criteria if c.group == group.code)
        total = sum((means[c.code] * Fraction(c.weight) for c in members), Fraction(0))
        if total < Fraction(group.minimum):
            yield _below(ReasonCode.BELOW_GROUP, total, group.minimum, group.code)
    if rules.minimum_total is not None and scored.mean < Fraction(rules.minimum_total):
        yield _below(ReasonCode.BELOW_TOTAL, scored.mean, rules.minimum_total, "")


def _below(code: ReasonCode, mean: Fraction, minimum: Decimal, name: str) -> Reason:
    facts = [("score", shown_below(mean)), ("minimum", plain(minimum))]
    return Reason(code, tuple([("name", name), *facts] if name else facts))


def _ties(rules: RankingRules, keys: list[tuple[Any, ...]]) -> list[Tie | None]:
    """Say for each place whether its score is shared, and which rule parted it from the next."""
    names = ("", *rules.tie_break)
    result: list[Tie | None] = []
    start = 0
    while start < len(keys):
        end = start
        while end < len(keys) and keys[end][0] == keys[start][0]:
            end += 1
        if end - start == 1:
            result.append(None)
        else:
            parted = [_first_difference(keys[i], keys[i + 1]) for i in range(start, end - 1)]
            for above, below in zip([0, *parted], [*parted, 0], strict=True):
                result.append(Tie(end - start - 1, names[max(above, below)]))
        start = end
    return result


def _first_difference(above: tuple[Any, ...], below: tuple[Any, ...]) -> int:
    return next(i for i, (a, b) in enumerate(zip(above, below, strict=True)) if a != b)


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "position": entry.position,
        "outcome": entry.outcome.value,
        "amount_cents": entry.amount_cents,
        "maximum_cents": entry.maximum_cents,
        "offered_cents": entry.offered_cents,
        "sheets": entry.sheets,
        "score": None if entry.score is None else str(entry.score),
        "shown_score": None if entry.shown_score is None else str(entry.shown_score),
        "criteria": [{"code": code, "mean": str(mean)} for code, mean in entry.criteria],
        "reasons": [{"code": r.code.value, **dict(r.facts)} for r in entry.reasons],
        "tie": None if entry.tie is None else {"with": entry.tie.others, "by": entry.tie.rule},
    }


def _entry(document: Mapping[str, Any]) -> Entry:
    tie = document["tie"]
    return Entry(
        key=document["key"],
        position=document["position"],
        outcome=Outcome(document["outcome"]),
        amount_cents=document["amount_cents"],
        maximum_cents=document["maximum_cents"],
        offered_cents=document["offered_cents"],
        sheets=document["sheets"],
        score=None if document["score"] is None else Fraction(document["score"]),
        criteria=tuple((c["code"], Fraction(c["mean"])) for c in document["criteria"]),
        reasons=tuple(Reason.from_json(r) for r in document["reasons"]),
        tie=None if tie is None else Tie(tie["with"], tie["by"]),
    )
