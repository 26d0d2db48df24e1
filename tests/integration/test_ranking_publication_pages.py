"""The pages of rankings: computed and published by the manager, recomputed by anybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.proposals.rules import ProposalState
from quartieri.reviews import actions
from quartieri.reviews.models import Assignment, Ranking
from quartieri.reviews.ranking import RankingInput, rank
from quartieri.reviews.rules import RankingState
from tests.doubles import NOW
from tests.factories.reviews import Scene, act_data, make_scene

Browser = Callable[..., Any]
ACT = {
    "number": "DD-99",
    "dated": "2025-02-03",
    "office": "Direzione Quartieri",
    "signer": "Dirigente",
    "decides": "",
}


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def ready(scene: Scene) -> Scene:
    for total in (18, 16, 14, 8):
        scene.score(scene.apply(), total)
    scene.apply("Titolo escluso", state=ProposalState.INADMISSIBLE)
    return scene


def path(scene: Scene, ending: str = "") -> str:
    return f"/calls/{scene.call.slug}/ranking/1{ending}"


def published(scene: Scene) -> Ranking:
    ranking = actions.compute_ranking(ready(scene).session, scene.window, actor=scene.by, at=NOW)
    return actions.publish_ranking(scene.session, ranking, act_data(), actor=scene.by, at=NOW)


def test_the_manager_computes_and_publishes_in_the_browser(scene: Scene, as_user: Browser) -> None:
    ready(scene)
    browser = as_user(scene.manager)
    url = f"/manage/windows/{scene.window.id}/ranking"
    assert browser.get(path(scene)).status_code == 404
    assert browser.post(url).status_code == 303
    page = browser.get(url).text
    assert "q-line-row" in page
    ranking = scene.session.scalars(sa.select(Ranking)).one()
    publish = f"/manage/rankings/{ranking.id}/publish"
    answer = browser.post(publish, data=ACT | {"number": ""})
    assert answer.status_code == 422
    assert "Direzione Quartieri" in answer.text
    assert [browser.post(publish, data=ACT).status_code for _ in range(2)] == [303, 303]
    assert ranking.state is RankingState.FINAL
    assert browser.get(url).status_code == 200
    assert browser.get(path(scene)).status_code == 200


def test_the_ranking_page_names_what_is_missing(scene: Scene, as_user: Browser) -> None:
    scene.apply("Senza schede")
    browser = as_user(scene.manager)
    url = f"/manage/windows/{scene.window.id}/ranking"
    assert "Senza schede" in browser.get(url).text
    answer = browser.post(url)
    assert answer.status_code == 409
    assert scene.proposals[0].protocol_number in answer.text


def test_a_stranger_recomputes_the_published_document(scene: Scene, client: Any) -> None:
    ranking = published(scene)
    document = client.get(path(scene, ".json")).json
    again = rank(RankingInput.from_json(document["inputs"]))
    assert again.to_json() == document["result"]
    assert again.sha256() == document["result_sha256"] == ranking.result_sha256
    assert document["inputs_sha256"] == ranking.inputs_sha256


def test_the_public_reads_no_names_and_no_titles_of_the_others(scene: Scene, client: Any) -> None:
    published(scene)
    texts = [client.get(path(scene, e)).text for e in ("", ".json", ".csv")]
    hidden = [
        "Titolo escluso",
        scene.proposals[3].title,
        *(r.name for r in scene.reviewers),
        *(p.owner.name for p in scene.proposals),
        *(p.owner.email for p in scene.proposals),
        "Perché quality",
    ]
    for text in texts:
        assert scene.proposals[0].title in text
        assert scene.proposals[4].protocol_number in text
        for word in hidden:
            assert word not in text


def test_a_computed_ranking_is_not_public(scene: Scene, client: Any) -> None:
    actions.compute_ranking(ready(scene).session, scene.window, actor=scene.by, at=NOW)
    for ending in ("", ".json", ".csv"):
        assert client.get(path(scene, ending)).status_code == 404
        assert client.get(path(scene, ending) + "?number=1").status_code == 404


def test_applicants_read_their_own_sheet_after_publication(scene: Scene, as_user: Browser) -> None:
    ready(scene)
    proposal, url = scene.proposals[3], f"/applications/{scene.proposals[3].id}/scores"
    mine = as_user(proposal.owner)
    ranking = actions.compute_ranking(scene.session, scene.window, actor=scene.by, at=NOW)
    assert mine.get(url).status_code == 404
    actions.publish_ranking(scene.session, ranking, act_data(), actor=scene.by, at=NOW)
    page = mine.get(url).text
    assert "Perché quality" in page
    assert scene.reviewers[0].name not in page
    assert as_user(scene.proposals[0].owner).get(url).status_code == 404


def test_a_reopened_sheet_does_not_change_what_was_published(
    scene: Scene, as_user: Browser
) -> None:
    published(scene)
    assignment = scene.session.scalars(
        sa.select(Assignment).where(Assignment.proposal_id == scene.proposals[3].id)
    ).one()
    actions.reopen(scene.session, assignment, reason="Errore", actor=scene.by, at=NOW)
    page = as_user(scene.proposals[3].owner).get(f"/applications/{scene.proposals[3].id}/scores")
    assert "Perché quality" in page.text


def test_the_command_verifies_and_finds_a_changed_line(scene: Scene, app: Flask) -> None:
    ranking = published(scene)
    number = ranking.id
    scene.session.commit()
    runner = app.test_cli_runner()
    answer = runner.invoke(args=["rankings", "verify", "--all", "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["rankings"][0]["agrees"] is True
    entry = ranking.entries[0]
    entry.detail = entry.detail | {"amount_cents": 1}
    scene.session.commit()
    answer = runner.invoke(args=["rankings", "verify", str(number)])
    assert answer.exit_code == 1
    assert "FAULTS" in answer.output
    assert runner.invoke(args=["rankings", "verify", "999999"]).exit_code == 2
