"""Campaigns and pledges for tests: a scene from the ranking to the payout."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM, Actor, Role
from quartieri.calls.funding import reserved_at_ranking
from quartieri.calls.models import Call
from quartieri.campaigns import actions
from quartieri.campaigns.actions.pledging import PledgeData
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import BasicsPart, NeedsPart, RewardData, StoryPart, SurplusPart
from quartieri.files.models import StoredFile
from quartieri.grants import actions as grants
from quartieri.grants.models import Grant
from quartieri.payments.rules import PaymentFacts
from quartieri.people.models import User
from quartieri.proposals.models import BudgetLine, Proposal
from quartieri.proposals.rules import ProposalState
from tests.doubles import NOW
from tests.factories.calls import make_published_call, ready_design
from tests.factories.people import actor_of, make_official, make_organisation, make_user

_numbers = itertools.count(1)
COST = 20_000_00
TARGET = 10_000_00
STARTS = NOW + timedelta(hours=1)


@dataclass
class Scene:
    """One campaign with the people around it."""

    campaign: Campaign
    proposal: Proposal
    call: Call
    grant: Grant
    owner: User
    manager: User
    officer: User
    treasurer: User

    @property
    def proposer(self) -> Actor:
        return actor_of(self.owner, Role.APPLICANT)

    def by(self, user: User) -> Actor:
        return actor_of(user)


def make_call_with_campaigns(session: Session, **over: Any) -> Call:
    """Add a published call: 50/50, sixty days, grace of seven, 60 minutes, 5 € to 20,000 €.

    ``over``: settings of its campaigns.
    """
    design = ready_design()
    assert design.campaign is not None
    wide = replace(design.campaign, **({"pledge_max_cents": 20_000_00} | over))
    return make_published_call(session, design=replace(design, campaign=wide))


def make_selected(
    session: Session, call: Call | None = None, *, owner: User | None = None, **over: Any
) -> Proposal:
    """Add a selected project whose maximum grant is reserved."""
    call = call or make_published_call(session)
    owner = owner or make_user(session, "Ada Proponente")
    number = next(_numbers)
    values: dict[str, Any] = {
        "slug": f"orto-{number}",
        "call_id": call.id,
        "edition_id": call.editions[-1].id,
        "window_id": call.windows[0].id,
        "owner_id": owner.id,
        "organisation_id": make_organisation(session, owner).id,
        "state": ProposalState.SELECTED,
        "revision": 1,
        "title": f"Orto di via Padova {number}",
        "summary": "Un orto per tutti.",
        "place": "Via Padova 100",
        "cost_cents": COST,
        "crowd_cents": TARGET if call.design.has_campaigns else 0,
        "requested_cents": 0 if call.design.has_campaigns else 10_000_00,
        "created_at": NOW,
        "saved_at": NOW,
        "received_at": NOW,
    }
    proposal = Proposal(**(values | over))
    half = proposal.cost_cents // 2
    proposal.budget = [
        BudgetLine(position=1, description="Terra", amount_cents=proposal.cost_cents - half),
        BudgetLine(position=2, description="Attrezzi", amount_cents=half),
    ]
    session.add(proposal)
    session.flush()
    return proposal


def make_picture(session: Session) -> StoredFile:
    stored = StoredFile(
        name="orto.jpg",
        media_type="image/jpeg",
        size=10,
        sha256="0" * 64,
        uploaded_at=NOW,
        public=True,
        alternative_text="L'orto",
    )
    session.add(stored)
    session.flush()
    return stored


def fill_page(
    session: Session,
    campaign: Campaign,
    *,
    actor: Actor,
    rewards: tuple[RewardData, ...] = (),
    title: str = "Orto di via Padova",
    summary: str = "Un orto per tutti.",
    story: str = "## Perché\n\nPer stare insieme.",
    surplus: str = "Altre panchine.",
    target_cents: int = TARGET,
    needs: NeedsPart | None = None,
) -> None:
    """Write every part that an approval asks for."""
    picture = make_picture(session)
    for part in (
        BasicsPart(title, summary, target_cents, picture.id, picture.alternative_text),
        StoryPart(story),
        SurplusPart(surplus),
        needs or NeedsPart(),
    ):
        actions.save_part(session, campaign, part, actor=actor, at=NOW)
    for reward in rewards:
        actions.save_reward(session, campaign, reward, actor=actor, at=NOW)


def make_scene(
    session: Session, *, call: Call | None = None, rewards: tuple[RewardData, ...] = (), **page: Any
) -> Scene:
    """Add a campaign in draft, with its page filled in: 10,000 € of 20,000 €, grant reserved."""
    call = call or make_call_with_campaigns(session)
    proposal = make_selected(session, call)
    rule = call.design.money.rule
    assert call.pool_id is not None
    assert rule is not None
    grant = grants.reserve(
        session,
        proposal,
        pool_id=call.pool_id,
        cents=reserved_at_ranking(rule, proposal.cost_cents),
        key=f"grant:proposal:{proposal.id}",
        actor=SYSTEM,
        at=NOW,
    )
    campaign = actions.open_draft(session, proposal, actor=SYSTEM, at=NOW)
    scene = Scene(
        campaign,
        proposal,
        call,
        grant,
        owner=proposal.owner,
        manager=make_official(session, Role.CALL_MANAGER, call.scope, "Maria Responsabile"),
        officer=make_official(session, Role.OFFICER, call.scope, "Ugo Ufficio"),
        treasurer=make_official(session, Role.TREASURER, call.scope, "Tea Tesoriera"),
    )
    fill_page(session, campaign, actor=scene.proposer, rewards=rewards, **page)
    return scene


def make_scheduled(session: Session, **over: Any) -> Scene:
    """Add an approved campaign that starts in an hour and lasts the call's sixty days."""
    scene = make_scene(session, **over)
    actions.ask_approval(session, scene.campaign, actor=scene.proposer, at=NOW)
    actions.approve(
        session, scene.campaign, starts_at=STARTS, actor=scene.by(scene.manager), at=NOW
    )
    return scene


