"""The ranking itself: entries with place, outcome, amount, reasons and how ties were settled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import Lazy, lazy
from quartieri.reviews.ranking import documents
from quartieri.reviews.ranking.allocation import Allotment, Claim, allocate_lists
from quartieri.reviews.ranking.faults import NotRankableError, faults
from quartieri.reviews.ranking.inputs import (
    PRESENT,
    Candidate,
    RankingInput,
    Standing,
    canonical_sha256,
)
from quartieri.reviews.ranking.order import Order, common_factors
from quartieri.reviews.ranking.outcomes import Outcome, ReasonCode
from quartieri.reviews.ranking.rules import ListRule, RankingRules, plain
from quartieri.reviews.ranking.scores import Scored, score_all
from quartieri.reviews.ranking.sentences import Reason, Tie, shown_below, to_hundredths


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ranking.

    ``position``: 1 and on for the eligible, in each list; None for the others. ``amount_cents``:
    what is reserved, partial when below ``maximum_cents``. ``score`` is exact; ``criteria`` the
    exact aggregated points of each criterion (the mean, or what the rules say; without those that
    nobody scored); both None or empty for whoever was not ranked.
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
    list_code: str | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Entry:
        """Read a line of a published result of any version."""
        tie = document["tie"]
        return cls(
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
            list_code=document.get("list_code"),
        )

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
    version: int = PRESENT

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
            "format": f"{documents.RESULT}{self.version}",
            "input_sha256": self.input_sha256,
            "endowment_cents": self.endowment_cents,
            "allotted_cents": self.allotted_cents,
            "left_cents": self.left_cents,
            "entries": [_entry_json(e, self.version) for e in self.entries],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Ranking:
        """Read a published document; InvalidError when it is none."""
        try:
            version = documents.version_of(document, documents.RESULT)
            entries = tuple(_entry(e, version) for e in document["entries"])
            return cls(document["input_sha256"], document["endowment_cents"], entries, version)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise InvalidError(lazy("Not a ranking document.")) from error

    def sha256(self) -> str:
        """Give the hash of the canonical document."""
        return canonical_sha256(self.to_json())


def rank(given: RankingInput) -> Ranking:
    """Compute the ranking of a window; the same for every order of rows, sheets and points.

    Below a threshold (by criterion, by group, in total) a proposal is not eligible, with every
    threshold that it missed; below that of a gate alone with it, and without a total. The endowment
    goes down the list of the eligible, or down each list. The ranking of a stage that is a gate
    admits, and gives no money. Raises NotRankableError (scores incomplete) and UnresolvedTieError
    (rules leave a tie among them).
    """
    found = faults(given)
    if found:
        raise NotRankableError(found)
    rules = given.rules
    eligible: list[Scored] = []
    below: list[tuple[Scored, tuple[Reason, ...]]] = []
    for scored in score_all(
        rules, (c for c in given.candidates if c.standing is Standing.RANKABLE)
    ):
        missed = tuple(_missed(rules, scored))
        if missed:
            below.append((scored, missed))
        else:
            eligible.append(scored)
    entries = _eligible_entries(rules, given.endowment_cents, eligible)
    factors = common_factors(s.scale for s, _ in below)
    below.sort(
        key=lambda pair: (
            stops_at_gate(pair[1]),
            -pair[0].total * factors[pair[0].scale],
            pair[0].candidate.protocol,
        )
    )
    entries += [_ranked_entry(rules, s, Outcome.NOT_ELIGIBLE, reasons=r) for s, r in below]
    for standing in (Standing.EXCLUDED, Standing.WITHDRAWN):
        entries += [_out(c) for c in given.candidates if c.standing is standing]
    return Ranking(given.sha256(), given.endowment_cents, tuple(entries), given.version)


def stops_at_gate(reasons: Iterable[Reason]) -> bool:
    """Tell whether a gate stopped an entry: its other criteria do not count."""
    return any(r.code is ReasonCode.BELOW_GATE for r in reasons)


def _eligible_entries(
    rules: RankingRules, endowment_cents: int, eligible: list[Scored]
) -> list[Entry]:
    lists = rules.lists or (ListRule(""),)
    parts: dict[str, list[Scored]] = {one.code: [] for one in lists}
    for scored in eligible:
        parts[(scored.candidate.list_code or "") if rules.lists else ""].append(scored)
    keyed = {code: Order(rules, many).sort() for code, many in parts.items()}
    claims = {
        one.code: [_claim(rules, one, scored.candidate) for _, scored in keyed[one.code]]
        for one in lists
    }
    given = allocate_lists(
        lists,
        claims,
        endowment_cents,
        rules.when_money_runs_out,
        quotas=rules.quotas,
        places=rules.places,
    )
    return [
        _ranked_entry(
            rules,
            scored,
            _outcome(rules, allotment),
            position=place,
            allotment=(claim, allotment),
            tie=tie,
        )
        for one in lists
        for place, ((_, scored), claim, allotment, tie) in enumerate(
            zip(
                keyed[one.code],
                claims[one.code],
                given[one.code],
                _ties(rules, [key for key, _ in keyed[one.code]]),
                strict=True,
            ),
            start=1,
        )
    ]


def _claim(rules: RankingRules, one: ListRule, candidate: Candidate) -> Claim:
    """Say what a candidate asks of its list: its most, or the flat sum; at a gate nothing."""
    if rules.gate:
        return Claim(candidate.key, 0, 0, candidate.quota)
    most = candidate.maximum_cents
    if one.flat_cents is not None:
        most = min(most, one.flat_cents)
    return Claim(candidate.key, most, min(candidate.minimum_cents, most), candidate.quota)


def _outcome(rules: RankingRules, allotment: Allotment) -> Outcome:
    if rules.gate:
        return Outcome.ADMITTED if allotment.funded else Outcome.NOT_ADMITTED
    return Outcome.FUNDED if allotment.funded else Outcome.ELIGIBLE_UNFUNDED


def _ranked_entry(
    rules: RankingRules,
    scored: Scored,
    outcome: Outcome,
    *,
    position: int | None = None,
    reasons: tuple[Reason, ...] = (),
    allotment: tuple[Claim, Allotment] | None = None,
    tie: Tie | None = None,
) -> Entry:
    candidate = scored.candidate
    maximum, given = candidate.maximum_cents, None
    if allotment is not None:
        claim, given = allotment
        maximum = claim.maximum_cents
        if given.reason is not None:
            reasons = (Reason.of_money(given, claim),)
    return Entry(
        key=candidate.key,
        position=position,
        outcome=outcome,
        amount_cents=given.amount_cents if given else 0,
        maximum_cents=maximum,
        offered_cents=given.offered_cents if given else 0,
        sheets=scored.sheets,
        score=None if stops_at_gate(reasons) else scored.score,
        criteria=tuple(_aggregates(rules, scored)),
        reasons=reasons,
        tie=tie,
        list_code=candidate.list_code,
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
        list_code=candidate.list_code,
    )


def _aggregates(rules: RankingRules, scored: Scored) -> Iterator[tuple[str, Fraction]]:
    for place, criterion in enumerate(rules.criteria):
        points = scored.points_of(place)
        if points is not None:
            yield criterion.code, points


def _missed(rules: RankingRules, scored: Scored) -> Iterator[Reason]:
    """Name every threshold that the exact scores miss: of gates alone, or criteria, groups, total.

    What nobody scored because it does not apply has no threshold.
    """
    low = [
        (group, value)
        for group, value in zip(rules.groups, scored.groups, strict=True)
        if group.minimum is not None and value is not None and value < Fraction(group.minimum)
    ]
    if any(group.gate for group, _ in low):
        for group, value in low:
            if group.gate:
                yield _below(ReasonCode.BELOW_GATE, value, group.minimum, group.code)
        return
    points = dict(_aggregates(rules, scored))
    for criterion in rules.criteria:
        given, minimum = points.get(criterion.code), criterion.minimum
        if minimum is not None and given is not None and given < Fraction(minimum):
            yield _below(ReasonCode.BELOW_CRITERION, given, minimum, criterion.code)
    for group, value in low:
        yield _below(ReasonCode.BELOW_GROUP, value, group.minimum, group.code)
    if rules.minimum_total is not None and scored.score < Fraction(rules.minimum_total):
        yield _below(ReasonCode.BELOW_TOTAL, scored.score, rules.minimum_total, "")


def _below(code: ReasonCode, score: Fraction, minimum: Decimal | None, name: str) -> Reason:
    facts = [("score", shown_below(score)), ("minimum", plain(minimum or Decimal(0)))]
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


def _entry_json(entry: Entry, version: int) -> dict[str, Any]:
    document = {
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
    return document if version == 1 else document | {"list_code": entry.list_code}


def _entry(document: Mapping[str, Any], version: int) -> Entry:
    documents.only_of(version, document, "list_code")
    return Entry.from_json(document)
