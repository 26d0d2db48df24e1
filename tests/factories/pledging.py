"""Backers who pay on the sandbox's page, for tests of the whole way of a pledge."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from quartieri.audit.rules import Actor, Role
from quartieri.campaigns import actions
from quartieri.campaigns.models import Pledge
from quartieri.db import unit_of_work
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.payments.actions import pages, setups
from tests.factories.campaigns import STARTS, pledge_data

BACKER = Actor(None, "visitor", frozenset({Role.BACKER}))


def open_card_page(
    provider: SandboxProvider, campaign_id: int, cents: int, *, at: datetime = STARTS
) -> tuple[int, str]:
    """Start a pledge and give its id and the sandbox's page; really commits."""
    with unit_of_work() as session:
        pledge = actions.make_pledge(
            session,
            campaign_id,
            pledge_data(amount_cents=cents),
            started_at=at,
            actor=BACKER,
            at=at,
        )
        setup = setups.prepare(
            session,
            pledge.subject,
            success_url="http://localhost/back",
            cancel_url="http://localhost/back",
            locale="it",
            expires_at=at + timedelta(hours=2),
            at=at,
        )
        pledge_id, setup_id, email = pledge.id, setup.id, pledge.email
    url = setups.open_page(unit_of_work, provider, setup_id, email=email, at=at)
    return pledge_id, url.rpartition("/")[2]


def change_card(provider: SandboxProvider, pledge: Pledge, number: str, *, at: datetime) -> None:
    """Save another card for a pledge."""
    subject, email = pledge.subject, pledge.email
    with unit_of_work() as session:
        setup_id = setups.prepare(
            session,
            subject,
            success_url="http://localhost/back",
            cancel_url="http://localhost/back",
            locale="it",
            expires_at=at + timedelta(hours=1),
            at=at,
        ).id
    url = setups.open_page(unit_of_work, provider, setup_id, email=email, at=at)
    provider.sandbox.pay(url.rpartition("/")[2], number)


def open_payment_page(
    provider: SandboxProvider, campaign_id: int, cents: int, *, at: datetime = STARTS, **over: Any
) -> tuple[int, str]:
    """Start a pledge that is paid at once; give its id and the sandbox's page; really commits."""
    with unit_of_work() as session:
        pledge = actions.make_pledge(
            session,
            campaign_id,
            pledge_data(amount_cents=cents, **over),
            started_at=at,
            actor=BACKER,
            at=at,
        )
        pledge_id, email = pledge.id, pledge.email
        charge_id = actions.prepare_page(session, pledge_id, address="http://localhost/b", at=at)
    url = pages.open_page(unit_of_work, provider, charge_id, email=email, at=at)
    return pledge_id, url.rpartition("/")[2]


def pay_now(
    provider: SandboxProvider,
    campaign_id: int,
    cents: int,
    number: str = cards.SUCCEEDS,
    *,
    at: datetime = STARTS,
    **over: Any,
) -> int:
    """Pledge and pay at once on the sandbox's page; the worker has not heard of it yet."""
    pledge_id, page = open_payment_page(provider, campaign_id, cents, at=at, **over)
    provider.sandbox.pay(page, number)
    return pledge_id


def back(
    provider: SandboxProvider,
    campaign_id: int,
    cents: int,
    number: str = cards.SUCCEEDS,
    *,
    at: datetime = STARTS,
) -> int:
    """Pledge and save a card on the sandbox's page; the worker has not heard of it yet."""
    pledge_id, page = open_card_page(provider, campaign_id, cents, at=at)
    provider.sandbox.pay(page, number)
    return pledge_id
