"""Pledging: started, confirmed by a saved card, cancelled by the backer, expired."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import SYSTEM, Actor, Role
from quartieri.campaigns import letters, queries
from quartieri.campaigns.actions import match
from quartieri.campaigns.actions.limits import is_of_team, refuse_over_cap
from quartieri.campaigns.actions.sums import (
    go_live,
    lock_campaign,
    locked,
    move_pledge,
    take_stock,
)
from quartieri.campaigns.actions.timing import is_in_time, is_overdue
from quartieri.campaigns.models import Campaign, Pledge, Reward
from quartieri.campaigns.queries import cover_for, design_of, scorer_of, terms_of
from quartieri.campaigns.rules import (
    PLEDGE,
    CampaignState,
    Giver,
    PledgeChannel,
    PledgeState,
    check_amount,
    checked_tax_code,
    has_begun,
    has_ended,
    mailbox,
)
from quartieri.db import insert, lock
from quartieri.jobs.actions import enqueue
from quartieri.kit.clock import is_late
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.payments import queries as payments
from quartieri.people.models import User
from quartieri.people.rules import refuse_excluded

USED_FORM = lazy(
    "This form was sent for another project already: open this project's page and begin again."
)
CODE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Thirty-two, so that each is as likely from a byte."""


@dataclass(frozen=True, slots=True)
class PledgeData:
    """What a backer types; ``amount_cents`` is the gift. ``public_name`` empty: anonymous.

    ``cover``: what the fees take is added, as far as the call allows it. ``company`` is whose gift
    it is; "" for a person. ``token`` was drawn with the form: the same token is the same pledge.
    ``ends``: the end that the words of ``consent`` name.
    """

    amount_cents: int
    email: str
    name: str
    public_name: str = ""
    message: str = ""
    reward_id: int | None = None
    language: str = "it"
    consent: str = ""
    token: str | None = None
    cover: bool = False
    company: str = ""
    sponsor: bool = False
    tax_code: str = ""
    shipping_answer: str = ""
    ends: str = ""


def end_named(campaign: Campaign) -> str:
    """Give the end as the words of a consent name it to a form; "" without one."""
    return campaign.ends_at.isoformat() if campaign.ends_at is not None else ""


def refuse_moved(campaign: Campaign, named: str) -> None:
    """Refuse words that name an end which an act has moved since (ConflictError); "" names none."""
    if named and named != end_named(campaign):
        raise ConflictError(
            lazy("The campaign's end was moved meanwhile: read the words and agree again."),
            field="consent",
        )


def new_code() -> str:
    """Give a pledge's code: ten signs that are not mistaken for each other."""
    return "".join(CODE_SIGNS[byte % len(CODE_SIGNS)] for byte in secrets.token_bytes(10))


def make_pledge(
    session: Session,
    campaign_id: int,
    data: PledgeData,
    *,
    started_at: datetime,
    actor: Actor,
    at: datetime,
) -> Pledge:
    """Start a pledge; ``started_at`` is when the request entered the application.

    The same form sent twice gives the pledge that the first one made; sent again with other
    words, it takes the place of one whose payment was not finished. A pledge holds its reward
    while paying and expires if the card is not saved in the call's minutes. Raises
    IllegalMoveError when the campaign is not live or has ended, InvalidError, ConflictError (the
    reward ran out), NotYoursError (who scored in this window never pledges in it).
    """
    campaign = lock_campaign(session, campaign_id)
    earlier = _same_form(session, campaign, data, actor=actor, at=at)
    if earlier is not None:
        return earlier
    refuse_closed(campaign, started_at)
    if campaign.state is CampaignState.SCHEDULED:
        go_live(session, campaign, at=at)
    refuse_moved(campaign, data.ends)
    refuse_scorers(session, campaign, user_id=actor.user_id, email=data.email)
    reward = reward_of(session, campaign, data.reward_id)
    terms = terms_of(campaign)
    check_amount(data.amount_cents, terms, reward.minimum_cents if reward else None)
    giver, company = _giver(campaign, data, actor)
    team = is_of_team(session, campaign, giver)
    cover_cents = cover_for(design_of(campaign), data.amount_cents, wanted=data.cover)
    pledge = Pledge(
        code=new_code(),
        campaign_id=campaign.id,
        reward_id=reward.id if reward else None,
        user_id=actor.user_id,
        token=data.token,
        channel=PledgeChannel.CARD,
        charged_now=is_charged_now(campaign),
        state=PledgeState.CREATED,
        amount_cents=data.amount_cents + cover_cents,
        cover_cents=cover_cents,
        email=data.email.strip().lower(),
        mailbox=mailbox(data.email),
        name=data.name.strip(),
        company=company,
        sponsor=bool(company and data.sponsor),
        tax_code=giver.tax_code,
        shipping_answer=data.shipping_answer.strip() if reward else "",
        team=team,
        public_name=_shown_name(data),
        message=data.message.strip(),
        language=data.language,
        consent=data.consent,
        agreed_ends_at=campaign.ends_at,
        started_at=started_at,
    )
    refuse_over_cap(session, campaign, pledge, data.amount_cents)
    if reward is not None:
        take_stock(session, reward.id)
    try:
        insert(session, pledge)
    except IntegrityError as error:  # the same form at the same moment for another project
        raise ConflictError(USED_FORM) from error
    match.reserve(session, campaign, pledge, given_at=started_at, actor=actor, at=at)
    record(
        session,
        "make",
        PLEDGE.name,
        pledge.id,
        actor=actor,
        at=at,
        after={"campaign": campaign.id, "amount": pledge.amount_cents, "team": team},
    )
    expire_soon(session, pledge, run_at=started_at + terms.confirm + timedelta(seconds=1))
    return pledge


