"""A backer's mistyped address, put right by the own link, or by the office after a bounce."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.campaigns import address_letters
from quartieri.campaigns.actions.limits import is_of_team, refuse_over_cap
from quartieri.campaigns.actions.pledging import refuse_scorers
from quartieri.campaigns.actions.sums import locked
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import PLEDGE, Giver, PledgeChannel, has_ended, mailbox, masked
from quartieri.jobs.actions import enqueue
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.mail.queries import bounced, written_since

MOST_ASKED = 3
WITHIN = timedelta(hours=24)
"""How many letters to new addresses one pledge sends within how long."""


def may_correct(campaign: Campaign, pledge: Pledge, at: datetime) -> bool:
    """Tell whether a backer may put the address right; the campaign's end is inclusive."""
    ended = has_ended(campaign.ends_at, at)
    return bool(pledge.email) and not ended


def ask_address(
    session: Session, pledge: Pledge, email: str, *, actor: Actor, at: datetime
) -> None:
    """Write to a new address to be confirmed; until then the pledge keeps the stored one.

    ``at`` is when the request came in. Raises IllegalMoveError after the end, InvalidError for the
    stored address, ConflictError for one letter too many.
    """
    campaign, pledge = locked(session, pledge.id)
    if not may_correct(campaign, pledge, at):
        raise IllegalMoveError(
            lazy("The campaign has ended: ask the office to put your address right.")
        )
    address = _new(pledge, email)
    if written_since(session, address_letters.asked_key(pledge), at - WITHIN) >= MOST_ASKED:
        raise ConflictError(
            lazy("At most %(most)s letters a day: try again tomorrow.", most=MOST_ASKED),
            field="email",
        )
    address_letters.asked(session, campaign, pledge, address, at=at)
    after = {"email": masked(address)}
    record(session, "ask_address", PLEDGE.name, pledge.id, actor=actor, at=at, after=after)


def confirm_address(
    session: Session, pledge: Pledge, email: str, *, actor: Actor, at: datetime
) -> None:
    """Take the address whose letter was answered; a second click changes nothing.

    Raises as a new pledge would: InvalidError, ConflictError (the cap for one person),
    NotYoursError (who scored in this window).
    """
    campaign, pledge = locked(session, pledge.id)
    if pledge.email != email:
        _put(session, campaign, pledge, email, reason="", actor=actor, at=at)


def correct_address(
    session: Session, pledge: Pledge, email: str, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Put an address right by the office, because a letter to it came back; ``reason`` is kept.

    Raises IllegalMoveError where no letter came back: a link that opens a pledge is
    not turned to another address otherwise.
    """
    campaign, pledge = locked(session, pledge.id)
    if bounced(session, "pledge", pledge.id, pledge.email) is None:
        raise IllegalMoveError(
            lazy("Only where a letter came back the office puts an address right.")
        )
    if not reason.strip():
        raise InvalidError(lazy("Say how you know the right address."), field="reason")
    address = _new(pledge, email)
    _put(session, campaign, pledge, address, reason=reason.strip(), actor=actor, at=at)


def _new(pledge: Pledge, email: str) -> str:
    address = email.strip().lower()
    if address == pledge.email:
        raise InvalidError(lazy("This address is stored already."), field="email")
    return address


def _put(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    email: str,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Store another address and tell both; who pledges is looked at as for a new pledge.

    A stranger may have had the letters until now: the links in them open nothing any more.
    """
    before = pledge.email
    pledge.email, pledge.mailbox = email, mailbox(email)
    pledge.links += 1
    session.flush()
    if pledge.channel is PledgeChannel.CARD:
        refuse_scorers(session, campaign, user_id=pledge.user_id, email=email)
        giver = Giver(pledge.user_id, email, pledge.company or pledge.name, pledge.tax_code)
        pledge.team = is_of_team(session, campaign, giver)
        refuse_over_cap(session, campaign, pledge, pledge.gift_cents)
    record(
        session,
        "change_address",
        PLEDGE.name,
        pledge.id,
        actor=actor,
        at=at,
        reason=reason,
        before={"email": masked(before)},
        after={"email": masked(email)},
    )
    address_letters.changed(session, campaign, pledge, before, at=at)
    if pledge.channel is PledgeChannel.CARD:
        args = {"pledge_id": pledge.id, "token": at.isoformat()}
        enqueue(session, "campaigns.tell_address", args, run_at=at)
