"""Moving a campaign's end by act, and what becomes of promises that name the old one.

Nobody is charged for a date that they did not agree to: decision record 0046.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.actions import record as record_act
from quartieri.acts.rules import ActKind
from quartieri.audit.actions import record
from quartieri.audit.rules import SYSTEM, Actor
from quartieri.campaigns import letters
from quartieri.campaigns.actions.pledging import refuse_moved
from quartieri.campaigns.actions.refunding import begin_refund
from quartieri.campaigns.actions.stopping import ENDED_MEANWHILE
from quartieri.campaigns.actions.sums import locked, move_pledge
from quartieri.campaigns.models import Campaign, CampaignExtension, Pledge
from quartieri.campaigns.queries import design_of
from quartieri.campaigns.queries.lapsing import (
    LAPSES,
    condition_met,
    next_lapse,
    unagreed,
    unknown_at,
    unmet,
    waits_for_records,
)
from quartieri.campaigns.rules import (
    AGREEABLE,
    CAMPAIGN,
    PLEDGE,
    PROMISED,
    CampaignState,
    PledgeChannel,
    PledgeState,
)
from quartieri.db import lock
from quartieri.jobs.actions import enqueue
from quartieri.kit.clock import is_late
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy

EXTENDABLE = frozenset({CampaignState.SCHEDULED, CampaignState.LIVE, CampaignState.SUSPENDED})
BATCH = 50
"""Pledges let go, or letters written, in one unit of work."""


def extend(
    session: Session,
    campaign: Campaign,
    new_ends_at: datetime,
    act: ActData,
    *,
    actor: Actor,
    at: datetime,
) -> CampaignExtension:
    """Move the end (proroga) by act; the last day of the charges moves with it.

    The old end is kept. Whoever backs the project is told by a job. Raises IllegalMoveError for a
    campaign that has ended or has no dates, InvalidError for an end that is not later.
    """
    campaign = lock(session, Campaign, campaign.id)
    old = campaign.ends_at
    if campaign.state not in EXTENDABLE or old is None:
        raise IllegalMoveError(
            lazy("Only a campaign that is scheduled or under way can be extended.")
        )
    if is_late(at, old):
        raise IllegalMoveError(ENDED_MEANWHILE)
    if new_ends_at <= old:
        raise InvalidError(
            lazy("The new end must be later than the present one."), field="new_ends_at"
        )
    done = record_act(
        session,
        campaign.proposal.call.authority_id,
        ActKind.EXTENSION,
        act,
        actor=actor,
        at=at,
    )
    extension = CampaignExtension(
        campaign_id=campaign.id, act_id=done.id, old_ends_at=old, new_ends_at=new_ends_at, at=at
    )
    session.add(extension)
    campaign.first_ends_at = campaign.first_ends_at or old
    campaign.ends_at = new_ends_at
    campaign.grace_ends_at = new_ends_at + timedelta(days=design_of(campaign).grace_days)
    if campaign.state is not CampaignState.SCHEDULED:
        campaign.lapse_at = campaign.lapse_at or old
    session.flush()
    record(
        session,
        "extend",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        before={"ends_at": old.isoformat()},
        after={"ends_at": new_ends_at.isoformat(), "act": done.id},
    )
    letters.extended_to_proposer(session, campaign, extension, at=at)
    enqueue(
        session,
        "campaigns.tell_extended",
        {"extension_id": extension.id, "after": 0},
        run_at=at,
        key=f"campaigns.tell_extended:{extension.id}",
    )
    return extension


def tell_extended(session: Session, extension_id: int, *, after: int, at: datetime) -> int | None:
    """Write to the next backers after a pledge's id that the end was moved.

    Gives the id to go on from, None at the end. Each is told once, however often this is asked.
    """
    extension = session.get_one(CampaignExtension, extension_id)
    found = list(
        session.scalars(
            sa.select(Pledge)
            .where(
                Pledge.campaign_id == extension.campaign_id,
                Pledge.id > after,
                Pledge.state.in_(PROMISED | {PledgeState.CREATED}),
                sa.or_(
                    Pledge.agreed_ends_at.is_(None), Pledge.agreed_ends_at < extension.new_ends_at
                ),
            )
            .order_by(Pledge.id)
            .limit(BATCH)
        )
    )
    for pledge in found:
        letters.extended(session, extension.campaign, pledge, extension, at=at)
    return found[-1].id if len(found) == BATCH else None


def must_agree(campaign: Campaign, pledge: Pledge) -> bool:
    """Tell whether a pledge names an end that an act has moved, and its backer may still agree."""
    return (
        pledge.channel is not PledgeChannel.OFFLINE
        and pledge.state in AGREEABLE
        and pledge.agreed_ends_at is not None
        and campaign.ends_at is not None
        and pledge.agreed_ends_at < campaign.ends_at
    )


def agree(
    session: Session, pledge: Pledge, *, words: str, ends: str = "", actor: Actor, at: datetime
) -> None:
    """Take the backer's consent to the campaign's new dates; the old words stay in the log.

    ``ends`` is the end that the words name: ConflictError if an act has moved it again.
    ``at`` is when the request entered the application. Agreeing twice is agreeing once.
    """
    campaign, pledge = locked(session, pledge.id)
    if not must_agree(campaign, pledge):
        return
    refuse_moved(campaign, ends)
    old, new = pledge.agreed_ends_at, campaign.ends_at
    if old is None or new is None or is_late(at, old):
        raise IllegalMoveError(
            lazy("The end that you had agreed to has passed: this pledge is let go.")
        )
    record(
        session,
        "agree",
        PLEDGE.name,
        pledge.id,
        actor=actor,
        at=at,
        before={"consent": pledge.consent, "ends_at": old.isoformat()},
        after={"consent": words, "ends_at": new.isoformat()},
    )
    pledge.consent, pledge.agreed_ends_at = words, new


def lapse(session: Session, campaign: Campaign, *, at: datetime) -> bool:
    """Let go of who did not agree to a moved end, once the old one has passed; a batch at a time.

    ``campaign`` is locked. A promise is released. What was charged at once goes back where the
    target was not promised by the end that its backer agreed to, once what was received offline by
    then had its time to be recorded; where it was, or where the call keeps what is raised, its
    condition is met. That is decided once, on what was begun by that end, however late this runs; a
    payment of which its bank takes its time follows it when it comes (``has_lapsed``). Tells
    whether there may be more to do at once.
    """
    end = campaign.lapse_at
    if end is None or not is_late(at, end) or campaign.state not in LAPSES:
        return False
    promised = _locked(session, unagreed(campaign, end))
    for pledge in promised:
        move_pledge(
            session, campaign, pledge, "release", actor=SYSTEM, at=at, reason="end was moved"
        )
        letters.lapsed(session, campaign, pledge, at=at)
    if promised:
        return True
    if _locked(session, *unknown_at(campaign, end)):
        return False  # not known yet whether these count: asked again at the next tick
    extension, kept = condition_met(session, campaign, end)
    if extension.kept is None and not kept and waits_for_records(campaign, end, now=at):
        return False
    extension.kept = kept  # once
    if not kept:
        paid = _locked(session, unmet(campaign, end))
        for pledge in paid:
            begin_refund(session, campaign, pledge, reason="end was moved", actor=SYSTEM, at=at)
            letters.lapsed(session, campaign, pledge, at=at)
        if paid:
            return True
    campaign.lapse_at = next_lapse(session, campaign, end)
    return True


def has_lapsed(session: Session, campaign: Campaign, pledge: Pledge) -> bool:
    """Tell whether a payment comes for an end that was moved, and its condition was not met."""
    if not pledge.charged_now or pledge.agreed_ends_at == campaign.ends_at:
        return False
    found = sa.select(CampaignExtension.kept).where(
        CampaignExtension.campaign_id == campaign.id,
        CampaignExtension.old_ends_at == pledge.agreed_ends_at,
    )
    return session.scalar(found) is False


def _locked(session: Session, *where: sa.ColumnElement[bool]) -> list[Pledge]:
    return list(
        session.scalars(
            sa.select(Pledge)
            .where(*where)
            .order_by(Pledge.id)
            .limit(BATCH)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
