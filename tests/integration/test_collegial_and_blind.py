"""A commission that agrees on one sheet; criteria that do not apply; reviewers who see no names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.design import Band, CriterionDesign, Question, QuestionKind
from quartieri.extensions import Services
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.proposals.models import Attachment, Scorer, TeamMember
from quartieri.reviews import actions, queries
from quartieri.reviews.models import Assignment
from quartieri.reviews.ranking import TOTAL_SCALE
from quartieri.reviews.rules import AssignmentState, ConflictCause, Line
from tests.doubles import NOW
from tests.factories.grants import make_stored_file
from tests.factories.reviews import SCORES, Scene, lines, make_scene

Browser = Callable[..., Any]


def given(scene: Scene, *, members: int = 2) -> tuple[Assignment, list[Assignment]]:
    """Assign one application to the commission; give the agreed sheet and the members' parts."""
    proposal = scene.apply()
    mine = [
        actions.assign(scene.session, proposal, reviewer, actor=scene.by, at=NOW)
        for reviewer in scene.reviewers[:members]
    ]
    found = queries.waiting_for(scene.session, [proposal.id])[proposal.id]
    agreed = [a for a in found if a.agreed]
    assert [a.reviewer for a in agreed] == [scene.secretary]
    return agreed[0], mine


def declare(scene: Scene, *assignments: Assignment) -> None:
    for one in assignments:
        actions.declare_none(scene.session, one, actor=scene.actor(one.reviewer), at=NOW)


def submit(scene: Scene, one: Assignment, points: dict[str, Any] | None = None) -> None:
    actions.submit_scores(
        scene.session,
        one,
        lines(points or SCORES),
        version=one.version,
        actor=scene.actor(one.reviewer),
        at=NOW,
    )


def collegial(session: Session, **over: Any) -> Scene:
    return make_scene(session, collegial=True, **({"sheets": 2} | over))


# -- collegial -----------------------------------------------------------------------------------


def test_the_commission_agrees_on_one_sheet_and_all_of_it_has_scored(session: Session) -> None:
    scene = collegial(session)
    agreed, members = given(scene)
    declare(scene, agreed, *members)
    submit(scene, agreed)
    assert [a.state for a in (agreed, *members)] == [AssignmentState.SUBMITTED] * 3
    assert (agreed.total, [a.total for a in members]) == (14 * TOTAL_SCALE, [None, None])
    scorers = session.scalars(sa.select(Scorer.user_id).order_by(Scorer.user_id)).all()
    assert set(scorers) == {scene.secretary.id, *(r.id for r in scene.reviewers)}
    sheets = queries.ranking_input(session, scene.window).candidates[0].sheets
    assert [s.reviewer for s in sheets] == ["commission"]
    assert [p.mean for p in queries.progress(session, scene.window.id)] == ["14.00"]
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    assert [(e.position, e.total) for e in ranking.entries] == [(1, Decimal("14.00"))]


def test_a_member_alone_writes_no_sheet(session: Session) -> None:
    scene = collegial(session)
    agreed, members = given(scene)
    declare(scene, agreed, *members)
    with pytest.raises(IllegalMoveError):
        submit(scene, members[0])


def test_every_member_declares_before_the_agreed_sheet_counts(session: Session) -> None:
    scene = collegial(session)
    agreed, members = given(scene)
    declare(scene, agreed, members[0])
    with pytest.raises(IllegalMoveError, match=members[1].reviewer.name):
        submit(scene, agreed)


def test_too_few_members_cannot_agree(session: Session) -> None:
    scene = collegial(session)
    agreed, members = given(scene)
    declare(scene, agreed, members[0])
    actions.declare_conflict(
        session,
        members[1],
        cause=ConflictCause.FAMILY,
        reason="Un parente",
        abstain=True,
        actor=scene.actor(members[1].reviewer),
        at=NOW,
    )
    with pytest.raises(IllegalMoveError):
        submit(scene, agreed)
    assert not queries.progress(session, scene.window.id)[0].complete


def test_a_reopened_sheet_is_agreed_on_again(session: Session) -> None:
    scene = collegial(session)
    agreed, members = given(scene)
    declare(scene, agreed, *members)
    submit(scene, agreed)
    actions.reopen(session, agreed, reason="Errore", actor=scene.by, at=NOW)
    submit(scene, agreed, {"quality": 8, "impact": 8})
    assert agreed.total == 16 * TOTAL_SCALE
    assert [a.state for a in members] == [AssignmentState.SUBMITTED] * 2


