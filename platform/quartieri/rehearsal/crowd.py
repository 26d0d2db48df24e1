"""The crowd: backers who pledge by card on the sandbox's page, in process."""

from __future__ import annotations

from datetime import datetime, timedelta

from quartieri.audit.rules import Actor, Role
from quartieri.campaigns import actions as campaigns
from quartieri.campaigns.actions.pledging import PledgeData
from quartieri.db import get, unit_of_work
from quartieri.extensions import services
from quartieri.gateways.sandbox.checkout import Step
from quartieri.payments.actions import setups
from quartieri.payments.jobs import sandbox
from quartieri.payments.models import PaymentSetup

GOOD_CARD = "4242424242424242"
GUEST = Actor(None, "guest", frozenset({Role.BACKER}))
PAGE = timedelta(hours=1)


def pledge(
    at: datetime,
    campaign_id: int,
    cents: int,
    *,
    email: str,
    name: str = "",
    public_name: str = "",
    message: str = "",
    card: str = GOOD_CARD,
    reward_id: int | None = None,
    shipping_answer: str = "",
) -> int:
    """Pledge ``cents`` as a guest and save ``card`` on the sandbox's page; give the pledge's id."""
    data = PledgeData(
        amount_cents=cents,
        email=email,
        name=name,
        public_name=public_name,
        message=message,
        reward_id=reward_id,
        shipping_answer=shipping_answer,
    )
    provider = services().payments
    with unit_of_work() as session:
        made = campaigns.make_pledge(session, campaign_id, data, started_at=at, actor=GUEST, at=at)
        setup = setups.prepare(
            session,
            f"pledge:{made.id}",
            success_url="https://quartieri.invalid/",
            cancel_url="https://quartieri.invalid/",
            locale="it",
            expires_at=at + PAGE,
            at=at,
        )
        pledge_id, setup_id = made.id, setup.id
    setups.open_page(unit_of_work, provider, setup_id, email=email, at=at)
    _fill_in(setup_id, card)
    setups.refresh(unit_of_work, provider, setup_id, at=at)
    return pledge_id


def _fill_in(setup_id: int, card: str) -> None:
    """Do what the payer does on the hosted page: write the card, approve if the bank asks."""
    box = sandbox()
    if box is None:
        msg = "a rehearsal never touches a real provider"
        raise RuntimeError(msg)
    with unit_of_work() as session:
        page = get(session, PaymentSetup, setup_id).session_id or ""
    if box.submit(page, card) is Step.SECOND_FACTOR:
        box.answer(page, approve=True)
