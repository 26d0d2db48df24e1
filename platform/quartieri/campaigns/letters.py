"""Letters about campaigns and pledges; each occasion once, by its key."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.campaigns import words
from quartieri.campaigns.links import (
    campaign_url,
    lost_url,
    office_url,
    pledge_url,
    project_url,
    receipt_url,
)
from quartieri.campaigns.models import (
    Campaign,
    CampaignExtension,
    Comment,
    Pledge,
    Receipt,
    Rescoping,
    Reward,
)
from quartieri.campaigns.queries import receipts_of
from quartieri.campaigns.queries.city import brought_about
from quartieri.campaigns.rules import charge_at
from quartieri.db import get
from quartieri.kit.labels import Lazy
from quartieri.kit.money import Money
from quartieri.mail.actions import write
from quartieri.payments.words import words_for
from quartieri.people.models import User
from quartieri.people.queries import holders


def to_backer(
    session: Session,
    occasion: str,
    campaign: Campaign,
    pledge: Pledge,
    *,
    at: datetime,
    times: int | str = 0,
    why: Lazy | None = None,
    **more: Any,
) -> None:
    """Write to a backer by ``letters/pledge_<occasion>.txt``; ``times`` tells two apart."""
    if not pledge.email:
        return
    url = pledge_url(pledge)
    write(
        session,
        f"pledge_{occasion}",
        to=pledge.email,
        language=pledge.language,
        key=f"pledge-{occasion}:{pledge.id}:{times}",
        at=at,
        about=("pledge", pledge.id),
        name=pledge.name,
        title=campaign.title,
        code=pledge.code,
        pledge=pledge,
        campaign=campaign,
        amount=Money(pledge.amount_cents),
        target=Money(campaign.target_cents),
        url=url,
        host=urlsplit(url).netloc,
        project_url=project_url(campaign),
        told=words.told(pledge, why=why).text,
        brings=brought_about(session, pledge, now=at),
        once_paid=words.once_paid(pledge),
        **more,
    )


def _to_proposer(
    session: Session,
    occasion: str,
    campaign: Campaign,
    *,
    at: datetime,
    note: str = "",
    times: str = "",
    **more: Any,
) -> None:
    owner = campaign.proposal.owner
    write(
        session,
        f"campaign_{occasion}",
        to=owner.email,
        language=owner.language,
        key=f"campaign-{occasion}:{campaign.id}:{times or campaign.version}",
        at=at,
        about=("campaign", campaign.id),
        name=owner.name,
        title=campaign.title,
        campaign=campaign,
        note=note,
        url=campaign_url(campaign),
        project_url=project_url(campaign),
        promised=Money(campaign.promised_cents),
        collected=Money(campaign.collected_cents),
        target=Money(campaign.target_cents),
        **more,
    )


def confirmed(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Confirm a promise: what happens when, and the code."""
    to_backer(session, "confirmed", campaign, pledge, at=at)


