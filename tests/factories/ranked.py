"""Rules, sheets and candidates for tests of the ranking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from quartieri.reviews.ranking import (
    Candidate,
    CriterionRule,
    GroupRule,
    Quota,
    Ranking,
    RankingInput,
    RankingRules,
    RunsOut,
    Sheet,
    Standing,
    rank,
)

NOON = datetime(2025, 1, 31, 11, tzinfo=UTC)


USEFUL = CriterionRule("useful", Decimal(10), Decimal(3))


NEW = CriterionRule("new", Decimal(10), Decimal(2))


LASTING = CriterionRule("lasting", Decimal(10), Decimal(5))


def rules(**over: object) -> RankingRules:
    given: dict[str, object] = {
        "criteria": (USEFUL, NEW, LASTING),
        "when_money_runs_out": RunsOut.STOP,
        **over,
    }
    return RankingRules(**given)  # type: ignore[arg-type]  # a factory of many kinds


def sheet(reviewer: str, *points: str | None) -> Sheet:
    codes = ("useful", "new", "lasting")
    return Sheet.of(
        reviewer,
        {c: None if p is None else Decimal(p) for c, p in zip(codes, points, strict=True)},
    )


def candidate(key: str, number: int, *sheets: Sheet, cents: int = 100, **over: object) -> Candidate:
    given: dict[str, object] = {
        "protocol_year": 2025,
        "protocol_number": number,
        "received_at": NOON + timedelta(minutes=number),
        "maximum_cents": cents,
        "sheets": sheets,
        **over,
    }
    return Candidate(key, **given)  # type: ignore[arg-type]  # a factory of many kinds


def same(key: str, number: int, points: str = "5", cents: int = 100, **over: object) -> Candidate:
    """Build a candidate with one sheet that gives the same points on each criterion."""
    return candidate(key, number, sheet("r1", points, points, points), cents=cents, **over)


def outcomes(ranking: Ranking) -> list[tuple[str, int | None, str, int]]:
    return [(e.key, e.position, e.outcome.value, e.amount_cents) for e in ranking.entries]


def listed(
    when: RunsOut, endowment: int, *cents: int, **over: object
) -> list[tuple[str, int, int]]:
    """Rank candidates in the given order and give (outcome, amount, offered)."""
    many = tuple(
        same(f"p{n}", n, points=str(10 - n), cents=c) for n, c in enumerate(cents, start=1)
    )
    found = rank(RankingInput(rules(when_money_runs_out=when, **over), endowment, many))
    return [(e.outcome.value, e.amount_cents, e.offered_cents) for e in found.entries]


def example() -> RankingInput:
    new = CriterionRule("new", Decimal("10.0"), Decimal("2.50"), minimum=Decimal(5), group="idea")
    return RankingInput(
        RankingRules(
            (USEFUL, new, LASTING),
            RunsOut.PART,
            Decimal(50),
            2,
            (GroupRule("idea", Decimal(12)),),
            ("criterion:lasting", "received", "protocol"),
            (Quota("M5", 2, 10_000),),
            "lotto",
        ),
        250,
        (
            candidate("a", 1, sheet("r1", "8", "7.5", "7"), sheet("r2", "7", "6", "7"), quota="M5"),
            candidate("b", 2, sheet("r1", "8", "7.5", "7"), sheet("r2", "7", "6", "7"), cents=200),
            candidate("c", 3, sheet("r1", "8", "1", "7"), sheet("r2", "7", "6", "7")),
            candidate("d", 4, standing=Standing.EXCLUDED, note="Fuori città"),
        ),
    )


points = st.sampled_from([Decimal(n) / 2 for n in range(21)])


sheets = st.lists(st.tuples(points, points, points), min_size=1, max_size=4)


crowds = st.lists(
    st.tuples(sheets, st.integers(0, 3), st.integers(0, 300), st.sampled_from([None, "M5"])),
    max_size=12,
)


def crowd(rows: list[tuple[list[tuple[Decimal, ...]], int, int, str | None]]) -> list[Candidate]:
    return [
        candidate(
            f"p{number}",
            number,
            *(
                Sheet.of(f"r{i}", dict(zip(("useful", "new", "lasting"), values, strict=True)))
                for i, values in enumerate(given_sheets)
            ),
            cents=cents,
            received_at=NOON + timedelta(minutes=minute),
            quota=quota,
        )
        for number, (given_sheets, minute, cents, quota) in enumerate(rows, start=1)
    ]
