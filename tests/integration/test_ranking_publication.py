"""Computing, publishing and correcting a ranking: states, money, letters, what a stranger reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.calls.rules import WindowState
from quartieri.campaigns.models import Campaign
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.kit.errors import (
    ConflictError,
    DomainError,
    IllegalMoveError,
    InsufficientFundsError,
    NotYoursError,
)
from quartieri.mail.models import Letter
from quartieri.programmes.queries import pool_balances
from quartieri.proposals.rules import PROPOSAL, ProposalState
from quartieri.reviews import actions, queries
from quartieri.reviews.models import Ranking
from quartieri.reviews.ranking import NotRankableError, RankingInput, UnresolvedTieError, rank
from quartieri.reviews.rules import ConflictCause, RankingOutcome, RankingState
from tests.doubles import NOW
from tests.factories.reviews import Scene, act_data, lines, make_scene

P = ProposalState


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


def three(session: Session, **over: Any) -> Scene:
    """Two that fit in 40,000 €, a third that doesn't, a fourth below 10 points."""
    scene = make_scene(session, **over)
    for total in (18, 16, 14, 8):
        scene.score(scene.apply(), total)
    return scene


def test_the_ranking_follows_scores_and_money(session: Session) -> None:
    scene = three(session)
    ranking = compute(scene)
    assert [(e.position, e.outcome, e.amount_cents) for e in ranking.entries] == [
        (1, RankingOutcome.FUNDED, 15_000_00),
        (2, RankingOutcome.FUNDED, 15_000_00),
        (3, RankingOutcome.ELIGIBLE_UNFUNDED, 0),
        (None, RankingOutcome.NOT_ELIGIBLE, 0),
    ]
    assert states(scene) == [P.UNDER_REVIEW] * 4
    assert rank(RankingInput.from_json(ranking.inputs)).to_json() == queries.result_document(
        ranking
    )


def test_a_tie_goes_to_the_named_criterion_then_to_the_earlier(session: Session) -> None:
    scene = make_scene(session)
    late, early, better = scene.apply(), scene.apply(), scene.apply()
    for proposal, quality, impact in ((late, 6, 8), (early, 6, 8), (better, 8, 6)):
        scene.sheet(proposal, scene.reviewers[0], {"quality": quality, "impact": impact})
    entries = compute(scene).entries
    assert [e.proposal_id for e in entries] == [better.id, late.id, early.id]
    assert [e.detail["tie"]["by"] for e in entries] == [
        "criterion:quality",
        "received",
        "received",
    ]


def test_a_tie_that_no_rule_settles_is_refused(session: Session) -> None:
    scene = make_scene(session, tie_break=("criterion:quality",))
    for _ in range(2):
        scene.score(scene.apply(), 14)
    with pytest.raises(UnresolvedTieError):
        compute(scene)


def test_a_missing_sheet_is_named_and_refuses_the_ranking(session: Session) -> None:
    scene = three(session)
    waiting = scene.apply()
    with pytest.raises(IllegalMoveError, match=waiting.protocol_number):
        compute(scene)
    actions.assign(session, waiting, scene.reviewers[0], actor=scene.by, at=NOW)
    with pytest.raises(IllegalMoveError, match=waiting.protocol_number):
        compute(scene)


def test_too_few_sheets_refuse_the_ranking(session: Session) -> None:
    scene = make_scene(session, sheets=2)
    scene.score(scene.apply(), 14)
    with pytest.raises(NotRankableError):
        compute(scene)


def test_an_open_declaration_refuses_the_ranking(session: Session) -> None:
    scene = three(session)
    assignment = queries.waiting_for(session, [scene.proposals[0].id])[scene.proposals[0].id][0]
    actions.declare_conflict(
        session,
        assignment,
        cause=ConflictCause.BODY,
        reason="Ne sono socio",
        abstain=False,
        actor=scene.actor(assignment.reviewer),
        at=NOW,
    )
    with pytest.raises(IllegalMoveError, match=scene.proposals[0].protocol_number):
        compute(scene)


def test_an_unchecked_application_refuses_the_ranking(session: Session) -> None:
    scene = three(session)
    scene.apply("Ancora in istruttoria", state=P.IN_CHECK)
    with pytest.raises(IllegalMoveError, match="Ancora in istruttoria"):
        compute(scene)


