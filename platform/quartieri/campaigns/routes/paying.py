"""Going to the provider's page and back: save a card, pay, check again, cancel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import flash, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from quartieri.audit.rules import Role
from quartieri.campaigns import actions
from quartieri.campaigns.actions.paying import SHORTEST_PAGE
from quartieri.campaigns.links import pledge_url
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import terms_of
from quartieri.campaigns.routes.blueprint import bp, linked
from quartieri.campaigns.rules import (
    CARD_CHANGEABLE,
    NEVER_CHARGED,
    RESCUABLE,
    TAKES_CARDS,
    CampaignState,
    PledgeState,
    grace_is_over,
)
from quartieri.db import get, unit_of_work, writes_in_steps
from quartieri.extensions import limiter, services
from quartieri.gateways.payments import (
    PaymentError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, IllegalMoveError
from quartieri.kit.filters import say_filter
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.payments.actions import charges, look, pages, setups
from quartieri.payments.rules import AlreadyPaidError
from quartieri.people.access import actor, current_now, public, received_at

LONGEST_PAGE = timedelta(hours=23)


def to_provider(pledge_id: int) -> Response:
    """Write the page to save a card (or to pay) down, open it at the provider, and go there."""
    with unit_of_work() as session:
        way = begin_way(session, get(session, Pledge, pledge_id), now=current_now())
    return go(way)


@dataclass(frozen=True, slots=True)
class Way:
    """The way of a pledge to the provider, as it was written down; ``own_page`` without one."""

    pledge_id: int
    own_page: str
    address: str
    email: str
    charged_now: bool
    page: setups.CardPage | None


def begin_way(session: Session, pledge: Pledge, *, now: datetime) -> Way:
    """Write the page that saves a card down, in the caller's unit; one that takes none has none."""
    address = pledge_url(pledge)
    own_page = url_for("campaigns.pledge", token=address.rpartition("/")[2])
    page = None
    open_ = pledge.state in CARD_CHANGEABLE | {PledgeState.CREATED}
    if not pledge.charged_now and open_ and chargeable(pledge.campaign, now):
        another = pledge.state is not PledgeState.CREATED
        row = setups.prepare(
            session,
            pledge.subject,
            success_url=f"{address}?card=new" if another else address,
            cancel_url=f"{address}?card=same" if another else address,
            locale=pledge.language,
            expires_at=_page_ends(pledge, terms_of(pledge.campaign).confirm, now),
            at=now,
        )
        page = setups.card_page(session, row, at=now)
    return Way(pledge.id, own_page, address, pledge.email, pledge.charged_now, page)


def go(way: Way) -> Response:
    """Go to the provider's page, outside of any unit of work; back to the pledge's if it fails."""
    now = current_now()
    if way.charged_now:
        return _to_payment_page(way, now=now)
    url = way.own_page
    if way.page is not None:
        try:
            url = setups.go(unit_of_work, services().payments, way.page, email=way.email, at=now)
        except (ProviderUnavailableError, ProviderRefusedError) as error:
            flash(say_filter(error.message), "error")
    return seeother(url)


def _to_payment_page(way: Way, *, now: datetime) -> Response:
    """Open the provider's page on which a pledge is paid at once, and go there."""
    url, provider = way.own_page, services().payments
    try:
        with unit_of_work() as session:
            charge_id = actions.prepare_page(session, way.pledge_id, address=way.address, at=now)
        url = pages.open_page(unit_of_work, provider, charge_id, email=way.email, at=now)
    except (IllegalMoveError, PaymentError, AlreadyPaidError) as error:
        flash(say_filter(error.message), "error")
    return seeother(url)


def chargeable(campaign: Campaign, now: datetime) -> bool:
    """Tell whether a campaign may still take a card."""
    return campaign.state in TAKES_CARDS and not grace_is_over(campaign.grace_ends_at, now)


