"""Offers of help and comments on a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.campaigns import around_letters, letters
from quartieri.campaigns.models import Campaign, Comment, Offer
from quartieri.campaigns.rules import (
    CAMPAIGN,
    OFFER,
    PREPARED,
    PROMISED_HELP,
    TAKES_OFFERS,
    NeedKind,
    PagePart,
)
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError, InvalidError, NotFoundError
from quartieri.kit.labels import lazy


@dataclass(frozen=True, slots=True)
class OfferData:
    """An offer as it is typed."""

    quantity: int
    name: str
    email: str
    phone: str
    message: str


def make_offer(
    session: Session,
    campaign: Campaign,
    need: int,
    data: OfferData,
    *,
    language: str,
    at: datetime,
) -> Offer:
    """Keep an offer for a need of the page and tell both sides.

    Raises NotFoundError for an unknown need and IllegalMoveError while no offers are taken.
    """
    found = next((n for n in campaign.page.needs if n["key"] == need), None)
    if found is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    if campaign.state not in TAKES_OFFERS:
        raise IllegalMoveError(lazy("This campaign takes no offers of help now."))
    if found["quantity"] is not None and data.quantity > found["quantity"]:
        raise InvalidError(
            lazy("At most %(most)s are needed.", most=found["quantity"]), field="quantity"
        )
    offer = Offer(
        campaign=campaign,
        need=need,
        kind=NeedKind(found["kind"]),
        title=found["title"],
        quantity=data.quantity,
        name=data.name.strip(),
        email=data.email.strip().lower(),
        phone=data.phone.strip(),
        message=data.message.strip(),
        language=language,
        made_at=at,
    )
    session.add(offer)
    session.flush()
    around_letters.offer_made(session, offer, at=at)
    return offer


def answer_offer(
    session: Session, offer: Offer, verb: str, *, answer: str = "", actor: Actor, at: datetime
) -> None:
    """Accept, decline or note as received; what was found of the need follows on the page."""
    campaign = lock(session, Campaign, offer.campaign_id)
    offer = lock(session, Offer, offer.id)
    move(session, offer, OFFER, verb, actor=actor, at=at)
    offer.decided_at = at
    if answer.strip():
        offer.answer = answer.strip()
    session.flush()
    counted = session.execute(
        sa.select(Offer.need, sa.func.sum(Offer.quantity))
        .where(Offer.campaign_id == campaign.id, Offer.state.in_(PROMISED_HELP))
        .group_by(Offer.need)
    )
    promised = {need: int(number) for need, number in counted}
    page = campaign.page
    page.needs = [need | {"promised": promised.get(need["key"], 0)} for need in page.needs]
    session.flush()
    around_letters.offer_answered(session, offer, verb, at=at)


def comment(
    session: Session, campaign: Campaign, part: PagePart, text: str, *, actor: Actor, at: datetime
) -> Comment:
    """Say something of one part of a page that is not online yet; the proposer is told."""
    if campaign.state not in PREPARED:
        raise IllegalMoveError(lazy("The page is online: comments belong to its preparation."))
    said = Comment(
        campaign=campaign,
        part=part,
        text=text.strip(),
        by_id=actor.user_id,
        by_name=actor.name,
        at=at,
    )
    session.add(said)
    session.flush()
    after = {"part": part.value, "comment": said.id}
    record(session, "comment", CAMPAIGN.name, campaign.id, actor=actor, at=at, after=after)
    letters.commented(session, said, at=at)
    return said


def resolve(session: Session, said: Comment, *, actor: Actor, at: datetime) -> None:
    """Tick a comment off; a second time changes nothing."""
    if said.resolved_at is not None:
        return
    said.resolved_at = at
    session.flush()
    after = {"comment": said.id}
    record(
        session, "resolve_comment", CAMPAIGN.name, said.campaign_id, actor=actor, at=at, after=after
    )
