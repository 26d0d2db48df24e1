"""The campaign's page: opened by the ranking, filled by the proposer, approved by the manager."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.calls.funding import rule_target
from quartieri.campaigns import letters
from quartieri.campaigns.models import Campaign, Reward
from quartieri.campaigns.queries import campaign_of_proposal
from quartieri.campaigns.rules import CAMPAIGN, CampaignState
from quartieri.db import check_version, lock
from quartieri.files.models import StoredFile
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.markdown import rendered
from quartieri.kit.money import Money
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL, ProposalState


@dataclass(frozen=True, slots=True)
class RewardData:
    """One reward as it is typed; amounts in cents, ``stock`` None: as many as are asked for."""

    title: str
    text: str
    minimum_cents: int
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class PageData:
    """The page as it is typed. ``image`` None keeps the one it has, ``image_text`` tells it."""

    title: str
    summary: str
    story: str
    target_cents: int
    rewards: Sequence[RewardData] = ()
    image: StoredFile | None = None
    image_text: str = ""


EDITABLE = frozenset({CampaignState.DRAFT, CampaignState.CHANGES_REQUESTED})


def open_draft(session: Session, proposal: Proposal, *, actor: Actor, at: datetime) -> Campaign:
    """Open the draft of a selected project's campaign; asked twice it is one.

    The target starts at what the proposer asked of the crowd, never below the rule's minimum.
    """
    found = campaign_of_proposal(session, proposal.id)
    if found is not None:
        return found
    campaign = Campaign(
        proposal_id=proposal.id,
        slug=proposal.slug,
        title=proposal.title,
        summary=proposal.summary,
        cost_cents=proposal.cost_cents,
        target_cents=max(proposal.crowd_cents, least_target(proposal)),
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


def least_target(proposal: Proposal) -> int:
    """Give the lowest lawful target of a proposal's campaign, in cents."""
    rule = proposal.edition.design.money.rule
    if rule is None or not rule.kind.has_campaign:
        raise IllegalMoveError(lazy("This call has no campaigns."))
    return rule_target(rule, proposal.cost_cents)


def save_page(
    session: Session,
    campaign: Campaign,
    data: PageData,
    *,
    version: int,
    actor: Actor,
    at: datetime,
) -> None:
    """Save the page; refused when somebody saved meanwhile, or the target is below the rule's."""
    campaign = lock(session, Campaign, campaign.id)
    if campaign.state not in EDITABLE:
        raise IllegalMoveError(
            lazy("The page is being approved or is online: it cannot change now.")
        )
    check_version(campaign.version, version)
    least = least_target(campaign.proposal)
    if data.target_cents < least:
        raise InvalidError(
            lazy("The target cannot be below %(least)s.", least=Money(least)), field="target"
        )
    if data.target_cents > campaign.cost_cents:
        raise InvalidError(
            lazy(
                "The target cannot be above the cost of %(cost)s.", cost=Money(campaign.cost_cents)
            ),
            field="target",
        )
    before = {"title": campaign.title, "target": campaign.target_cents}
    campaign.title, campaign.summary = data.title.strip(), data.summary.strip()
    campaign.story, campaign.story_html = data.story, rendered(data.story)
    campaign.target_cents = data.target_cents
    if data.image is not None:
        campaign.image_id = data.image.id
    elif campaign.image is not None and data.image_text:
        campaign.image.alternative_text = data.image_text
    campaign.rewards = [
        Reward(
            position=number,
            title=reward.title.strip(),
            text=reward.text.strip(),
            minimum_cents=reward.minimum_cents,
            stock=reward.stock,
        )
        for number, reward in enumerate(data.rewards, start=1)
    ]
    campaign.version += 1
    session.flush()
    record(
        session,
        "save_page",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        before=before,
        after={"title": campaign.title, "target": campaign.target_cents},
    )


def missing_for_approval(campaign: Campaign) -> list[str]:
    """Name the parts that a page still lacks: "summary", "story", "image"."""
    parts = {
        "summary": campaign.summary,
        "story": campaign.story.strip(),
        "image": campaign.image_id,
    }
    return [name for name, value in parts.items() if not value]


def ask_approval(session: Session, campaign: Campaign, *, actor: Actor, at: datetime) -> None:
    """Hand the page to the call's manager."""
    campaign = lock(session, Campaign, campaign.id)
    if missing_for_approval(campaign):
        raise InvalidError(lazy("The page needs a summary, a story and a picture."))
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
    session: Session, campaign: Campaign, *, starts_at: datetime, actor: Actor, at: datetime
) -> None:
    """Approve and schedule: the campaign goes live by the clock and lasts the call's days."""
    proposal = lock(session, Proposal, campaign.proposal_id)
    campaign = lock(session, Campaign, campaign.id)
    design = proposal.edition.design.campaign
    if design is None:
        raise IllegalMoveError(lazy("This call has no campaigns."))
    if proposal.state not in {ProposalState.SELECTED, ProposalState.CAMPAIGNING}:
        raise IllegalMoveError(lazy("The project is not selected any more: it has no campaign."))
    if starts_at < at - timedelta(minutes=1):
        raise InvalidError(lazy("The start lies in the past."), field="starts_at")
    if campaign.target_cents < least_target(proposal):
        raise InvalidError(lazy("The target is below the rule's minimum."))
    ends_at = starts_at + timedelta(days=design.days)
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
    campaign.grace_ends_at = ends_at + timedelta(days=design.grace_days)
    campaign.review_note = ""
    if proposal.state is ProposalState.SELECTED:
        move(session, proposal, PROPOSAL, "start_campaign", actor=actor, at=at)
    letters.scheduled(session, campaign, at=at)
