"""The campaign's page: opened by the ranking, filled by the proposer, approved by the manager."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.campaigns import letters
from quartieri.campaigns.actions import match
from quartieri.campaigns.actions.parts import least_target
from quartieri.campaigns.actions.scheduling import dates_of, refuse_unready
from quartieri.campaigns.models import Campaign, CampaignPage
from quartieri.campaigns.queries import campaign_of_proposal
from quartieri.campaigns.queries.parts import gaps
from quartieri.campaigns.rules import CAMPAIGN
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL, ProposalState


def open_draft(session: Session, proposal: Proposal, *, actor: Actor, at: datetime) -> Campaign:
    """Open the draft of a selected project's campaign; asked twice it is one.

    The target starts at what the proposer asked of the crowd, with the city's pledge where that
    counts, never below the rule's minimum; where neither says anything, at the cost.
    """
    found = campaign_of_proposal(session, proposal.id)
    if found is not None:
        return found
    city = match.city_pledge(session, proposal)
    wanted = proposal.crowd_cents + city if proposal.crowd_cents else 0
    campaign = Campaign(
        proposal_id=proposal.id,
        slug=proposal.slug,
        title=proposal.title,
        summary=proposal.summary,
        cost_cents=proposal.cost_cents,
        target_cents=max(wanted, least_target(proposal)) or proposal.cost_cents,
        city_cents=city,
        page=CampaignPage(),
    )
    session.add(campaign)
    session.flush()
    record(
        session,
        "open_draft",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        after={"cost": campaign.cost_cents, "target": campaign.target_cents},
    )
    return campaign


def ask_approval(session: Session, campaign: Campaign, *, actor: Actor, at: datetime) -> None:
    """Hand the page to the call's manager."""
    campaign = lock(session, Campaign, campaign.id)
    if gaps(campaign):
        raise InvalidError(lazy("The page is not whole yet: look at what it still needs."))
    move(session, campaign, CAMPAIGN, "ask_approval", actor=actor, at=at)


def ask_changes(
    session: Session, campaign: Campaign, *, note: str, actor: Actor, at: datetime
) -> None:
    """Send the page back to the proposer, saying what to change."""
    campaign = lock(session, Campaign, campaign.id)
    move(session, campaign, CAMPAIGN, "ask_changes", actor=actor, at=at, reason=note)
    campaign.review_note = note
    letters.changes_asked(session, campaign, note=note, at=at)


def approve(
    session: Session,
    campaign: Campaign,
    *,
    starts_at: datetime | None = None,
    round_number: int | None = None,
    cards: bool = True,
    actor: Actor,
    at: datetime,
) -> None:
    """Approve and schedule: the campaign goes live and ends by the clock.

    ``round_number``: which of the call's rounds (from 1) sets the dates, where it has some; else
    ``starts_at``, and it lasts the call's days. ``cards``: this site has a payment service.
    """
    proposal = lock(session, Proposal, campaign.proposal_id)
    campaign = lock(session, Campaign, campaign.id)
    design = proposal.edition.design.campaign
    if design is None:
        raise IllegalMoveError(lazy("This call has no campaigns."))
    if proposal.state not in {ProposalState.SELECTED, ProposalState.CAMPAIGNING}:
        raise IllegalMoveError(lazy("The project is not selected any more: it has no campaign."))
    starts_at, ends_at = dates_of(design, starts_at=starts_at, round_number=round_number, at=at)
    refuse_unready(session, campaign, cards=cards)
    if campaign.target_cents < least_target(proposal):
        raise InvalidError(lazy("The target is below the rule's minimum."))
    move(
        session,
        campaign,
        CAMPAIGN,
        "approve",
        actor=actor,
        at=at,
        starts_at=starts_at.isoformat(),
        ends_at=ends_at.isoformat(),
    )
    campaign.starts_at, campaign.ends_at = starts_at, ends_at
    campaign.round_label = design.rounds[round_number - 1].label if round_number else ""
    campaign.grace_ends_at = ends_at + timedelta(days=design.grace_days)
    campaign.review_note = ""
    if proposal.state is ProposalState.SELECTED:
        move(session, proposal, PROPOSAL, "start_campaign", actor=actor, at=at)
    letters.scheduled(session, campaign, at=at)
