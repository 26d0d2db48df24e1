"""Re-scoping (rimodulazione) before the launch: asked by the proposer, decided by an act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.actions import record as record_act
from quartieri.acts.rules import ActKind
from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.calls.funding import FundingKind, FundingRule, reserved_at_ranking, rule_target
from quartieri.campaigns import letters
from quartieri.campaigns.actions import match
from quartieri.campaigns.models import Campaign, Rescoping
from quartieri.campaigns.queries import design_of, rescopings_of
from quartieri.campaigns.rules import (
    CAMPAIGN,
    RESCOPABLE,
    CampaignState,
    RescopingState,
    refuse_out_of_scope,
)
from quartieri.db import lock
from quartieri.grants import actions as grants
from quartieri.grants.models import Grant
from quartieri.grants.queries import live_grant
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.proposals.actions.submission import register
from quartieri.proposals.models import BudgetLine, Proposal


@dataclass(frozen=True, slots=True)
class ScopeData:
    """The new budget, target and the reason; lines as (what for, cents)."""

    lines: tuple[tuple[str, int], ...]
    target_cents: int
    reason: str

    @property
    def cost_cents(self) -> int:
        """The new cost: the sum of the lines."""
        return sum(cents for _what, cents in self.lines)


def ask_rescope(
    session: Session, campaign: Campaign, data: ScopeData, *, actor: Actor, at: datetime
) -> Rescoping:
    """Ask to change cost and target before the launch, within the call's limits."""
    campaign = lock(session, Campaign, campaign.id)
    grant = live_grant(session, campaign.proposal_id)
    reserved = _check(session, campaign, grant, data.cost_cents, data.target_cents)
    if not data.reason.strip():
        raise InvalidError(lazy("Say why cost and target change."), field="reason")
    if any(one.state is RescopingState.REQUESTED for one in rescopings_of(session, campaign.id)):
        raise ConflictError(lazy("A request is waiting already: the office decides it first."))
    proposal = campaign.proposal
    categories = {line.description: line.category for line in proposal.budget}
    found = Rescoping(
        campaign_id=campaign.id,
        state=RescopingState.REQUESTED,
        old_cost_cents=campaign.cost_cents,
        old_target_cents=campaign.target_cents,
        old_budget=[_line(b.description, b.amount_cents, b.category) for b in proposal.budget],
        new_cost_cents=data.cost_cents,
        new_target_cents=data.target_cents,
        new_budget=[_line(what, cents, categories.get(what, "")) for what, cents in data.lines],
        old_reserved_cents=grant.reserved_cents if grant is not None else None,
        new_reserved_cents=reserved if grant is not None else None,
        reason=data.reason.strip(),
        asked_by=actor.user_id,
        asked_at=at,
    )
    session.add(found)
    session.flush()
    record(
        session,
        "ask_rescope",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        before={"cost": found.old_cost_cents, "target": found.old_target_cents},
        after={"cost": found.new_cost_cents, "target": found.new_target_cents},
        reason=found.reason,
    )
    letters.rescoping(session, found, at=at)
    return found


def _line(what: str, cents: int, category: str) -> dict[str, Any]:
    return {"description": what, "cents": cents, "category": category}


def _reserved(rule: FundingRule, grant: Grant | None, *, old_cents: int, new_cents: int) -> int:
    """Give what is reserved for a new cost, in cents; a part that was all there was never grows.

    Nothing is bound before the launch by a live match or a quadratic round.
    """
    if grant is None:
        return 0
    before, after = reserved_at_ranking(rule, old_cents), reserved_at_ranking(rule, new_cents)
    return after if grant.reserved_cents >= before else min(grant.reserved_cents, after)