def _page_ends(pledge: Pledge, confirm: timedelta, now: datetime) -> datetime:
    """Say until when the provider's page stays open: the call's minutes, within its limits."""
    wanted = pledge.started_at + confirm if pledge.state is PledgeState.CREATED else now
    return min(max(wanted, now + SHORTEST_PAGE), now + LONGEST_PAGE)


@bp.post("/pledges/<token>/check")
@limiter.limit("120 per minute")
@writes_in_steps
@public
def check(token: str) -> Response:
    """Ask the provider now, and write down what it says."""
    found = linked(token)
    pledge_id, subject, now = found.id, found.subject, current_now()
    try:
        look.again(unit_of_work, services().payments, subject, at=now)
    except (ProviderUnavailableError, ProviderRefusedError) as error:
        flash(say_filter(error.message), "error")
    else:
        with unit_of_work() as session:
            actions.settle(session, pledge_id, at=now)
        flash(_("Checked just now."), "success")
    return seeother(url_for("campaigns.pledge", token=token))


@bp.post("/pledges/<token>/card")
@limiter.limit("120 per minute")
@writes_in_steps
@public
def card(token: str) -> Response:
    """Go (back) to the provider's page to save a card, the first one or another."""
    return to_provider(linked(token).id)


@bp.post("/pledges/<token>/pay")
@limiter.limit("120 per minute")
@writes_in_steps
@public
def pay(token: str) -> Response:
    """Pay in person on the provider's page, instead of the charge that the bank did not take."""
    found = linked(token)
    campaign, now = found.campaign, current_now()
    own_page = url_for("campaigns.pledge", token=token)
    collecting = campaign.state is CampaignState.COLLECTING
    if found.charged_now:
        return to_provider(found.id)
    if found.state not in RESCUABLE or not collecting or not chargeable(campaign, now):
        raise IllegalMoveError(lazy("There is nothing to pay here now."))
    back, subject, email, cents = pledge_url(found), found.subject, found.email, found.amount_cents
    title, locale = campaign.title, found.language
    ends = campaign.grace_ends_at or now
    try:
        url = pages.rescue(
            unit_of_work,
            services().payments,
            subject,
            Money(cents),
            description=title,
            success_url=back,
            cancel_url=back,
            locale=locale,
            email=email,
            expires_at=min(max(ends, now + SHORTEST_PAGE), now + LONGEST_PAGE),
            at=now,
        )
    except DomainError as error:
        flash(say_filter(error.message), "error")
        return seeother(own_page)
    return seeother(url)


@bp.post("/pledges/<token>/cancel")
@writes_in_steps
@public
def cancel(token: str) -> Response:
    """Cancel, until the deadline; an open payment page is closed first."""
    found = linked(token)
    pledge_id, backer, asked_at = found.id, actor(found, Role.BACKER), received_at()
    own_page, now = url_for("campaigns.pledge", token=token), current_now()
    with unit_of_work() as session:
        open_charge = actions.open_payment(session, pledge_id)
    if open_charge is not None:
        try:
            charges.cancel(unit_of_work, services().payments, open_charge, at=now)
        except PaymentError as error:
            flash(say_filter(error.message), "error")
            return seeother(own_page)
        with unit_of_work() as session:
            actions.settle(session, pledge_id, at=now)
    with unit_of_work() as session:
        pledge = get(session, Pledge, pledge_id)
        if pledge.state in NEVER_CHARGED and open_charge is not None:
            flash(_("Your pledge is cancelled. Nothing is charged."), "success")
            return seeother(own_page)
        paid = pledge.state is PledgeState.PAID
        undo = actions.take_back if paid else actions.cancel_pledge
        undo(session, pledge, actor=backer, at=asked_at)
    if paid:
        flash(_("Your pledge is cancelled. What you paid goes back to you."), "success")
    else:
        flash(_("Your pledge is cancelled. Nothing is charged."), "success")
    return seeother(own_page)