def changed(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Confirm what a pledge was changed to, with the words agreed to."""
    to_backer(session, "changed", campaign, pledge, at=at, times=pledge.changes)


def too_late(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Say that the card was saved too late and nothing will be charged."""
    to_backer(session, "too_late", campaign, pledge, at=at)


def cancelled(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Confirm a cancellation."""
    to_backer(session, "cancelled", campaign, pledge, at=at)


def receipt(
    session: Session, campaign: Campaign, pledge: Pledge, paper: Receipt, *, at: datetime
) -> None:
    """Acknowledge the money, with the number of the receipt and where it is."""
    to_backer(
        session,
        "receipt",
        campaign,
        pledge,
        at=at,
        times=paper.id,
        number=paper.shown,
        received=Money(paper.amount_cents),
        paper_url=receipt_url(pledge, paper),
    )


def action_required(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Ask the backer to confirm with the bank, by a link."""
    to_backer(session, "action_required", campaign, pledge, at=at, times=pledge.attempts)


def declined(
    session: Session, campaign: Campaign, pledge: Pledge, *, code: str, at: datetime
) -> None:
    """Say that the card was refused, when it is tried again and how to use another one."""
    times = pledge.attempts
    to_backer(session, "declined", campaign, pledge, at=at, times=times, why=words_for(code))


def refused(
    session: Session, campaign: Campaign, pledge: Pledge, *, code: str, at: datetime
) -> None:
    """Say that the bank refused a payment that was under way, and that nothing was taken."""
    to_backer(session, "refused", campaign, pledge, at=at, why=words_for(code))


def dropped(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Say that the pledge could not be collected and nothing was charged."""
    to_backer(session, "dropped", campaign, pledge, at=at)


def released(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Say that the target was missed and nothing was charged."""
    to_backer(session, "released", campaign, pledge, at=at)


def going_back(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Say that money which came outside of the site is handed back, by whom and until when."""
    times, because = pledge.returns, words.why_back(pledge)
    to_backer(session, "going_back", campaign, pledge, at=at, times=times, because=because)


def refunded(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Say that all of the money went back, why, when and how."""
    to_backer(
        session,
        "refunded",
        campaign,
        pledge,
        at=at,
        times=pledge.returns,
        because=words.why_back(pledge),
        day=at,
        papers=bool(receipts_of(session, pledge.id)),
    )


def refunded_part(
    session: Session, campaign: Campaign, pledge: Pledge, cents: int, *, at: datetime
) -> None:
    """Say that a part of the money went back; the rest counts."""
    to_backer(
        session,
        "refunded_part",
        campaign,
        pledge,
        at=at,
        times=pledge.returns,
        returned=Money(cents),
        left=Money(pledge.standing_cents),
        day=at,
    )


def refund_stuck(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Say that a refund did not arrive, why, and who sees to it by when."""
    to_backer(
        session,
        "refund_stuck",
        campaign,
        pledge,
        at=at,
        times=pledge.returns,
        contact=campaign.proposal.edition.design.contact,
    )


def not_counted(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Say that money which came outside of the site does not count, or does not any more."""
    to_backer(session, "not_counted", campaign, pledge, at=at)


def reward_gone(
    session: Session, campaign: Campaign, pledge: Pledge, reward: Reward, *, at: datetime
) -> None:
    """Say that a payment came so late that its reward had gone to somebody else."""
    to_backer(
        session,
        "reward_gone",
        campaign,
        pledge,
        at=at,
        reward=reward.title,
        contact=campaign.proposal.edition.design.contact,
    )


def link_again(session: Session, pledges: list[Pledge], *, language: str, at: datetime) -> None:
    """Send the links of somebody's pledges to the address that is stored with them."""
    first = pledges[0]
    write(
        session,
        "pledge_links",
        to=first.email,
        language=language,
        key=f"pledge-links:{first.email}:{at.isoformat()}",
        at=at,
        about=("pledge", first.id),
        name=first.name,
        pledges=[
            (
                one.campaign.title,
                Money(one.amount_cents),
                one.code,
                words.told(one),
                pledge_url(one),
            )
            for one in pledges
        ],
        url=lost_url(),
    )


def changes_asked(session: Session, campaign: Campaign, *, note: str, at: datetime) -> None:
    """Tell the proposer what to change."""
    _to_proposer(session, "changes_asked", campaign, at=at, note=note)


def scheduled(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Tell the proposer when the campaign starts."""
    _to_proposer(session, "scheduled", campaign, at=at)


def live(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Tell the proposer that the campaign is live."""
    _to_proposer(session, "live", campaign, at=at)


def failed_to_proposer(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Tell the proposer that the target was missed."""
    _to_proposer(session, "failed", campaign, at=at)


def succeeded_to_proposer(
    session: Session, campaign: Campaign, city_cents: int | None, *, at: datetime
) -> None:
    """Tell the proposer that the target was reached on collected money, and what the city adds."""
    city = Money(city_cents) if city_cents else None
    _to_proposer(session, "succeeded", campaign, at=at, city=city)


def succeeded(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Tell a backer who paid that the project goes on."""
    to_backer(session, "succeeded", campaign, pledge, at=at)


def cancelled_by_office(session: Session, campaign: Campaign, *, reason: str, at: datetime) -> None:
    """Tell the proposer that the office cancelled the campaign, and why."""
    _to_proposer(session, "cancelled", campaign, at=at, note=reason)


def suspended(session: Session, campaign: Campaign, *, reason: str, at: datetime) -> None:
    """Tell the proposer that the campaign takes no pledges for now, and why."""
    _to_proposer(session, "suspended", campaign, at=at, note=reason, times=at.isoformat())


def resumed(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Tell the proposer that the campaign takes pledges again."""
    _to_proposer(session, "resumed", campaign, at=at, times=at.isoformat())


def collecting(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Tell a backer, once, that the target is promised, and from when the cards are charged."""
    charged_from = charge_at(at, campaign.grace_ends_at)
    to_backer(session, "collecting", campaign, pledge, at=at, charged_from=charged_from)


def extended(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    extension: CampaignExtension,
    *,
    at: datetime,
) -> None:
    """Tell a backer that the end was moved, and that the promise needs a new consent."""
    number = extension.id
    to_backer(session, "extended", campaign, pledge, at=at, times=number, extension=extension)


def lapsed(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Tell a backer who did not agree to the new dates that the promise has ended."""
    to_backer(session, "lapsed", campaign, pledge, at=at)


def extended_to_proposer(
    session: Session, campaign: Campaign, extension: CampaignExtension, *, at: datetime
) -> None:
    """Tell the proposer that the end was moved by act."""
    number = str(extension.id)
    _to_proposer(session, "extended", campaign, at=at, times=number, extension=extension)


def rescoping(session: Session, one: Rescoping, *, at: datetime) -> None:
    """Tell who asked and the office that cost and target are to change, did, or do not."""
    campaign = one.campaign
    asker = campaign.proposal.owner if one.asked_by is None else get(session, User, one.asked_by)
    office = holders(session, Role.CALL_MANAGER, campaign.scope, at=at)
    people = {user.id: (user, office_url(campaign)) for user in office}
    people[asker.id] = (asker, campaign_url(campaign))
    for user, url in people.values():
        write(
            session,
            f"rescoping_{one.state.value}",
            to=user.email,
            language=user.language,
            key=f"rescoping-{one.state.value}:{one.id}:{user.id}",
            at=at,
            about=("campaign", campaign.id),
            name=user.name,
            title=campaign.title,
            one=one,
            url=url,
        )


def commented(session: Session, said: Comment, *, at: datetime) -> None:
    """Tell the proposer of a comment on the page."""
    note = said.text
    _to_proposer(session, "commented", said.campaign, at=at, note=note, times=f"comment-{said.id}")
