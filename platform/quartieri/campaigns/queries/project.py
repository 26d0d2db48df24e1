"""One project's page, for everyone and as a preview."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from quartieri.calls.design import Question
from quartieri.calls.funding import FundingRule, Outlook
from quartieri.calls.models import Call, CallEdition
from quartieri.campaigns.models import Campaign, CampaignImage, Pledge, Reward
from quartieri.campaigns.queries.cards import SHOWN, among, live_grant
from quartieri.campaigns.queries.city import CityPart, city_part
from quartieri.campaigns.queries.gift import WITH_DESIGN
from quartieri.campaigns.queries.net import kept_fees
from quartieri.campaigns.queries.single import recorded_until
from quartieri.campaigns.rules import PROMISED, Phase, phase_of
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.proposals.models import Proposal, Snapshot
from quartieri.proposals.queries import open_answers, public_answers
from quartieri.proposals.rules import PUBLIC_STATES

SUPPORTERS = 30
ZERO = Money(0)


@dataclass(frozen=True, slots=True)
class Supporter:
    """Somebody who wants to be named."""

    name: str
    message: str
    sponsor: bool = False


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """All that a project's page shows; ``campaign`` is None where none was approved yet."""

    proposal: Proposal
    campaign: Campaign | None
    grant: Grant | None
    phase: Phase | None
    rule: FundingRule | None
    outlook: Outlook | None
    raised: Money
    backers: int
    match: Money | None
    supporters: list[Supporter]
    crowd: Money = ZERO
    """The part of ``raised`` that came online; ``offline`` is the rest, None if there is none."""
    offline: Money | None = None
    target: Money | None = None
    cost: Money | None = None
    answers: list[tuple[Question, Any]] = field(default_factory=list)
    """What everyone may read of the application."""
    city: CityPart | None = None
    fees: Money = ZERO
    """What the payment service keeps, where the target counts what is left: ``raised`` is net."""
    left: Money | None = None
    """What is still there of the sum that success was decided on, where some of it has gone."""

    @property
    def recorded_until(self) -> datetime | None:
        """Until when offline money received by the end is still recorded, where the call waits."""
        return None if self.campaign is None else recorded_until(self.campaign)

    @property
    def persons(self) -> list[Supporter]:
        """Who wants to be named and is no sponsor."""
        return [one for one in self.supporters if not one.sponsor]

    @property
    def sponsors(self) -> list[Supporter]:
        """The companies that want to be shown apart."""
        return [one for one in self.supporters if one.sponsor]

    @property
    def reached(self) -> bool:
        """Tell whether what was raised, with the city's own pledge, reaches the target."""
        own = self.city.match.cents if self.city is not None and self.city.counts else 0
        return self.target is not None and self.raised.cents + own >= self.target.cents


_NEWEST = (
    sa.select(sa.func.max(Snapshot.number))
    .where(Snapshot.proposal_id == Proposal.id)
    .correlate(Proposal)
    .scalar_subquery()
)
_PAGE = (
    sa.select(Proposal, Campaign, Grant, Snapshot.content)
    .select_from(Proposal)
    .outerjoin(Campaign, sa.and_(Campaign.proposal_id == Proposal.id, SHOWN))
    .outerjoin(Grant, live_grant())
    .outerjoin(Snapshot, sa.and_(Snapshot.proposal_id == Proposal.id, Snapshot.number == _NEWEST))
    .where(Proposal.slug == sa.bindparam("slug"), among(Proposal.state, PUBLIC_STATES))
    .options(
        defer(Proposal.answers),
        defer(Proposal.declarations),
        joinedload(Proposal.call).options(
            defer(Call.design_json),
            defer(Call.text_html_it),
            defer(Call.text_html_en),
            defer(Call.facts),
            joinedload(Call.authority),
        ),
        joinedload(Proposal.edition).defer(CallEdition.design_json),
        joinedload(Proposal.organisation),
        joinedload(Proposal.area),
        selectinload(Proposal.budget),
        selectinload(Proposal.partners),
        defer(Campaign.story),
        joinedload(Campaign.image),
        joinedload(Campaign.page),
        selectinload(Campaign.rewards).joinedload(Reward.image).joinedload(CampaignImage.file),
        joinedload(Grant.act),
    )
)
"""A project with all that its page shows; built once, as this takes longer than the asking."""
_SUPPORTERS = (
    sa.select(Pledge.public_name, Pledge.message, Pledge.sponsor)
    .where(
        Pledge.campaign_id == sa.bindparam("campaign"),
        among(Pledge.state, PROMISED),
        Pledge.public_name != "",
    )
    .order_by(Pledge.id.desc())
    .limit(SUPPORTERS)
)


def project_page(session: Session, slug: str, *, now: datetime) -> ProjectPage:
    """Give a public project by its address, in five queries; raise NotFoundError for any other."""
    found = session.execute(_PAGE, {"slug": slug}).first()
    if found is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    proposal, campaign, grant, content = found
    answers = open_answers(content or {}, proposal.edition)
    if campaign is None:
        return ProjectPage(
            proposal, None, grant, None, None, None, ZERO, 0, None, [], answers=answers
        )
    return _with_campaign(
        session,
        proposal,
        campaign,
        grant,
        now=now,
        answers=answers,
        supporters=_supporters(session, campaign.id),
    )


