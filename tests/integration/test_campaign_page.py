"""The page builder: its parts, two windows, pictures, rewards; the page that everyone sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from quartieri.campaigns import actions
from quartieri.campaigns.links import pledge_token
from quartieri.campaigns.models import CampaignImage
from quartieri.campaigns.queries.parts import gaps, images_of, reward_data_of
from quartieri.campaigns.rules import (
    FaqsPart,
    Gap,
    NeedFacts,
    NeedKind,
    NeedsPart,
    RewardData,
    StoryPart,
)
from quartieri.kit.errors import IllegalMoveError, InvalidError
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.call_forms import count_queries
from tests.factories.campaigns import (
    Scene,
    fill_page,
    make_confirmed,
    make_live,
    make_scene,
    make_selected,
    start_pledge,
)
from tests.factories.people import actor_of

Browser = Callable[..., SiteClient]


def base_of(scene: Scene) -> str:
    return f"/account/campaigns/{scene.campaign.id}"


def seen_in(text: str) -> str:
    found = re.search(r'name="seen" type="hidden" value="([0-9a-f]+)"', text)
    assert found is not None
    return found[1]


def add_picture(browser: SiteClient, scene: Scene, text: str = "Le aiuole") -> None:
    out = BytesIO()
    Image.new("RGB", (80, 40), (10, 90, 60)).save(out, "PNG")
    out.seek(0)
    answer = browser.post(
        f"{base_of(scene)}/images",
        data={"image": (out, "aiuole.png"), "text": text},
        content_type="multipart/form-data",
    )
    assert answer.status_code == (303 if text else 422)


def test_two_windows_on_one_part_lose_nothing_and_on_two_parts_do_not_meet(
    as_user: Browser, session: Session
) -> None:
    scene = make_scene(session)
    browser, base = as_user(scene.owner), base_of(scene)
    story = seen_in(browser.get(f"{base}/edit/story").text)
    surplus = seen_in(browser.get(f"{base}/edit/surplus").text)
    first = {"seen": story, "story": "Prima versione"}
    assert browser.post(f"{base}/edit/story", data=first).status_code == 303
    other = {"seen": surplus, "surplus": "Alberi"}
    assert browser.post(f"{base}/edit/surplus", data=other).status_code == 303
    refused = browser.post(f"{base}/edit/story", data={"seen": story, "story": "Seconda versione"})
    assert refused.status_code == 409
    assert "Prima versione" in refused.text
    assert "Seconda versione" in refused.text
    assert scene.campaign.story == "Prima versione"
    again = {"seen": seen_in(refused.text), "story": "Seconda versione"}
    assert browser.post(f"{base}/edit/story", data=again).status_code == 303
    assert scene.campaign.story == "Seconda versione"
    assert scene.campaign.page.surplus == "Alberi"


def test_a_page_without_its_parts_names_them_and_cannot_be_sent(session: Session) -> None:
    proposal = make_selected(session)
    owner = actor_of(proposal.owner)
    campaign = actions.open_draft(session, proposal, actor=owner, at=NOW)
    assert gaps(campaign) == [Gap.IMAGE, Gap.STORY, Gap.SURPLUS]
    with pytest.raises(InvalidError):
        actions.ask_approval(session, campaign, actor=owner, at=NOW)
    fill_page(session, campaign, actor=owner)
    assert gaps(campaign) == []


def test_a_story_shows_our_own_pictures_and_no_others(as_user: Browser, session: Session) -> None:
    scene = make_scene(session)
    browser = as_user(scene.owner)
    add_picture(browser, scene, text="")
    add_picture(browser, scene)
    image = images_of(session, scene.campaign.id)[0]
    assert (image.width, image.height) == (80, 40)
    path = f"/projects/{scene.campaign.slug}/images/{image.id}"
    story = f"![]({path}) ![pixel](https://example.org/spy.png) ![altro](/projects/x/images/9)"
    assert browser.post(f"{base_of(scene)}/edit/story", data={"story": story}).status_code == 303
    shown = scene.campaign.story_html
    assert shown.count("<img") == 1
    assert f'src="{path}"' in shown
    assert 'alt="Le aiuole"' in shown
    assert "example.org" not in shown
    assert browser.post(f"{base_of(scene)}/images/{image.id}/remove").status_code == 303
    assert session.get(CampaignImage, image.id) is not None
    assert browser.get(path).status_code == 200


def test_a_picture_of_a_draft_is_its_proposers_alone(
    client: SiteClient, as_user: Browser, session: Session
) -> None:
    scene = make_scene(session)
    add_picture(as_user(scene.owner), scene)
    image = images_of(session, scene.campaign.id)[0]
    assert client.get(f"/projects/{scene.campaign.slug}/images/{image.id}").status_code == 404


def test_a_reward_is_never_cut_below_what_is_taken(session: Session) -> None:
    scene = make_live(session, rewards=(RewardData("Un vaso", "", 20_00, 3),))
    reward = scene.campaign.rewards[0]
    for _one in range(2):
        start_pledge(session, scene.campaign, reward_id=reward.id)
    with pytest.raises(InvalidError) as refused:
        actions.set_stock(session, reward, 1, actor=scene.proposer, at=NOW)
    assert refused.value.field == "stock"
    actions.set_stock(session, reward, 2, actor=scene.proposer, at=NOW)
    assert reward.stock == 2
    with pytest.raises(IllegalMoveError):
        actions.save_reward(
            session,
            scene.campaign,
            replace(reward_data_of(reward), minimum_cents=1_00),
            reward=reward,
            actor=scene.proposer,
            at=NOW,
        )


def test_answers_are_added_while_the_campaign_runs_and_the_story_stays(session: Session) -> None:
    scene = make_live(session)
    faqs = FaqsPart((("Si può venire?", "Sì, **sempre**."),))
    actions.save_part(session, scene.campaign, faqs, actor=scene.proposer, at=NOW)
    assert "<strong>sempre</strong>" in scene.campaign.page.faqs[0]["html"]
    with pytest.raises(IllegalMoveError):
        actions.save_part(session, scene.campaign, StoryPart("Altro"), actor=scene.proposer, at=NOW)


def test_the_project_page_asks_six_times_at_most_and_shows_every_part(
    client: SiteClient, as_user: Browser, session: Session
) -> None:
    scene = make_scene(session, rewards=(RewardData("Un vaso", "", 20_00, 3),))
    browser, base, campaign = as_user(scene.owner), base_of(scene), scene.campaign
    add_picture(browser, scene)
    image = images_of(session, campaign.id)[0]
    parts = {
        "story": {"story": "Perché sì", "video": "https://vimeo.com/12345"},
        "budget": {
            "lines-0-line": "Terra",
            "lines-0-words": "Terriccio senza torba",
            "lines-1-line": "Attrezzi",
            "lines-1-words": "",
        },
        "people": {"place": "Dietro la scuola", "team": "Siamo in sette"},
        "needs": {"needs-0-kind": "time", "needs-0-title": "Braccia", "needs-0-quantity": "4"},
        "surplus": {"surplus": "Una pergola"},
        "faqs": {"faqs-0-question": "E se piove?", "faqs-0-answer": "Sotto il portico."},
    }
    for part, values in parts.items():
        answer = browser.post(f"{base}/edit/{part}", data=values)
        assert answer.status_code == 303, (part, answer.text)
    reward = campaign.rewards[0]
    pictured = {"title": "Un vaso", "minimum": "20", "image": str(image.id), "delivery": "2027-05"}
    assert browser.post(f"{base}/rewards/{reward.id}", data=pictured).status_code == 303
    actions.ask_approval(session, campaign, actor=scene.proposer, at=NOW)
    actions.approve(session, campaign, starts_at=NOW, actor=scene.by(scene.manager), at=NOW)
    actions.advance(session, campaign.id, at=NOW)
    path = f"/projects/{campaign.slug}"
    assert count_queries(session, lambda: client.get(path)) <= 6
    text = client.get(path).text
    for words in (
        *("Guarda il video su Vimeo", "Terriccio senza torba", "Dietro la scuola", "Braccia"),
        *("Siamo in sette", "Una pergola", "E se piove?", "maggio 2027", "Codice del consumo"),
    ):
        assert words in text
    assert "<iframe" not in text


def test_needs_are_counted_from_nothing(session: Session) -> None:
    scene = make_scene(session)
    needs = NeedsPart((NeedFacts(NeedKind.IN_KIND, "Vanghe", "Anche usate", 5),))
    actions.save_part(session, scene.campaign, needs, actor=scene.proposer, at=NOW)
    assert [n["promised"] for n in scene.campaign.page.needs] == [0]


def test_what_people_typed_is_marked_as_italian_on_an_english_page(
    session: Session, client: SiteClient
) -> None:
    scene = make_live(session)
    call, path = scene.proposal.call, f"/projects/{scene.campaign.slug}"
    call.title_en = ""
    session.commit()
    english = client.get(path, headers={"Accept-Language": "en"}).text
    assert f'<span lang="it">{call.title_it}</span>' in english, "there is no English of it"
    assert f'<h1 lang="it">{scene.campaign.title}' in english
    assert f"<h1>{scene.campaign.title}" in client.get(path).text
    pledge = pledge_token(make_confirmed(session, scene.campaign))
    for page in (f"{path}/pledge", f"{path}/updates", f"/pledges/{pledge}"):
        text = client.get(page, headers={"Accept-Language": "en"}).text
        assert re.search(rf' lang="it">{scene.campaign.title}', text), page