def _giver(campaign: Campaign, data: PledgeData, actor: Actor) -> tuple[Giver, str]:
    """Give who pledges, and the company whose gift it is; refuse one where the call has none."""
    company = data.company.strip()
    if company and not design_of(campaign).companies:
        raise InvalidError(lazy("In this call only persons give."), field="company")
    if data.sponsor and not company:
        raise InvalidError(lazy("Say which company is the sponsor."), field="company")
    code = checked_tax_code(data.tax_code, company=bool(company))
    return Giver(actor.user_id, data.email, company or data.name, code), company


def _shown_name(data: PledgeData) -> str:
    return data.public_name.strip() or (data.company.strip()[:100] if data.sponsor else "")


def _plain_code(data: PledgeData) -> str:
    """Give the code as a pledge keeps it; as it was typed where it is a wrong one."""
    try:
        return checked_tax_code(data.tax_code, company=bool(data.company.strip()))
    except InvalidError:
        return data.tax_code


def expire_soon(session: Session, pledge: Pledge, *, run_at: datetime) -> None:
    """Plan to ask the provider whether a started pledge was finished, and end it if not."""
    enqueue(
        session,
        "campaigns.expire_pledge",
        {"pledge_id": pledge.id},
        run_at=run_at,
        key=f"campaigns.expire_pledge:{pledge.id}",
    )


def _same_form(
    session: Session, campaign: Campaign, data: PledgeData, *, actor: Actor, at: datetime
) -> Pledge | None:
    """Give the pledge that this very form made; one with other words gives way if unfinished."""
    if data.token is None:
        return None
    earlier = session.connection().execute(_OF_FORM, {"token": data.token}).first()
    if earlier is None:
        return None
    if earlier.campaign_id != campaign.id:
        raise ConflictError(USED_FORM)
    found = lock(session, Pledge, earlier.id)
    cover = cover_for(design_of(campaign), data.amount_cents, wanted=data.cover)
    company = data.company.strip()
    typed = (
        (data.amount_cents, cover, data.reward_id, data.email.strip().lower()),
        (data.name.strip(), _shown_name(data), data.message.strip()),
        (company, bool(company and data.sponsor), _plain_code(data)),
        data.shipping_answer.strip() if data.reward_id else "",
    )
    kept = (
        (found.gift_cents, found.cover_cents, found.reward_id, found.email),
        (found.name, found.public_name, found.message),
        (found.company, found.sponsor, found.tax_code),
        found.shipping_answer,
    )
    same = kept == typed
    if same or found.state is not PledgeState.CREATED:
        return found
    found.token = None
    backer = actor.with_role(Role.BACKER)
    verb = "expire" if found.charged_now else "cancel"  # an expired one may still turn out paid
    who = SYSTEM if found.charged_now else backer
    move_pledge(session, campaign, found, verb, actor=who, at=at, reason="sent anew")
    return None


_OF_FORM = sa.select(Pledge.id, Pledge.campaign_id).where(Pledge.token == sa.bindparam("token"))


def refuse_scorers(
    session: Session, campaign: Campaign, *, user_id: int | None, email: str
) -> None:
    """Who scored in this window never pledges in it, as a guest with the same address neither."""
    window_id = campaign.proposal.window_id
    scorer = scorer_of(session, window_id, user_id=user_id, email=email)
    if scorer is not None:
        refuse_excluded("window", "pledge", scorer, {"score": scorer})


def is_charged_now(campaign: Campaign) -> bool:
    """Tell whether a pledge is paid at once: by the call, or because it tops a campaign up."""
    return design_of(campaign).charged_at_once or campaign.state is CampaignState.COLLECTING


def takes_top_ups(campaign: Campaign, instant: datetime) -> bool:
    """Tell whether others may still give while charges are tried again; the end is inclusive."""
    if campaign.state is not CampaignState.COLLECTING or campaign.grace_ends_at is None:
        return False
    return design_of(campaign).top_up_in_grace and not is_late(instant, campaign.grace_ends_at)


