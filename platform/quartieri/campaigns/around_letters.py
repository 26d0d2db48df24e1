"""Letters about what stands around a campaign: offers of help, reports; each occasion once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.campaigns.links import campaign_url, project_url
from quartieri.campaigns.models import Offer, Report
from quartieri.mail.actions import write


def offer_made(session: Session, offer: Offer, *, at: datetime) -> None:
    """Tell the proposer of an offer, and thank who made it.

    The address was typed by anybody: the letter to it holds none of their words.
    """
    campaign = offer.campaign
    owner = campaign.proposal.owner
    write(
        session,
        "campaign_offer",
        to=owner.email,
        language=owner.language,
        key=f"campaign-offer:{offer.id}",
        at=at,
        about=("campaign_offer", offer.id),
        name=owner.name,
        title=campaign.title,
        offer=offer,
        url=campaign_url(campaign) + "/offers",
    )
    write(
        session,
        "offer_made",
        to=offer.email,
        language=offer.language,
        key=f"offer-made:{offer.id}",
        at=at,
        about=("campaign_offer", offer.id),
        title=campaign.title,
        offer=offer,
        url=project_url(campaign),
    )


def offer_answered(session: Session, offer: Offer, verb: str, *, at: datetime) -> None:
    """Tell who made an offer what became of it."""
    write(
        session,
        "offer_answered",
        to=offer.email,
        language=offer.language,
        key=f"offer-answered:{offer.id}:{verb}",
        at=at,
        about=("campaign_offer", offer.id),
        title=offer.campaign.title,
        offer=offer,
        url=project_url(offer.campaign),
    )


def report_received(session: Session, report: Report, *, at: datetime) -> None:
    """Tell whoever reported a campaign that it arrived.

    The address was typed by anybody: the letter holds none of their words.
    """
    _to_reporter(session, report, "received", at=at)


def report_decided(session: Session, report: Report, *, at: datetime) -> None:
    """Tell whoever reported a campaign what was found and done."""
    _to_reporter(session, report, "decided", at=at)


def _to_reporter(session: Session, report: Report, occasion: str, *, at: datetime) -> None:
    if not report.email:
        return
    write(
        session,
        f"report_{occasion}",
        to=report.email,
        language=report.language,
        key=f"report-{occasion}:{report.id}",
        at=at,
        about=("campaign_report", report.id),
        title=report.campaign.title,
        report=report,
        url=project_url(report.campaign),
    )
