"""Reasons and ties in words, and scores for show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money
from quartieri.reviews.ranking.allocation import Allotment, Claim
from quartieri.reviews.ranking.outcomes import ReasonCode

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an entry has its outcome: a code and its facts as text, sorted by name."""

    code: ReasonCode
    facts: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Keep the facts in one order."""
        object.__setattr__(self, "facts", tuple(sorted(self.facts)))

    @classmethod
    def of_money(cls, allotment: Allotment, claim: Claim) -> Reason:
        """Say why a claim got less than all of its money."""
        code = allotment.reason
        if code is None:
            msg = "nothing to explain"
            raise ValueError(msg)
        facts: dict[str, str] = {}
        if code in {ReasonCode.NO_MONEY, ReasonCode.PART, ReasonCode.OFFERED}:
            facts = {
                "left_cents": str(allotment.left_cents),
                "needed_cents": str(claim.maximum_cents),
            }
        elif code is ReasonCode.QUOTA_FULL:
            facts = {"quota": claim.quota or ""}
        return cls(code, tuple(facts.items()))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Reason:
        """Read one reason of a published ranking."""
        facts = tuple((str(k), str(v)) for k, v in document.items() if k != "code")
        return cls(ReasonCode(document["code"]), facts)

    def sentence(self, names: Mapping[str, str]) -> Lazy:
        """Say it; ``names`` gives the titles of criteria and groups by their codes."""
        facts = dict(self.facts)
        if "name" in facts:
            facts["name"] = names.get(facts["name"], facts["name"])
        values = dict(_spoken(key, value) for key, value in facts.items())
        template = _SENTENCES[self.code]
        if self.code in {ReasonCode.EXCLUDED, ReasonCode.WITHDRAWN} and values.get("note"):
            template = _NOTED[self.code]
        else:
            values.pop("note", None)
        return Lazy(template.msgid, values)


def _spoken(key: str, value: str) -> tuple[str, Any]:
    """Give a fact as what the translator formats: money, decimals, text."""
    if key.endswith("_cents"):
        return key.removesuffix("_cents"), Money(int(value))
    return key, Decimal(value) if key in {"score", "minimum"} else value


@dataclass(frozen=True, slots=True)
class Tie:
    """A score shared with ``others`` entries, and the ``rule`` that gave this one its place.

    The rule is the last that was needed to part it from its neighbours in the tie.
    """

    others: int
    rule: str

    def sentence(self, names: Mapping[str, str]) -> Lazy:
        """Say it; ``names`` gives the titles of criteria by their codes."""
        kind, _, code = self.rule.partition(":")
        if kind == "criterion":
            by = lazy("the higher score on %(name)s", name=names.get(code, code))
        else:
            by = _TIE_RULES[kind]
        return lazy(
            "Same score as others (%(others)s): placed by %(rule)s.", others=self.others, rule=by
        )


def to_hundredths(value: Fraction) -> Decimal:
    """Round a score half up to two decimals, for show only; scores are never negative."""
    return Decimal(
        (2 * value.numerator * HUNDREDTHS + value.denominator) // (2 * value.denominator)
    ).scaleb(-2)


def shown_below(value: Fraction) -> str:
    """Show a score that missed a threshold: cut, so that it never looks as if it had reached it."""
    return str(Decimal(value.numerator * HUNDREDTHS // value.denominator).scaleb(-2))


_SENTENCES = {
    ReasonCode.BELOW_CRITERION: lazy("%(name)s: %(score)s, below the minimum of %(minimum)s."),
    ReasonCode.BELOW_GROUP: lazy("%(name)s: %(score)s, below the minimum of %(minimum)s."),
    ReasonCode.BELOW_GATE: lazy(
        "%(name)s: %(score)s, below the minimum of %(minimum)s that opens the other criteria:"
        " those do not count."
    ),
    ReasonCode.BELOW_TOTAL: lazy("Total score %(score)s, below the minimum of %(minimum)s."),
    ReasonCode.NO_MONEY: lazy("%(needed)s needed, %(left)s left: it does not fit."),
    ReasonCode.AFTER_STOP: lazy("The money ran out at a higher place."),
    ReasonCode.NO_PLACE: lazy("All places are taken by higher scores."),
    ReasonCode.QUOTA_FULL: lazy("The quota for %(quota)s is used up."),
    ReasonCode.PART: lazy("Funded in part: %(left)s left of the %(needed)s needed."),
    ReasonCode.OFFERED: lazy("The rest, %(left)s of %(needed)s, is offered for a smaller project."),
    ReasonCode.EXCLUDED: lazy("Not admissible."),
    ReasonCode.WITHDRAWN: lazy("Withdrawn."),
}
_NOTED = {
    ReasonCode.EXCLUDED: lazy("Not admissible: %(note)s"),
    ReasonCode.WITHDRAWN: lazy("Withdrawn: %(note)s"),
}
_TIE_RULES = {
    "received": lazy("the earlier time of receipt"),
    "protocol": lazy("the lower protocol number"),
    "draw": lazy("the public draw"),
}