def refuse_closed(campaign: Campaign, instant: datetime) -> None:
    """Refuse money for a campaign that is not live at ``instant``; its end is inclusive."""
    if takes_top_ups(campaign, instant):
        return
    begun = has_begun(campaign.state, campaign.starts_at, instant)
    if campaign.state is CampaignState.SCHEDULED and not begun:
        raise IllegalMoveError(lazy("The campaign has not started yet."))
    if has_ended(campaign.ends_at, instant):
        raise IllegalMoveError(lazy("The campaign has ended: it takes no more pledges."))
    if campaign.state is not CampaignState.LIVE and not begun:
        raise IllegalMoveError(lazy("The campaign takes no pledges now."))


def reward_of(session: Session, campaign: Campaign, reward_id: int | None) -> Reward | None:
    """Give a campaign's reward by its id, None for none; raise InvalidError for another's."""
    reward = queries.reward_of(session, campaign, reward_id)
    if reward is None and reward_id is not None:
        raise InvalidError(lazy("Choose one of this campaign's rewards."), field="reward")
    return reward


def confirm_pledge(
    session: Session,
    pledge_id: int,
    *,
    actor: Actor,
    at: datetime,
    saved_at: datetime | None = None,
) -> bool:
    """Confirm a pledge whose card the provider has saved; tell whether it counts.

    ``saved_at`` is when the card was saved, where that is known better than by ``at``: a message
    read late changes nothing. A second message changes nothing either. A card saved too late does
    not count: the pledge expires and the card is given up.
    """
    campaign, pledge = locked(session, pledge_id)
    if pledge.state is not PledgeState.CREATED:
        return pledge.state is PledgeState.CONFIRMED
    if campaign.ends_at is None:
        return False
    open_states = {CampaignState.LIVE, CampaignState.SUSPENDED, CampaignState.ENDED}
    if campaign.state not in open_states or not is_in_time(campaign, pledge, saved_at or at):
        move_pledge(session, campaign, pledge, "expire", actor=actor, at=at, reason="too late")
        letters.too_late(session, campaign, pledge, at=at)
        return False
    pledge.confirmed_at = saved_at or at
    move_pledge(session, campaign, pledge, "confirm", actor=actor, at=at)
    letters.confirmed(session, campaign, pledge, at=at)
    return True


def refuse_pledge(
    session: Session, pledge_id: int, *, code: str, actor: Actor, at: datetime
) -> None:
    """Note that the provider refused to save the card; the reward goes back."""
    campaign, pledge = locked(session, pledge_id)
    if pledge.state is PledgeState.CREATED:
        move_pledge(session, campaign, pledge, "refuse", actor=actor, at=at, reason=code)


def expire_pledge(session: Session, pledge_id: int, *, actor: Actor, at: datetime) -> None:
    """End a pledge that was not finished within the call's minutes; one with a card is settled."""
    campaign, pledge = locked(session, pledge_id)
    if payments.facts(session, pledge.subject).has_card:
        return
    if pledge.state is PledgeState.CREATED and is_overdue(campaign, pledge, at=at):
        move_pledge(session, campaign, pledge, "expire", actor=actor, at=at)


def end_unfinished(session: Session, pledge_id: int, *, code: str, at: datetime) -> None:
    """End a pledge whose payment page is over: refused with the bank's ``code``, or left."""
    if code:
        refuse_pledge(session, pledge_id, code=code, actor=SYSTEM, at=at)
        return
    campaign, pledge = locked(session, pledge_id)
    if pledge.state is PledgeState.CREATED:
        move_pledge(session, campaign, pledge, "expire", actor=SYSTEM, at=at)


def claim_pledges(session: Session, user: User, *, actor: Actor, at: datetime) -> int:
    """Add the pledges made as a guest with a verified address to its account; give how many."""
    if user.confirmed_at is None:
        return 0
    found = session.scalars(
        sa.select(Pledge)
        .where(Pledge.email == user.email, Pledge.user_id.is_(None))
        .order_by(Pledge.id)
        .with_for_update()
    ).all()
    for pledge in found:
        pledge.user_id = user.id
        record(session, "claim", PLEDGE.name, pledge.id, actor=actor, at=at)
    session.flush()
    return len(found)


def cancel_pledge(session: Session, pledge: Pledge, *, actor: Actor, at: datetime) -> None:
    """Cancel by the backer, until the deadline; nothing was charged.

    ``at`` is when the request entered the application.
    """
    campaign, pledge = locked(session, pledge.id)
    if has_ended(campaign.ends_at, at):
        raise IllegalMoveError(
            lazy("The campaign has ended: this pledge cannot be cancelled any more.")
        )
    live = payments.live_charge(session, pledge.subject) if pledge.charged_now else None
    if live is not None:
        raise IllegalMoveError(lazy("The payment page is open: close it first."))
    move_pledge(session, campaign, pledge, "cancel", actor=actor, at=at)
    letters.cancelled(session, campaign, pledge, at=at)
