"""Figures as the public reads them, and where the parts of the flow picture stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from quartieri.acts.rules import ActState
from quartieri.campaigns.rules import PUBLIC_CAMPAIGN_STATES, CampaignState
from quartieri.grants.rules import GrantState
from quartieri.kit.labels import Lazy, in_language
from quartieri.people.rules import OrganisationKind
from quartieri.programmes.rules import LevelFigures, LevelKind, PoolBalances
from quartieri.proposals.rules import ProposalState

MILLE = 1000
THINNEST = 4
"""The narrowest part that is still seen, per mille of the whole width."""


@dataclass(frozen=True, slots=True)
class CrowdMoney:
    """What people promised and gave, in cents.

    ``collected`` is all that came in, online and outside; what went back is not taken off, it
    stands in ``refunded`` (refunds and charge-backs). ``held`` is the part that came outside of
    the site and that the proposers hold, ``owed`` what is still to be paid out to them.
    """

    promised_cents: int = 0
    collected_cents: int = 0
    held_cents: int = 0
    owed_cents: int = 0
    paid_out_cents: int = 0
    refunded_cents: int = 0
    fees_cents: int = 0
    covered_cents: int = 0
    """The part of the costs that was taken from what is owed; the rest is due, or the city's."""

    @property
    def waiting_cents(self) -> int:
        """What waits for the campaign's outcome, or for the end of a dispute."""
        gone = self.owed_cents + self.paid_out_cents + self.held_cents + self.refunded_cents
        return max(self.collected_cents - gone - self.covered_cents, 0)

    @classmethod
    def of(cls, accounts: Mapping[str, int], promised_cents: int) -> CrowdMoney:
        """Read from ``{account: cents}`` of a campaign, or of the sum of several."""
        given = accounts.get
        refunded = given("refunded", 0) + given("charged_back", 0)
        costs = ("fees", "fees_due", "disputes_due", "loss", "authority", "proposer")
        spent = sum(given(k, 0) for k in costs)
        here = sum(given(k, 0) for k in ("collected", "held", "payable", "paid_out", "disputed"))
        return cls(
            promised_cents=promised_cents,
            collected_cents=here + refunded + spent,
            held_cents=given("held", 0),
            owed_cents=given("payable", 0),
            paid_out_cents=given("paid_out", 0),
            refunded_cents=refunded,
            fees_cents=given("fees", 0),
            covered_cents=max(spent, 0),
        )


@dataclass(frozen=True, slots=True)
class Share:
    """A level of the programme tree that pays a part of an endowment, with its way down."""

    kind: LevelKind
    code: str
    title_it: str
    title_en: str
    path: tuple[tuple[str, str], ...]
    """The Italian and English titles of the levels above it, from the root."""
    cents: int

    def title(self, language: str) -> str:
        """Give the title in a language, or in the other one."""
        return in_language({"it": self.title_it, "en": self.title_en}, language)

    def above(self, language: str) -> list[str]:
        """Give the titles of the levels above."""
        return [(en if language == "en" else "") or it for it, en in self.path]


@dataclass(frozen=True, slots=True)
class ProjectMoney:
    """One project of a call with its money in cents; no natural person is named in it."""

    proposal_id: int
    slug: str
    title: str
    proposer: str
    kind: OrganisationKind
    state: ProposalState
    cost_cents: int
    campaign_slug: str | None
    campaign_state: CampaignState | None
    target_cents: int | None
    crowd: CrowdMoney | None
    grant_id: int | None
    grant_state: GrantState | None
    reserved_cents: int
    granted_cents: int
    paid_cents: int
    recovered_cents: int
    act_number: str | None
    act_dated: date | None
    act_state: ActState | None

    @property
    def has_public_campaign(self) -> bool:
        """Tell whether everybody may see the campaign."""
        return self.campaign_state in PUBLIC_CAMPAIGN_STATES

    @property
    def public_act(self) -> str | None:
        """The number of the grant act, once it is published."""
        return self.act_number if self.act_state is ActState.PUBLISHED else None


@dataclass(frozen=True, slots=True)
class CallMoney:
    """The money of one call, in cents; ``endowment_cents`` None: not published.

    ``allotted_cents`` is what the publication bound (the pool's own account), so endowment and
    allotted differ only before it.
    """

    endowment_cents: int | None
    balances: PoolBalances
    shares: tuple[Share, ...]
    crowd: CrowdMoney | None
    """None in a call without campaigns."""
    projects: int

    @property
    def allotted_cents(self) -> int:
        """What is bound to the call."""
        return self.balances.endowment_cents


@dataclass(frozen=True, slots=True)
class PastMoney:
    """What public sources tell of a past edition, in cents; None: not published."""

    slug: str
    title_it: str
    title_en: str
    authority: str
    endowment_cents: int | None
    raised_cents: int | None
    granted_cents: int | None

    def title(self, language: str) -> str:
        """Give the title in a language, or in the other one."""
        return in_language({"it": self.title_it, "en": self.title_en}, language)


def walk(levels: Iterable[LevelFigures], depth: int = 0) -> Iterator[tuple[int, LevelFigures]]:
    """Give every level of a tree with its depth, parents first."""
    for level in levels:
        yield depth, level
        yield from walk(level.children, depth + 1)


def topmost(levels: Iterable[LevelFigures]) -> Iterator[LevelFigures]:
    """Give the highest levels that have a published figure: their budgets add up, each euro once.

    Below a level with a figure nothing is counted again; a level without one is looked into.
    """
    for level in levels:
        if level.planned_cents is None:
            yield from topmost(level.children)
        else:
            yield level


# -- the flow picture --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a stage: what it is, its money in cents, the tone it is drawn in."""

    label: Lazy
    cents: int
    tone: str


@dataclass(frozen=True, slots=True)
class Slice:
    """A part with where it stands on its bar, as SVG percentages."""

    part: Part
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One bar of the picture: parts that add up to its total.

    ``fed`` is the stretch of the bar above (from, to; per mille) of which this bar is the
    enlargement; None for a bar that begins the picture.
    """

    title: Lazy
    cents: int
    slices: tuple[Slice, ...]
    fed: tuple[int, int] | None = None

    @property
    def ribbon(self) -> str:
        """The corners of the ribbon that widens from the stretch above to the whole bar."""
        if self.fed is None:
            return ""
        left, right = self.fed
        return f"{left},0 {right},0 {MILLE},100 0,100"


def stage(
    title: Lazy, parts: Sequence[Part], *, above: Stage | None = None, of: int = 0
) -> Stage | None:
    """Lay out a bar; None when there is no money. ``of`` is the part of ``above`` it enlarges."""
    total = sum(p.cents for p in parts)
    if total <= 0:
        return None
    slices: list[Slice] = []
    start = 0
    for part in parts:
        if part.cents > 0:
            left, right = start * MILLE // total, (start + part.cents) * MILLE // total
            slices.append(Slice(part, _percent(left), _percent(max(right - left, THINNEST))))
        start += part.cents
    return Stage(title, total, tuple(slices), _stretch(above, of) if above else None)


def _stretch(above: Stage, of: int) -> tuple[int, int] | None:
    before = sum(s.part.cents for s in above.slices[:of])
    if of >= len(above.slices):
        return None
    left = before * MILLE // above.cents
    right = (before + above.slices[of].part.cents) * MILLE // above.cents
    return left, max(right, left + THINNEST)


def _percent(mille: int) -> str:
    return f"{mille // 10}.{mille % 10}%"
