"""What the pages of a pledge ask and tell: before paying, on its own page, when it is changed."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.links import pledge_token
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.rules import RewardData
from quartieri.kit.clock import SetClock
from quartieri.mail.models import LetterState
from quartieri.mail.queries import letters_about
from quartieri.payments.models import PaymentSetup
from quartieri.people.rules import OrganisationKind
from tests.conftest import SiteClient
from tests.factories.calls import make_published_call, ready_design
from tests.factories.campaigns import STARTS, Scene, make_confirmed, make_live

ASKS = RewardData("Un vaso", "Con una pianta", 20_00, 5, shipping_question="Dove lo mandiamo?")


@pytest.fixture
def scene(session: Session, clock: SetClock) -> Scene:
    clock.set(STARTS)
    design = ready_design()
    assert design.campaign is not None
    campaign = replace(
        design.campaign, pledge_max_cents=20_000_00, cover_fees=True, person_cap_cents=100_00
    )
    call = make_published_call(session, design=replace(design, campaign=campaign))
    return make_live(session, call=call, rewards=(ASKS,))


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").split())


def sent(client: SiteClient, path: str, **over: str) -> dict[str, str]:
    """Open a page with a form and give what its hidden fields hold, with what is typed."""
    page = client.get(path).text
    names = ("amount", "reward", "cover", "token")
    found = {n: re.search(rf'name="{n}"[^>]*value="([^"]*)"', page) for n in names}
    hidden = {n: m[1] for n, m in found.items() if m is not None}
    return hidden | {"consent": "y"} | over


def pledges(session: Session) -> list[Pledge]:
    return list(session.scalars(sa.select(Pledge).order_by(Pledge.id)))


def test_before_paying_one_reads_who_when_fees_and_what_follows(
    client: SiteClient, session: Session, scene: Scene
) -> None:
    scene.proposal.organisation.kind = OrganisationKind.BUSINESS
    session.flush()
    reward = scene.campaign.rewards[0].id
    path = f"/projects/{scene.campaign.slug}/pledge/data?amount=20&reward={reward}&cover=y"
    text = text_of(client.get(path).text)
    for said in (
        "Chi riceve i soldi",
        scene.proposal.organisation.name,
        "20,56 €",
        "0,56 €",
        "Detrazione fiscale Nessuna",
        "art. 52 Codice del consumo",
        "Dove lo mandiamo?",
    ):
        assert said in text
    plain = text_of(client.get(f"/projects/{scene.campaign.slug}/pledge/data?amount=20").text)
    assert "Aggiungi 0,56 € per le commissioni" in plain
    assert "Dove lo mandiamo?" not in plain


def test_a_company_gives_with_its_code_and_is_shown_among_the_sponsors(
    client: SiteClient, session: Session, scene: Scene
) -> None:
    path = f"/projects/{scene.campaign.slug}/pledge/data"
    given = {
        "email": "forno@example.org",
        "name": "Ugo Rossi",
        "company": "Forno Rossi",
        "sponsor": "y",
        "tax_code": "01199250159",
    }
    wrong = client.post(path, data=sent(client, f"{path}?amount=50&cover=y", **given))
    assert wrong.status_code == 422
    assert "Forno Rossi" in wrong.text
    given["tax_code"] = "01199250158"
    answer = client.post(path, data=sent(client, f"{path}?amount=50&cover=y", **given))
    assert answer.status_code == 303
    (pledge,) = pledges(session)
    assert (pledge.company, pledge.tax_code, pledge.gift_cents) == (
        "Forno Rossi",
        "01199250158",
        50_00,
    )
    assert "51,02" in pledge.consent
    make_confirmed(session, scene.campaign, company="Bar Blu", sponsor=True)
    make_confirmed(session, scene.campaign, public_name="Bea")
    page = text_of(client.get(f"/projects/{scene.campaign.slug}").text)
    assert "Sponsor Bar Blu" in page
    assert "01199250158" not in page


def test_what_a_reward_asks_must_be_answered_and_is_kept(
    client: SiteClient, session: Session, scene: Scene
) -> None:
    path = f"/projects/{scene.campaign.slug}/pledge/data"
    query = f"{path}?amount=20&reward={scene.campaign.rewards[0].id}"
    given = {"email": "bea@example.org", "name": "Bea"}
    missing = client.post(path, data=sent(client, query, **given))
    assert missing.status_code == 422
    answer = client.post(path, data=sent(client, query, shipping_answer="Via Po 1", **given))
    assert answer.status_code == 303
    (pledge,) = pledges(session)
    assert pledge.shipping_answer == "Via Po 1"


def test_the_cap_is_told_beside_the_amount_and_nothing_typed_is_lost(
    client: SiteClient, session: Session, scene: Scene
) -> None:
    make_confirmed(session, scene.campaign, 80_00, email="bea@example.org")
    path = f"/projects/{scene.campaign.slug}/pledge"
    assert "100 €" in text_of(client.get(path).text)
    given = {"email": "Bea+2@example.org", "name": "Bea di nuovo"}
    answer = client.post(f"{path}/data", data=sent(client, f"{path}/data?amount=30", **given))
    assert answer.status_code == 409
    assert "Bea di nuovo" in answer.text
    assert "20 €" in text_of(answer.text)


def test_a_pledge_is_changed_by_its_link_with_new_words(
    client: SiteClient, session: Session, scene: Scene, clock: SetClock
) -> None:
    pledge = make_confirmed(session, scene.campaign, 30_00, email="bea@example.org")
    path = f"/pledges/{pledge_token(pledge)}/change"
    assert 'value="30' in client.get(path).text
    assert client.get(f"{path}?amount=2").status_code == 422
    data = sent(client, f"{path}?amount=40&cover=y")
    assert client.post(path, data=data | {"consent": ""}).status_code == 422
    assert client.post(path, data=data | {"amount": "10100"}).status_code == 422
    answer = client.post(path, data=data)
    assert answer.status_code == 303
    session.expire_all()
    assert (pledge.gift_cents, pledge.amount_cents) == (40_00, 40_86)
    assert "40,86" in pledge.consent
    assert "40,86" in text_of(client.get(answer.location).text)
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at.replace(microsecond=1))
    assert client.post(path, data=data).status_code == 409


def test_the_summary_is_a_tagged_pdf_of_the_pledge_alone(
    client: SiteClient, session: Session, scene: Scene
) -> None:
    pledge = make_confirmed(session, scene.campaign)
    answer = client.get(f"/pledges/{pledge_token(pledge)}/paper")
    assert answer.mimetype == "application/pdf"
    assert b"pdfuaid" in answer.data
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/pledges/forged/paper").status_code == 404


def test_a_letter_that_came_back_is_told_to_backer_and_office(
    *,
    client: SiteClient,
    as_user: Callable[..., SiteClient],
    session: Session,
    scene: Scene,
) -> None:
    pledge = make_confirmed(session, scene.campaign, email="bea@example.org", name="Bea")
    path = f"/pledges/{pledge_token(pledge)}"
    assert "non è arrivat" not in client.get(path).text
    letter = letters_about(session, "pledge", pledge.id)[-1]
    letter.state, letter.failure = LetterState.FAILED, "5.1.1 User unknown"
    session.flush()
    assert "non è arrivat" in client.get(path).text
    office = as_user(scene.officer).get(f"/manage/pledges/{pledge.id}").text
    assert "5.1.1 User unknown" in office


def test_one_of_the_team_reads_that_the_office_sees_it(
    *,
    client: SiteClient,
    as_user: Callable[..., SiteClient],
    session: Session,
    scene: Scene,
) -> None:
    pledge = make_confirmed(session, scene.campaign, email=scene.owner.email)
    assert pledge.team
    assert "squadra" in client.get(f"/pledges/{pledge_token(pledge)}").text
    assert "squadra" in as_user(scene.officer).get(f"/manage/pledges/{pledge.id}").text


def test_my_pledges_say_what_happens_next(
    as_user: Callable[..., SiteClient], session: Session, scene: Scene
) -> None:
    pledge = make_confirmed(session, scene.campaign)
    pledge.user_id = scene.owner.id
    session.flush()
    text = text_of(as_user(scene.owner).get("/account/pledges").text)
    assert "Adesso non ti addebitiamo niente." in text


@pytest.mark.parametrize(
    "over",
    [{"reward": "9" * 30}, {"reward": "9" * 5000}, {"amount": "9" * 30}, {"name": "\x00"}],
    ids=["no-reward", "no-number", "no-sum", "no-name"],
)
def test_what_no_form_sends_is_refused_and_is_no_fault(
    client: SiteClient, session: Session, scene: Scene, over: dict[str, str]
) -> None:
    path = f"/projects/{scene.campaign.slug}/pledge/data"
    given = {"email": "b@example.org", "name": "Bea"} | over
    answer = client.post(path, data=sent(client, f"{path}?amount=20", **given))
    assert answer.status_code in {303, 422}
    assert not any(pledge.amount_cents != 20_00 for pledge in pledges(session))


def test_whoever_comes_back_from_another_card_is_told_which_one_counts(
    client: SiteClient, session: Session, scene: Scene
) -> None:
    pledge = make_confirmed(session, scene.campaign)
    page = f"/pledges/{pledge_token(pledge)}"
    assert client.post(f"{page}/card").status_code == 303
    setup = session.scalars(sa.select(PaymentSetup).order_by(PaymentSetup.id.desc())).first()
    assert setup is not None
    assert "vale quella di prima" in client.get(f"{page}?{setup.cancel_url.partition('?')[2]}").text
    assert "prende il posto" in client.get(f"{page}?{setup.success_url.partition('?')[2]}").text
    assert "quella di prima" not in client.get(page).text


def test_signs_that_turn_what_follows_are_left_out(
    client: SiteClient, session: Session, scene: Scene
) -> None:
    path = f"/projects/{scene.campaign.slug}/pledge/data"
    given = {"email": "b@example.org", "name": "\u202eBea مريم\u2067"}
    assert client.post(path, data=sent(client, f"{path}?amount=20", **given)).status_code == 303
    assert [pledge.name for pledge in pledges(session)] == ["Bea مريم"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"images/{'9' * 30}", 404),
        (f"offer/{'9' * 30}", 404),
        ("pledge?reward=%00", 404),
        (f"../../projects?page={'9' * 30}", 200),
    ],
)
def test_numbers_that_no_row_has_are_no_fault(
    client: SiteClient, scene: Scene, path: str, status: int
) -> None:
    where = f"/projects/{scene.campaign.slug}/{path}" if ".." not in path else path[5:]
    assert client.get(where).status_code == status


def test_a_reward_that_ran_out_is_said_before_anything_is_typed(
    client: SiteClient, session: Session, scene: Scene
) -> None:
    reward = scene.campaign.rewards[0]
    start = f"/projects/{scene.campaign.slug}/pledge"
    page = client.get(f"{start}?reward={reward.id}").text
    assert 'value="20"' in page, "its price is filled in"
    assert "10 €" not in text_of(page).partition("Importi suggeriti")[2].partition("Altro")[0]
    assert "100 €" in text_of(page), "the cap for one person is the most"
    reward.stock = reward.taken = 1
    session.commit()
    assert "appena finita" in text_of(client.get(f"{start}?reward={reward.id}").text)
    later = client.get(f"{start}/data?amount=20&reward={reward.id}")
    assert later.status_code == 422
    assert "appena finita" in text_of(later.text)
    assert client.get(f"{start}/data?amount=20&reward=999").status_code == 422
    assert client.get(f"{start}/data?amount=100,01").status_code == 422


def test_a_form_with_too_long_a_token_is_refused(client: SiteClient, scene: Scene) -> None:
    path = f"/projects/{scene.campaign.slug}/pledge/data"
    typed = sent(client, f"{path}?amount=20", email="bea@example.org", name="Bea")
    assert client.post(path, data=typed | {"token": "x" * 65}).status_code == 422
    assert client.post(path, data=typed).status_code == 303
