"""Who waits on the list of a ranking in force, and what going down the list would give them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.design import CallDesign, WhenMoneyRunsOut
from quartieri.calls.models import Window
from quartieri.grants.models import Grant
from quartieri.grants.queries import held_by_window, is_shared_out
from quartieri.grants.rules import GrantState
from quartieri.kit.clock import is_late, months_later
from quartieri.kit.labels import Lazy
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import ProposalState
from quartieri.reviews.models import ListAct, Ranking, RankingEntry
from quartieri.reviews.queries.inputs import latest_final, pool_available
from quartieri.reviews.queries.notice import edition_of, rules_of
from quartieri.reviews.ranking.allocation import Claim, Quotas
from quartieri.reviews.rules import LIST_OVER, ROUND_OVER, RankingOutcome, RankingState

P = ProposalState


@dataclass(frozen=True, slots=True)
class Waiting:
    """One application that waits, or has an open offer; amounts in cents.

    ``maximum_cents``: what it would get whole. ``gives_cents``: what an act may give it now, None
    while it is not its turn or the money does not reach it. ``offer_cents``: the most that an act
    may offer it now, None where nothing can be offered. ``quota``: the one that it counts in;
    ``quota_full``: it has no place or no money left for this application, which is passed over.
    """

    entry: RankingEntry
    maximum_cents: int
    gives_cents: int | None = None
    offer_cents: int | None = None
    quota: str = ""
    quota_full: bool = False

    @property
    def proposal(self) -> Proposal:
        """The application."""
        return self.entry.proposal


@dataclass(frozen=True, slots=True)
class WaitingList:
    """The list of a ranking in force, in its order, and what is left for it in cents.

    ``shared_out``: its quadratic round is closed, so that nobody's turn comes any more.
    """

    ranking: Ranking
    left_cents: int
    lines: tuple[Waiting, ...]
    shared_out: bool = False
    usable_until: datetime | None = None
    """Its last instant, where the call says how long a ranking can be gone down."""

    def over(self, at: datetime) -> Lazy | None:
        """Say why nobody's turn comes any more, None while it may."""
        if self.shared_out:
            return ROUND_OVER
        late = self.usable_until is not None and is_late(at, self.usable_until)
        return LIST_OVER if late else None

    def of(self, proposal_id: int) -> Waiting | None:
        """Give one application's line."""
        return next((one for one in self.lines if one.proposal.id == proposal_id), None)


def waiting_list(session: Session, window: Window) -> WaitingList | None:
    """Give the list of the last stage's ranking in force; None while there is none.

    Each list of the call has its own turn; in each the first who waits comes next, and where the
    call skips, the first whom the money reaches. A quota that is used up passes over its own alone.
    While an offer of a list is open nobody is next.
    """
    design = edition_of(session, window).design
    ranking = latest_final(session, window.id, len(design.evaluation.run))
    if ranking is None:
        return None
    rows = session.scalars(
        sa.select(RankingEntry)
        .join(Proposal, Proposal.id == RankingEntry.proposal_id)
        .where(RankingEntry.ranking_id == ranking.id)
        .where(RankingEntry.outcome == RankingOutcome.ELIGIBLE_UNFUNDED)
        .where(Proposal.state.in_((P.WAITING, P.OFFERED)))
        .options(joinedload(RankingEntry.proposal).joinedload(Proposal.organisation))
        .order_by(RankingEntry.line)
    ).all()
    held, free = _held(session, ranking), _quotas_left(session, design, ranking)
    left = 0
    if not design.money.no_money:
        taken_here = held_by_window(session, window.call_id).get(window.id, 0)
        left = pool_available(session, window) - taken_here
    by_list: dict[str | None, list[RankingEntry]] = defaultdict(list)
    for row in rows:
        by_list[row.detail.get("list_code")].append(row)
    taken, quotas = sum(count for _cents, count in held.values()), ranking.quotas
    over = is_shared_out(session, window.id)
    lines = [
        line
        for code, many in by_list.items()
        for line in _turns(
            design,
            [_line(row, quotas.get(row.detail["key"], ""), free) for row in many],
            None if over else _left_in(design, code, left, held, taken),
        )
    ]
    ordered = tuple(sorted(lines, key=lambda one: one.entry.line))
    return WaitingList(ranking, left, ordered, over, usable_until(design, ranking))


def usable_until(design: CallDesign, ranking: Ranking) -> datetime | None:
    """Give the last instant at which a ranking can be gone down; None: without a limit."""
    months = design.sessions.list_months
    if not months or ranking.published_at is None:
        return None
    return months_later(ranking.published_at, months)


def expired_rankings(session: Session, at: datetime) -> list[int]:
    """List the rankings in force whose time is over and on which no offer is open, by id."""
    rows = session.scalars(
        sa.select(Ranking)
        .join(Window, Window.id == Ranking.window_id)
        .where(Ranking.state == RankingState.FINAL)
        .options(joinedload(Ranking.window))
        .order_by(Ranking.id)
    )
    return [one.id for one in rows if is_expired(session, one, at)]


