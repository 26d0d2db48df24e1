"""Addresses in letters; a backer without an account opens a pledge by a signed link."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign, Pledge, Receipt
from quartieri.extensions import services
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import Lazy, lazy
from quartieri.people.links import CONFIRM_DAYS, read, refuse, sign

PURPOSE = "pledge"
ADDRESS = "pledge-address"
NEWS = "campaign-news"
GOOD_FOR = 5 * 366 * 24 * 3600
"""Seconds: a link lasts as long as the papers of a campaign are kept."""


def pledge_token(pledge: Pledge) -> str:
    """Give the signed part of a pledge's link; another one once its address was put right."""
    payload = f"{pledge.id}:{pledge.code}" + (f":{pledge.links}" if pledge.links else "")
    return sign(services().settings.secret_key, PURPOSE, payload)


def pledge_of(session: Session, token: str) -> Pledge:
    """Give the pledge of a signed link; raise NotFoundError for a forged or old one."""
    try:
        payload = read(services().settings.secret_key, PURPOSE, token, seconds=GOOD_FOR)
    except NotFoundError:
        raise NotFoundError(_no_pledge()) from None
    number, code, links = (*payload.split(":"), "0")[:3]
    pledge = session.get(Pledge, int(number))
    if pledge is None or (pledge.code, str(pledge.links)) != (code, links):
        raise NotFoundError(_no_pledge())
    return pledge


def _no_pledge() -> Lazy:
    return lazy(
        "This link opens no pledge, or not any more. The newest letter has the right one; or have"
        " your links sent to your address again."
    )


def _absolute(path: str) -> str:
    return services().settings.base_url + path


def pledge_url(pledge: Pledge) -> str:
    """Give the address of a pledge's page."""
    return _absolute(f"/pledges/{pledge_token(pledge)}")


def address_url(pledge: Pledge, email: str) -> str:
    """Give the address of the page that makes ``email`` the one of a pledge's letters."""
    payload = "\n".join((str(pledge.id), pledge.code, _digest(pledge.email), email))
    return _absolute(
        f"/pledges/new-address/{sign(services().settings.secret_key, ADDRESS, payload)}"
    )


def address_asked(session: Session, token: str) -> tuple[Pledge, str]:
    """Give the pledge and the new address of such a link, until that is stored or another one is.

    Raises NotFoundError for a forged, an old or a used link.
    """
    seconds = CONFIRM_DAYS * 24 * 3600
    payload = read(services().settings.secret_key, ADDRESS, token, seconds=seconds)
    number, code, before, email = payload.split("\n")
    pledge = session.get(Pledge, int(number))
    if pledge is None or pledge.code != code:
        refuse()
    if pledge.email != email and _digest(pledge.email) != before:
        refuse()
    return pledge, email


def _digest(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()[:16]


def receipt_url(pledge: Pledge, receipt: Receipt) -> str:
    """Give the address of a receipt's PDF."""
    return f"{pledge_url(pledge)}/receipts/{receipt.id}"


def project_url(campaign: Campaign) -> str:
    """Give the address of a project's page."""
    return _absolute(f"/projects/{campaign.slug}")


def office_url(campaign: Campaign) -> str:
    """Give the address of the page on which the office works."""
    return _absolute(f"/manage/campaigns/{campaign.id}")


def office_pledge_url(pledge: Pledge) -> str:
    """Give the address of a pledge's page for officials."""
    return _absolute(f"/manage/pledges/{pledge.id}")


def image_path(campaign: Campaign, image_id: int) -> str:
    """Give the address of a picture of a campaign's page, as its texts name it."""
    return f"/projects/{campaign.slug}/images/{image_id}"


def campaign_url(campaign: Campaign) -> str:
    """Give the address of the page on which the proposer works."""
    return _absolute(f"/account/campaigns/{campaign.id}")


def lost_url() -> str:
    """Give the address where a lost link is asked for."""
    return _absolute("/pledges")


def silence_url(campaign: Campaign, email: str) -> str:
    """Give the address where one click ends the letters with a campaign's news."""
    secret = services().settings.secret_key
    return _absolute(
        f"/projects/updates/unsubscribe/{sign(secret, NEWS, f'{campaign.id}:{email}')}"
    )


def silenced_by(session: Session, token: str) -> tuple[Campaign, str]:
    """Give the campaign and the address of such a link; raise NotFoundError for a forged one."""
    payload = read(services().settings.secret_key, NEWS, token, seconds=GOOD_FOR)
    number, _, email = payload.partition(":")
    campaign = session.get(Campaign, int(number)) if number.isdecimal() else None
    if campaign is None or not email:
        refuse()
    return campaign, email
