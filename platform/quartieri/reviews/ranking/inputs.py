"""What a ranking is computed from: rules, candidates with their sheets, and the money."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, lazy
from quartieri.reviews.ranking import documents
from quartieri.reviews.ranking.rules import RankingRules

PRESENT = 2
"""The version of the documents that are written now; 1 is read, and written again as it was."""
WITH_RESULTS = 3
"""The version of those where a result is imported: each candidate has its ``results``."""
IMPORTED = "import"
"""How the one sheet is named of whoever has imported results and nothing else."""


class Standing(LabelEnum):
    """Whether a proposal takes part in the ranking."""

    RANKABLE = "rankable", N_("In the ranking")
    EXCLUDED = "excluded", N_("Not admissible")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One reviewer's points, or the commission's agreed ones; sorted by criterion code.

    A criterion that is neither in ``points`` nor in ``not_applicable`` is a missing score, never
    zero.
    """

    reviewer: str
    points: tuple[tuple[str, Decimal], ...]
    not_applicable: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        reviewer: str,
        points: Mapping[str, Decimal | None],
        not_applicable: Collection[str] = (),
    ) -> Sheet:
        """Build from a mapping; None is a missing score."""
        given = tuple(
            sorted((k, v) for k, v in points.items() if v is not None and k not in not_applicable)
        )
        return cls(reviewer, given, tuple(sorted(not_applicable)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposal of the window.

    ``key`` is its public name in the ranking, unique; ``maximum_cents`` what would be reserved for
    it; ``minimum_cents`` the least it may be given in part; ``quota`` and ``list_code`` say what it
    belongs to; ``note`` is the published reason of an exclusion or withdrawal. A recused reviewer
    has no sheet.
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
    list_code: str | None = None
    results: tuple[tuple[str, Decimal], ...] = ()
    """The imported points by criterion; they count on each sheet."""

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
    def counted(self) -> tuple[Sheet, ...]:
        """The sheets as they count: each with the imported results, which are the same on all."""
        if not self.results:
            return self.sheets
        sheets = self.sheets or (Sheet(IMPORTED, ()),)
        return tuple(
            Sheet(s.reviewer, tuple(sorted((*s.points, *self.results))), s.not_applicable)
            for s in sheets
        )

    @property
    def protocol(self) -> tuple[int, int]:
        """The place in the register: year, number."""
        return self.protocol_year, self.protocol_number


@dataclass(frozen=True, slots=True)
class RankingInput:
    """All that a ranking depends on; candidates are kept in the order of the register.

    ``version`` is that of the published documents, its own and its result's.
    """

    rules: RankingRules
    endowment_cents: int
    candidates: tuple[Candidate, ...]
    version: int = PRESENT

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
        return {
            "format": f"{documents.INPUT}{self.version}",
            "endowment_cents": self.endowment_cents,
            "rules": documents.rules_json(self.rules, self.version),
            "candidates": [documents.candidate_json(c, self.version) for c in self.candidates],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> RankingInput:
        """Read a published document of any version; InvalidError when it is none."""
        try:
            version = documents.version_of(document, documents.INPUT)
            return cls(
                documents.read_rules(document["rules"], version),
                document["endowment_cents"],
                tuple(_candidate(c, version) for c in document["candidates"]),
                version,
            )
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise InvalidError(lazy("Not a ranking's input document.")) from error

    def sha256(self) -> str:
        """Give the hash of the canonical document; it does not depend on the order of rows."""
        return canonical_sha256(self.to_json())


def canonical_sha256(document: Mapping[str, Any]) -> str:
    """Give the SHA-256 of a JSON document: keys sorted, no spaces, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _candidate(document: Mapping[str, Any], version: int) -> Candidate:
    given = dict(document)
    documents.only_of(version, given, "list_code")
    given["received_at"] = datetime.fromisoformat(given["received_at"])
    given["standing"] = Standing(given["standing"])
    given["sheets"] = tuple(_sheet(s, version) for s in given["sheets"])
    if ("results" in given) is not (version == WITH_RESULTS):
        msg = "results"
        raise KeyError(msg)
    results = given.pop("results", {})
    given["results"] = tuple(sorted((c, documents.decimal(p)) for c, p in results.items()))
    return Candidate(**given)


def _sheet(document: Mapping[str, Any], version: int) -> Sheet:
    documents.only_of(version, document, "not_applicable")
    points = {code: documents.decimal(p) for code, p in document["points"].items()}
    return Sheet.of(document["reviewer"], points, document.get("not_applicable", ()))