def test_only_the_call_manager_computes_and_publishes(session: Session) -> None:
    scene = three(session)
    ranking = compute(scene)
    for role in set(Role) - {Role.CALL_MANAGER, Role.SYSTEM}:
        other = Actor(scene.head.id, "x", frozenset({role}))
        with pytest.raises(NotYoursError):
            compute(scene, actor=other)
        with pytest.raises(NotYoursError):
            actions.publish_ranking(session, ranking, act_data(), actor=other, at=NOW)


def test_recomputing_makes_a_new_number_and_puts_the_old_one_aside(session: Session) -> None:
    scene = three(session)
    first, second = compute(scene), compute(scene)
    assert (first.number, first.state) == (1, RankingState.DISCARDED)
    assert (second.number, second.state) == (2, RankingState.COMPUTED)
    assert second.replaces_id is None
    actions.discard_ranking(session, second, actor=scene.by, at=NOW)
    assert compute(scene).number == 3


def test_publishing_selects_reserves_proposes_and_tells(
    session: Session, work: Callable[[], int]
) -> None:
    scene = three(session)
    scene.apply("Esclusa", state=P.INADMISSIBLE)
    scene.apply("Ritirata", state=P.WITHDRAWN)
    ranking = publish(scene, compute(scene))
    assert states(scene) == [
        P.SELECTED,
        P.SELECTED,
        P.WAITING,
        P.NOT_SELECTED,
        P.INADMISSIBLE,
        P.WITHDRAWN,
    ]
    assert [e.outcome for e in ranking.entries][4:] == [
        RankingOutcome.EXCLUDED,
        RankingOutcome.WITHDRAWN,
    ]
    grants = session.scalars(sa.select(Grant).order_by(Grant.id)).all()
    assert [(g.state, g.reserved_cents, g.proposed_at) for g in grants] == [
        (GrantState.RESERVED, 15_000_00, NOW)
    ] * 2
    money = pool_balances(session, scene.pool.id)
    assert (money.reserved_cents, money.available_cents) == (30_000_00, 10_000_00)
    assert scene.window.state is WindowState.FINAL
    assert ranking.state is RankingState.FINAL
    work()
    work()
    told = session.scalars(sa.select(Letter.to).where(Letter.key.like("ranking-%"))).all()
    assert sorted(told) == sorted(p.owner.email for p in scene.proposals[:5])


def test_a_call_with_campaigns_opens_pages_and_proposes_nothing(
    session: Session, work: Callable[[], int]
) -> None:
    scene = three(session, campaigns=True)
    publish(scene, compute(scene))
    grants = session.scalars(sa.select(Grant)).all()
    assert {(g.reserved_cents, g.proposed_at) for g in grants} == {(12_000_00, None)}
    pages = session.scalars(sa.select(Campaign).order_by(Campaign.id)).all()
    assert [p.proposal_id for p in pages] == [p.id for p in scene.proposals[:3]]
    work()
    letter = session.scalars(
        sa.select(Letter.text).where(Letter.to == scene.proposals[0].owner.email)
    ).one()
    assert "crowdfunding" in letter
    assert "12.000" in letter


def test_two_clicks_publish_once(session: Session) -> None:
    scene = three(session)
    ranking = compute(scene)
    acts = {publish(scene, ranking).act_id for _ in range(2)}
    assert len(acts) == 1
    assert pool_balances(session, scene.pool.id).reserved_cents == 30_000_00


def test_a_ranking_that_is_not_fresh_is_not_published(session: Session) -> None:
    scene = three(session)
    ranking = compute(scene)
    move(
        session,
        scene.proposals[0],
        PROPOSAL,
        "withdraw",
        actor=Actor(None, "x", frozenset({Role.APPLICANT})),
        at=NOW,
    )
    with pytest.raises(ConflictError):
        publish(scene, ranking)


def test_windows_that_share_a_pool_never_overdraw_it(session: Session) -> None:
    one = three(session)
    two = make_scene(session, pool=one.pool)
    for total in (18, 16, 14):
        two.score(two.apply(), total)
    first, second = compute(one), compute(two)
    publish(one, first)
    with pytest.raises(ConflictError):
        publish(two, second)
    again = publish(two, compute(two))
    assert sum(e.amount_cents for e in again.entries) == 0
    money = pool_balances(session, one.pool.id)
    assert (money.reserved_cents, money.available_cents) == (30_000_00, 10_000_00)


