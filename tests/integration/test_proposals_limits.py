"""How many applications one applicant may have in a session."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from quartieri.calls.models import Call
from quartieri.kit.errors import InvalidError
from quartieri.proposals.actions.limits import refuse_too_many
from quartieri.proposals.rules import ProposalState
from tests.factories.calls import make_published_call, ready_design
from tests.factories.proposals import make_draft


def call_with_limit(session: Session, most: int | None) -> Call:
    design = ready_design()
    who = replace(design.eligibility, applications_most=most)
    return make_published_call(session, design=replace(design, eligibility=who))


def test_one_application_more_than_allowed_is_refused(session: Session) -> None:
    call = call_with_limit(session, 1)
    [window] = call.windows
    first = make_draft(session, call)
    refuse_too_many(session, first, window, 1)
    first.state, first.window_id = ProposalState.SUBMITTED, window.id
    session.flush()
    refuse_too_many(session, first, window, 1)
    other = make_draft(session, call)
    refuse_too_many(session, other, window, 1)
    second = make_draft(session, call, owner=first.owner, organisation=first.organisation)
    with pytest.raises(InvalidError, match="at most 1"):
        refuse_too_many(session, second, window, 1)
    refuse_too_many(session, second, window, 2)
    refuse_too_many(session, second, window, None)


def test_what_it_replaces_or_was_taken_back_does_not_count(session: Session) -> None:
    call = call_with_limit(session, 1)
    [window] = call.windows
    first = make_draft(session, call)
    first.state, first.window_id = ProposalState.SUBMITTED, window.id
    second = make_draft(session, call, owner=first.owner, organisation=first.organisation)
    second.replaces_id = first.id
    session.flush()
    refuse_too_many(session, second, window, 1)
    second.replaces_id, first.state = None, ProposalState.WITHDRAWN
    session.flush()
    refuse_too_many(session, second, window, 1)


def test_two_entries_with_one_tax_code_are_one_applicant(session: Session) -> None:
    call = call_with_limit(session, 1)
    [window] = call.windows
    first, second = make_draft(session, call), make_draft(session, call)
    first.state, first.window_id = ProposalState.SUBMITTED, window.id
    first.organisation.tax_code = second.organisation.tax_code = "80001234567"
    session.flush()
    with pytest.raises(InvalidError):
        refuse_too_many(session, second, window, 1)
