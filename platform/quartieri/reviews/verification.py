"""Recomputing stored rankings and comparing: the promise that a stranger can do the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from quartieri.kit.errors import DomainError
from quartieri.reviews.models import Ranking
from quartieri.reviews.queries.published import result_document
from quartieri.reviews.ranking import RankingInput, rank
from quartieri.reviews.ranking.inputs import canonical_sha256
from quartieri.reviews.rules import PUBLIC_RANKING_STATES


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a recomputation says of one stored ranking; ``fault`` is empty when they agree."""

    ranking_id: int
    call: str
    window: int
    number: int
    state: str
    fault: str

    @property
    def agrees(self) -> bool:
        """Tell whether inputs, hashes and result all agree."""
        return not self.fault


def verify(session: Session, ranking_id: int | None = None) -> list[Verdict]:
    """Recompute one ranking, or every published one, from its stored inputs; in order of id."""
    wanted = sa.select(Ranking).options(selectinload(Ranking.entries)).order_by(Ranking.id)
    if ranking_id is None:
        wanted = wanted.where(Ranking.state.in_(PUBLIC_RANKING_STATES))
    else:
        wanted = wanted.where(Ranking.id == ranking_id)
    return [_verdict(row) for row in session.scalars(wanted)]


def all_agree(verdicts: Iterable[Verdict]) -> bool:
    """Tell whether every recomputation agrees with what was stored."""
    return all(v.agrees for v in verdicts)


def _verdict(ranking: Ranking) -> Verdict:
    return Verdict(
        ranking.id,
        ranking.window.call.slug,
        ranking.window.number,
        ranking.number,
        ranking.state.value,
        _fault(ranking),
    )


def _fault(ranking: Ranking) -> str:
    if canonical_sha256(ranking.inputs) != ranking.inputs_sha256:
        return "the stored inputs do not have the published hash"
    stored = result_document(ranking)
    if canonical_sha256(stored) != ranking.result_sha256:
        return "the stored entries do not have the published hash"
    try:
        again = rank(RankingInput.from_json(ranking.inputs)).to_json()
    except DomainError as error:
        return f"the inputs cannot be ranked: {error}"
    if again != stored:
        pairs = zip(again["entries"], stored["entries"], strict=False)
        place = next((n for n, (a, b) in enumerate(pairs, start=1) if a != b), 0)
        return f"the recomputation differs at line {place}"
    for entry in ranking.entries:
        told = (entry.position, entry.outcome.value, entry.amount_cents)
        detail = entry.detail
        if told != (detail["position"], detail["outcome"], detail["amount_cents"]):
            return f"line {entry.line} does not say what was published"
    return ""