def test_part_funding_gives_the_rest_and_no_cent_more(session: Session) -> None:
    scene = three(session, when_money_runs_out="part")
    publish(scene, compute(scene))
    money = pool_balances(session, scene.pool.id)
    assert (money.reserved_cents, money.available_cents) == (40_000_00, 0)


def test_a_correction_cannot_take_what_another_session_was_given(session: Session) -> None:
    one = make_scene(session, endowment_cents=30_000_00)
    for total in (18, 8):
        one.score(one.apply(), total)
    two = make_scene(session, pool=one.pool)
    two.score(two.apply(), 18)
    publish(one, compute(one))
    publish(two, compute(two))
    rescore(one, 1, 8)
    with pytest.raises(InsufficientFundsError):
        publish(one, compute(one))
    assert pool_balances(session, one.pool.id).available_cents == 0


def test_provisional_first_where_the_call_says_so(session: Session) -> None:
    scene = three(session, provisional=True)
    ranking = compute(scene)
    with pytest.raises(IllegalMoveError, match="provisional"):
        publish(scene, ranking)
    publish(scene, ranking, final=False)
    assert states(scene) == [P.RANKED] * 4
    assert scene.window.state is WindowState.PROVISIONAL
    assert pool_balances(session, scene.pool.id).reserved_cents == 0
    publish(scene, ranking)
    assert states(scene) == [P.SELECTED, P.SELECTED, P.WAITING, P.NOT_SELECTED]
    assert scene.window.state is WindowState.FINAL


def rescore(scene: Scene, place: int, half: int) -> None:
    session, proposal = scene.session, scene.proposals[place]
    assignment = queries.waiting_for(session, [proposal.id])[proposal.id][0]
    actions.reopen(session, assignment, reason="Accolta l'istanza", actor=scene.by, at=NOW)
    actions.submit_scores(
        session,
        assignment,
        lines({"quality": half, "impact": half}),
        version=assignment.version,
        actor=scene.actor(assignment.reviewer),
        at=NOW + timedelta(minutes=1),
    )


def test_an_upheld_objection_gives_a_new_number_that_names_the_old(session: Session) -> None:
    scene = three(session, provisional=True)
    first = publish(scene, compute(scene), final=False)
    rescore(scene, 2, 10)
    second = compute(scene)
    assert second.replaces_id == first.id
    publish(scene, second)
    assert first.state is RankingState.SUPERSEDED
    assert states(scene) == [P.SELECTED, P.WAITING, P.SELECTED, P.NOT_SELECTED]


def test_no_provisional_ranking_where_the_call_has_none(session: Session) -> None:
    scene = three(session)
    with pytest.raises(IllegalMoveError):
        publish(scene, compute(scene), final=False)


def test_a_correction_takes_before_it_gives_and_names_the_old(session: Session) -> None:
    scene = three(session)
    first = publish(scene, compute(scene))
    rescore(scene, 2, 10)
    second = publish(scene, compute(scene))
    assert (second.number, second.replaces_id) == (2, first.id)
    assert (first.state, second.state) == (RankingState.SUPERSEDED, RankingState.FINAL)
    assert states(scene) == [P.SELECTED, P.WAITING, P.SELECTED, P.NOT_SELECTED]
    live = session.scalars(
        sa.select(Grant.proposal_id).where(Grant.state == GrantState.RESERVED)
    ).all()
    assert sorted(live) == sorted([scene.proposals[0].id, scene.proposals[2].id])
    assert pool_balances(session, scene.pool.id).reserved_cents == 30_000_00


def test_a_correction_never_takes_a_project_that_is_under_way(session: Session) -> None:
    scene = three(session)
    publish(scene, compute(scene))
    scene.proposals[1].state = P.AWARDED
    rescore(scene, 2, 10)
    with pytest.raises(DomainError, match="under way"):
        publish(scene, compute(scene))


def test_the_published_inputs_hold_no_names(session: Session) -> None:
    scene = three(session)
    ranking = compute(scene)
    text = json.dumps([ranking.inputs, queries.result_document(ranking)])
    people = [*scene.reviewers, scene.manager, *(p.owner for p in scene.proposals)]
    for person in people:
        assert person.name not in text
        assert person.email not in text
    assert {s["reviewer"] for c in ranking.inputs["candidates"] for s in c["sheets"]} == {"1"}
