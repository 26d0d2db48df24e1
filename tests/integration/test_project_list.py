"""The public list of projects: its pages, its filters, its cards."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from quartieri.campaigns.queries import Group, project_cards
from tests.conftest import SetClock, SiteClient
from tests.factories.call_forms import text
from tests.factories.campaigns import STARTS, Scene, make_confirmed, make_live


@pytest.fixture
def scenes(session: Session, clock: SetClock) -> list[Scene]:
    clock.set(STARTS)
    first = make_live(session)
    return [first, *(make_live(session, call=first.campaign.proposal.call) for _ in range(2))]


def cards_of(client: SiteClient, language: str = "it") -> str:
    page = text(client.get("/projects", headers={"Accept-Language": language}))
    return page.partition('<ul class="q-cards"')[2].replace("\u00a0", " ")


def test_a_list_has_pages_whatever_it_is_narrowed_to(session: Session, scenes: list[Scene]) -> None:
    proposal = scenes[0].proposal
    word = proposal.title.split()[0]
    filters: list[dict[str, Any]] = [
        {},
        {"group": Group.LIVE},
        {"call": proposal.call.slug},
        {"words": word},
        {"group": Group.LIVE, "call": proposal.call.slug, "words": word[:3]},
    ]
    for narrowed in filters:
        pages = [
            project_cards(session, now=STARTS, size=2, page=page, **narrowed) for page in (1, 2, 9)
        ]
        assert [(found.number, found.pages, found.total) for found in pages] == [
            (1, 2, 3),
            (2, 2, 3),
            (2, 2, 3),
        ]
        shown = [card.slug for found in pages[:2] for card in found.cards]
        assert sorted(shown) == sorted(scene.campaign.slug for scene in scenes)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_page_beyond_the_last_is_the_last(client: SiteClient, scenes: list[Scene]) -> None:
    answer = client.get("/projects?page=7")
    assert answer.status_code == 200
    assert all(scene.campaign.slug in answer.text for scene in scenes)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_card_is_drawn_again_when_it_has_something_else_to_say(
    client: SiteClient, session: Session, scenes: list[Scene]
) -> None:
    before = cards_of(client)
    assert before.count("0 € da 0 persone") == len(scenes)
    make_confirmed(session, scenes[0].campaign)
    after = cards_of(client)
    assert after.count("0 € da 0 persone") == len(scenes) - 1
    assert "50 € da 1 persona" in after
    assert "€50 from 1 person" in cards_of(client, "en")
    assert cards_of(client) == after
