"""What the city adds to a campaign: the match of each pledge while it runs, the grant at its end.

A live match is reserved with its pledge and goes wherever that goes: confirmed with it, given back
when it expires, is refused, cancelled, released, dropped or refunded. The caller holds the locks of
the grant and of the campaign; the pool's account comes last.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM, Actor
from quartieri.calls.funding import (
    Before,
    FundingKind,
    FundingRule,
    computed_grant,
    live_match,
)
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries.gift import design_of
from quartieri.campaigns.queries.persons import gifts_by_person, of_same_person
from quartieri.campaigns.rules import COLLECTED, HOLDS_MATCH, PROMISED, PledgeState
from quartieri.grants import actions as grants
from quartieri.grants.models import Grant
from quartieri.grants.queries import live_grant, round_of
from quartieri.grants.rules import GrantState
from quartieri.jobs.actions import enqueue
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL, ProposalState

KEPT = COLLECTED | {PledgeState.DISPUTED}
"""A decision keeps the match of these; a dispute takes it back only when it is lost."""


def rule_of(campaign: Campaign) -> FundingRule:
    """Give the funding rule of a campaign's call; ValueError where there is none."""
    rule = campaign.proposal.edition.design.money.rule
    if rule is None:
        msg = f"call {campaign.proposal.call_id} has campaigns and no funding rule"
        raise ValueError(msg)
    return rule


def city_pledge(session: Session, proposal: Proposal) -> int:
    """Give what the city pledges as one backer of a selected project, in cents: its reservation.

    It counts toward the target and is paid by its grant act, so it is no pledge among the others.
    """
    rule = proposal.edition.design.money.rule
    grant = live_grant(session, proposal.id)
    if rule is None or rule.kind is not FundingKind.CITY_BACKER or grant is None:
        return 0
    return grant.reserved_cents


def reserve(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    *,
    given_at: datetime,
    actor: Actor,
    at: datetime,
) -> None:
    """Reserve the live match of a pledge, in the order in which pledges are made.

    A pledge that finds its limits reached or the pool empty is taken all the same, with no match.
    Not for a campaign that is decided: its grant is computed.
    """
    grant = _growing(session, campaign)
    if grant is None:
        return
    earned = _earned(session, campaign, grant, pledge, given_at=given_at, others=sa.true())
    _set(session, grant, pledge, earned, actor=actor, at=at)


