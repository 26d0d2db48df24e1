"""Telling backers: updates on the page and by letter, messages, and leaving the list."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.campaigns.address_letters import digest_of
from quartieri.campaigns.links import project_url, silence_url
from quartieri.campaigns.models import (
    Campaign,
    Message,
    Pledge,
    Reward,
    Silence,
    Update,
    UpdateEdit,
)
from quartieri.campaigns.rules import BACKED, CAMPAIGN, TELLS, mark_of
from quartieri.db import lock
from quartieri.jobs.actions import enqueue
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.markdown import rendered
from quartieri.mail.actions import write

CHUNK = 100
"""How many letters one unit of work writes."""
ON_PAGE = 5
"""How many updates stand on the project's page; the others have a page of their own."""
MOST_MESSAGES = 3
WITHIN = timedelta(hours=24)
"""How many messages, and updates, a proposer sends by letter within how long."""


def _telling(session: Session, campaign: Campaign) -> Campaign:
    campaign = lock(session, Campaign, campaign.id)
    if campaign.state not in TELLS:
        raise IllegalMoveError(lazy("There are no backers to tell: the campaign is not online."))
    return campaign


def _refuse_too_many(
    session: Session, table: type[Message | Update], campaign: Campaign, at: datetime
) -> None:
    sent = session.scalar(
        sa.select(sa.func.count(table.id)).where(
            table.campaign_id == campaign.id, table.at > at - WITHIN
        )
    )
    if (sent or 0) >= MOST_MESSAGES:
        raise InvalidError(
            lazy("At most %(most)s a day: write again tomorrow.", most=MOST_MESSAGES)
        )


# -- updates -----------------------------------------------------------------------------------


def post_update(
    session: Session, campaign: Campaign, *, title: str, text: str, actor: Actor, at: datetime
) -> Update:
    """Put news on the page and plan the letters to backers."""
    campaign = _telling(session, campaign)
    _refuse_too_many(session, Update, campaign, at)
    update = Update(campaign=campaign, title=title.strip(), text=text, html=rendered(text), at=at)
    session.add(update)
    session.flush()
    _put_on_page(session, campaign)
    record(
        session,
        "post_update",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        after={"update": update.id, "title": update.title},
    )
    enqueue(
        session,
        "campaigns.tell_update",
        {"update_id": update.id, "after": ""},
        run_at=at,
        key=f"campaigns.tell_update:{update.id}",
    )
    return update


