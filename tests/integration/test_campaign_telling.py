"""Updates, messages, silence; pledges by day and rewards to hand over."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.campaigns import actions
from quartieri.campaigns.actions import telling
from quartieri.campaigns.models import Pledge, Update
from quartieri.campaigns.queries.backing import pledges_by_day
from quartieri.campaigns.queries.telling import messages_of, updates_of
from quartieri.campaigns.rules import PledgeState, RewardData
from quartieri.kit.clock import SetClock, in_rome
from quartieri.kit.errors import IllegalMoveError, InvalidError
from tests.conftest import SiteClient
from tests.doubles import Outbox
from tests.factories.campaigns import STARTS, Scene, make_confirmed, make_live, make_scene
from tests.factories.people import make_user

Browser = Callable[..., SiteClient]


def post(
    session: Session, scene: Scene, title: str = "Si parte", text: str = "Oggi **noi**."
) -> Update:
    return actions.post_update(
        session, scene.campaign, title=title, text="Oggi **noi**.", actor=scene.proposer, at=STARTS
    )


def leave_link(text: str) -> str:
    found = re.search(r"(/projects/updates/unsubscribe/\S+)", text)
    assert found is not None
    return found[1]


def test_an_update_stands_on_the_page_in_the_feed_and_in_each_letter_once(  # noqa: PLR0917 -- fixtures
    client: SiteClient,
    session: Session,
    outbox: Outbox,
    work: Callable[[], int],
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telling, "CHUNK", 2)
    clock.set(STARTS)
    scene = make_live(session)
    addresses = [f"b{n}@example.org" for n in range(5)]
    for address in [*addresses, addresses[0]]:
        make_confirmed(session, scene.campaign, email=address, language="en")
    gone = make_confirmed(session, scene.campaign, email="via@example.org")
    actions.cancel_pledge(session, gone, actor=SYSTEM, at=STARTS)
    slug = scene.campaign.slug
    post(session, scene)
    page = client.get(f"/projects/{slug}").text
    assert "Si parte" in page
    assert "<strong>noi</strong>" in page
    feed = client.get(f"/projects/{slug}/updates.atom")
    assert feed.mimetype == "application/atom+xml"
    assert "Si parte" in feed.text
    work()
    work()
    for address in addresses:
        told = [letter for letter in outbox.to(address) if letter.subject.startswith("News")]
        assert len(told) == 1, address
        assert told[0].unsubscribe_url.endswith(leave_link(told[0].text))
    assert not [x for x in outbox.to("via@example.org") if "Si parte" in x.text]


def test_one_click_ends_the_news_and_not_what_concerns_a_reward(
    client: SiteClient,
    session: Session,
    outbox: Outbox,
    work: Callable[[], int],
    clock: SetClock,
) -> None:
    clock.set(STARTS)
    scene = make_live(session, rewards=(RewardData("Un vaso", "", 20_00),))
    reward = scene.campaign.rewards[0]
    make_confirmed(session, scene.campaign, email="b@example.org", reward_id=reward.id)
    post(session, scene)
    work()
    link = leave_link(outbox.to("b@example.org")[-1].text)
    assert client.get(link).status_code == 200
    assert client.post(link + "x").status_code == 404
    assert client.post(link).status_code == 200
    assert client.post(link).status_code == 200
    before = len(outbox.to("b@example.org"))
    post(session, scene, title="Ancora")
    for chosen, subject in ((None, "A tutti"), (scene.campaign.rewards[0], "I vasi")):
        actions.send_message(
            session,
            scene.campaign,
            reward=chosen,
            subject=subject,
            text="Ciao",
            actor=scene.proposer,
            at=STARTS,
        )
    work()
    after = [letter.subject for letter in outbox.to("b@example.org")[before:]]
    assert len(after) == 1
    assert "I vasi" in after[0]


def test_an_edit_is_kept_and_shown_and_two_windows_lose_nothing(
    client: SiteClient, as_user: Browser, session: Session
) -> None:
    scene = make_live(session)
    update = post(session, scene)
    browser, path = as_user(scene.owner), f"/account/campaigns/updates/{update.id}"
    found = re.search(r'name="seen" type="hidden" value="([0-9a-f]+)"', browser.get(path).text)
    assert found is not None
    typed = {"seen": found[1], "title": "Si parte", "text": "Domani."}
    assert browser.post(path, data=typed).status_code == 303
    refused = browser.post(path, data=typed | {"text": "Dopodomani."})
    assert refused.status_code == 409
    assert "Domani." in refused.text
    assert "Dopodomani." in refused.text
    page = client.get(f"/projects/{scene.campaign.slug}/updates").text
    assert "Oggi **noi**." in page
    assert "Domani." in page
    assert [e.text for e in updates_of(session, scene.campaign.id)[0].edits] == ["Oggi **noi**."]


def test_three_messages_a_day_and_none_before_the_campaign(session: Session) -> None:
    scene = make_live(session)

    def send(hours: int) -> None:
        actions.send_message(
            session,
            scene.campaign,
            reward=None,
            subject="Ciao",
            text="A tutti",
            actor=scene.proposer,
            at=STARTS + timedelta(hours=hours),
        )

    for hour in range(3):
        send(hour)
    with pytest.raises(InvalidError):
        send(4)
    send(25)
    assert len(messages_of(session, scene.campaign.id)) == 4
    draft = make_scene(session)
    with pytest.raises(IllegalMoveError):
        post(session, draft)


def test_pledges_are_shown_by_day_and_rewards_listed_once_paid(
    as_user: Browser, session: Session, clock: SetClock
) -> None:
    scene = make_live(session, rewards=(RewardData("=Vaso", "", 20_00, None, None, None, "Dove?"),))
    reward = scene.campaign.rewards[0]
    for days, cents in ((0, 30_00), (0, 20_00), (2, 50_00)):
        make_confirmed(
            session,
            scene.campaign,
            cents,
            at=STARTS + timedelta(days=days),
            reward_id=reward.id,
        )
    found = pledges_by_day(session, scene.campaign, now=STARTS + timedelta(days=3))
    assert [(d.number, d.amount.cents) for d in found] == [(2, 50_00), (0, 0), (1, 50_00), (0, 0)]
    browser, base = as_user(scene.owner), f"/account/campaigns/{scene.campaign.id}"
    clock.set(STARTS + timedelta(days=3))
    assert browser.get(f"{base}/backing").status_code == 200
    rows = list(csv.reader(io.StringIO(browser.get(f"{base}/deliveries.csv").text)))
    assert len(rows) == 1
    paid = session.query(Pledge).order_by(Pledge.id).first()
    assert paid is not None
    paid.state, paid.shipping_answer = PledgeState.PAID, "Via Padova 1"
    session.flush()
    rows = list(csv.reader(io.StringIO(browser.get(f"{base}/deliveries.csv").text)))
    assert [(r[0], r[4], r[5]) for r in rows[1:]] == [("'=Vaso", "Dove?", "Via Padova 1")]
    stranger = as_user(make_user(session))
    assert stranger.get(f"{base}/deliveries.csv").status_code == 404
    assert scene.campaign.ends_at is not None
    paid.started_at = scene.campaign.ends_at + timedelta(days=2)
    session.flush()
    topped_up = pledges_by_day(session, scene.campaign, now=paid.started_at)
    assert topped_up[-1].day == in_rome(paid.started_at).date()
    assert sum(day.amount.cents for day in topped_up) == 100_00


def test_the_desk_opens_all_its_pages(as_user: Browser, session: Session) -> None:
    scene = make_live(session)
    browser, base = as_user(scene.owner), f"/account/campaigns/{scene.campaign.id}"
    for page in ("", "/updates", "/messages", "/backing", "/offers", "/rewards", "/edit"):
        assert browser.get(base + page).status_code == 200, page