_FIGURES = (
    sa.select(Proposal, Campaign, Grant)
    .select_from(Proposal)
    .join(Campaign, sa.and_(Campaign.proposal_id == Proposal.id, SHOWN))
    .outerjoin(Grant, live_grant())
    .where(Campaign.slug == sa.bindparam("slug"), among(Proposal.state, PUBLIC_STATES))
    .options(
        defer(Proposal.answers),
        defer(Proposal.declarations),
        joinedload(Proposal.edition).defer(CallEdition.design_json),
        defer(Campaign.story),
        defer(Campaign.story_html),
    )
)


def figures_page(session: Session, slug: str, *, now: datetime) -> ProjectPage:
    """Give only what the figures of a campaign's page need; raise NotFoundError without one."""
    found = session.execute(_FIGURES, {"slug": slug}).first()
    if found is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    proposal, campaign, grant = found
    return _with_campaign(session, proposal, campaign, grant, now=now, answers=[], supporters=[])


def preview_page(session: Session, campaign: Campaign, *, now: datetime) -> ProjectPage:
    """Give a campaign's page as it will be, approved or not; whoever calls has checked who asks."""
    grant = session.scalars(
        sa.select(Grant)
        .where(Grant.proposal_id == campaign.proposal_id, Grant.state != GrantState.RELEASED)
        .options(joinedload(Grant.act))
    ).first()
    answers = public_answers(session, campaign.proposal_id)
    return _with_campaign(
        session,
        campaign.proposal,
        campaign,
        grant,
        now=now,
        answers=answers,
        supporters=_supporters(session, campaign.id),
    )


_BACKED = (
    sa.select(Campaign)
    .join(Proposal, Proposal.id == Campaign.proposal_id)
    .where(Proposal.slug == sa.bindparam("slug"), SHOWN, among(Proposal.state, PUBLIC_STATES))
    .options(WITH_DESIGN, defer(Campaign.story), defer(Campaign.story_html))
)


def campaign_to_back(session: Session, slug: str) -> Campaign:
    """Give what a form to pledge needs of a public project; NotFoundError without a campaign."""
    campaign: Campaign | None = session.scalars(_BACKED, {"slug": slug}).first()
    if campaign is None:
        raise NotFoundError(lazy("This project has no campaign."))
    return campaign


def reward_of(session: Session, campaign: Campaign, reward_id: int | None) -> Reward | None:
    """Give a campaign's reward by its id; None for none and for another campaign's."""
    reward = session.get(Reward, reward_id) if reward_id is not None else None
    return reward if reward is not None and reward.campaign_id == campaign.id else None


def campaign_by_slug(session: Session, slug: str) -> Campaign | None:
    """Give a campaign by its address, in any state."""
    return session.scalars(
        sa.select(Campaign)
        .where(Campaign.slug == slug)
        .options(joinedload(Campaign.image), joinedload(Campaign.proposal))
    ).first()


def _with_campaign(
    session: Session,
    proposal: Proposal,
    campaign: Campaign,
    grant: Grant | None,
    *,
    now: datetime,
    answers: list[tuple[Question, Any]],
    supporters: list[Supporter],
) -> ProjectPage:
    decided = campaign.decided_cents
    phase = phase_of(
        campaign.state,
        now,
        campaign.starts_at,
        campaign.ends_at,
        decided=decided is not None,
        succeeded=campaign.succeeded,
    )
    fees = kept_fees(session, campaign)
    raised = max(campaign.promised_cents - fees, 0) if decided is None else decided
    offline = min(campaign.offline_cents, raised)
    rule = proposal.edition.design.money.rule
    city = None
    if rule is not None:
        city = city_part(session, rule, campaign, grant, raised, now=now)
        if phase is not Phase.LIVE:
            city = replace(city, gift=None)
    over = phase in {Phase.MISSED, Phase.STOPPED}
    here = campaign.collected_cents - fees
    design = proposal.edition.design.campaign
    counted_here = campaign.succeeded and design is not None and not design.is_elsewhere
    backers = campaign.decided_backers
    return ProjectPage(
        proposal=proposal,
        campaign=campaign,
        grant=grant,
        phase=phase,
        rule=rule,
        outlook=city.outlook if city is not None else None,
        raised=Money(raised),
        backers=campaign.backers if backers is None else backers,
        match=city.match if city is not None and not over else None,
        supporters=supporters,
        crowd=Money(raised - offline),
        offline=Money(offline) if offline else None,
        target=Money(campaign.target_cents),
        city=city,
        cost=Money(campaign.cost_cents),
        answers=answers,
        fees=Money(fees),
        left=Money(here) if counted_here and here < raised else None,
    )


def _supporters(session: Session, campaign_id: int) -> list[Supporter]:
    rows = session.connection().execute(_SUPPORTERS, {"campaign": campaign_id})
    return [Supporter(row.public_name, row.message, row.sponsor) for row in rows]