def test_members_read_and_the_secretary_writes_in_the_browser(
    session: Session, as_user: Browser
) -> None:
    scene = collegial(session)
    agreed, members = given(scene)
    declare(scene, agreed, *members)
    page = as_user(scene.reviewers[0]).get(f"/reviews/{members[0].id}").text
    assert 'name="points-quality"' not in page
    browser = as_user(scene.secretary)
    url = f"/reviews/{agreed.id}"
    assert 'name="points-quality"' in browser.get(url).text
    data = {"version": "1", "then": "submit"}
    for code in SCORES:
        data |= {f"points-{code}": "7", f"comment-{code}": "Concordato"}
    assert browser.post(f"{url}/sheet", data=data).status_code == 303
    shown = as_user(scene.reviewers[1]).get(f"/reviews/{members[1].id}").text
    assert "Concordato" in shown


# -- not applicable, steps, bands ----------------------------------------------------------------


def test_not_applicable_is_for_calls_that_know_it(session: Session) -> None:
    absent = {"quality": Line(Decimal(8), "Perché"), "impact": Line(None, "Perché", True)}
    strict, lenient = make_scene(session), make_scene(session, not_applicable="rescaled")
    for scene in (strict, lenient):
        proposal = scene.apply()
        one = actions.assign(session, proposal, scene.reviewers[0], actor=scene.by, at=NOW)
        declare(scene, one)
        who = scene.actor(one.reviewer)
        if scene is strict:
            with pytest.raises(InvalidError):
                actions.submit_scores(session, one, absent, version=1, actor=who, at=NOW)
            continue
        actions.submit_scores(session, one, absent, version=1, actor=who, at=NOW)
        assert one.total == 16 * TOTAL_SCALE
        assert queries.current_lines(session, one.id) == absent
        sheet = queries.ranking_input(session, scene.window).candidates[0].sheets[0]
        assert (sheet.points, sheet.not_applicable) == ((("quality", Decimal(8)),), ("impact",))


def test_a_sheet_shows_bands_and_keeps_to_the_step(session: Session, as_user: Browser) -> None:
    quality = CriterionDesign(
        "quality",
        {"it": "Qualità", "en": "Quality"},
        Decimal(10),
        step=Decimal("0.5"),
        bands=(Band(Decimal(0), Decimal(5), {"it": "Insufficiente per tutti"}),),
    )
    scene = make_scene(session, criteria=(quality,), tie_break=("protocol",))
    one = actions.assign(session, scene.apply(), scene.reviewers[0], actor=scene.by, at=NOW)
    declare(scene, one)
    browser = as_user(scene.reviewers[0])
    assert "Insufficiente per tutti" in browser.get(f"/reviews/{one.id}").text
    data = {"version": "1", "then": "submit", "comment-quality": "Perché"}
    for typed, status in (("7,3", 422), ("7,5", 303)):
        answer = browser.post(f"/reviews/{one.id}/sheet", data=data | {"points-quality": typed})
        assert answer.status_code == status


# -- blind -----------------------------------------------------------------------------------------


def test_a_blind_evaluation_names_nobody(
    session: Session, as_user: Browser, services: Services
) -> None:
    scene = make_scene(session, blind=True)
    proposal = scene.apply()
    proposal.organisation.name = "Associazione Riconoscibile"
    session.add(TeamMember(proposal_id=proposal.id, position=1, name="Zoe Riconoscibile"))
    one = actions.assign(session, proposal, scene.reviewers[0], actor=scene.by, at=NOW)
    session.flush()
    browser = as_user(scene.reviewers[0])
    seen = [browser.get("/reviews").text, browser.get(f"/reviews/{one.id}").text]
    declare(scene, one)
    seen.append(browser.get(f"/reviews/{one.id}").text)
    assert all(proposal.title in page for page in seen)
    assert [page for page in seen if "Riconoscibile" in page] == []
    assert [page for page in seen if proposal.owner.name in page] == []
    named = make_stored_file(session, name="Riconoscibile.pdf")
    services.storage.put(named.sha256, b"%PDF-1.4")
    papers = [
        Attachment(proposal_id=proposal.id, file_id=named.id, question=key)
        for key in ("shown", "hidden", "")
    ]
    session.add_all(papers)
    edition = proposal.edition
    questions = tuple(
        Question(key, {"it": key, "en": key}, kind=QuestionKind.FILE, blind=key == "hidden")
        for key in ("shown", "hidden")
    )
    design = replace(edition.design, questions=questions)
    edition.design_json, edition.sha256 = design.to_json(), design.sha256()
    session.flush()
    session.expire_all()
    page = browser.get(f"/reviews/{one.id}").text
    assert "Documento 1" in page
    assert "Riconoscibile" not in page
    answers = [browser.get(f"/reviews/{one.id}/files/{p.id}") for p in papers]
    assert [a.status_code for a in answers] == [200, 404, 404]
    assert "Riconoscibile" not in answers[0].headers["Content-Disposition"]
    open_scene = make_scene(session)
    other = open_scene.apply()
    other.organisation.name = "Associazione Riconoscibile"
    two = actions.assign(session, other, open_scene.reviewers[0], actor=open_scene.by, at=NOW)
    assert "Riconoscibile" in as_user(open_scene.reviewers[0]).get(f"/reviews/{two.id}").text
