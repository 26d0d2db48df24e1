"""Submitting: window, number, snapshot, letter; to the microsecond, once, by its owner alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import Role
from quartieri.calls.models import Window
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import ConflictError, IllegalMoveError, NotYoursError
from quartieri.mail.models import Letter
from quartieri.proposals import actions
from quartieri.proposals.models import Proposal, ProtocolEntry, Snapshot
from quartieri.proposals.rules import (
    DECLARATIONS,
    DeclarationsPart,
    IncompleteError,
    ProposalState,
    Section,
    SummaryPart,
    canonical,
)
from tests.doubles import NOW
from tests.factories.calls import CLOSES, OPENS, make_published_call
from tests.factories.people import actor_of, make_user
from tests.factories.proposals import make_draft, make_submitted, submit

TICK = timedelta(microseconds=1)
Opener = Callable[[Any], Any]


def numbers(session: Session, authority_id: int) -> list[str]:
    rows = session.scalars(
        sa.select(ProtocolEntry)
        .where(ProtocolEntry.authority_id == authority_id)
        .order_by(ProtocolEntry.year, ProtocolEntry.number)
    )
    return [row.shown for row in rows]


def send(browser: Any, proposal: Proposal, version: int | None = None) -> Any:
    version = proposal.version if version is None else version
    return browser.post(
        f"/applications/{proposal.id}/submit", data={"version": version}, follow_redirects=False
    )


def test_a_submission_gets_window_number_snapshot_letter_and_audit(
    session: Session, as_user: Opener
) -> None:
    proposal = make_draft(session)
    answer = send(as_user(proposal.owner), proposal)
    assert answer.status_code == 303
    assert proposal.state is ProposalState.SUBMITTED
    assert proposal.window is not None
    assert (proposal.window.number, proposal.protocol_number) == (1, "2025/000001")
    assert proposal.received_at == NOW
    assert proposal.slug == f"orto-in-via-padova-{proposal.id}"
    snapshot = session.scalars(sa.select(Snapshot)).one()
    assert snapshot.number == 1
    assert snapshot.sha256 == hashlib.sha256(canonical(snapshot.content).encode()).hexdigest()
    assert snapshot.content["summary"]["title"] == "Orto in via Padova"
    assert snapshot.content["cost_cents"] == 20_000_00
    letter = session.scalars(sa.select(Letter).where(Letter.subject_kind == "proposal")).one()
    assert letter.to == proposal.owner.email
    assert "2025/000001" in letter.subject
    assert "Orto in via Padova" in letter.text
    verbs = session.scalars(
        sa.select(AuditEntry.verb)
        .where(AuditEntry.subject_kind == "proposal", AuditEntry.subject_id == proposal.id)
        .order_by(AuditEntry.id)
    ).all()
    assert verbs == ["start", "save", "save", "submit", "register"]


def test_the_state_page_names_number_and_session(session: Session, as_user: Opener) -> None:
    proposal = make_submitted(session)
    page = as_user(proposal.owner).get(f"/applications/{proposal.id}").text
    assert "2025/000001" in page
    assert "Orto in via Padova" in page


def test_noon_is_in_time_and_one_microsecond_later_is_not(
    session: Session, as_user: Opener, clock: SetClock
) -> None:
    noon = datetime(2025, 2, 28, 11, 0, tzinfo=UTC)  # 12:00:00.000000 in Rome
    call = make_published_call(session, windows=((OPENS, noon),))
    first, second = make_draft(session, call), make_draft(session, call)
    clock.set(noon)
    assert send(as_user(first.owner), first).status_code == 303
    clock.set(noon + TICK)
    answer = send(as_user(second.owner), second)
    assert answer.status_code == 409
    assert second.state is ProposalState.DRAFT
    assert second.summary == "Un orto per tutti."
    assert numbers(session, call.authority_id) == ["2025/000001"]


def test_the_first_instant_of_a_window_is_in_time_and_one_before_is_not(session: Session) -> None:
    call = make_published_call(session)
    early = make_draft(session, call, at=OPENS - timedelta(hours=1))
    with pytest.raises(IllegalMoveError):
        submit(session, early, at=OPENS - TICK)
    submit(session, early, at=OPENS)
    assert early.state is ProposalState.SUBMITTED


def test_what_counts_is_when_the_request_came_in_not_when_it_was_worked_on(
    session: Session,
) -> None:
    proposal = make_draft(session)
    actions.submit(
        session,
        proposal,
        received_at=CLOSES,
        actor=actor_of(proposal.owner, Role.APPLICANT),
        at=CLOSES + timedelta(minutes=2),
    )
    assert proposal.received_at == CLOSES


def test_a_request_in_time_is_not_lost_when_the_check_began_meanwhile(session: Session) -> None:
    proposal = make_draft(session)
    window = proposal.call.windows[0]
    officer = actor_of(make_user(session), Role.OFFICER)
    later = CLOSES + timedelta(seconds=5)
    actions.start_checking(session, window, actor=officer, at=later)
    who = actor_of(proposal.owner, Role.APPLICANT)
    actions.submit(session, proposal, received_at=CLOSES, actor=who, at=later)
    assert proposal.window_id == window.id


def test_a_late_draft_moves_to_the_next_window_untouched(session: Session) -> None:
    second = (CLOSES + timedelta(days=1), CLOSES + timedelta(days=30))
    call = make_published_call(session, windows=((OPENS, CLOSES), second))
    proposal = make_draft(session, call)
    version = proposal.version
    with pytest.raises(IllegalMoveError, match="session 2"):
        submit(session, proposal, at=CLOSES + TICK)
    assert (proposal.state, proposal.version) == (ProposalState.DRAFT, version)
    submit(session, proposal, at=second[0])
    assert proposal.window is not None
    assert proposal.window.number == 2


def test_two_clicks_give_one_number(session: Session, as_user: Opener) -> None:
    proposal = make_draft(session)
    browser = as_user(proposal.owner)
    answers = [send(browser, proposal) for _n in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert numbers(session, proposal.call.authority_id) == ["2025/000001"]
    letters = session.scalar(
        sa.select(sa.func.count(Letter.id)).where(Letter.subject_id == proposal.id)
    )
    assert letters == 1


def test_a_draft_changed_since_it_was_looked_over_is_not_submitted(
    session: Session, as_user: Opener
) -> None:
    proposal = make_draft(session)
    seen = proposal.version
    who = actor_of(proposal.owner, Role.APPLICANT)
    actions.save(session, proposal, SummaryPart("Altro", "Altro"), actor=who, at=NOW)
    answer = send(as_user(proposal.owner), proposal, seen)
    assert answer.status_code == 409
    assert proposal.state is ProposalState.DRAFT
    with pytest.raises(ConflictError):
        actions.submit(session, proposal, received_at=NOW, actor=who, at=NOW, version=seen)


def test_an_incomplete_draft_is_refused_with_every_problem(
    session: Session, as_user: Opener
) -> None:
    proposal = make_draft(session, whole=False)
    who = actor_of(proposal.owner, Role.APPLICANT)
    with pytest.raises(IncompleteError) as refused:
        actions.submit(session, proposal, received_at=NOW, actor=who, at=NOW)
    sections = {p.section for p in refused.value.problems}
    assert sections == {
        Section.SUMMARY,
        "story",
        "place",
        "budget",
        "money",
        Section.DECLARATIONS,
    }
    answer = send(as_user(proposal.owner), proposal)
    assert answer.status_code == 422
    assert f"/applications/{proposal.id}/edit/budget" in answer.text
    assert numbers(session, proposal.call.authority_id) == []


def test_numbers_have_no_gaps_and_no_refusal_uses_one(session: Session, as_user: Opener) -> None:
    call = make_published_call(session)
    first = make_draft(session, call)
    broken = make_draft(session, call, whole=False)
    last = make_draft(session, call)
    for proposal in (first, broken, last):
        send(as_user(proposal.owner), proposal)
    assert numbers(session, call.authority_id) == ["2025/000001", "2025/000002"]
    assert (first.protocol_number, last.protocol_number) == ("2025/000001", "2025/000002")


def test_the_register_counts_anew_by_authority_and_by_romes_year(session: Session) -> None:
    new_year = datetime(2025, 12, 31, 23, 0, tzinfo=UTC)  # 00:00 on 1 January in Rome
    windows = ((OPENS, new_year + timedelta(days=1)),)
    call = make_published_call(session, windows=windows)
    other = make_published_call(session, windows=windows)
    make_submitted(session, call, at=new_year - TICK)
    make_submitted(session, call, at=new_year)
    make_submitted(session, other, at=new_year)
    assert numbers(session, call.authority_id) == ["2025/000001", "2026/000001"]
    assert numbers(session, other.authority_id) == ["2026/000001"]


def test_a_withdrawn_number_is_never_used_again(session: Session, as_user: Opener) -> None:
    call = make_published_call(session)
    first = make_submitted(session, call)
    answer = as_user(first.owner).post(f"/applications/{first.id}/withdraw", data={"reason": "No"})
    assert answer.status_code == 303
    assert first.state is ProposalState.WITHDRAWN
    assert make_submitted(session, call).protocol_number == "2025/000002"
    assert (
        session.scalars(sa.select(Letter.key).order_by(Letter.id))
        .all()[1]
        .startswith("proposal-withdrawn")
    )


def test_a_replacement_supersedes_with_a_new_number_that_names_the_old(
    session: Session, as_user: Opener
) -> None:
    old = make_submitted(session)
    browser = as_user(old.owner)
    answer = browser.post(f"/applications/{old.id}/replace")
    copy = session.scalars(sa.select(Proposal).where(Proposal.replaces_id == old.id)).one()
    assert answer.location.endswith(f"/applications/{copy.id}")
    assert browser.post(f"/applications/{old.id}/replace").location == answer.location
    assert old.state is ProposalState.SUBMITTED
    who = actor_of(old.owner, Role.APPLICANT)
    assert copy.title == "Orto in via Padova"
    declared = DeclarationsPart(frozenset(DECLARATIONS))
    actions.save(session, copy, declared, actor=who, at=NOW)
    assert send(browser, copy).status_code == 303
    assert (old.state, copy.state) == (ProposalState.SUPERSEDED, ProposalState.SUBMITTED)
    assert (old.protocol_number, copy.protocol_number) == ("2025/000001", "2025/000002")
    letter = session.scalars(sa.select(Letter).order_by(Letter.id.desc())).first()
    assert letter is not None
    assert "2025/000001" in letter.text


def test_after_the_deadline_nothing_can_be_replaced(session: Session) -> None:
    old = make_submitted(session)
    who = actor_of(old.owner, Role.APPLICANT)
    with pytest.raises(IllegalMoveError):
        actions.reopen(session, old, actor=who, at=CLOSES + TICK)


def test_only_its_applicant_submits_an_application(session: Session, as_user: Opener) -> None:
    proposal = make_draft(session)
    stranger = make_user(session)
    assert send(as_user(stranger), proposal).status_code == 404
    with pytest.raises(NotYoursError):
        actions.submit(session, proposal, received_at=NOW, actor=actor_of(stranger), at=NOW)


def test_nothing_can_be_changed_after_submission(session: Session, as_user: Opener) -> None:
    proposal = make_submitted(session)
    browser = as_user(proposal.owner)
    page = f"/applications/{proposal.id}/edit/summary"
    assert browser.get(page).status_code == 303
    assert browser.post(page, data={"title": "Altro", "summary": "Altro"}).status_code == 409
    assert browser.post(f"/applications/{proposal.id}/discard").status_code == 409
    assert proposal.title == "Orto in via Padova"


def test_a_suspended_call_takes_nothing(session: Session) -> None:
    proposal = make_draft(session)
    proposal.call.state = type(proposal.call.state).SUSPENDED
    session.flush()
    with pytest.raises(IllegalMoveError):
        submit(session, proposal)
    assert session.scalars(sa.select(Window.state)).all() == [None]
