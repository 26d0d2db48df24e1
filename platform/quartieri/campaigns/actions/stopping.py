"""Stopping a campaign: withdrawn, cancelled, suspended; or ended with its whole project."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.campaigns import letters
from quartieri.campaigns.actions import match
from quartieri.campaigns.actions.sums import wake
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.queries import campaign_of_proposal
from quartieri.campaigns.rules import CAMPAIGN, has_ended
from quartieri.db import lock
from quartieri.grants.models import Grant
from quartieri.grants.queries import live_grant
from quartieri.grants.rules import GrantState
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL

ENDED_MEANWHILE = lazy("The campaign has ended meanwhile: it is being counted.")


def withdraw(
    session: Session, campaign: Campaign, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Withdraw (ritiro) before the end: nobody is charged, the reservation is released."""
    _stop(session, campaign, "withdraw", reason=reason, actor=actor, at=at)


def cancel(
    session: Session, campaign: Campaign, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Cancel by the office: what was collected goes back, the reservation is released."""
    _stop(session, campaign, "cancel", reason=reason, actor=actor, at=at)
    letters.cancelled_by_office(session, campaign, reason=reason, at=at)


def _stop(
    session: Session, campaign: Campaign, verb: str, *, reason: str, actor: Actor, at: datetime
) -> None:
    proposal = lock(session, Proposal, campaign.proposal_id)
    grant = _locked_grant(session, proposal)
    campaign = lock(session, Campaign, campaign.id)
    past = has_ended(campaign.ends_at, at)
    if verb == "withdraw" and past and "end" in CAMPAIGN.verbs_from(campaign.state):
        raise IllegalMoveError(ENDED_MEANWHILE)
    move(session, campaign, CAMPAIGN, verb, actor=actor, at=at, reason=reason)
    if grant is not None:
        match.release(session, campaign, grant, reason=reason, actor=actor, at=at)
    campaign.decided_at = at
    wake(session, campaign, at=at)
    lapse = "withdraw" if verb == "withdraw" else "lapse"
    move(session, proposal, PROPOSAL, lapse, actor=actor, at=at, reason=reason)


def _locked_grant(session: Session, proposal: Proposal) -> Grant | None:
    grant = live_grant(session, proposal.id)
    return None if grant is None else lock(session, Grant, grant.id)


def end_project(
    session: Session,
    proposal: Proposal,
    verb: str,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
    **facts: Any,
) -> None:
    """End a project by a decision that stands above its campaign (excluded, its call annulled).

    ``verb`` moves the application. Its campaign stops where it still can: nobody is charged any
    more and what was collected goes back; one that succeeded keeps what the crowd gave. What is
    reserved is released; what an act granted is not touched here.
    """
    proposal = lock(session, Proposal, proposal.id)
    grant = _locked_grant(session, proposal)
    campaign = campaign_of_proposal(session, proposal.id)
    if campaign is not None:
        campaign = lock(session, Campaign, campaign.id)
        can = CAMPAIGN.verbs_from(campaign.state)
        stop = next((v for v in ("cancel", "withdraw") if v in can), None)
        if stop is not None:
            office = actor.with_role(Role.SYSTEM)
            move(session, campaign, CAMPAIGN, stop, actor=office, at=at, reason=reason)
            campaign.decided_at = at
            wake(session, campaign, at=at)
    move(session, proposal, PROPOSAL, verb, actor=actor, at=at, reason=reason, **facts)
    if grant is not None and grant.state is GrantState.RESERVED:
        match.release(session, campaign, grant, reason=reason, actor=actor, at=at)


def suspend(
    session: Session, campaign: Campaign, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Take no more pledges for now; the end stays where it is."""
    campaign = lock(session, Campaign, campaign.id)
    move(session, campaign, CAMPAIGN, "suspend", actor=actor, at=at, reason=reason)
    letters.suspended(session, campaign, reason=reason, at=at)


def resume(session: Session, campaign: Campaign, *, actor: Actor, at: datetime) -> None:
    """Take pledges again, if the campaign has not ended meanwhile."""
    campaign = lock(session, Campaign, campaign.id)
    if has_ended(campaign.ends_at, at):
        raise IllegalMoveError(ENDED_MEANWHILE)
    move(session, campaign, CAMPAIGN, "resume", actor=actor, at=at)
    letters.resumed(session, campaign, at=at)
