"""A campaign's end moved by act: who agreed to the old one is told and asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.audit.rules import Actor, Role
from quartieri.campaigns import actions, queries
from quartieri.campaigns.links import pledge_token
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.kit.clock import SetClock, in_rome
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from tests.conftest import SiteClient
from tests.doubles import Outbox
from tests.factories.campaigns import STARTS, Scene, make_confirmed, make_live
from tests.factories.people import actor_of, make_official

Browser = Callable[..., SiteClient]
TICK = timedelta(microseconds=1)
ACT = ActData("12", date(2025, 2, 1), "Economia", "Dott. Rossi")


@pytest.fixture
def scene(session: Session, clock: SetClock) -> Scene:
    clock.set(STARTS)
    return make_live(session)


def ends(campaign: Campaign) -> datetime:
    assert campaign.ends_at is not None
    return campaign.ends_at


def extend(session: Session, scene: Scene, by: timedelta = timedelta(days=10)) -> datetime:
    old = ends(scene.campaign)
    actions.extend(session, scene.campaign, old + by, ACT, actor=scene.by(scene.manager), at=STARTS)
    return old


def advance(session: Session, campaign: Campaign, at: datetime) -> None:
    while actions.advance(session, campaign.id, at=at):
        pass
    session.refresh(campaign)


def test_the_grace_moves_with_the_end_and_the_old_end_stays(session: Session, scene: Scene) -> None:
    campaign = scene.campaign
    grace = campaign.grace_ends_at
    assert grace is not None
    old = extend(session, scene)
    assert (campaign.first_ends_at, campaign.ends_at) == (old, old + timedelta(days=10))
    assert campaign.grace_ends_at == grace + timedelta(days=10)
    [kept] = queries.extensions_of(session, campaign)
    assert (kept.old_ends_at, kept.act.number) == (old, "12")


def test_only_a_later_end_and_only_before_the_present_one(session: Session, scene: Scene) -> None:
    campaign, manager = scene.campaign, scene.by(scene.manager)
    old = ends(campaign)
    with pytest.raises(InvalidError):
        actions.extend(session, campaign, old, ACT, actor=manager, at=STARTS)
    with pytest.raises(IllegalMoveError):
        actions.extend(session, campaign, old + TICK, ACT, actor=manager, at=old + TICK)
    actions.extend(session, campaign, old + TICK, ACT, actor=manager, at=old)


def test_who_agrees_stays_and_who_says_nothing_is_let_go_at_the_old_end(
    session: Session, scene: Scene, outbox: Outbox, work: Callable[[], int]
) -> None:
    campaign = scene.campaign
    silent = make_confirmed(session, campaign, 9_000_00, email="zita@example.org")
    agreeing = make_confirmed(session, campaign, 2_000_00, email="anna@example.org")
    old = extend(session, scene)
    work()
    for address in ("zita@example.org", "anna@example.org"):
        assert any("spostata" in letter.subject for letter in outbox.to(address))
    backer = actor_of(scene.owner, Role.BACKER)
    actions.agree(session, agreeing, words="I nuovi termini.", actor=backer, at=old)
    advance(session, campaign, old)
    assert silent.state is PledgeState.CONFIRMED
    assert campaign.id in queries.due_campaigns(session, now=old + TICK)
    advance(session, campaign, old + TICK)
    assert (silent.state, agreeing.state) == (PledgeState.RELEASED, PledgeState.CONFIRMED)
    assert (agreeing.agreed_ends_at, agreeing.consent) == (campaign.ends_at, "I nuovi termini.")
    assert (campaign.state, campaign.promised_cents) == (CampaignState.LIVE, 2_000_00)
    assert campaign.lapse_at is None
    assert campaign.id not in queries.due_campaigns(session, now=old + TICK)


def test_nobody_is_charged_for_a_moved_end_even_if_no_worker_ran_between(
    session: Session, scene: Scene
) -> None:
    campaign = scene.campaign
    silent = make_confirmed(session, campaign, 12_000_00)
    extend(session, scene)
    advance(session, campaign, ends(campaign) + TICK)
    assert silent.state is PledgeState.RELEASED
    assert campaign.state is not CampaignState.COLLECTING


def test_an_agreement_comes_too_late_after_the_old_end(session: Session, scene: Scene) -> None:
    pledge = make_confirmed(session, scene.campaign)
    old = extend(session, scene)
    backer = actor_of(scene.owner, Role.BACKER)
    with pytest.raises(IllegalMoveError):
        actions.agree(session, pledge, words="Sì.", actor=backer, at=old + TICK)


def test_a_pledge_made_after_the_act_needs_no_other_consent(session: Session, scene: Scene) -> None:
    old = extend(session, scene)
    late = make_confirmed(session, scene.campaign)
    advance(session, scene.campaign, old + TICK)
    assert late.state is PledgeState.CONFIRMED


def test_words_that_name_an_end_moved_meanwhile_are_agreed_to_anew(
    session: Session, scene: Scene, client: SiteClient
) -> None:
    campaign, path = scene.campaign, f"/projects/{scene.campaign.slug}/pledge/data"
    form = {"amount": "2000", "reward": "0", "email": "b@example.org", "name": "B", "consent": "y"}
    seen = ends(campaign).isoformat()
    assert f'value="{seen}"' in client.get(f"{path}?amount=20&reward=0").text
    given = make_confirmed(session, campaign, 50_00)
    extend(session, scene)
    session.commit()
    again = client.post(path, data=form | {"ends": seen})
    assert again.status_code == 409
    assert f'value="{ends(campaign).isoformat()}"' in again.text
    assert campaign.backers == 1
    change = f"/pledges/{pledge_token(given)}/change"
    assert client.post(change, data=form | {"ends": seen}).status_code == 409
    backer = Actor(None, "visitor", frozenset({Role.BACKER}))
    with pytest.raises(ConflictError):
        actions.agree(session, given, words="Sì.", ends=seen, actor=backer, at=STARTS)
    session.rollback()
    now = {"ends": ends(campaign).isoformat()}
    assert client.post(change, data=form | now).status_code == 303
    assert client.post(path, data=form | now).status_code == 303


def test_the_end_is_moved_and_agreed_to_on_the_pages(
    session: Session, scene: Scene, as_user: Browser, client: SiteClient, work: Callable[[], int]
) -> None:
    campaign = scene.campaign
    pledge = make_confirmed(session, campaign)
    old = ends(campaign)
    path = f"/manage/campaigns/{campaign.id}/extend"
    treasurer = make_official(session, Role.TREASURER, scene.call.scope)
    assert as_user(treasurer).get(path).status_code == 403
    manager = as_user(scene.manager)
    assert "1 " in manager.get(path).text
    fields = {"number": "12", "dated": "2025-02-01", "office": "Economia", "signer": "Rossi"}
    same = {"new_ends_at": f"{in_rome(old):%Y-%m-%dT%H:%M}"}
    refused = manager.post(path, data=fields | same)
    assert refused.status_code == 422
    assert 'value="Rossi"' in refused.text
    later = {"new_ends_at": f"{in_rome(old + timedelta(days=7)):%Y-%m-%dT%H:%M}"}
    assert manager.post(path, data=fields | later).status_code == 303
    assert ends(campaign).astimezone(UTC) > old
    assert "12" in client.get(f"/projects/{campaign.slug}").text
    token = pledge_token(pledge)
    assert f"/pledges/{token}/agree" in client.get(f"/pledges/{token}").text
    assert client.post(f"/pledges/{token}/agree").status_code == 303
    assert pledge.agreed_ends_at == campaign.ends_at
    assert f"/pledges/{token}/agree" not in client.get(f"/pledges/{token}").text
