"""The proposer's page, its approval, offline pledges and payouts, through the site."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM, Role
from quartieri.campaigns import actions
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.kit.clock import SetClock, in_rome
from quartieri.ledger.queries import balances
from tests.conftest import SiteClient
from tests.doubles import NOW, Outbox
from tests.factories.campaigns import (
    STARTS,
    begin_charge,
    make_confirmed,
    make_live,
    make_scene,
    make_scheduled,
)
from tests.factories.people import make_official, make_user

Browser = Callable[..., SiteClient]


def picture() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (64, 36), (10, 90, 60)).save(out, "PNG")
    out.seek(0)
    return out


def basics(**over: object) -> dict[str, object]:
    return {
        "title": "Orto nuovo",
        "summary": "In breve",
        "target": "12.000",
        "image_text": "Un orto",
    } | over


def test_a_proposer_writes_the_page_and_the_manager_approves_it(
    as_user: Browser, session: Session, outbox: Outbox, work: Callable[[], int]
) -> None:
    scene = make_scene(session)
    campaign = scene.campaign
    proposer, manager = as_user(scene.owner), as_user(scene.manager)
    base = f"/account/campaigns/{campaign.id}"
    assert proposer.get(f"{base}/edit").status_code == 200
    saved = proposer.post(
        f"{base}/edit/basics",
        data=basics(image=(picture(), "orto.png")),
        content_type="multipart/form-data",
    )
    assert saved.status_code == 303
    assert (campaign.title, campaign.target_cents) == ("Orto nuovo", 12_000_00)
    text = "## Perché\n\n<script>alert(1)</script> Così."
    assert proposer.post(f"{base}/edit/story", data={"story": text}).status_code == 303
    assert "<script" not in campaign.story_html
    reward = {"title": "Un vaso", "minimum": "20", "stock": "5", "delivery": "2027-05"}
    assert proposer.post(f"{base}/rewards/new", data=reward).status_code == 303
    assert [(r.title, r.minimum_cents, r.stock) for r in campaign.rewards] == [
        ("Un vaso", 20_00, 5)
    ]
    assert proposer.get(f"{base}/preview").status_code == 200
    assert proposer.get(f"/projects/{campaign.slug}/picture").status_code == 200
    asked = proposer.post(f"{base}/ask-approval")
    assert asked.status_code == 303
    assert campaign.state is CampaignState.IN_REVIEW
    assert manager.get(f"/manage/campaigns/{campaign.id}").status_code == 200
    sent_back = manager.post(
        f"/manage/campaigns/{campaign.id}/ask-changes", data={"note": "Manca il perché"}
    )
    assert sent_back.status_code == 303
    assert "Manca il perché" in proposer.get(base).text
    proposer.post(f"{base}/ask-approval")
    start = in_rome(NOW + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    approved = manager.post(f"/manage/campaigns/{campaign.id}/approve", data={"starts_at": start})
    assert approved.status_code == 303
    assert campaign.state is CampaignState.SCHEDULED
    assert campaign.starts_at == NOW + timedelta(days=2)
    work()
    assert len(outbox.to(scene.owner.email)) == 2


def test_a_target_below_the_rule_is_refused_and_nothing_typed_is_lost(
    as_user: Browser, session: Session
) -> None:
    scene = make_scene(session)
    answer = as_user(scene.owner).post(
        f"/account/campaigns/{scene.campaign.id}/edit/basics", data=basics(target="9.999,99")
    )
    assert answer.status_code == 422
    for text in ("Orto nuovo", "9.999,99", "In breve"):
        assert text in answer.text
    assert scene.campaign.title == "Orto di via Padova"


def test_a_part_that_stays_as_it_is_takes_no_typing(session: Session, as_user: Browser) -> None:
    scene = make_live(session)
    page = f"/account/campaigns/{scene.campaign.id}/edit"
    client = as_user(scene.owner)
    assert "<fieldset disabled>" in client.get(f"{page}/story").text
    assert "<fieldset disabled>" not in client.get(f"{page}/faqs").text


def test_drafts_of_others_do_not_exist(
    client: SiteClient, as_user: Browser, session: Session
) -> None:
    scene = make_scene(session)
    stranger = as_user(make_user(session))
    for path in ("", "/edit", "/preview"):
        address = f"/account/campaigns/{scene.campaign.id}{path}"
        assert stranger.get(address).status_code == 404
        assert client.get(address).status_code in {302, 303}
    assert stranger.post(f"/account/campaigns/{scene.campaign.id}/withdraw").status_code == 404
    assert client.get(f"/projects/{scene.campaign.slug}/picture").status_code == 404
    page = client.get(f"/projects/{scene.campaign.slug}").text
    assert "Per stare insieme" not in page
    assert "Orto di via Padova</h1>" not in page


@pytest.mark.parametrize(
    "path",
    ["approve", "ask-changes", "cancel", "suspend", "resume", "offline", "payouts"],
)
def test_only_the_right_role_acts_on_a_campaign(
    as_user: Browser, session: Session, path: str
) -> None:
    scene = make_scene(session)
    reviewer = make_official(session, Role.COMMISSION_MEMBER, scene.call.scope)
    answer = as_user(reviewer).post(f"/manage/campaigns/{scene.campaign.id}/{path}", data={})
    assert answer.status_code == 403


def test_a_suspended_campaign_takes_no_pledges_and_goes_on_when_resumed(
    as_user: Browser, client: SiteClient, session: Session, clock: SetClock
) -> None:
    clock.set(STARTS)
    scene = make_live(session)
    manager = as_user(scene.manager)
    path = f"/manage/campaigns/{scene.campaign.id}"
    assert manager.post(f"{path}/suspend", data={"reason": "Verifica"}).status_code == 303
    assert scene.campaign.state is CampaignState.SUSPENDED
    assert client.get(f"/projects/{scene.campaign.slug}/pledge").status_code == 409
    assert manager.post(f"{path}/resume").status_code == 303
    assert client.get(f"/projects/{scene.campaign.slug}/pledge").status_code == 200


def test_an_offline_pledge_takes_two_persons(
    as_user: Browser, session: Session, clock: SetClock
) -> None:
    clock.set(STARTS)
    scene = make_live(session)
    officer, treasurer = as_user(scene.officer), as_user(scene.treasurer)
    path = f"/manage/campaigns/{scene.campaign.id}"
    fields = {
        "amount": "500",
        "name": "Bar Mario",
        "received_at": in_rome(STARTS).strftime("%Y-%m-%dT%H:%M"),
        "evidence": "Ricevuta 12",
    }
    assert officer.post(f"{path}/offline", data=fields | {"evidence": ""}).status_code == 422
    assert officer.post(f"{path}/offline", data=fields).status_code == 303
    pledge = session.scalars(sa.select(Pledge)).one()
    assert (pledge.state, scene.campaign.promised_cents) == (PledgeState.RECORDED, 0)
    assert officer.post(f"/manage/pledges/{pledge.id}/accept").status_code == 403
    assert treasurer.post(f"/manage/pledges/{pledge.id}/accept").status_code == 303
    session.refresh(scene.campaign)
    assert (scene.campaign.promised_cents, scene.campaign.offline_cents) == (500_00, 500_00)
    reason = {"reason": "Contati male"}
    assert officer.post(f"/manage/pledges/{pledge.id}/ask-reversal", data=reason).status_code == 303
    assert officer.post(f"/manage/pledges/{pledge.id}/confirm-reversal").status_code == 403
    assert treasurer.post(f"/manage/pledges/{pledge.id}/confirm-reversal").status_code == 303
    session.refresh(scene.campaign)
    assert (scene.campaign.promised_cents, scene.campaign.collected_cents) == (0, 0)
    held = f"campaign:{scene.campaign.id}:held"
    assert balances(session, [held]) == {held: 0}


def test_offline_money_of_a_failed_campaign_goes_back_by_hand(
    as_user: Browser, session: Session, clock: SetClock, work: Callable[[], int]
) -> None:
    clock.set(STARTS)
    scene = make_live(session)
    pledge = actions.record_offline(
        session,
        scene.campaign,
        amount_cents=500_00,
        name="Bar Mario",
        email="bar@example.org",
        evidence="Ricevuta",
        received_at=STARTS,
        actor=scene.by(scene.officer),
        at=STARTS,
    )
    actions.accept_offline(session, pledge, actor=scene.by(scene.treasurer), at=STARTS)
    session.commit()
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at + timedelta(seconds=1))
    while actions.advance(session, scene.campaign.id, at=clock.now()):
        session.commit()
    session.commit()
    session.refresh(pledge)
    assert pledge.state is PledgeState.REFUND_PENDING
    assert scene.campaign.state is CampaignState.REFUNDING
    treasurer = as_user(scene.treasurer)
    assert pledge.code in treasurer.get("/manage/campaigns/refunds").text
    path = f"/manage/pledges/{pledge.id}/refund-by-hand"
    assert as_user(scene.officer).post(path, data={"evidence": "x"}).status_code == 403
    assert treasurer.post(path, data={"evidence": "Quietanza 3"}).status_code == 303
    work()
    session.refresh(scene.campaign)
    assert (pledge.state, scene.campaign.state) == (PledgeState.REFUNDED, CampaignState.SETTLED)


def test_the_treasurer_pays_out_what_is_owed_and_no_more(
    as_user: Browser, session: Session, clock: SetClock
) -> None:
    clock.set(STARTS)
    scene = make_live(session)
    pledge = make_confirmed(session, scene.campaign, 10_000_00)
    campaign = scene.campaign
    assert campaign.ends_at is not None
    at = campaign.ends_at + timedelta(seconds=1)
    for _ in range(2):
        actions.advance(session, campaign.id, at=at)
    begin_charge(session, pledge, at=at)
    actions.record_paid(session, pledge, fee_cents=150_25, actor=SYSTEM, at=at)
    while actions.advance(session, campaign.id, at=at):
        pass
    assert campaign.state is CampaignState.PAYING_OUT
    treasurer = as_user(scene.treasurer)
    path = f"/manage/campaigns/{campaign.id}/payouts"
    too_much = treasurer.post(path, data={"amount": "10.000", "reference": "CRO 1"})
    assert too_much.status_code == 422
    assert "CRO 1" in too_much.text
    assert as_user(scene.manager).post(path, data={}).status_code == 403
    part = treasurer.post(path, data={"amount": "9.000", "reference": "CRO 1"})
    assert part.status_code == 303
    again = treasurer.post(path, data={"amount": "849,75", "reference": "CRO 1"})
    assert again.status_code == 422
    assert treasurer.post(path, data={"amount": "849,75", "reference": "CRO 2"}).status_code == 303
    session.refresh(campaign)
    assert campaign.state is CampaignState.SETTLED


def test_a_withdrawn_campaign_frees_the_money_and_charges_nobody(
    as_user: Browser, session: Session, clock: SetClock, work: Callable[[], int]
) -> None:
    scene = make_scheduled(session)
    clock.set(STARTS)
    actions.advance(session, scene.campaign.id, at=STARTS)
    pledge = make_confirmed(session, scene.campaign)
    answer = as_user(scene.owner).post(
        f"/account/campaigns/{scene.campaign.id}/withdraw", data={"reason": "Cambio programma"}
    )
    assert answer.status_code == 303
    while actions.advance(session, scene.campaign.id, at=STARTS):
        session.commit()
    session.refresh(pledge)
    assert pledge.state is PledgeState.RELEASED
    assert scene.campaign.state is CampaignState.SETTLED
    available = f"pool:{scene.grant.pool_id}:available"
    assert balances(session, [available]) == {available: 100_000_00}