def make_live(session: Session, **over: Any) -> Scene:
    """Add a campaign that is live since the tests' NOW plus one hour."""
    scene = make_scheduled(session, **over)
    actions.advance(session, scene.campaign.id, at=STARTS)
    session.refresh(scene.campaign)
    return scene


def pledge_data(**over: Any) -> PledgeData:
    values: dict[str, Any] = {
        "amount_cents": 50_00,
        "email": f"bea{next(_numbers)}@example.org",
        "name": "Bea Sostenitrice",
        "consent": "Sì.",
    }
    return PledgeData(**(values | over))


def start_pledge(
    session: Session,
    campaign: Campaign,
    *,
    at: datetime = STARTS,
    actor: Actor | None = None,
    **over: Any,
) -> Pledge:
    """Add a pledge whose card is not saved yet."""
    return actions.make_pledge(
        session,
        campaign.id,
        pledge_data(**over),
        started_at=at,
        actor=actor or Actor(None, "visitor", frozenset({Role.BACKER})),
        at=at,
    )


def make_confirmed(
    session: Session, campaign: Campaign, cents: int = 50_00, *, at: datetime = STARTS, **over: Any
) -> Pledge:
    """Add a pledge that counts, without asking a provider."""
    pledge = start_pledge(session, campaign, at=at, amount_cents=cents, **over)
    actions.confirm_pledge(session, pledge.id, actor=SYSTEM, at=at)
    return pledge


def begin_charge(session: Session, pledge: Pledge, *, at: datetime) -> None:
    """Take a pledge to *charging*, as the worker does before it asks the provider."""
    known = PaymentFacts(pledge.subject)
    actions.begin_charge(session, pledge.campaign, pledge, known, actor=SYSTEM, at=at)
