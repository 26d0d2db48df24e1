"""The pages of evaluation and of rankings, by the right person and refused to others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.db import db
from quartieri.proposals.rules import ProposalState
from quartieri.reviews import actions
from quartieri.reviews.models import Assignment, Score
from quartieri.reviews.rules import AssignmentState, ConflictState
from tests.doubles import NOW
from tests.factories.reviews import Scene, give_role, make_person, make_scene

SHEET = {
    "version": "1",
    "points-quality": "7,5",
    "comment-quality": "Chiaro",
    "points-impact": "6",
    "comment-impact": "Utile",
    "then": "submit",
}
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


@pytest.fixture
def given(scene: Scene) -> Assignment:
    scene.apply("Orto di via Gola", answers={"activities": "Parole riservate"})
    return actions.assign(
        scene.session, scene.proposals[0], scene.reviewers[0], actor=scene.by, at=NOW
    )


Browser = Callable[..., Any]


def accept(scene: Scene, assignment: Assignment) -> str:
    actions.declare_none(scene.session, assignment, actor=scene.actor(scene.reviewers[0]), at=NOW)
    return f"/reviews/{assignment.id}"


def test_the_desk_shows_progress_and_ones_own_work_only(
    scene: Scene, given: Assignment, as_user: Browser
) -> None:
    other = scene.apply("Non mio")
    actions.assign(scene.session, other, scene.reviewers[1], actor=scene.by, at=NOW)
    page = as_user(scene.reviewers[0]).get("/reviews").text
    assert "Orto di via Gola" in page
    assert "Non mio" not in page
    assert f"/reviews/{given.id}" in page
    given.proposal.state = ProposalState.INADMISSIBLE
    scene.session.flush()
    assert "Orto di via Gola" not in as_user(scene.reviewers[0]).get("/reviews").text


def test_the_application_stays_closed_before_the_declaration(
    scene: Scene, given: Assignment, as_user: Browser
) -> None:
    browser = as_user(scene.reviewers[0])
    page = browser.get(f"/reviews/{given.id}")
    assert page.status_code == 200
    assert "In breve" not in page.text
    assert "points-quality" not in page.text
    assert browser.post(f"/reviews/{given.id}/sheet", data=SHEET).status_code == 409
    assert scene.session.scalars(sa.select(Score.id)).all() == []
    answer = browser.post(f"/reviews/{given.id}/no-conflict")
    assert answer.status_code == 303
    page = browser.get(f"/reviews/{given.id}").text
    assert "In breve" in page
    assert "points-quality" in page
    assert "Chi ne ha beneficio?" in page


def test_an_abstaining_reviewer_never_reads_it(
    scene: Scene, given: Assignment, as_user: Browser
) -> None:
    browser = as_user(scene.reviewers[0])
    data = {"cause": "body", "reason": "Ne sono socio", "what": "abstain"}
    assert browser.post(f"/reviews/{given.id}/conflict", data=data).status_code == 303
    assert given.state is AssignmentState.RECUSED
    assert "In breve" not in browser.get(f"/reviews/{given.id}").text


def test_a_declaration_without_words_comes_back_as_typed(
    scene: Scene, given: Assignment, as_user: Browser
) -> None:
    answer = as_user(scene.reviewers[0]).post(
        f"/reviews/{given.id}/conflict", data={"cause": "body", "reason": ""}
    )
    assert answer.status_code == 422
    assert given.conflict.state is ConflictState.UNDECLARED


def test_the_head_of_office_decides_in_the_browser(
    scene: Scene, given: Assignment, as_user: Browser
) -> None:
    data = {"cause": "acquaintance", "reason": "Ci frequentiamo", "what": "ask"}
    as_user(scene.reviewers[0]).post(f"/reviews/{given.id}/conflict", data=data)
    head = as_user(scene.head)
    assert "Ci frequentiamo" in head.get("/manage/conflicts").text
    answer = head.post(f"/manage/conflicts/{given.id}", data={"reason": "", "then": "clear"})
    assert answer.status_code == 422
    answer = head.post(
        f"/manage/conflicts/{given.id}", data={"reason": "Solo vicini", "then": "clear"}
    )
    assert answer.status_code == 303
    assert given.conflict.state is ConflictState.CLEARED
    assert as_user(scene.manager).get("/manage/conflicts").status_code == 403


def test_a_sheet_with_something_missing_comes_back_whole(
    scene: Scene, given: Assignment, as_user: Browser
) -> None:
    url = accept(scene, given)
    data = SHEET | {"points-impact": "", "comment-quality": "Parola mia"}
    answer = as_user(scene.reviewers[0]).post(f"{url}/sheet", data=data)
    assert answer.status_code == 422
    assert "Parola mia" in answer.text
    assert 'value="7,5"' in answer.text
    assert given.state is AssignmentState.ACCEPTED


@pytest.mark.parametrize("typed", ["undici", "10,01", "-1", "1e3"])
def test_points_off_the_scale_come_back_as_typed(
    scene: Scene, given: Assignment, as_user: Browser, typed: str
) -> None:
    url = accept(scene, given)
    data = SHEET | {"points-impact": typed, "then": "draft"}
    answer = as_user(scene.reviewers[0]).post(f"{url}/sheet", data=data)
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text


def test_a_draft_is_saved_and_then_submitted(
    scene: Scene, given: Assignment, as_user: Browser
) -> None:
    url = accept(scene, given)
    browser = as_user(scene.reviewers[0])
    draft = SHEET | {"points-impact": "", "then": "draft"}
    assert browser.post(f"{url}/sheet", data=draft).status_code == 303
    assert given.state is AssignmentState.IN_PROGRESS
    answer = browser.post(f"{url}/sheet", data=SHEET | {"version": str(given.version)})
    assert answer.status_code == 303
    assert answer.location.endswith("/reviews")
    assert given.state is AssignmentState.SUBMITTED
    assert "13,5" in browser.get("/reviews").text


def test_another_tab_is_shown_and_nothing_typed_is_lost(
    scene: Scene, given: Assignment, as_user: Browser
) -> None:
    url = accept(scene, given)
    browser = as_user(scene.reviewers[0])
    first = SHEET | {"then": "draft", "comment-quality": "Dalla prima scheda"}
    browser.post(f"{url}/sheet", data=first)
    second = SHEET | {"comment-quality": "Dalla seconda scheda"}
    answer = browser.post(f"{url}/sheet", data=second)
    assert answer.status_code == 409
    assert "Dalla prima scheda" in answer.text
    assert "Dalla seconda scheda" in answer.text
    again = browser.post(f"{url}/sheet", data=second | {"version": str(given.version)})
    assert again.status_code == 303
    assert given.state is AssignmentState.SUBMITTED


def test_the_next_application_follows_a_submitted_one(
    scene: Scene, given: Assignment, as_user: Browser
) -> None:
    upcoming = actions.assign(
        scene.session, scene.apply(), scene.reviewers[0], actor=scene.by, at=NOW
    )
    url = accept(scene, given)
    answer = as_user(scene.reviewers[0]).post(f"{url}/sheet", data=SHEET)
    assert answer.location.endswith(f"/reviews/{upcoming.id}")


def test_colleagues_scores_stay_hidden_until_ones_own_is_in(
    scene: Scene, given: Assignment, as_user: Browser
) -> None:
    scene.sheet(scene.proposals[0], scene.reviewers[1])
    url = accept(scene, given)
    browser = as_user(scene.reviewers[0])
    assert "Perché quality" not in browser.get(url).text
    browser.post(f"{url}/sheet", data=SHEET)
    assert "Perché quality" in browser.get(url).text


@pytest.mark.parametrize("role", [*set(Role) - {Role.SYSTEM, Role.APPLICANT, Role.BACKER}])
def test_pages_are_refused_to_every_other_role(
    scene: Scene, given: Assignment, as_user: Browser, role: Role
) -> None:
    scene.score(scene.proposals[0], 14)
    ranking = actions.compute_ranking(scene.session, scene.window, actor=scene.by, at=NOW)
    browser = as_user(give_role(scene.session, make_person(scene.session), role, scene.call))
    commission = {Role.COMMISSION_CHAIR, Role.COMMISSION_MEMBER}
    window, proposal = scene.window.id, scene.proposals[0].id
    pages = {
        "/reviews": {*commission, Role.COMMISSION_SECRETARY},
        f"/manage/windows/{window}/reviews": {Role.CALL_MANAGER, Role.COMMISSION_SECRETARY},
        f"/manage/applications/{proposal}/reviews": {
            Role.CALL_MANAGER,
            Role.COMMISSION_SECRETARY,
        },
        f"/manage/windows/{window}/ranking": {Role.CALL_MANAGER},
        "/manage/conflicts": {Role.SIGNING_MANAGER},
    }
    for url, allowed in pages.items():
        assert browser.get(url).status_code == (200 if role in allowed else 403), url
    writes = {
        f"/manage/windows/{window}/reviews/share": {
            Role.CALL_MANAGER,
            Role.COMMISSION_SECRETARY,
        },
        f"/manage/windows/{window}/ranking": {Role.CALL_MANAGER},
        f"/manage/rankings/{ranking.id}/publish": {Role.CALL_MANAGER},
        f"/manage/rankings/{ranking.id}/discard": {Role.CALL_MANAGER},
        f"/manage/assignments/{given.id}/reopen": {
            Role.CALL_MANAGER,
            Role.COMMISSION_SECRETARY,
        },
        f"/manage/conflicts/{given.id}": {Role.SIGNING_MANAGER},
    }
    for url, allowed in writes.items():
        if role not in allowed:
            assert browser.post(url, data=ACT | {"reason": "x"}).status_code == 403, url
    of_others = 404 if role in {*commission, Role.COMMISSION_SECRETARY} else 403
    assert browser.get(f"/reviews/{given.id}").status_code == of_others


def test_the_manager_shares_out_after_a_preview(scene: Scene, as_user: Browser) -> None:
    for _ in range(3):
        scene.apply()
    browser = as_user(scene.manager)
    url = f"/manage/windows/{scene.window.id}/reviews"
    preview = browser.get(f"{url}?each=1").text
    assert "+2" in preview
    assert "+1" in preview
    assert browser.post(f"{url}/share", data={"each": "1"}).status_code == 303
    rows = scene.session.execute(
        sa.select(Assignment.user_id, sa.func.count()).group_by(Assignment.user_id)
    ).all()
    assert sorted(n for _, n in rows) == [1, 2]
    assert browser.post(f"{url}/share", data={"each": "all"}).status_code == 303
    assert scene.session.scalar(sa.select(sa.func.count(Assignment.id))) == 6


def test_one_application_is_assigned_cancelled_and_reopened(
    scene: Scene, given: Assignment, as_user: Browser
) -> None:
    browser = as_user(scene.secretary)
    url = f"/manage/applications/{given.proposal_id}/reviews"
    answer = browser.post(url, data={"reviewer": str(scene.reviewers[1].id)})
    assert answer.status_code == 303
    two = scene.session.scalars(
        sa.select(Assignment).where(Assignment.user_id == scene.reviewers[1].id)
    ).one()
    assert browser.post(f"/manage/assignments/{two.id}/cancel", data={}).status_code == 422
    browser.post(f"/manage/assignments/{two.id}/cancel", data={"reason": "In ferie"})
    assert two.state is AssignmentState.CANCELLED
    scene.sheet(scene.proposals[0], scene.reviewers[0])
    assert "Perché quality" in browser.get(url).text
    browser.post(f"/manage/assignments/{given.id}/reopen", data={"reason": "Errore"})
    assert given.state is AssignmentState.IN_PROGRESS
    assert "Perché quality" not in browser.get(url).text


# -- how much is asked of the database -----------------------------------------------------------


def queries_of(run: Callable[[], Any]) -> list[str]:
    seen: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        run()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return seen


def test_the_offices_list_asks_the_same_few_queries_for_any_number(
    scene: Scene, as_user: Browser
) -> None:
    browser = as_user(scene.manager)
    url = f"/manage/windows/{scene.window.id}/reviews?size=250&sort=-score"
    counts = []
    for more in (2, 20):
        for _ in range(more):
            scene.score(scene.apply(), 12, 14)
        scene.session.commit()
        browser.get(url)
        counts.append(len(queries_of(lambda: browser.get(url))))
    assert counts[0] == counts[1] <= 16


def test_a_posted_sheet_asks_few_queries(scene: Scene, given: Assignment, as_user: Browser) -> None:
    url = accept(scene, given)
    browser = as_user(scene.reviewers[0])
    scene.session.commit()
    seen = queries_of(lambda: browser.post(f"{url}/sheet", data=SHEET))
    assert given.state is AssignmentState.SUBMITTED
    assert len(seen) <= 22
