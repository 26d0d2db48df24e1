"""Kinds of levels and areas, figures of levels and pools, and the arithmetic of shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from quartieri.kit.errors import InsufficientFundsError, InvalidError
from quartieri.kit.labels import N_, LabelEnum, Lazy, in_language, lazy
from quartieri.kit.money import Money, split_cents


class LevelKind(LabelEnum):
    """The levels of the tree, from the root; a level may be left out on the way down."""

    PROGRAMME = "programme", N_("Programme")
    LINE = "line", N_("Line")
    INSTRUMENT = "instrument", N_("Instrument")
    ACTION = "action", N_("Action")

    @property
    def depth(self) -> int:
        """How far from the root the kind stands; a parent always stands higher."""
        return list(LevelKind).index(self)


class AreaKind(LabelEnum):
    """What a city calls its parts."""

    MUNICIPIO = "municipio", N_("Municipio")
    CIRCOSCRIZIONE = "circoscrizione", N_("Circoscrizione")
    QUARTIERE = "quartiere", N_("Quartiere")
    OTHER = "other", N_("Area")


class LevelShortError(InsufficientFundsError):
    """A level of the tree has less than is asked for; ``level_id`` names it."""

    def __init__(self, level_id: int, title: str, missing: Money) -> None:
        """Say which level and how much."""
        super().__init__(
            lazy(
                "%(level)s does not have enough money available: %(missing)s are missing.",
                level=title,
                missing=missing,
            ),
            missing_cents=missing.cents,
        )
        self.level_id = level_id


class PoolShortError(InsufficientFundsError):
    """An endowment pool has less than is asked for; ``pool_id`` names it."""

    def __init__(self, pool_id: int, message: Lazy, missing: Money) -> None:
        """Say what is short and how much."""
        super().__init__(message, missing_cents=missing.cents)
        self.pool_id = pool_id


@dataclass(frozen=True, slots=True)
class PoolBalances:
    """A pool's money in cents.

    available = endowment − reserved − committed − disbursed + put_back, never below zero.
    ``recovered`` is all that beneficiaries gave back, ``to_put_back`` what no act has yet made
    available again; ``committed`` is what is not yet disbursed.
    """

    endowment_cents: int = 0
    available_cents: int = 0
    reserved_cents: int = 0
    committed_cents: int = 0
    disbursed_cents: int = 0
    recovered_cents: int = 0
    to_put_back_cents: int = 0
    interest_cents: int = 0

    @property
    def put_back_cents(self) -> int:
        """What acts have made available again out of what was recovered."""
        return self.recovered_cents - self.to_put_back_cents

    @classmethod
    def of(cls, accounts: Mapping[str, int]) -> PoolBalances:
        """Read from ``{account: cents}`` of a pool, or of the sum of several."""
        return cls(
            endowment_cents=-accounts.get("endowment", 0),
            available_cents=accounts.get("available", 0),
            reserved_cents=accounts.get("reserved", 0),
            committed_cents=accounts.get("committed", 0),
            disbursed_cents=accounts.get("disbursed", 0),
            recovered_cents=-accounts.get("payments", 0) - accounts.get("outstanding", 0),
            to_put_back_cents=accounts.get("recovered", 0),
            interest_cents=accounts.get("interest", 0),
        )


@dataclass(slots=True)
class LevelFigures:
    """A level of the tree with its money in cents; ``None`` means that no figure is published.

    ``allotted`` is known even without a budget: it is what calls below have bound. ``reserved``,
    ``committed``, ``disbursed`` are parts of what was allotted; a pool with shares at several
    levels counts there in proportion.
    """

    id: int
    parent_id: int | None
    kind: LevelKind
    code: str
    slug: str
    title_it: str
    title_en: str
    planned_cents: int | None
    available_cents: int | None
    description_it: str = ""
    description_en: str = ""
    office: str = ""
    spent_cents: int = 0
    allotted_cents: int = 0
    reserved_cents: int = 0
    committed_cents: int = 0
    disbursed_cents: int = 0
    recovered_cents: int = 0
    children: list[LevelFigures] = field(default_factory=list)

    def title(self, language: str) -> str:
        """Give the title in a language, or in the other one."""
        return in_language({"it": self.title_it, "en": self.title_en}, language)

    @property
    def unknown(self) -> bool:
        """True where no more is published than that there is such a level."""
        told = self.title_it or self.description_it or self.office or self.children
        return not told and self.planned_cents is None and not self.allotted_cents


def check_shares(endowment_cents: int | None, shares: Mapping[int, int]) -> None:
    """Refuse shares that are not positive or do not add up to the endowment (InvalidError).

    A pool without any share stands outside of the tree, which is lawful.
    """
    if any(cents <= 0 for cents in shares.values()):
        raise InvalidError(lazy("Each share must be more than zero."), field="shares")
    if shares and sum(shares.values()) != endowment_cents:
        raise InvalidError(
            lazy(
                "The shares add up to %(shares)s, but the endowment is %(endowment)s.",
                shares=Money(sum(shares.values())),
                endowment=Money(endowment_cents or 0),
            ),
            field="shares",
        )


def ancestry(level_id: int, parents: Mapping[int, int | None]) -> list[int]:
    """Give a level and all above it, nearest first."""
    path: list[int] = []
    at: int | None = level_id
    while at is not None:
        path.append(at)
        at = parents[at]
    return path


def by_level(
    shares: Mapping[int, int], parents: Mapping[int, int | None], counted: Iterable[int]
) -> dict[int, int]:
    """Add shares up the tree: ``{level: cents}`` for the levels in ``counted``."""
    wanted = set(counted)
    sums: dict[int, int] = {}
    for level_id, cents in shares.items():
        for above in ancestry(level_id, parents):
            if above in wanted:
                sums[above] = sums.get(above, 0) + cents
    return sums


def in_proportion(cents: int, shares: Mapping[int, int]) -> dict[int, int]:
    """Split ``cents`` by shares; odd cents to the first level by id; parts add up.

    Shares that have all gone back count alike.
    """
    levels: Sequence[int] = sorted(shares)
    if not levels:
        return {}
    weights = [shares[level] for level in levels]
    parts = split_cents(cents, weights if any(weights) else [1] * len(levels))
    return dict(zip(levels, parts, strict=True))
