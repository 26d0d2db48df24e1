"""What backers hear before the charge, and what the closing would do."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.campaigns import actions, jobs, queries
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.rules import CampaignState, Closing, PledgeState
from quartieri.extensions import Services
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.jobs.worker import work_until_idle
from quartieri.kit.clock import SetClock, in_rome
from quartieri.mail.models import Letter
from quartieri.payments import jobs as payments
from tests.factories.campaigns import Scene, make_live
from tests.factories.pledging import back

DOCS = Path(__file__).parents[2] / "docs" / "data-formats.md"


@pytest.fixture
def provider(services: Services, session: Session) -> SandboxProvider:
    assert isinstance(services.payments, SandboxProvider)
    return services.payments


@pytest.fixture
def scene(session: Session, clock: SetClock) -> Scene:
    made = make_live(session)
    assert made.campaign.starts_at is not None
    clock.set(made.campaign.starts_at)
    session.commit()
    return made


def told(session: Session, occasion: str) -> list[str]:
    found = sa.select(Letter.key).where(Letter.key.startswith(f"pledge-{occasion}:"))
    return sorted(session.scalars(found))


def test_a_card_that_ends_before_the_charge_is_told_of_twice_and_the_charge_a_day_ahead(
    provider: SandboxProvider, session: Session, scene: Scene, clock: SetClock
) -> None:
    campaign = scene.campaign
    ends_at = campaign.ends_at
    assert ends_at is not None
    good = back(provider, campaign.id, 1_000_00, at=clock.now())
    ending = back(provider, campaign.id, 1_000_00, cards.EXPIRES_SOON, at=clock.now())
    payments.deliver()
    work_until_idle()
    manager = scene.by(scene.manager)
    session.info["writing"] = True
    actions.suspend(session, campaign, reason="Verifica", actor=manager, at=clock.now())
    session.commit()  # it ends by the clock all the same, and its cards are charged
    for days in (15, 14, 13, 3, 1):
        clock.set(ends_at - timedelta(days=days))
        for _ in range(2):
            jobs.remind()
    session.rollback()
    assert told(session, "card_ends") == [
        f"pledge-card_ends:{ending}:14",
        f"pledge-card_ends:{ending}:3",
    ]
    assert told(session, "charge_comes") == [f"pledge-charge_comes:{n}:0" for n in (good, ending)]
    letter = session.scalars(sa.select(Letter).where(Letter.key.contains("charge_comes"))).first()
    assert letter is not None
    assert all(link.startswith("http://localhost") for link in letter.text.split() if "://" in link)


def test_the_closing_is_foretold_and_then_done(
    app: Flask, provider: SandboxProvider, session: Session, scene: Scene, clock: SetClock
) -> None:
    campaign = scene.campaign
    ends_at = campaign.ends_at
    assert ends_at is not None
    one = back(provider, campaign.id, 10_000_00, at=clock.now())
    refused = back(provider, campaign.id, 500_00, cards.REFUSED_LATER, at=clock.now())
    asked = back(provider, campaign.id, 700_00, cards.AUTHENTICATE_ALWAYS, at=clock.now())
    payments.deliver()
    work_until_idle()
    clock.set(ends_at + timedelta(hours=9))
    (found,) = queries.forecast(session, now=clock.now())
    session.rollback()
    assert found.steps == (Closing.END, Closing.COLLECT, Closing.WAIT)
    assert (found.charges, found.charges_cents) == (3, 11_200_00)
    assert found.charge_at is not None
    assert in_rome(found.charge_at).hour == 9
    runner = app.test_cli_runner()
    foretold = json.loads(runner.invoke(args=["campaigns", "close", "--dry-run", "--json"]).output)
    assert foretold == {"done": False, "campaigns": [found.as_json()]}
    written = DOCS.read_text(encoding="utf-8").partition("```json closing\n")[2]
    (documented,) = json.loads(written.partition("```")[0])["campaigns"]
    assert list(documented) == list(found.as_json())
    session.refresh(campaign)
    assert campaign.state is CampaignState.LIVE
    session.rollback()
    assert runner.invoke(args=["campaigns", "close"]).exit_code == 0
    session.refresh(campaign)
    assert campaign.state is CampaignState.COLLECTING
    progress = queries.charging_progress(session, campaign.id, now=clock.now())
    assert (progress.charged, progress.waiting, progress.left) == (0, 3, None)
    session.rollback()
    clock.set(found.charge_at)
    for pledge in (one, refused, asked):
        jobs.charge_pledge(pledge)
    progress = queries.charging_progress(session, campaign.id, now=clock.now())
    assert (progress.charged, progress.waiting, progress.declined) == (1, 0, 2)
    assert (progress.lately, replace(progress, waiting=30).left) == (1, timedelta(hours=1))
    later = queries.charging_progress(session, campaign.id, now=clock.now() + timedelta(minutes=2))
    assert (later.charged, later.lately) == (1, 0)
    (found,) = queries.forecast(session, now=clock.now())
    assert (found.charges, found.charges_cents, found.awaited) == (1, 500_00, 1)
    assert found.charge_at == session.get_one(Pledge, refused).retry_at


def test_at_night_nothing_is_charged(
    provider: SandboxProvider, session: Session, scene: Scene, clock: SetClock
) -> None:
    ends_at = scene.campaign.ends_at
    assert ends_at is not None
    one = back(provider, scene.campaign.id, 10_000_00, at=clock.now())
    payments.deliver()
    work_until_idle()
    clock.set(ends_at + timedelta(hours=9))
    assert not 9 <= in_rome(clock.now()).hour < 20
    jobs.tick()
    work_until_idle()
    jobs.charge_pledge(one)
    state = sa.select(Pledge.state)
    assert session.scalars(state).all() == [PledgeState.CONFIRMED]
