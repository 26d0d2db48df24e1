"""Sessions of a call: their own endowments, hours that there are once, the legal term."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import Role
from quartieri.calls import queries
from quartieri.calls.actions.sessions import pause_term, resume_term, set_endowments
from quartieri.calls.design import SessionRules
from quartieri.calls.models import Call, WindowPause
from quartieri.calls.queries.sessions import pressing_terms, terms, window_endowment
from quartieri.calls.rules import WindowState
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.people.models import Authority
from tests.factories.call_forms import AsUser, text
from tests.factories.calls import (
    AT,
    CLOSES,
    MANAGER,
    OPENS,
    make_call,
    make_published_call,
    ready_design,
)
from tests.factories.people import make_official

TWO = ((OPENS, CLOSES), (CLOSES + timedelta(days=1), CLOSES + timedelta(days=30)))
RULES = SessionRules(leftovers="move", term_days=60, term_counts="calendar")


def two_sessions(session: Session, **over: Any) -> Call:
    design = ready_design(sessions=over.pop("rules", RULES))
    return make_call(session, design=design, windows=TWO, **over)


def test_amounts_set_apart_are_kept_and_audited(session: Session) -> None:
    call = two_sessions(session)
    set_endowments(session, call, {1: 60_000_00, 2: 40_000_00}, actor=MANAGER, at=AT)
    assert [w.endowment_cents for w in call.windows] == [60_000_00, 40_000_00]
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.verb == "set_endowments")).one()
    assert entry.after == {"endowments": {"1": 60_000_00, "2": 40_000_00}}
    with pytest.raises(InvalidError):
        set_endowments(session, call, {1: 0}, actor=MANAGER, at=AT)


def test_a_published_call_keeps_its_amounts(session: Session) -> None:
    call = make_published_call(session)
    with pytest.raises(IllegalMoveError):
        set_endowments(session, call, {1: 1}, actor=MANAGER, at=AT)


def test_a_session_may_promise_its_own_amount_and_what_was_left(session: Session) -> None:
    call = two_sessions(session)
    set_endowments(session, call, {1: 60_000_00, 2: 40_000_00}, actor=MANAGER, at=AT)
    first, second = call.windows
    assert window_endowment(session, first) == 60_000_00
    assert window_endowment(session, second, {first.id: 10_000_00}) == 40_000_00
    first.state = WindowState.FINAL
    session.flush()
    assert window_endowment(session, second, {first.id: 10_000_00}) == 90_000_00
    assert window_endowment(session, first, {first.id: 10_000_00}) == 10_000_00


@pytest.mark.parametrize(
    ("amounts", "rules", "said"),
    [
        ({1: 60_000_00, 2: 40_000_00}, RULES, []),
        ({1: 60_000_00}, RULES, ["Set an amount apart for every session, or for none."]),
        (
            {1: 60_000_00, 2: 40_000_01},
            RULES,
            ["The sessions take 100000.01 EUR together, but the endowment is 100000.00 EUR."],
        ),
        (
            {1: 60_000_00, 2: 40_000_00},
            replace(RULES, leftovers=None),
            ["State what becomes of the money that a session leaves."],
        ),
        (
            {},
            replace(RULES, term_counts=None),
            ["State whether the legal term counts calendar or working days."],
        ),
    ],
)
def test_what_cannot_be_in_sessions_keeps_a_call_from_publication(
    session: Session, amounts: dict[int, int | None], rules: SessionRules, said: list[str]
) -> None:
    call = two_sessions(session, rules=rules)
    set_endowments(session, call, amounts, actor=MANAGER, at=AT)
    gaps = queries.gaps(session, call, now=AT)
    found = [str(g.message) for g in gaps if g.where == "windows" and g.blocking]
    assert found == said


# -- the legal term ------------------------------------------------------------------------------


def closed_call(session: Session, rules: SessionRules = RULES) -> Call:
    return make_published_call(session, design=ready_design(sessions=rules))


def test_the_term_runs_from_the_deadline_and_stands_still_while_papers_are_awaited(
    session: Session,
) -> None:
    call = closed_call(session)
    window = call.windows[0]
    now = CLOSES + timedelta(days=10)
    assert terms(session, [call], now=OPENS) == {}
    state = terms(session, [call], now=now)[window.id]
    assert (state.due, state.left) == ((CLOSES + timedelta(days=60)).date(), 50)
    pause_term(session, window.id, "integration:1", at=CLOSES + timedelta(days=5))
    pause_term(session, window.id, "integration:1", at=CLOSES + timedelta(days=7))
    assert terms(session, [call], now=now)[window.id].suspended
    resume_term(session, "integration:1", at=CLOSES + timedelta(days=8))
    state = terms(session, [call], now=now)[window.id]
    assert (state.suspended, state.suspended_days, state.left) == (False, 4, 54)
    assert session.scalar(sa.select(sa.func.count()).select_from(WindowPause)) == 1


def test_no_pause_is_noted_outside_of_a_session(session: Session) -> None:
    pause_term(session, None, "integration:1", at=AT)
    assert session.scalar(sa.select(sa.func.count()).select_from(WindowPause)) == 0


def test_the_patron_saint_of_the_authoritys_province_counts(session: Session) -> None:
    rules = SessionRules(term_days=1, term_counts="working")
    closes = datetime(2026, 12, 4, 11, 0, tzinfo=UTC)
    call = make_published_call(
        session, design=ready_design(sessions=rules), windows=((OPENS, closes),)
    )
    now = closes + timedelta(hours=1)
    assert terms(session, [call], now=now)[call.windows[0].id].due.day == 7
    session.get_one(Authority, call.authority_id).province = "MI"
    assert terms(session, [call], now=now)[call.windows[0].id].due.day == 9


def test_a_final_ranking_ends_the_term(session: Session) -> None:
    call = closed_call(session)
    call.windows[0].state = WindowState.FINAL
    assert terms(session, [call], now=CLOSES + timedelta(days=10)) == {}


def test_the_list_names_terms_that_are_close_or_over(session: Session) -> None:
    call = closed_call(session)
    assert pressing_terms(session, [call.id], now=CLOSES + timedelta(days=10)) == {}
    [(number, state)] = pressing_terms(session, [call.id], now=CLOSES + timedelta(days=70))[call.id]
    assert (number, state.left) == (1, -10)
    assert pressing_terms(session, [], now=AT) == {}


# -- through the pages ---------------------------------------------------------------------------


def page_form(call: Call, **over: str) -> dict[str, str]:
    return {
        "version": str(call.version),
        "windows-0-opens_on": "2026-03-01",
        "windows-0-closes_on": "2026-04-30",
        "windows-0-closes_time": "12:00",
        "term_days": "90",
        "term_counts": "working",
        **over,
    }


def test_a_session_is_designed_with_amount_and_term(session: Session, as_user: AsUser) -> None:
    call = make_call(session)
    browser = as_user(make_official(session, Role.CALL_MANAGER, call.scope))
    address = f"/manage/calls/{call.id}/edit/windows"
    given = page_form(call, **{"windows-0-endowment": "25.000,50", "leftovers": "stay"})
    assert browser.post(address, data=given).status_code == 303
    session.expire_all()
    [window] = call.windows
    assert window.endowment_cents == 25_000_50
    assert window.closes_at == datetime(2026, 4, 30, 10, 0, tzinfo=UTC)
    assert call.design.sessions == SessionRules("stay", 90, "working")
    assert "25000,50" in text(browser.get(address))


@pytest.mark.parametrize(
    ("day", "hour", "said"),
    [
        ("2026-03-29", "02:30", "vanno avanti"),
        ("2026-10-25", "02:30", "due volte"),
    ],
)
def test_an_hour_that_is_not_there_once_is_refused_and_kept_on_the_page(
    session: Session, as_user: AsUser, day: str, hour: str, said: str
) -> None:
    call = make_call(session)
    browser = as_user(make_official(session, Role.CALL_MANAGER, call.scope))
    given = page_form(call, **{"windows-0-closes_on": day, "windows-0-closes_time": hour})
    answer = browser.post(f"/manage/calls/{call.id}/edit/windows", data=given)
    assert answer.status_code == 422
    assert said in text(answer)
    assert hour in text(answer)
