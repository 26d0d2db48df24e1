"""Stages and gates: who goes on, who stops, corrections, and what the last stage decides."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.design import (
    CriterionDesign,
    Division,
    GroupDesign,
    Part,
    StageDesign,
)
from quartieri.calls.rules import WindowState
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.mail.models import Letter
from quartieri.proposals.rules import ProposalState
from quartieri.reviews import actions, queries
from quartieri.reviews.models import Ranking
from quartieri.reviews.ranking import RankingInput, UnresolvedTieError, rank
from quartieri.reviews.rules import RankingState
from quartieri.reviews.verification import all_agree, verify
from tests.doubles import NOW
from tests.factories.reviews import Scene, act_data, lines, make_scene

P = ProposalState
STAGES = (
    StageDesign(
        "idea", {"it": "Idea", "en": "Idea"}, ("quality",), Decimal(4), admitted=2, sheets=1
    ),
    StageDesign("final", {"it": "Finale", "en": "Final"}, (), Decimal(10)),
)


def compute(scene: Scene, **over: Any) -> Ranking:
    return actions.compute_ranking(
        scene.session, scene.window, **({"actor": scene.by, "at": NOW} | over)
    )


def publish(scene: Scene, ranking: Ranking, *, final: bool = True) -> Ranking:
    return actions.publish_ranking(
        scene.session, ranking, act_data(), final=final, actor=scene.by, at=NOW
    )


def states(scene: Scene) -> list[ProposalState]:
    return [p.state for p in scene.proposals]


def staged(session: Session, *points: int, **over: Any) -> Scene:
    """Give applications, each with these points on quality, in the first of two stages."""
    scene = make_scene(session, stages=STAGES, **over)
    for given in points:
        scene.sheet(scene.apply(), scene.reviewers[0], {"quality": given})
    return scene


def test_a_gate_admits_the_best_and_stops_the_others(session: Session) -> None:
    scene = staged(session, 9, 8, 7, 3)
    ranking = compute(scene)
    assert (ranking.stage, ranking.endowment_cents) == (1, 0)
    assert [(e.position, e.outcome.value, e.amount_cents) for e in ranking.entries] == [
        (1, "admitted", 0),
        (2, "admitted", 0),
        (3, "not_admitted", 0),
        (None, "not_eligible", 0),
    ]
    publish(scene, ranking)
    assert states(scene) == [P.UNDER_REVIEW, P.UNDER_REVIEW, P.STOPPED_AT_GATE, P.STOPPED_AT_GATE]
    assert scene.window.stage == 2
    assert scene.window.state_at(NOW) is WindowState.EVALUATION
    assert ranking.state is RankingState.FINAL
    assert all_agree(verify(session))


def test_a_gate_admits_by_list_and_quota_where_they_say_how_many(session: Session) -> None:
    bands = Division(
        "cost",
        parts=(
            Part("small", {"it": "Piccoli"}, to_cents=10_000_00, places=1, admitted=1),
            Part("large", {"it": "Grandi"}, from_cents=10_000_01),
        ),
    )
    new = Division("question", "age", (Part("old", values=("old",), places=2, admitted=1),))
    stages = (replace(STAGES[0], admitted=3), STAGES[1])
    scene = make_scene(session, stages=stages, lists=bands, quotas=new)
    for points, cost, age in (
        (9, 5_000_00, "old"),
        (8, 5_000_00, "young"),
        (7, 20_000_00, "old"),
        (6, 20_000_00, "young"),
        (5, 20_000_00, "young"),
        (5, 20_000_00, "young"),
    ):
        applied = scene.apply(cost_cents=cost, answers={"age": age})
        scene.sheet(applied, scene.reviewers[0], {"quality": points})
    ranking = compute(scene)
    assert [(e.detail["list_code"], e.position, e.outcome.value) for e in ranking.entries] == [
        ("small", 1, "admitted"),
        ("small", 2, "not_admitted"),
        ("large", 1, "not_admitted"),
        ("large", 2, "admitted"),
        ("large", 3, "admitted"),
        ("large", 4, "not_admitted"),
    ]
    publish(scene, ranking)
    assert scene.window.stage == 2
    assert all_agree(verify(session))


def test_two_clicks_pass_a_gate_once(session: Session) -> None:
    scene = staged(session, 9, 8, 7)
    ranking = publish(scene, compute(scene))
    assert publish(scene, ranking) is ranking
    assert scene.window.stage == 2


def test_only_the_last_stage_binds_money_and_says_of_all_what_becomes_of_them(
    session: Session,
) -> None:
    scene = staged(session, 9, 8, 7)
    publish(scene, compute(scene))
    with pytest.raises(IllegalMoveError):
        compute(scene)  # nobody scored the second stage yet
    for proposal, half in zip(scene.proposals[:2], (4, 6), strict=True):
        scene.sheet(proposal, scene.reviewers[0], {"quality": half, "impact": half})
    final = compute(scene)
    assert (final.stage, final.number, len(final.inputs["candidates"])) == (2, 2, 2)
    assert final.replaces_id is None
    publish(scene, final)
    assert states(scene) == [P.NOT_SELECTED, P.SELECTED, P.NOT_SELECTED]
    assert scene.window.state_at(NOW) is WindowState.FINAL
    assert [r.state for r in queries.rankings_of(session, scene.window.id)] == [
        RankingState.FINAL,
        RankingState.FINAL,
    ]
    assert all_agree(verify(session))


def test_a_gate_is_corrected_until_the_next_ranking_is_out(session: Session) -> None:
    scene = staged(session, 9, 8, 7)
    first = publish(scene, compute(scene))
    mistaken = queries.waiting_for(session, [scene.proposals[2].id])[scene.proposals[2].id][0]
    actions.reopen(session, mistaken, reason="Errore di somma", actor=scene.by, at=NOW)
    who = scene.actor(scene.reviewers[0])
    version = mistaken.version
    better = lines({"quality": 10})
    actions.submit_scores(session, mistaken, better, version=version, actor=who, at=NOW)
    second = compute(scene, stage=1)
    assert (second.stage, second.replaces_id) == (1, first.id)
    publish(scene, second)
    assert first.state is RankingState.SUPERSEDED
    assert states(scene) == [P.UNDER_REVIEW, P.STOPPED_AT_GATE, P.UNDER_REVIEW]
    assert scene.window.stage == 2
    for proposal in (scene.proposals[0], scene.proposals[2]):
        scene.sheet(proposal, scene.reviewers[0])
    publish(scene, compute(scene))
    with pytest.raises(InvalidError):
        compute(scene, stage=1)


def test_whoever_comes_after_the_gate_passes_it_by_a_correction(session: Session) -> None:
    scene = staged(session, 9, 8)
    publish(scene, compute(scene))
    readmitted = scene.apply()
    late = scene.sheet(readmitted, scene.reviewers[0], {"quality": 10})
    assert late.stage == 1
    publish(scene, compute(scene, stage=1))
    assert states(scene) == [P.UNDER_REVIEW, P.STOPPED_AT_GATE, P.UNDER_REVIEW]
    again = actions.assign(session, readmitted, scene.reviewers[0], actor=scene.by, at=NOW)
    assert again.stage == 2


def test_a_reviewer_who_abstained_in_one_stage_has_it_in_no_other(session: Session) -> None:
    scene = staged(session, 9)
    both = scene.proposals[0]
    second = actions.assign(session, both, scene.reviewers[1], actor=scene.by, at=NOW)
    actions.recuse(session, second, actor=scene.actor(scene.reviewers[1]), at=NOW)
    publish(scene, compute(scene))
    with pytest.raises(InvalidError):
        actions.assign(session, both, scene.reviewers[1], actor=scene.by, at=NOW)
    again = actions.assign(session, both, scene.reviewers[0], actor=scene.by, at=NOW)
    assert again.stage == 2


def test_each_applicant_is_told_of_the_gate(session: Session) -> None:
    scene = staged(session, 9, 8, 7)
    ranking = publish(scene, compute(scene))
    actions.tell(session, ranking, final=True, corrected=False, after=0, at=NOW)
    letters = session.scalars(
        sa.select(Letter).where(Letter.key.startswith("ranking-final")).order_by(Letter.id)
    ).all()
    assert len(letters) == 3
    assert "Finale" in letters[0].text
    assert "Finale" not in letters[2].text


# -- gates among criteria --------------------------------------------------------------------------

GATED = {
    "criteria": (
        CriterionDesign("quality", {"it": "Qualità", "en": "Quality"}, Decimal(10), group="idea"),
        CriterionDesign("impact", {"it": "Impatto", "en": "Impact"}, Decimal(10)),
    ),
    "groups": (GroupDesign("idea", {"it": "Idea", "en": "Idea"}, Decimal(5), gate=True),),
}


@pytest.mark.parametrize("provisional", [False, True])
def test_below_a_gate_of_the_criteria_a_project_stops_and_is_not_selected(
    session: Session, provisional: bool
) -> None:
    scene = make_scene(session, provisional=provisional, **GATED)
    scene.sheet(scene.apply(), scene.reviewers[0], {"quality": 4, "impact": 10})
    scene.sheet(scene.apply(), scene.reviewers[0], {"quality": 5, "impact": 6})
    if provisional:
        publish(scene, compute(scene), final=False)
        assert states(scene) == [P.STOPPED_AT_GATE, P.RANKED]
    final = publish(scene, compute(scene))
    assert states(scene) == [P.NOT_SELECTED, P.SELECTED]
    assert [e.total for e in final.entries] == [Decimal("11.00"), None]


# -- lists, quotas, draw ---------------------------------------------------------------------------


def test_lists_by_cost_have_their_own_places_and_money(session: Session) -> None:
    bands = Division(
        "cost",
        parts=(
            Part("small", {"it": "Fino a 10.000"}, to_cents=10_000_00, places=1),
            Part("large", {"it": "Oltre"}, from_cents=10_000_01, flat_cents=5_000_00),
        ),
    )
    scene = make_scene(session, lists=bands)
    for cost in (10_000_00, 9_000_00, 20_000_00, 20_000_00):
        scene.score(scene.apply(cost_cents=cost, requested_cents=4_000_00 + cost // 4), 14)
    ranking = publish(scene, compute(scene))
    assert [(e.position, e.outcome.value, e.amount_cents) for e in ranking.entries] == [
        (1, "funded", 6_500_00),
        (2, "eligible_unfunded", 0),
        (1, "funded", 5_000_00),
        (2, "funded", 5_000_00),
    ]
    document = json.loads(json.dumps(ranking.inputs))
    assert rank(RankingInput.from_json(document)).to_json() == queries.result_document(ranking)


def test_lists_by_an_answer_and_quotas_read_the_application(session: Session) -> None:
    by_answer = Division("question", "field", (Part("green", values=("green",)), Part("other")))
    scene = make_scene(session, lists=by_answer)
    scene.score(scene.apply(answers={"field": "green"}), 12)
    scene.score(scene.apply(answers={"field": "sport"}), 14)
    assert [c.list_code for c in queries.ranking_input(session, scene.window).candidates] == [
        "green",
        "other",
    ]


def test_a_draw_is_held_once_with_a_seed_that_stands(session: Session) -> None:
    source = {"it": "Lotto di Milano", "en": "Milan lottery"}
    scene = make_scene(session, tie_break=("draw",), draw_source=source)
    for _ in range(3):
        scene.score(scene.apply(), 14)
    with pytest.raises(UnresolvedTieError):
        compute(scene)
    drawn = compute(scene, seed=" 7-21-33-48-90 ")
    assert drawn.inputs["rules"]["draw_seed"] == "7-21-33-48-90"
    with pytest.raises(InvalidError):
        compute(scene, seed="1-2-3")
    again = compute(scene)
    assert again.inputs_sha256 == drawn.inputs_sha256
    publish(scene, again)
    assert all_agree(verify(session))


def test_a_call_without_a_draw_takes_no_seed(session: Session) -> None:
    scene = make_scene(session)
    scene.score(scene.apply(), 14)
    with pytest.raises(InvalidError):
        compute(scene, seed="7")


def test_what_changes_after_the_gate_was_computed_refuses_it(session: Session) -> None:
    scene = staged(session, 9, 8)
    ranking = compute(scene)
    scene.sheet(scene.proposals[0], scene.reviewers[1], {"quality": 1})
    with pytest.raises(ConflictError):
        publish(scene, ranking)