def follow(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    before: PledgeState,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Let the match of a pledge that was moved from a state follow it.

    Money that comes late after all, and offline money once it is confirmed, is matched as it comes.
    """
    if pledge.state not in HOLDS_MATCH:
        _shrink(session, campaign, pledge, 0, actor=actor, at=at)
    elif pledge.state in PROMISED and before not in HOLDS_MATCH:
        reserve(session, campaign, pledge, given_at=at, actor=actor, at=at)


def resize(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    *,
    before_cents: int,
    actor: Actor,
    at: datetime,
) -> None:
    """Let the match of a pledge follow its amount, which was ``before_cents``.

    Less money never gains and more never loses: what was reserved for it stays where the rule
    would now give less, as its multiplier is over or the pool empty.
    """
    earlier = Pledge.id < pledge.id
    held, now_cents = pledge.match_cents, pledge.standing_cents
    if now_cents == before_cents or pledge.state not in HOLDS_MATCH:
        return
    if now_cents < before_cents:
        grant = live_grant(session, campaign.proposal_id) if held else None
        if grant is not None:
            earned = _earned(
                session, campaign, grant, pledge, given_at=pledge.started_at, others=earlier
            )
            _shrink(session, campaign, pledge, min(held, earned), actor=actor, at=at)
        return
    grant = _growing(session, campaign)
    if grant is not None:
        earned = _earned(session, campaign, grant, pledge, given_at=at, others=earlier)
        _set(session, grant, pledge, max(held, earned), actor=actor, at=at)


def award(
    session: Session, campaign: Campaign, grant: Grant, counted_cents: int, *, at: datetime
) -> None:
    """Propose the grant act of a campaign that succeeded, for what the rule gives.

    ``counted_cents`` is what it was decided on. A live match is what the collected pledges hold;
    that of all others goes back first. A quadratic grant waits for its round. Where the target is
    reached and the rule gives nothing, the act takes note of that; a campaign that keeps what it
    raised below the target is over without a grant.
    """
    rule = rule_of(campaign)
    if rule.kind is FundingKind.QUADRATIC and _round_waits(session, campaign, at=at):
        return
    if rule.kind is FundingKind.LIVE_MATCH:
        _keep_collected(session, campaign, at=at)
    people = len(gifts_by_person(session, [campaign.id], COLLECTED)[campaign.id])
    computed = computed_grant(
        rule,
        campaign.cost_cents,
        counted_cents,
        campaign.target_cents,
        reserved_cents=grant.reserved_cents,
        backers=campaign.backers if design_of(campaign).is_elsewhere else people,
        matched_cents=grant.reserved_cents,
        keeps=design_of(campaign).keeps_all,
    )
    if computed or counted_cents + campaign.city_cents >= campaign.target_cents:
        grants.propose(session, grant, computed_cents=computed, actor=SYSTEM, at=at)
        return
    reason = "below the threshold of the grant"
    release(session, campaign, grant, reason=reason, actor=SYSTEM, at=at)
    proposal = campaign.proposal
    if proposal.state is ProposalState.CAMPAIGNING:
        move(session, proposal, PROPOSAL, "lapse", actor=SYSTEM, at=at, reason=reason)


def release(
    session: Session,
    campaign: Campaign | None,
    grant: Grant,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Release a grant that will not be given, with the matches of its pledges."""
    grants.release(session, grant, reason=reason, actor=actor, at=at)
    if campaign is not None:
        _round_waits(session, campaign, at=at)
        session.execute(
            sa.update(Pledge)
            .where(Pledge.campaign_id == campaign.id, Pledge.match_cents > 0)
            .values(match_cents=0)
        )


def _round_waits(session: Session, campaign: Campaign, *, at: datetime) -> bool:
    """Tell whether a campaign's quadratic round is still open, and have it looked at."""
    row = round_of(session, campaign.proposal.window_id)
    if row is None or row.closed_at is not None:
        return False
    enqueue(
        session,
        "campaigns.close_round",
        {"window_id": row.window_id},
        run_at=at,
        key=f"campaigns.close_round:{row.window_id}",
    )
    return True


def _keep_collected(session: Session, campaign: Campaign, *, at: datetime) -> None:
    for pledge in session.scalars(
        sa.select(Pledge)
        .where(
            Pledge.campaign_id == campaign.id,
            Pledge.match_cents > 0,
            Pledge.state.not_in(KEPT),
        )
        .order_by(Pledge.id)
        .with_for_update()
    ):
        _shrink(session, campaign, pledge, 0, actor=SYSTEM, at=at)


def _growing(session: Session, campaign: Campaign) -> Grant | None:
    """Give the grant of a campaign whose pledges are matched as they come, while it may grow."""
    rule = campaign.proposal.edition.design.money.rule
    if rule is None or rule.live is None or campaign.decided_at is not None:
        return None
    grant = live_grant(session, campaign.proposal_id)
    if grant is None or grant.state is not GrantState.RESERVED or grant.proposed_at is not None:
        return None
    return grant


def _earned(
    session: Session,
    campaign: Campaign,
    grant: Grant,
    pledge: Pledge,
    *,
    given_at: datetime,
    others: sa.ColumnElement[bool],
) -> int:
    """Ask the rule for the match of a pledge; the pool is locked only where one is due.

    ``others``: which of the same person's pledges count as donations that came before it.
    """
    counted = sa.func.count().filter(others)
    donations, donor_cents = session.execute(
        sa.select(counted, sa.func.coalesce(sa.func.sum(Pledge.match_cents), 0)).where(
            Pledge.campaign_id == campaign.id,
            Pledge.id != pledge.id,
            Pledge.state.in_(HOLDS_MATCH),
            of_same_person(session, pledge),
        )
    ).one()
    rule, held = rule_of(campaign), pledge.match_cents
    project_cents = grant.reserved_cents - held

    def match(pool_cents: int | None) -> int:
        before = Before(int(donations), int(donor_cents), project_cents, pool_cents)
        cents = max(pledge.standing_cents - pledge.cover_cents, 0)
        return live_match(rule, campaign.cost_cents, cents, given_at, before)

    if match(None) <= held:
        return match(None)
    return match(grants.room_to_grow(session, grant) + held)


def _shrink(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    cents: int,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Lower the match of a pledge; what an act granted already stays as it is."""
    if pledge.match_cents <= cents:
        return
    grant = live_grant(session, campaign.proposal_id)
    if grant is not None and grant.state is GrantState.RESERVED:
        _set(session, grant, pledge, cents, actor=actor, at=at)


def _set(
    session: Session, grant: Grant, pledge: Pledge, cents: int, *, actor: Actor, at: datetime
) -> None:
    change = cents - pledge.match_cents
    if change == 0:
        return
    pledge.match_cents = cents
    pledge.match_moves += 1
    change_grant = grants.reserve_match if change > 0 else grants.release_match
    change_grant(
        session,
        grant,
        abs(change),
        pledge_id=pledge.id,
        key=f"pledge:{pledge.id}:match:{pledge.match_moves}",
        actor=actor,
        at=at,
    )
