"""Pledging through the pages: guest and account, the provider's page and back, links, limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.campaigns import jobs
from quartieri.campaigns.links import pledge_token
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.rules import CampaignState, PledgeState, RewardData
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.clock import SetClock
from quartieri.payments import jobs as payment_jobs
from quartieri.proposals.models import Scorer
from tests.conftest import SiteClient
from tests.doubles import Outbox
from tests.factories.calls import make_published_call
from tests.factories.campaigns import (
    STARTS,
    Scene,
    make_confirmed,
    make_live,
    make_scheduled,
    make_selected,
)
from tests.factories.people import make_official, make_user

TICK = timedelta(microseconds=1)


@pytest.fixture
def scene(session: Session, clock: SetClock) -> Scene:
    clock.set(STARTS)
    return make_live(session, rewards=(RewardData("Un vaso", "Con una pianta", 20_00, 1),))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


def typed(
    client: SiteClient, scene: Scene, query: str = "amount=20", **over: str
) -> dict[str, str]:
    """Open the page with data and consent, and fill it in."""
    page = client.get(f"/projects/{scene.campaign.slug}/pledge/data?{query}")
    assert page.status_code == 200, page.text
    return {
        "amount": hidden(page.text, "amount"),
        "reward": hidden(page.text, "reward"),
        "token": hidden(page.text, "token"),
        "email": "Bea@Example.org",
        "name": "Bea",
        "public_name": "Bea del terzo piano",
        "message": "Forza!",
        "consent": "y",
    } | over


def only_pledge(session: Session) -> Pledge:
    return session.scalars(sa.select(Pledge)).one()


def test_a_guest_pledges_on_three_pages_and_the_pledge_counts(
    *,
    client: SiteClient,
    session: Session,
    scene: Scene,
    payments: SandboxProvider,
    work: Callable[[], int],
    outbox: Outbox,
) -> None:
    slug = scene.campaign.slug
    assert client.get(f"/projects/{slug}").status_code == 200
    assert client.get(f"/projects/{slug}/pledge").status_code == 200
    answer = client.post(f"/projects/{slug}/pledge/data", data=typed(client, scene))
    assert answer.status_code == 303
    pledge = only_pledge(session)
    assert (pledge.state, pledge.amount_cents, pledge.email) == (
        PledgeState.CREATED,
        20_00,
        "bea@example.org",
    )
    assert "20 €" in pledge.consent.replace("\xa0", " ")
    page_id = answer.location.rpartition("/")[2]
    assert client.get(f"/sandbox/checkout/{page_id}").status_code == 200
    paid = client.post(f"/sandbox/checkout/{page_id}", data={"outcome": "succeeds"})
    assert paid.status_code == 303
    back = client.get(paid.location.removeprefix("http://localhost"))
    assert back.status_code == 200
    assert pledge.code in back.text
    session.expire_all()
    assert only_pledge(session).state is PledgeState.CREATED
    work()
    assert only_pledge(session).state is PledgeState.CONFIRMED
    assert len(outbox.to("bea@example.org")) == 1
    assert "Bea del terzo piano" in client.get(f"/projects/{slug}").text


def test_the_return_proves_nothing_and_check_again_asks_the_provider(
    *, client: SiteClient, session: Session, scene: Scene, payments: SandboxProvider
) -> None:
    payments.sandbox.mode = Mode.DROPPED
    answer = client.post(f"/projects/{scene.campaign.slug}/pledge/data", data=typed(client, scene))
    token = pledge_token(only_pledge(session))
    assert client.get(f"/pledges/{token}").status_code == 200
    assert client.post(f"/pledges/{token}/check").status_code == 303
    assert only_pledge(session).state is PledgeState.CREATED
    payments.sandbox.pay(answer.location.rpartition("/")[2], cards.SUCCEEDS)
    assert client.get(f"/pledges/{token}").status_code == 200
    assert only_pledge(session).state is PledgeState.CREATED
    assert client.post(f"/pledges/{token}/check").status_code == 303
    assert only_pledge(session).state is PledgeState.CONFIRMED


def test_two_clicks_make_one_pledge(client: SiteClient, session: Session, scene: Scene) -> None:
    data = typed(client, scene)
    first = client.post(f"/projects/{scene.campaign.slug}/pledge/data", data=data)
    second = client.post(f"/projects/{scene.campaign.slug}/pledge/data", data=data)
    assert first.location == second.location
    assert only_pledge(session).amount_cents == 20_00


def test_going_back_and_choosing_another_amount_replaces_the_unfinished_pledge(
    *, client: SiteClient, session: Session, scene: Scene
) -> None:
    reward = scene.campaign.rewards[0].id
    data = typed(client, scene, f"amount=20&reward={reward}")
    client.post(f"/projects/{scene.campaign.slug}/pledge/data", data=data)
    answer = client.post(
        f"/projects/{scene.campaign.slug}/pledge/data", data=data | {"amount": "5000"}
    )
    assert answer.status_code == 303
    states = session.execute(sa.select(Pledge.amount_cents, Pledge.state).order_by(Pledge.id)).all()
    assert [tuple(row) for row in states] == [
        (20_00, PledgeState.CANCELLED),
        (50_00, PledgeState.CREATED),
    ]
    assert scene.campaign.rewards[0].taken == 1


def test_nothing_typed_is_lost_when_the_reward_runs_out(
    *, client: SiteClient, session: Session, scene: Scene
) -> None:
    reward = scene.campaign.rewards[0].id
    data = typed(client, scene, f"amount=20&reward={reward}")
    make_confirmed(session, scene.campaign, reward_id=reward)
    path = f"/projects/{scene.campaign.slug}/pledge/data"
    answer = client.post(path, data=data)
    assert answer.status_code == 409
    for text in ("Bea@Example.org", "Bea del terzo piano", "Forza!", 'type="radio"'):
        assert text in answer.text
    assert client.post(path, data=data | {"reward": "0"}).status_code == 303


def test_without_consent_there_is_no_pledge(
    *, client: SiteClient, session: Session, scene: Scene
) -> None:
    data = typed(client, scene)
    del data["consent"]
    answer = client.post(f"/projects/{scene.campaign.slug}/pledge/data", data=data)
    assert answer.status_code == 422
    assert session.scalar(sa.select(sa.func.count(Pledge.id))) == 0


@pytest.mark.parametrize("amount", ["", "4", "abc", "20001", "-5"])
def test_an_amount_outside_of_the_terms_is_asked_again(
    *, client: SiteClient, scene: Scene, amount: str
) -> None:
    answer = client.get(f"/projects/{scene.campaign.slug}/pledge/data?amount={amount}")
    assert answer.status_code == 422


def test_a_pledge_of_the_last_microsecond_counts_and_the_next_one_does_not(
    *, client: SiteClient, session: Session, scene: Scene, clock: SetClock
) -> None:
    data = typed(client, scene)
    other = typed(client, scene)
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at)
    answer = client.post(f"/projects/{scene.campaign.slug}/pledge/data", data=data)
    assert answer.status_code == 303
    clock.set(clock.now() + TICK)
    answer = client.post(f"/projects/{scene.campaign.slug}/pledge/data", data=other)
    assert answer.status_code == 409
    assert "Forza!" in answer.text
    page = client.get(f"/projects/{scene.campaign.slug}")
    assert scene.campaign.state is CampaignState.LIVE
    assert f"/projects/{scene.campaign.slug}/pledge" not in page.text


def test_a_pledge_of_the_first_instant_counts_though_no_worker_ran(
    client: SiteClient, session: Session, clock: SetClock
) -> None:
    scene = make_scheduled(session)
    campaign = scene.campaign
    session.commit()
    page = f"/projects/{campaign.slug}"
    clock.set(STARTS - TICK)
    assert client.get(f"{page}/pledge").status_code == 409
    assert f'href="{page}"' in client.get("/projects?state=coming").text
    clock.set(STARTS)
    assert f"{page}/pledge" in client.get(page).text
    assert f'href="{page}"' in client.get("/projects?state=live").text
    assert f'href="{page}"' not in client.get("/projects?state=coming").text
    assert client.post(f"{page}/pledge/data", data=typed(client, scene)).status_code == 303
    session.expire_all()
    assert campaign.state is CampaignState.LIVE
    assert campaign.backers == 0


def test_who_scored_in_the_session_never_pledges_nor_as_a_guest(
    *, client: SiteClient, as_user: Callable[..., SiteClient], session: Session, scene: Scene
) -> None:
    scorer = make_user(session, email="giudice@example.org")
    session.add(
        Scorer(proposal_id=scene.proposal.id, user_id=scorer.id, window_id=scene.proposal.window_id)
    )
    session.flush()
    signed = as_user(scorer)
    path = f"/projects/{scene.campaign.slug}/pledge/data"
    assert signed.post(path, data=typed(signed, scene)).status_code == 403
    guest = typed(client, scene, email="Giudice@example.org")
    assert client.post(path, data=guest).status_code == 403


def test_a_pledge_is_cancelled_by_its_link_until_the_deadline(
    *,
    client: SiteClient,
    session: Session,
    scene: Scene,
    clock: SetClock,
    outbox: Outbox,
    work: Callable[[], int],
) -> None:
    first = make_confirmed(session, scene.campaign, email="a@example.org")
    second = make_confirmed(session, scene.campaign, email="b@example.org")
    tokens = [pledge_token(first), pledge_token(second)]
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at)
    assert "la tua ricompensa" not in client.get(f"/pledges/{tokens[0]}").text
    assert client.post(f"/pledges/{tokens[0]}/cancel").status_code == 303
    cancelled = client.get(f"/pledges/{tokens[0]}").text
    assert "La tua promessa è annullata" in cancelled
    assert f"/projects/{scene.campaign.slug}/pledge" in cancelled
    clock.set(scene.campaign.ends_at + TICK)
    assert client.post(f"/pledges/{tokens[1]}/cancel").status_code == 409
    assert (first.state, second.state) == (PledgeState.CANCELLED, PledgeState.CONFIRMED)
    assert scene.campaign.promised_cents == 50_00
    work()
    assert len(outbox.to("a@example.org")) == 2


def test_a_forged_link_opens_nothing(client: SiteClient, session: Session, scene: Scene) -> None:
    token = pledge_token(make_confirmed(session, scene.campaign))
    for forged in (token[:-2] + "xx", "1", token.partition(".")[0] + ".x.y"):
        assert client.get(f"/pledges/{forged}").status_code == 404
        assert client.post(f"/pledges/{forged}/cancel").status_code == 404


def test_what_is_refused_leads_on(client: SiteClient, scene: Scene, clock: SetClock) -> None:
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at + TICK)
    page = f"/projects/{scene.campaign.slug}"
    refused = client.get(f"{page}/pledge")
    assert refused.status_code == 409
    assert "non accetta altre promesse" in refused.text
    assert f'href="{page}"' in refused.text
    missing = client.get("/projects/nonesiste").text
    assert 'href="/projects"' in missing.partition("<main")[2]


def test_a_lost_link_goes_only_to_the_stored_address(
    *, client: SiteClient, session: Session, scene: Scene, outbox: Outbox, work: Callable[[], int]
) -> None:
    pledge = make_confirmed(session, scene.campaign, email="bea@example.org")
    work()
    known, unknown = (
        client.send("/pledges", {"email": email})
        for email in ("BEA@example.org", "nessuno@example.org")
    )
    assert known.text.replace("BEA@example.org", "") == unknown.text.replace(
        "nessuno@example.org", ""
    )
    work()
    assert outbox.to("nessuno@example.org") == []
    letter = outbox.to("bea@example.org")[-1]
    assert pledge.code in letter.text
    assert "Grazie: la tua promessa vale." in letter.text
    link = re.search(r"/pledges/\S+", letter.text)
    assert link is not None
    assert client.get(link[0]).status_code == 200


def test_pledges_of_a_guest_are_claimed_with_the_verified_address_alone(
    as_user: Callable[..., SiteClient], session: Session, scene: Scene
) -> None:
    pledge = make_confirmed(session, scene.campaign, email="bea@example.org")
    other = make_confirmed(session, scene.campaign, email="altra@example.org")
    bea = make_user(session, email="bea@example.org")
    browser = as_user(bea)
    assert pledge.code not in browser.get("/account/pledges").text
    assert browser.post("/account/pledges/claim").status_code == 303
    page = browser.get("/account/pledges").text
    assert pledge.code in page
    assert other.code not in page
    assert (pledge.user_id, other.user_id) == (bea.id, None)


def test_a_rescue_goes_to_the_payment_page_and_pays_once(
    *,
    client: SiteClient,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    work: Callable[[], int],
) -> None:
    data = typed(client, scene, "amount=10000")
    answer = client.post(f"/projects/{scene.campaign.slug}/pledge/data", data=data)
    payments.sandbox.pay(answer.location.rpartition("/")[2], cards.AUTHENTICATE_ALWAYS)
    work()
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at + TICK)
    jobs.tick()
    work()
    token = pledge_token(only_pledge(session))
    assert only_pledge(session).state is PledgeState.ACTION_REQUIRED
    assert "Ultimo tentativo: venerdì 4 aprile 2025" in client.get(f"/pledges/{token}").text
    answer = client.post(f"/pledges/{token}/pay")
    assert answer.status_code == 303
    payments.sandbox.pay(answer.location.rpartition("/")[2], cards.AUTHENTICATE_ALWAYS)
    assert client.post(f"/pledges/{token}/check").status_code == 303
    assert only_pledge(session).state is PledgeState.PAID
    payment_jobs.deliver()
    work()
    session.expire_all()
    assert scene.campaign.state is CampaignState.PAYING_OUT
    assert client.post(f"/pledges/{token}/pay").status_code == 409


def test_a_project_without_a_campaign_has_a_page(client: SiteClient, session: Session) -> None:
    call = make_published_call(session, campaigns=False)
    proposal = make_selected(session, call, title="Sartoria di quartiere")
    page = client.get(f"/projects/{proposal.slug}")
    assert page.status_code == 200
    assert "Sartoria di quartiere" in page.text
    assert "Sartoria di quartiere" in client.get("/projects").text


def test_the_list_filters_and_takes_few_queries(
    *, client: SiteClient, session: Session, scene: Scene
) -> None:
    seen: list[str] = []

    def count(*args: object) -> None:
        seen.append(str(args[2]))

    for _ in range(6):
        make_live(session)
    engine = session.get_bind().engine
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        page = client.get("/projects")
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    selects = [s for s in seen if s.startswith("SELECT")]
    assert page.text.count('class="q-card"') == 7
    assert len(selects) <= 6, selects
    assert client.get("/projects?state=live").text.count('class="q-card"') == 7
    assert client.get("/projects?state=reached").text.count('class="q-card"') == 0
    assert client.get("/projects?q=padova").text.count('class="q-card"') == 7
    assert client.get("/projects?q=zzz").text.count('class="q-card"') == 0


def test_backers_data_are_for_those_who_work_with_pledges(
    as_user: Callable[..., SiteClient], session: Session, scene: Scene
) -> None:
    pledge = make_confirmed(session, scene.campaign, email="segreta@example.org", name="Segreta")
    reviewer = make_official(session, Role.COMMISSION_MEMBER, scene.call.scope)
    path = f"/manage/campaigns/{scene.campaign.id}"
    assert "Segreta" in as_user(scene.officer).get(path).text
    assert "Segreta" not in as_user(reviewer).get(path).text
    assert as_user(reviewer).get(f"/manage/pledges/{pledge.id}").status_code == 403
    assert as_user(make_user(session)).get(path).status_code == 403
