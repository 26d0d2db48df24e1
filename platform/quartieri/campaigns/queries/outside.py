"""What another platform reported of a campaign."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.campaigns.models import Campaign, OutsideCertificate, OutsideTotal
from quartieri.campaigns.rules import CertificateState
from quartieri.proposals.models import Proposal


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


def last_total(session: Session, campaign_id: int) -> OutsideTotal | None:
    """Give the newest report."""
    return next(iter(totals_of(session, campaign_id)), None)


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