def _check(
    session: Session, campaign: Campaign, grant: Grant | None, cost_cents: int, target_cents: int
) -> int:
    """Give what is to be reserved; refuse what the call does not allow, or not any more."""
    design = campaign.proposal.edition.design
    share, rule = design_of(campaign).rescope_share, design.money.rule
    if share is None or rule is None or not rule.kind.has_campaign:
        raise IllegalMoveError(lazy("In this call cost and target do not change any more."))
    if campaign.state not in RESCOPABLE:
        raise IllegalMoveError(
            lazy("Cost and target change only before the launch, and not during the approval.")
        )
    approved = [
        one for one in rescopings_of(session, campaign.id) if one.state is RescopingState.APPROVED
    ]
    reserved = _reserved(rule, grant, old_cents=campaign.cost_cents, new_cents=cost_cents)
    first = min(approved, key=lambda one: one.id).old_cost_cents if approved else None
    refuse_out_of_scope(
        campaign.cost_cents if first is None else first,
        cost_cents,
        target_cents,
        share=share,
        least_target_cents=rule_target(rule, cost_cents),
        lowest_cents=design.eligibility.cost_min_cents,
        highest_cents=design.eligibility.cost_max_cents,
        city_cents=reserved if rule.kind is FundingKind.CITY_BACKER else 0,
    )
    return reserved


def approve_rescope(
    session: Session, rescoping: Rescoping, act: ActData, *, actor: Actor, at: datetime
) -> None:
    """Change cost and target by act: a new snapshot, the reservation adjusted, the page re-opened.

    The excess of the reservation is released; it grows only if the pool has it (PoolShortError).
    Where the city is a backer, what is reserved is its pledge.
    """
    campaign = rescoping.campaign
    proposal = lock(session, Proposal, campaign.proposal_id)
    grant = live_grant(session, proposal.id)
    if grant is not None:
        grant = lock(session, Grant, grant.id)
    campaign = lock(session, Campaign, campaign.id)
    rescoping = _open(session, rescoping)
    cost_cents, target_cents = rescoping.new_cost_cents, rescoping.new_target_cents
    reserved = _check(session, campaign, grant, cost_cents, target_cents)
    done = record_act(session, proposal.call.authority_id, ActKind.BUDGET, act, actor=actor, at=at)
    rescoping.state, rescoping.act = RescopingState.APPROVED, done
    rescoping.decided_by, rescoping.decided_at = actor.user_id, at
    proposal.budget = [
        BudgetLine(
            position=number,
            description=line["description"],
            amount_cents=line["cents"],
            category=line["category"],
        )
        for number, line in enumerate(rescoping.new_budget, start=1)
    ]
    if grant is not None:
        key = f"rescoping:{rescoping.id}"
        rescoping.old_reserved_cents, rescoping.new_reserved_cents = grant.reserved_cents, reserved
        grants.adjust(session, grant, cents=reserved, key=key, actor=actor, at=at)
    campaign.city_cents = match.city_pledge(session, proposal)
    campaign.cost_cents, campaign.target_cents = cost_cents, target_cents
    proposal.cost_cents = cost_cents
    proposal.crowd_cents = target_cents - campaign.city_cents
    campaign.version += 1
    if campaign.state is CampaignState.SCHEDULED:
        reason = rescoping.reason
        move(session, campaign, CAMPAIGN, "rescope", actor=actor, at=at, reason=reason)
        campaign.starts_at = campaign.ends_at = campaign.grace_ends_at = None
        campaign.round_label = ""
    session.flush()
    record(
        session,
        "approve_rescope",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        before={"cost": rescoping.old_cost_cents, "target": rescoping.old_target_cents},
        after={
            "cost": rescoping.new_cost_cents,
            "target": rescoping.new_target_cents,
            "act": done.id,
        },
    )
    register(session, proposal, received_at=rescoping.asked_at, actor=actor, at=at)
    letters.rescoping(session, rescoping, at=at)


def refuse_rescope(
    session: Session, rescoping: Rescoping, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Refuse a request, with the reason: cost and target stay."""
    lock(session, Campaign, rescoping.campaign_id)
    rescoping = _open(session, rescoping)
    rescoping.state, rescoping.refusal = RescopingState.REFUSED, reason.strip()
    rescoping.decided_by, rescoping.decided_at = actor.user_id, at
    record(
        session,
        "refuse_rescope",
        CAMPAIGN.name,
        rescoping.campaign_id,
        actor=actor,
        at=at,
        reason=reason,
    )
    letters.rescoping(session, rescoping, at=at)


def _open(session: Session, rescoping: Rescoping) -> Rescoping:
    found = lock(session, Rescoping, rescoping.id)
    if found.state is not RescopingState.REQUESTED:
        raise IllegalMoveError(lazy("This request is decided already."))
    return found
