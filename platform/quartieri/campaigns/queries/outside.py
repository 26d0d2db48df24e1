"""What another platform reported of a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.models import CallEdition
from quartieri.campaigns.models import Campaign, Collection, OutsideCertificate, OutsideTotal
from quartieri.campaigns.queries.cards import SHOWN
from quartieri.campaigns.queries.net import fees_column, nets_of
from quartieri.campaigns.rules import CertificateState, Phase, phase_of
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PUBLIC_STATES


def totals_of(session: Session, campaign_id: int) -> list[OutsideTotal]:
    """List the imports of a campaign's totals, the newest report first."""
    return list(
        session.scalars(
            sa.select(OutsideTotal)
            .where(OutsideTotal.campaign_id == campaign_id)
            .options(joinedload(OutsideTotal.recorder))
            .order_by(OutsideTotal.as_of.desc(), OutsideTotal.id.desc())
        )
    )


def last_total(
    session: Session, campaign_id: int, *, as_of: datetime | None = None
) -> OutsideTotal | None:
    """Give the newest report, or the one that stands for an instant."""
    found = sa.select(OutsideTotal).where(OutsideTotal.campaign_id == campaign_id)
    if as_of is not None:
        found = found.where(OutsideTotal.as_of == as_of)
    newest = (OutsideTotal.as_of.desc(), OutsideTotal.id.desc())
    return session.scalars(found.order_by(*newest).limit(1)).first()


def certificates_of(session: Session, campaign_id: int) -> list[OutsideCertificate]:
    """List a campaign's certificates, the newest first: at most one is not rejected."""
    return list(
        session.scalars(
            sa.select(OutsideCertificate)
            .where(OutsideCertificate.campaign_id == campaign_id)
            .options(joinedload(OutsideCertificate.file))
            .order_by(OutsideCertificate.id.desc())
        )
    )


def certified(session: Session, campaign_id: int) -> OutsideCertificate | None:
    """Give the certificate that two persons vouch for."""
    return session.scalars(
        sa.select(OutsideCertificate).where(
            OutsideCertificate.campaign_id == campaign_id,
            OutsideCertificate.state == CertificateState.CONFIRMED,
        )
    ).first()


def campaigns_by_slug(session: Session, call_id: int) -> dict[str, Campaign]:
    """Give a call's campaigns by their address."""
    found = session.scalars(
        sa.select(Campaign)
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .where(Proposal.call_id == call_id)
        .order_by(Campaign.id)
    )
    return {campaign.slug: campaign for campaign in found}


@dataclass(frozen=True, slots=True)
class PublicTotal:
    """What everybody may read of a campaign's figures; cents.

    ``raised_cents`` is what the fees leave, in a call whose target counts that.
    ``reported_at`` and ``certified`` are of a campaign that runs on another platform.
    """

    project: str
    title: str
    phase: Phase
    platform_url: str | None
    starts_at: datetime
    ends_at: datetime
    cost_cents: int
    target_cents: int
    raised_cents: int
    backers: int
    reported_at: datetime | None
    certified: bool


def public_totals(session: Session, call_id: int, *, now: datetime) -> list[PublicTotal]:
    """List the figures of a call's public campaigns, by the project's address; five queries."""
    nets = nets_of(session, call_id)
    found = session.execute(
        sa.select(Campaign, fees_column(nets) if nets else sa.literal(0))
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .join(CallEdition, CallEdition.id == Proposal.edition_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_(PUBLIC_STATES), SHOWN)
        .order_by(Campaign.slug)
    ).all()
    ids = [campaign.id for campaign, _fees in found]
    newest = session.execute(
        sa.select(OutsideTotal.campaign_id, sa.func.max(OutsideTotal.as_of).label("as_of"))
        .where(OutsideTotal.campaign_id.in_(ids))
        .group_by(OutsideTotal.campaign_id)
    )
    reported: dict[int, datetime] = {row.campaign_id: row.as_of for row in newest}
    certified = set(
        session.scalars(
            sa.select(OutsideCertificate.campaign_id).where(
                OutsideCertificate.campaign_id.in_(ids),
                OutsideCertificate.state == CertificateState.CONFIRMED,
            )
        )
    )
    links = {
        one.campaign_id: one.outside_url
        for one in session.scalars(
            sa.select(Collection).where(
                Collection.campaign_id.in_(ids), Collection.confirmed_at.is_not(None)
            )
        )
    }
    return [
        _public(
            one,
            now,
            fees_cents=fees,
            url=links.get(one.id) or None,
            reported_at=reported.get(one.id),
            certified=one.id in certified,
        )
        for one, fees in found
    ]


def _public(
    campaign: Campaign,
    now: datetime,
    *,
    fees_cents: int,
    url: str | None,
    reported_at: datetime | None,
    certified: bool,
) -> PublicTotal:
    starts_at, ends_at = campaign.starts_at, campaign.ends_at
    if starts_at is None or ends_at is None:
        msg = f"campaign {campaign.id} is public and has no dates"
        raise ValueError(msg)
    decided, backers = campaign.decided_cents, campaign.decided_backers
    done = decided is not None
    return PublicTotal(
        project=campaign.slug,
        title=campaign.title,
        phase=phase_of(
            campaign.state, now, starts_at, ends_at, decided=done, succeeded=campaign.succeeded
        ),
        platform_url=url,
        starts_at=starts_at,
        ends_at=ends_at,
        cost_cents=campaign.cost_cents,
        target_cents=campaign.target_cents,
        raised_cents=max(campaign.promised_cents - fees_cents, 0) if decided is None else decided,
        backers=campaign.backers if backers is None else backers,
        reported_at=reported_at,
        certified=certified,
    )