def edit_update(
    session: Session,
    update: Update,
    *,
    title: str,
    text: str,
    seen: str | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Change news on the page; how it read is kept, and nobody is written to again."""
    campaign = _telling(session, update.campaign)
    update = lock(session, Update, update.id)
    if seen is not None and mark_of((update.title, update.text)) != seen:
        raise ConflictError(
            lazy(
                "This page was saved in another window meanwhile. Your words are kept below,"
                " beside the saved ones: save again to keep yours."
            )
        )
    session.add(UpdateEdit(update_id=update.id, title=update.title, text=update.text, until=at))
    update.title, update.text, update.html = title.strip(), text, rendered(text)
    update.edited_at = at
    session.flush()
    _put_on_page(session, campaign)
    after = {"update": update.id}
    record(session, "edit_update", CAMPAIGN.name, campaign.id, actor=actor, at=at, after=after)


def _put_on_page(session: Session, campaign: Campaign) -> None:
    """Keep the newest updates with the page, as they are drawn."""
    newest = session.scalars(
        sa.select(Update)
        .where(Update.campaign_id == campaign.id)
        .order_by(Update.id.desc())
        .limit(ON_PAGE + 1)
    ).all()
    campaign.page.updates = [
        {
            "id": update.id,
            "title": update.title,
            "html": update.html,
            "at": update.at.isoformat(),
            "edited_at": update.edited_at.isoformat() if update.edited_at else "",
        }
        for update in newest[:ON_PAGE]
    ]
    campaign.page.more_updates = len(newest) > ON_PAGE
    session.flush()


# -- letters, in batches -----------------------------------------------------------------------


def tell_update(session: Session, update_id: int, *, after: str, at: datetime) -> str | None:
    """Write the next letters of an update; give the last address, None at the end.

    Each address is told once, in the language of its newest pledge; who asked for silence is not.
    """
    update = session.get_one(Update, update_id)
    campaign = update.campaign
    found = _addresses(session, campaign.id, after=after, silent=False)
    for email, language in found:
        leave = silence_url(campaign, email)
        write(
            session,
            "campaign_update",
            to=email,
            language=language,
            key=f"campaign-update:{update.id}:{digest_of(email)}",
            at=at,
            about=("campaign_update", update.id),
            unsubscribe_url=leave,
            title=campaign.title,
            update=update,
            url=f"{project_url(campaign)}/updates",
            leave=leave,
        )
    return found[-1][0] if len(found) == CHUNK else None


def tell_message(session: Session, message_id: int, *, after: str, at: datetime) -> str | None:
    """Write the next letters of a message; give the last address, None at the end.

    What concerns a reward reaches all who chose it; what is for all spares who asked for silence.
    """
    message = session.get_one(Message, message_id)
    campaign = message.campaign
    found = _addresses(
        session,
        campaign.id,
        after=after,
        reward_id=message.reward_id,
        silent=message.reward_id is not None,
    )
    for email, language in found:
        leave = silence_url(campaign, email) if message.reward_id is None else ""
        write(
            session,
            "campaign_message",
            to=email,
            language=language,
            key=f"campaign-message:{message.id}:{digest_of(email)}",
            at=at,
            about=("campaign_message", message.id),
            unsubscribe_url=leave,
            title=campaign.title,
            message=message,
            url=project_url(campaign),
            leave=leave,
        )
    return found[-1][0] if len(found) == CHUNK else None


def _addresses(
    session: Session,
    campaign_id: int,
    *,
    after: str,
    reward_id: int | None = None,
    silent: bool,
) -> list[tuple[str, str]]:
    """List the next addresses of backers with their language; ``silent`` takes in the silent."""
    newest = sa.select(sa.func.max(Pledge.id)).where(
        Pledge.campaign_id == campaign_id,
        Pledge.state.in_(BACKED),
        Pledge.email != "",
        Pledge.email > after,
    )
    if reward_id is not None:
        newest = newest.where(Pledge.reward_id == reward_id)
    if not silent:
        quiet = sa.select(Silence.email).where(Silence.campaign_id == campaign_id)
        newest = newest.where(Pledge.email.not_in(quiet))
    chosen = newest.group_by(Pledge.email).order_by(Pledge.email).limit(CHUNK)
    rows = session.execute(
        sa.select(Pledge.email, Pledge.language).where(Pledge.id.in_(chosen)).order_by(Pledge.email)
    )
    return [(row.email, row.language) for row in rows]


# -- messages ----------------------------------------------------------------------------------


def send_message(
    session: Session,
    campaign: Campaign,
    *,
    reward: Reward | None,
    subject: str,
    text: str,
    actor: Actor,
    at: datetime,
) -> Message:
    """Write to all backers, or to those of one reward; three a day at most."""
    campaign = _telling(session, campaign)
    _refuse_too_many(session, Message, campaign, at)
    message = Message(
        campaign=campaign, reward=reward, subject=subject.strip(), text=text.strip(), at=at
    )
    session.add(message)
    session.flush()
    after = {"message": message.id, "reward": reward.id if reward else None}
    record(session, "send_message", CAMPAIGN.name, campaign.id, actor=actor, at=at, after=after)
    enqueue(
        session,
        "campaigns.tell_message",
        {"message_id": message.id, "after": ""},
        run_at=at,
        key=f"campaigns.tell_message:{message.id}",
    )
    return message


def silence(session: Session, campaign: Campaign, email: str, *, at: datetime) -> None:
    """Take an address off a campaign's news; a second time changes nothing."""
    if session.get(Silence, (campaign.id, email)) is None:
        session.add(Silence(campaign_id=campaign.id, email=email, at=at))
        session.flush()
