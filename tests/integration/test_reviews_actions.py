"""Assigning, declaring conflicts, scoring: what each verb does and refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.kit.errors import (
    ConflictError,
    DomainError,
    IllegalMoveError,
    InvalidError,
    NotYoursError,
)
from quartieri.mail.models import Letter
from quartieri.people.models import Organisation
from quartieri.people.rules import OrganisationKind
from quartieri.proposals.models import Partner, Scorer, TeamMember
from quartieri.proposals.rules import ProposalState
from quartieri.reviews import actions, queries
from quartieri.reviews.models import Assignment, Score
from quartieri.reviews.ranking import TOTAL_SCALE
from quartieri.reviews.rules import (
    AssignmentState,
    ConflictCause,
    ConflictState,
    Line,
    Pair,
)
from tests.doubles import NOW
from tests.factories.reviews import SCORES, Scene, lines, make_person, make_scene


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def given(scene: Scene) -> Assignment:
    return actions.assign(scene.session, scene.apply(), scene.reviewers[0], actor=scene.by, at=NOW)


def score(scene: Scene, assignment: Assignment, points: dict[str, object], **over: object) -> None:
    actions.submit_scores(
        scene.session,
        assignment,
        lines(points),
        version=over.get("version", assignment.version),
        actor=scene.actor(scene.reviewers[0]),
        at=NOW,
    )


def test_assigning_twice_gives_one_assignment_and_one_letter(scene: Scene) -> None:
    first = given(scene)
    again = actions.assign(
        scene.session, first.proposal, scene.reviewers[0], actor=scene.by, at=NOW
    )
    assert again is first
    assert first.conflict.state is ConflictState.UNDECLARED
    letters = list(scene.session.scalars(sa.select(Letter.to)))
    assert letters == [scene.reviewers[0].email]


def test_only_manager_and_secretary_assign(scene: Scene) -> None:
    proposal = scene.apply()
    for user in (scene.reviewers[0], scene.head):
        with pytest.raises(NotYoursError):
            actions.assign(
                scene.session, proposal, scene.reviewers[0], actor=scene.actor(user), at=NOW
            )
    actions.assign(
        scene.session, proposal, scene.reviewers[0], actor=scene.actor(scene.secretary), at=NOW
    )


def test_who_is_not_in_the_commission_is_not_assigned(scene: Scene) -> None:
    with pytest.raises(InvalidError):
        actions.assign(
            scene.session, scene.apply(), make_person(scene.session), actor=scene.by, at=NOW
        )


@pytest.mark.parametrize("tie", ["owner", "organisation", "tax code", "partner", "team"])
def test_who_takes_part_is_not_assigned(scene: Scene, tie: str) -> None:
    reviewer, session = scene.reviewers[0], scene.session
    own = Organisation(
        kind=OrganisationKind.ASSOCIATION,
        name="Mia",
        tax_code="01234567890",
        owner_id=reviewer.id,
        created_at=NOW,
    )
    session.add(own)
    session.flush()
    over = {
        "owner": {"owner": reviewer},
        "organisation": {"organisation": own},
        "partner": {},
        "team": {},
        "tax code": {},
    }[tie]
    proposal = scene.apply(**over)
    if tie == "tax code":
        proposal.organisation.tax_code = "01234567890"
    elif tie == "partner":
        session.add(
            Partner(
                proposal_id=proposal.id,
                position=1,
                name="x",
                kind=OrganisationKind.ASSOCIATION,
                tax_code="01234567890",
            )
        )
    elif tie == "team":
        session.add(TeamMember(proposal_id=proposal.id, position=1, name=reviewer.name.upper()))
    session.flush()
    with pytest.raises(NotYoursError, match="take part"):
        actions.assign(session, proposal, reviewer, actor=scene.by, at=NOW)


def test_nothing_is_assigned_before_the_evaluation(scene: Scene) -> None:
    proposal = scene.apply(state=ProposalState.ADMISSIBLE)
    with pytest.raises(IllegalMoveError):
        actions.assign(scene.session, proposal, scene.reviewers[0], actor=scene.by, at=NOW)
    assert actions.open_evaluation(scene.session, scene.window, actor=scene.by, at=NOW) == 1
    assert proposal.state is ProposalState.UNDER_REVIEW


def test_an_undeclared_conflict_bars_scoring(scene: Scene) -> None:
    assignment = given(scene)
    with pytest.raises(IllegalMoveError, match="Declare first"):
        score(scene, assignment, SCORES)


def test_declaring_none_accepts_the_work_once(scene: Scene) -> None:
    assignment = given(scene)
    who = scene.actor(scene.reviewers[0])
    for _ in range(2):
        actions.declare_none(scene.session, assignment, actor=who, at=NOW)
    assert assignment.state is AssignmentState.ACCEPTED
    assert assignment.conflict.state is ConflictState.NONE


def test_nobody_declares_for_another(scene: Scene) -> None:
    assignment = given(scene)
    for user in (scene.reviewers[1], scene.manager):
        with pytest.raises(NotYoursError):
            actions.declare_none(scene.session, assignment, actor=scene.actor(user), at=NOW)


def declare(scene: Scene, assignment: Assignment, *, abstain: bool) -> None:
    actions.declare_conflict(
        scene.session,
        assignment,
        cause=ConflictCause.ACQUAINTANCE,
        reason="Ci frequentiamo",
        abstain=abstain,
        actor=scene.actor(scene.reviewers[0]),
        at=NOW,
    )


def test_abstaining_recuses_for_good(scene: Scene) -> None:
    assignment = given(scene)
    declare(scene, assignment, abstain=True)
    assert assignment.state is AssignmentState.RECUSED
    assert assignment.conflict.state is ConflictState.ABSTAINS
    with pytest.raises(IllegalMoveError):
        score(scene, assignment, SCORES)
    with pytest.raises(InvalidError):
        actions.assign(
            scene.session, assignment.proposal, scene.reviewers[0], actor=scene.by, at=NOW
        )


def test_the_head_of_office_clears_or_not_and_nobody_else(scene: Scene) -> None:
    first, second = given(scene), given(scene)
    for assignment in (first, second):
        declare(scene, assignment, abstain=False)
        with pytest.raises(IllegalMoveError):
            score(scene, assignment, SCORES)
        with pytest.raises(NotYoursError):
            actions.clear(scene.session, assignment, reason="ok", actor=scene.by, at=NOW)
    head = scene.actor(scene.head)
    assert len(queries.declared_conflicts(scene.session, None)) == 2
    actions.clear(scene.session, first, reason="Solo vicini", actor=head, at=NOW)
    actions.uphold(scene.session, second, reason="Troppo vicini", actor=head, at=NOW)
    assert (first.conflict.state, first.state) == (
        ConflictState.CLEARED,
        AssignmentState.ACCEPTED,
    )
    assert (second.conflict.state, second.state) == (
        ConflictState.ABSTAINS,
        AssignmentState.RECUSED,
    )
    score(scene, first, SCORES)
    assert first.state is AssignmentState.SUBMITTED


def accepted(scene: Scene) -> Assignment:
    assignment = given(scene)
    actions.declare_none(scene.session, assignment, actor=scene.actor(scene.reviewers[0]), at=NOW)
    return assignment


@pytest.mark.parametrize(
    "points, field",
    [
        ({"quality": 7}, "points-impact"),
        ({"quality": 7, "impact": None}, "points-impact"),
        ({"quality": 11, "impact": 5}, "points-quality"),
        ({"quality": -1, "impact": 5}, "points-quality"),
        ({"quality": "5.125", "impact": 5}, "points-quality"),
    ],
)
def test_a_sheet_with_a_missing_or_wrong_score_is_refused(
    scene: Scene, points: dict[str, object], field: str
) -> None:
    assignment = accepted(scene)
    with pytest.raises(InvalidError) as refused:
        score(scene, assignment, points)
    assert refused.value.field == field


def test_a_score_needs_a_comment(scene: Scene) -> None:
    assignment = accepted(scene)
    sheet = lines(SCORES) | {"impact": Line(Decimal(5), "  ")}
    with pytest.raises(InvalidError) as refused:
        actions.submit_scores(
            scene.session,
            assignment,
            sheet,
            version=1,
            actor=scene.actor(scene.reviewers[0]),
            at=NOW,
        )
    assert refused.value.field == "comment-impact"


def test_a_zero_is_a_score(scene: Scene) -> None:
    assignment = accepted(scene)
    score(scene, assignment, {"quality": 0, "impact": "2.5"})
    assert assignment.total == Decimal("2.5") * TOTAL_SCALE
    assert assignment.state is AssignmentState.SUBMITTED


def test_drafts_are_kept_as_versions_and_nothing_is_overwritten(scene: Scene) -> None:
    assignment = accepted(scene)
    who = scene.actor(scene.reviewers[0])

    def save(points: dict[str, object], version: int) -> None:
        actions.save_scores(
            scene.session, assignment, lines(points), version=version, actor=who, at=NOW
        )

    save({"quality": 3, "impact": None}, 1)
    save({"quality": 4, "impact": None}, 2)
    with pytest.raises(ConflictError):
        save({"quality": 9, "impact": 9}, 2)
    rows = scene.session.execute(
        sa.select(Score.version, Score.points)
        .where(Score.assignment_id == assignment.id)
        .order_by(Score.id)
    ).all()
    assert [tuple(r) for r in rows] == [(2, Decimal(3)), (2, None), (3, Decimal(4))]
    assert queries.current_lines(scene.session, assignment.id)["quality"].points == Decimal(4)
    assert assignment.state is AssignmentState.IN_PROGRESS
    audited = scene.session.scalars(
        sa.select(AuditEntry.after).where(AuditEntry.verb == "score").order_by(AuditEntry.id)
    ).all()
    assert [a["points"]["quality"] for a in audited] == ["3", "4"]


def test_submitting_notes_who_scored_and_closes_the_sheet(scene: Scene) -> None:
    assignment = accepted(scene)
    score(scene, assignment, SCORES)
    fact = scene.session.get(Scorer, (assignment.proposal_id, scene.reviewers[0].id))
    assert fact is not None
    assert fact.window_id == scene.window.id
    with pytest.raises(IllegalMoveError, match="reopen"):
        score(scene, assignment, SCORES)


def test_colleagues_sheets_are_seen_only_after_ones_own(scene: Scene) -> None:
    proposal = scene.apply()
    scene.sheet(proposal, scene.reviewers[0])
    mine = actions.assign(scene.session, proposal, scene.reviewers[1], actor=scene.by, at=NOW)
    assert queries.others_lines(scene.session, mine) == []
    scene.sheet(proposal, scene.reviewers[1])
    (other,) = queries.others_lines(scene.session, mine)
    assert other.reviewer == scene.reviewers[0].name
    assert other.lines["quality"].points == Decimal(7)


def test_recusing_after_submission_keeps_the_scores_void(scene: Scene) -> None:
    proposal = scene.apply()
    assignment = scene.sheet(proposal, scene.reviewers[0])
    declare(scene, assignment, abstain=True)
    assert assignment.state is AssignmentState.RECUSED
    assert len(queries.current_lines(scene.session, assignment.id)) == 2
    assert queries.sheets_of(scene.session, proposal.id) == []
    assert queries.ranking_input(scene.session, scene.window).candidates[0].sheets == ()


def test_reopening_needs_a_reason_and_an_official(scene: Scene) -> None:
    assignment = scene.sheet(scene.apply(), scene.reviewers[0])
    with pytest.raises(InvalidError):
        actions.reopen(scene.session, assignment, reason=" ", actor=scene.by, at=NOW)
    with pytest.raises(NotYoursError):
        actions.reopen(
            scene.session,
            assignment,
            reason="Errore",
            actor=scene.actor(scene.reviewers[0]),
            at=NOW,
        )
    actions.reopen(scene.session, assignment, reason="Errore", actor=scene.by, at=NOW)
    assert assignment.state is AssignmentState.IN_PROGRESS
    assert assignment.total is None
    score(scene, assignment, {"quality": 9, "impact": 9})
    assert assignment.total == 18 * TOTAL_SCALE


def test_assigning_many_is_all_or_none(scene: Scene) -> None:
    fine, own = scene.apply(), scene.apply(owner=scene.reviewers[1])
    pairs = [
        Pair(fine.id, scene.reviewers[0].id),
        Pair(own.id, scene.reviewers[1].id),
    ]
    with pytest.raises(DomainError):
        actions.assign_many(scene.session, scene.window, pairs, actor=scene.by, at=NOW)
    assert scene.session.scalars(sa.select(Assignment.id)).all() == []