def is_expired(session: Session, ranking: Ranking, at: datetime) -> bool:
    """Tell whether the last stage's ranking is too old to be gone down, and no offer is open."""
    design = edition_of(session, ranking.window).design
    last = usable_until(design, ranking)
    if last is None or not is_late(at, last) or ranking.stage < len(design.evaluation.run):
        return False
    offered = sa.select(Proposal.id).where(
        Proposal.window_id == ranking.window_id, Proposal.state == P.OFFERED
    )
    return session.scalar(offered.limit(1)) is None


Held = dict[str | None, tuple[int, int]]
"""What the grants of a list hold in cents, and how many they are."""


def _held(session: Session, ranking: Ranking) -> Held:
    rows = session.execute(
        sa.select(RankingEntry.detail, Grant.reserved_cents, Grant.granted_cents)
        .join(Grant, Grant.proposal_id == RankingEntry.proposal_id)
        .where(RankingEntry.ranking_id == ranking.id, Grant.state != GrantState.RELEASED)
    )
    found: Held = {}
    for detail, reserved, granted in rows:
        code = detail.get("list_code")
        cents, count = found.get(code, (0, 0))
        found[code] = cents + (reserved or granted), count + 1
    return found


def _quotas_left(session: Session, design: CallDesign, ranking: Ranking) -> Quotas:
    """Give what the grants of a session leave of each quota."""
    quotas = Quotas(rules_of(design, ranking.stage).quotas)
    rows = session.execute(
        sa.select(Grant.quota_code, Grant.reserved_cents, Grant.granted_cents)
        .join(Proposal, Proposal.id == Grant.proposal_id)
        .where(Proposal.window_id == ranking.window_id, Grant.quota_code != "")
        .where(Grant.state != GrantState.RELEASED)
    )
    for code, reserved, granted in rows:
        quotas.use(Claim("", 0, quota=code), reserved or granted)
    return quotas


def _line(row: RankingEntry, quota: str, free: Quotas) -> Waiting:
    maximum = int(row.detail["maximum_cents"])
    full = not free.admits(Claim("", maximum, quota=quota or None))
    return Waiting(row, maximum, quota=quota, quota_full=full)


def _left_in(design: CallDesign, code: str | None, left: int, held: Held, taken: int) -> int | None:
    """Give the cents that a list may still give; None where all its places are taken."""
    evaluation = design.evaluation
    cents, count = held.get(code, (0, 0))
    if evaluation.places is not None and taken >= evaluation.places:
        return None
    part = next((p for p in evaluation.lists.parts if p.code == code), None)
    if part is None:
        return left
    if part.places is not None and count >= part.places:
        return None
    return left if part.endowment_cents is None else min(left, part.endowment_cents - cents)


def _turns(design: CallDesign, lines: list[Waiting], left: int | None) -> list[Waiting]:
    """Say whose turn it is in one list: at most one may be funded, or offered the rest."""
    rule, money = design.evaluation.when_money_runs_out, design.money.rule
    least = max((money.grant_min_cents if money else None) or 0, 1)
    free = left is not None and all(line.proposal.state is P.WAITING for line in lines)
    found = []
    for waits in lines:
        line, maximum = waits, waits.maximum_cents
        if free and left is not None and not waits.quota_full:
            if maximum <= left:
                line, free = replace(waits, gives_cents=maximum), False
            elif rule == WhenMoneyRunsOut.PART and left >= least:
                line, free = replace(waits, gives_cents=left), False
            elif rule == WhenMoneyRunsOut.OFFER and left >= least:
                line, free = replace(waits, offer_cents=left), False
            elif rule != WhenMoneyRunsOut.SKIP:
                free = False
        found.append(line)
    return found


def list_acts(session: Session, window_id: int) -> list[ListAct]:
    """List the acts that went down the lists of a window, in their order."""
    return list(
        session.scalars(
            sa.select(ListAct)
            .join(Ranking, Ranking.id == ListAct.ranking_id)
            .where(Ranking.window_id == window_id)
            .options(joinedload(ListAct.proposal), joinedload(ListAct.act))
            .order_by(ListAct.id)
        )
    )


def open_offer(session: Session, proposal_id: int) -> ListAct | None:
    """Give the offer that an application may still answer."""
    return session.scalars(
        sa.select(ListAct).where(
            ListAct.proposal_id == proposal_id,
            ListAct.due_at.is_not(None),
            ListAct.answer.is_(None),
        )
    ).one_or_none()


def overdue_offers(session: Session, before: datetime) -> list[int]:
    """List the open offers whose last instant lies before an instant, in order of id."""
    return list(
        session.scalars(
            sa.select(ListAct.id)
            .where(ListAct.due_at < before, ListAct.answer.is_(None))
            .order_by(ListAct.id)
        )
    )


def selected_by_list(session: Session, window_id: int) -> set[int]:
    """Give the applications that acts on the list selected; a corrected ranking leaves them."""
    return {one.proposal_id for one in list_acts(session, window_id) if one.selected}
