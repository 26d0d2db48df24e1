"""The admissibility check: session, checklist, admission, exclusion, integration; who may what."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import Actor, Role
from quartieri.calls.models import Call
from quartieri.calls.rules import WindowState
from quartieri.jobs.actions import enqueue
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError, NotYoursError
from quartieri.mail.models import Letter
from quartieri.people.models import User
from quartieri.proposals import actions
from quartieri.proposals.models import IntegrationRequest, Proposal, Snapshot
from quartieri.proposals.rules import CheckOutcome, IntegrationState, ProposalState
from tests.doubles import NOW
from tests.factories.calls import CLOSES, make_published_call
from tests.factories.people import actor_of, make_official, make_user
from tests.factories.proposals import make_submitted

Opener = Callable[[Any], Any]
TICK = timedelta(microseconds=1)
LATER = CLOSES + timedelta(days=1)
MET = {"applicant": (CheckOutcome.MET, "")}
OFFICER = Actor(None, "Ufficio", frozenset({Role.OFFICER}))
DUE = datetime(2025, 3, 14, 22, 59, 59, 999999, tzinfo=UTC)


@pytest.fixture
def call(session: Session) -> Call:
    return make_published_call(session)


@pytest.fixture
def officer(session: Session, call: Call) -> User:
    return make_official(session, Role.OFFICER, call.scope)


@pytest.fixture
def checked(session: Session, call: Call) -> Proposal:
    """Give an application that is being checked."""
    proposal = make_submitted(session, call)
    actions.start_checking(session, call.windows[0], actor=OFFICER, at=LATER)
    return proposal


@pytest.fixture
def asked(session: Session, checked: Proposal) -> IntegrationRequest:
    """Give an integration request that waits for its answer until a midnight in Rome."""
    return actions.request_integration(
        session, checked, items="Manca lo statuto", due_at=DUE, actor=OFFICER, at=LATER
    )


def letters(session: Session, proposal: Proposal) -> list[str]:
    return list(
        session.scalars(
            sa.select(Letter.key).where(Letter.subject_id == proposal.id).order_by(Letter.id)
        )
    )


# -- a session as a whole ----------------------------------------------------------------------


def test_starting_the_check_closes_the_intake_and_takes_every_application_in(
    session: Session, call: Call, officer: User, as_user: Opener, clock: SetClock
) -> None:
    proposals = [make_submitted(session, call) for _n in range(3)]
    [window] = call.windows
    browser = as_user(officer)
    clock.set(CLOSES)
    assert browser.post(f"/manage/windows/{window.id}/start-checking").status_code == 409
    clock.set(CLOSES + TICK)
    assert browser.post(f"/manage/windows/{window.id}/start-checking").status_code == 303
    assert window.state is WindowState.CHECKING
    assert {p.state for p in proposals} == {ProposalState.IN_CHECK}
    assert browser.post(f"/manage/windows/{window.id}/start-checking").status_code == 409


def test_the_evaluation_begins_when_every_application_is_decided(
    session: Session, call: Call, as_user: Opener, clock: SetClock
) -> None:
    first, second = make_submitted(session, call), make_submitted(session, call)
    [window] = call.windows
    clock.set(LATER)
    manager = as_user(make_official(session, Role.CALL_MANAGER, call.scope))
    manager.post(f"/manage/windows/{window.id}/start-checking")
    actions.record_check(session, first, MET, actor=OFFICER, at=LATER)
    actions.admit(session, first, actor=OFFICER, at=LATER)
    answer = manager.post(f"/manage/windows/{window.id}/start-evaluation")
    assert answer.status_code == 409
    actions.exclude(session, second, reason="Fuori tema", actor=OFFICER, at=LATER)
    assert manager.post(f"/manage/windows/{window.id}/start-evaluation").status_code == 303
    assert window.state is WindowState.EVALUATION
    assert (first.state, second.state) == (ProposalState.UNDER_REVIEW, ProposalState.INADMISSIBLE)


def test_after_its_check_no_officer_excludes_an_application_alone(
    session: Session, checked: Proposal
) -> None:
    for state in (ProposalState.ADMISSIBLE, ProposalState.SELECTED, ProposalState.CAMPAIGNING):
        checked.state = state
        session.flush()
        with pytest.raises(IllegalMoveError):
            actions.exclude(session, checked, reason="Fuori tema", actor=OFFICER, at=LATER)
        assert checked.state is state


# -- the checklist -----------------------------------------------------------------------------


def test_an_application_is_admitted_from_its_page(
    session: Session, checked: Proposal, officer: User, as_user: Opener, clock: SetClock
) -> None:
    clock.set(LATER)
    browser = as_user(officer)
    address = f"/manage/proposals/{checked.id}"
    page = browser.get(address).text
    assert "Orto in via Padova" in page
    assert "Chi si candida può farlo" in page
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version is not None
    data = {"version": version[1], "outcome_applicant": "met", "then": "admit"}
    assert browser.post(f"{address}/check", data=data).status_code == 303
    assert checked.state is ProposalState.ADMISSIBLE
    assert any(key.startswith("proposal-admitted") for key in letters(session, checked))
    assert browser.get(address).status_code == 200


@pytest.mark.parametrize("outcome", [CheckOutcome.NOT_MET, CheckOutcome.UNCLEAR, None])
def test_admission_is_refused_unless_every_requirement_is_met(
    session: Session, checked: Proposal, outcome: CheckOutcome | None
) -> None:
    if outcome is not None:
        said = {"applicant": (outcome, "Non risulta")}
        actions.record_check(session, checked, said, actor=OFFICER, at=LATER)
    with pytest.raises(IllegalMoveError):
        actions.admit(session, checked, actor=OFFICER, at=LATER)
    assert checked.state is ProposalState.IN_CHECK


def test_a_refused_admission_keeps_what_was_ticked_on_the_page(
    session: Session, checked: Proposal, officer: User, as_user: Opener
) -> None:
    data = {
        "version": checked.version,
        "outcome_applicant": "not_met",
        "note_applicant": "Manca la firma",
        "then": "admit",
    }
    answer = as_user(officer).post(f"/manage/proposals/{checked.id}/check", data=data)
    assert answer.status_code == 409
    assert "Manca la firma" in answer.text
    assert checked.state is ProposalState.IN_CHECK


def test_a_requirement_that_is_not_met_needs_a_note(session: Session, checked: Proposal) -> None:
    with pytest.raises(InvalidError):
        actions.record_check(
            session, checked, {"applicant": (CheckOutcome.NOT_MET, " ")}, actor=OFFICER, at=LATER
        )


def test_two_officers_do_not_overwrite_each_other(session: Session, checked: Proposal) -> None:
    version = checked.version
    actions.record_check(session, checked, MET, version=version, actor=OFFICER, at=LATER)
    with pytest.raises(ConflictError):
        actions.record_check(session, checked, MET, version=version, actor=OFFICER, at=LATER)


def test_each_change_of_the_checklist_is_audited_with_before_and_after(
    session: Session, checked: Proposal
) -> None:
    unclear = {"applicant": (CheckOutcome.UNCLEAR, "Chi firma?")}
    actions.record_check(session, checked, unclear, actor=OFFICER, at=LATER)
    actions.record_check(session, checked, MET, actor=OFFICER, at=LATER)
    entries = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.verb == "check").order_by(AuditEntry.id)
    ).all()
    assert [e.after["outcome"] for e in entries] == ["unclear", "met"]
    assert entries[1].before["note"] == "Chi firma?"


def test_an_exclusion_needs_a_reason_which_the_applicant_reads(
    session: Session, checked: Proposal, officer: User, as_user: Opener
) -> None:
    browser = as_user(officer)
    address = f"/manage/proposals/{checked.id}/exclude"
    assert browser.post(address, data={"reason": "  "}).status_code == 422
    assert checked.state is ProposalState.IN_CHECK
    assert browser.post(address, data={"reason": "Sede fuori Milano"}).status_code == 303
    assert checked.state is ProposalState.INADMISSIBLE
    letter = session.scalars(sa.select(Letter).order_by(Letter.id.desc())).first()
    assert letter is not None
    assert "Sede fuori Milano" in letter.text
    page = as_user(checked.owner).get(f"/applications/{checked.id}")
    assert page.status_code == 200


# -- integration -------------------------------------------------------------------------------


def test_an_integration_is_asked_for_answered_and_seen(
    session: Session,
    checked: Proposal,
    officer: User,
    as_user: Opener,
    clock: SetClock,
) -> None:
    clock.set(LATER)
    office = as_user(officer)
    address = f"/manage/proposals/{checked.id}"
    data = {"items": "Manca lo statuto", "due": "2025-03-14"}
    assert office.post(f"{address}/integration", data=data).status_code == 303
    assert checked.state is ProposalState.INTEGRATION_REQUESTED
    [request] = checked.integrations
    assert request.due_at == DUE
    owner = as_user(checked.owner)
    page = owner.get(f"/applications/{checked.id}/integration").text
    assert "Manca lo statuto" in page
    answer = owner.post(
        f"/applications/{checked.id}/integration",
        data={"text": "Eccolo", "file": (BytesIO(b"%PDF-1.7 x"), "statuto.pdf")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    assert (checked.state, request.state) == (ProposalState.IN_CHECK, IntegrationState.ANSWERED)
    assert [e.shown for e in checked.protocol] == ["2025/000001", "2025/000002"]
    assert checked.protocol_number == "2025/000001"
    snapshots = session.scalars(sa.select(Snapshot).order_by(Snapshot.number)).all()
    assert [s.number for s in snapshots] == [1, 2]
    assert snapshots[1].content["integrations"][0]["answer"] == "Eccolo"
    assert "Eccolo" in office.get(address).text
    file = office.get(f"{address}/integrations/{request.id}/file")
    assert file.data == b"%PDF-1.7 x"
    assert owner.get(f"/applications/{checked.id}/integrations/{request.id}/file").data == file.data
    stranger = as_user(make_user(session))
    assert stranger.get(f"{address}/integrations/{request.id}/file").status_code == 403
    keys = [key.split(":")[0] for key in letters(session, checked)]
    assert keys[1:] == ["proposal-integration", "proposal-integration_answered"]


def test_an_answer_is_in_time_until_the_last_microsecond_of_the_day_in_rome(
    session: Session, asked: IntegrationRequest, as_user: Opener, clock: SetClock
) -> None:
    browser = as_user(asked.proposal.owner)
    address = f"/applications/{asked.proposal_id}/integration"
    clock.set(DUE + TICK)
    late = browser.post(address, data={"text": "Tardi"})
    assert late.status_code == 409
    assert "Tardi" in late.text
    assert asked.state is IntegrationState.REQUESTED
    clock.set(DUE)
    assert browser.post(address, data={"text": "In tempo"}).status_code == 303
    assert asked.state is IntegrationState.ANSWERED


def test_an_empty_answer_is_not_an_answer(
    session: Session, asked: IntegrationRequest, as_user: Opener
) -> None:
    browser = as_user(asked.proposal.owner)
    answer = browser.post(f"/applications/{asked.proposal_id}/integration", data={"text": " "})
    assert answer.status_code == 422
    assert asked.state is IntegrationState.REQUESTED


def test_a_request_lapses_after_its_deadline_and_the_check_goes_on(
    session: Session, asked: IntegrationRequest, work: Callable[[], int], clock: SetClock
) -> None:
    enqueue(session, "proposals.lapse", run_at=DUE, key="proposals.lapse")
    clock.set(DUE)
    work()
    assert asked.state is IntegrationState.REQUESTED
    clock.set(DUE + timedelta(minutes=11))
    work()
    assert asked.state is IntegrationState.LAPSED
    assert asked.proposal.state is ProposalState.IN_CHECK
    work()
    lapsed = [k for k in letters(session, asked.proposal) if "lapsed" in k]
    assert len(lapsed) == 1


def test_a_deadline_in_the_past_is_refused(
    session: Session, checked: Proposal, officer: User, as_user: Opener, clock: SetClock
) -> None:
    clock.set(LATER)
    data = {"items": "Manca lo statuto", "due": "2025-02-01"}
    answer = as_user(officer).post(f"/manage/proposals/{checked.id}/integration", data=data)
    assert answer.status_code == 422
    assert "Manca lo statuto" in answer.text
    assert checked.integrations == []


def test_withdrawing_closes_the_open_request(
    session: Session, asked: IntegrationRequest, as_user: Opener
) -> None:
    proposal = asked.proposal
    assert as_user(proposal.owner).post(f"/applications/{proposal.id}/withdraw").status_code == 303
    assert (proposal.state, asked.state) == (ProposalState.WITHDRAWN, IntegrationState.CANCELLED)


def test_the_office_takes_a_request_back(
    session: Session, asked: IntegrationRequest, officer: User, as_user: Opener
) -> None:
    address = f"/manage/proposals/{asked.proposal_id}/integration/cancel"
    assert as_user(officer).post(address).status_code == 303
    assert asked.state is IntegrationState.CANCELLED
    assert asked.proposal.state is ProposalState.IN_CHECK


# -- who may -----------------------------------------------------------------------------------

VERBS = ("check", "exclude", "integration", "integration/cancel", "start-check")


@pytest.mark.parametrize(
    "role", [Role.CALL_MANAGER, Role.AUDITOR, Role.SIGNING_MANAGER, Role.TREASURER]
)
def test_other_roles_check_nothing(
    session: Session, checked: Proposal, as_user: Opener, role: Role
) -> None:
    browser = as_user(make_official(session, role, checked.call.scope))
    for verb in VERBS:
        answer = browser.post(f"/manage/proposals/{checked.id}/{verb}", data={"reason": "x"})
        assert answer.status_code == 403, verb
    reads = role is not Role.TREASURER
    page = browser.get(f"/manage/proposals/{checked.id}")
    assert page.status_code == (200 if reads else 403)
    assert checked.state is ProposalState.IN_CHECK


def test_an_officer_of_another_call_or_city_is_refused(
    session: Session, checked: Proposal, as_user: Opener
) -> None:
    other = make_published_call(session)
    browser = as_user(make_official(session, Role.OFFICER, other.scope))
    assert browser.get(f"/manage/proposals/{checked.id}").status_code == 404
    for verb in VERBS:
        answer = browser.post(f"/manage/proposals/{checked.id}/{verb}", data={"reason": "x"})
        assert answer.status_code == 404, verb
    window = checked.call.windows[0]
    for verb in ("start-checking", "start-evaluation"):
        assert browser.post(f"/manage/windows/{window.id}/{verb}").status_code == 403
    assert "Orto" not in browser.get("/manage/proposals").text


def test_who_applied_does_not_check(session: Session, call: Call, as_user: Opener) -> None:
    officer = make_official(session, Role.OFFICER, call.scope)
    proposal = make_submitted(session, call, owner=officer)
    actions.start_checking(session, call.windows[0], actor=OFFICER, at=LATER)
    me = actor_of(officer)
    with pytest.raises(NotYoursError):
        actions.record_check(session, proposal, MET, actor=me, at=LATER)
    browser = as_user(officer)
    for verb, data in (
        ("check", {"outcome_applicant": "met"}),
        ("exclude", {"reason": "x"}),
        ("integration", {"items": "x", "due": "2025-12-01"}),
    ):
        answer = browser.post(f"/manage/proposals/{proposal.id}/{verb}", data=data)
        assert answer.status_code == 403, verb
    assert proposal.state is ProposalState.IN_CHECK


def test_applicants_and_visitors_open_no_page_of_the_office(
    session: Session, checked: Proposal, as_user: Opener, client: Any
) -> None:
    for address in ("/manage/proposals", f"/manage/proposals/{checked.id}"):
        assert as_user(checked.owner).get(address).status_code == 403
        assert client.get(address).status_code == 302


def test_the_state_before_the_check_is_not_decided(session: Session) -> None:
    proposal = make_submitted(session)
    for verb in (actions.admit, actions.start_check):
        if verb is actions.admit:
            with pytest.raises(IllegalMoveError):
                verb(session, proposal, actor=OFFICER, at=NOW)
    actions.start_check(session, proposal, actor=OFFICER, at=NOW)
    assert proposal.state is ProposalState.IN_CHECK
