"""Calls through their verbs: drafting, publishing by act, moving windows, entering history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import Actor, Role
from quartieri.calls import actions, queries
from quartieri.calls.gaps import NotReadyError
from quartieri.calls.models import Call, HistoricalProject
from quartieri.calls.rules import CallPhase, CallState, WindowState, call_phase
from quartieri.calls.shipped import templates
from quartieri.kit.errors import (
    ConflictError,
    IllegalMoveError,
    InsufficientFundsError,
    InvalidError,
    NotYoursError,
)
from quartieri.programmes import queries as programmes
from quartieri.programmes.models import EndowmentPool
from tests.factories.acts import act_data
from tests.factories.calls import (
    AT,
    CLOSES,
    MANAGER,
    OPENS,
    both,
    make_call,
    make_published_call,
    ready_design,
)
from tests.factories.programmes import make_authority, make_level

OFFICER = Actor(None, "Istruttore", frozenset({Role.OFFICER}))
TEMPLATES = tuple(t.code for t in templates())
SECOND = timedelta(microseconds=1)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_call_from_a_template_is_refused_publication_until_it_is_filled(
    session: Session, template: str
) -> None:
    call = actions.create_from_template(
        session, make_authority(session), template, actor=MANAGER, at=AT
    )
    assert call.state is CallState.DRAFT
    with pytest.raises(NotReadyError) as refused:
        actions.publish(session, call, act_data(), actor=MANAGER, at=AT)
    assert {g.where.value for g in refused.value.gaps} >= {"identity", "windows", "evaluation"}
    assert call.state is CallState.DRAFT


def test_publication_freezes_an_edition_with_its_hash_and_criteria(session: Session) -> None:
    call = make_call(session)
    edition = actions.publish(session, call, act_data(number="12"), actor=MANAGER, at=AT)
    assert call.state is CallState.PUBLISHED
    assert call.published_at == AT
    assert edition.number == 1
    assert edition.sha256 == call.design.sha256()
    assert edition.act is not None
    assert edition.act.number == "12"
    assert [(c.code, c.position, c.maximum, c.minimum) for c in edition.criteria] == [
        ("impact", 1, Decimal(60), None),
        ("quality", 2, Decimal(40), Decimal(10)),
    ]
    assert queries.latest_edition(session, call) is edition


def test_publication_binds_the_endowment_at_the_nearest_level_with_a_figure(
    session: Session,
) -> None:
    authority = make_authority(session)
    programme = make_level(session, authority, budget_cents=500_000_00)
    line = make_level(session, parent=programme)
    call = make_published_call(session, authority=authority, shares={line.id: 100_000_00})
    figures = programmes.tree(session, authority.id)[0]
    assert (figures.planned_cents, figures.allotted_cents, figures.available_cents) == (
        500_000_00,
        100_000_00,
        400_000_00,
    )
    pool = session.get_one(EndowmentPool, call.pool_id)
    assert pool.is_bound


def test_a_call_that_would_overdraw_its_level_cannot_be_published(session: Session) -> None:
    authority = make_authority(session)
    programme = make_level(session, authority, budget_cents=60_000_00, title_it="Prossimità")
    call = make_call(session, authority=authority, shares={programme.id: 100_000_00})
    with pytest.raises(NotReadyError) as refused:
        actions.publish(session, call, act_data(), actor=MANAGER, at=AT)
    assert [g.message.source for g in refused.value.gaps] == [
        "Prossimità does not have enough money available: 40000.00 EUR are missing."
    ]
    assert not isinstance(refused.value, InsufficientFundsError)


def test_only_the_call_manager_publishes(session: Session) -> None:
    call = make_call(session)
    with pytest.raises(NotYoursError):
        actions.publish(session, call, act_data(), actor=OFFICER, at=AT)


def test_a_published_call_is_no_longer_edited(session: Session) -> None:
    call = make_published_call(session)
    with pytest.raises(IllegalMoveError):
        actions.save_design(
            session, call, replace(call.design, office="B"), version=None, actor=MANAGER, at=AT
        )
    with pytest.raises(IllegalMoveError):
        actions.set_windows(session, call, [], actor=MANAGER, at=AT)
    with pytest.raises(IllegalMoveError):
        actions.set_pool(session, call, endowment_cents=1, shares={}, actor=MANAGER, at=AT)


def test_a_blank_call_takes_its_address_from_its_first_title(session: Session) -> None:
    call = actions.create_from_template(
        session, make_authority(session), "", actor=MANAGER, at=AT, slug=""
    )
    for title, slug in (("Orti nuovi", "orti-nuovi"), ("Orti nuovissimi", "orti-nuovi")):
        design = replace(call.design, title={"it": title})
        call = actions.save_design(session, call, design, version=None, actor=MANAGER, at=AT)
        assert call.slug == slug


def test_saving_over_somebody_elses_version_is_a_conflict(session: Session) -> None:
    call = make_call(session)
    opened = call.version
    first = replace(call.design, office="Ufficio A")
    actions.save_design(session, call, first, version=opened, actor=MANAGER, at=AT)
    with pytest.raises(ConflictError):
        actions.save_design(
            session, call, replace(first, office="B"), version=opened, actor=MANAGER, at=AT
        )
    assert call.design.office == "Ufficio A"


def test_saving_keeps_what_differs_in_the_audit_log(session: Session) -> None:
    call = make_call(session)
    actions.save_design(
        session,
        call,
        replace(call.design, office="Ufficio Nuovo"),
        version=call.version,
        actor=MANAGER,
        at=AT,
    )
    entry = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.verb == "save").order_by(AuditEntry.id.desc())
    ).first()
    assert entry is not None
    assert (entry.before, entry.after) == (
        {"office": "Ufficio Bandi"},
        {"office": "Ufficio Nuovo"},
    )


def test_markdown_is_made_safe_when_it_is_saved(session: Session) -> None:
    design = ready_design(text=both("Ciao <script>alert(1)</script> [x](javascript:alert(1))"))
    call = make_call(session, design=design)
    assert "<script" not in call.text_html_it
    assert 'href="javascript' not in call.text_html_it


def test_sessions_are_numbered_by_their_opening_and_may_be_removed(session: Session) -> None:
    later = (CLOSES + timedelta(days=1), CLOSES + timedelta(days=10))
    call = make_call(session, windows=[later, (OPENS, CLOSES)])
    assert [(w.number, w.opens_at) for w in call.windows] == [(1, OPENS), (2, later[0])]
    actions.set_windows(session, call, [later], actor=MANAGER, at=AT)
    assert [(w.number, w.opens_at) for w in call.windows] == [(1, later[0])]


def test_sessions_that_overlap_are_refused(session: Session) -> None:
    call = make_call(session)
    with pytest.raises(InvalidError):
        actions.set_windows(
            session,
            call,
            [(OPENS, CLOSES), (CLOSES, CLOSES + timedelta(days=1))],
            actor=MANAGER,
            at=AT,
        )


def test_a_session_is_open_from_its_first_to_its_last_instant(session: Session) -> None:
    call = make_published_call(session)
    window = call.windows[0]
    assert queries.open_window(session, call, OPENS - SECOND) is None
    assert queries.open_window(session, call, OPENS) is window
    assert queries.open_window(session, call, CLOSES) is window
    assert queries.open_window(session, call, CLOSES + SECOND) is None


def test_an_extension_keeps_the_old_deadline(session: Session) -> None:
    window = make_published_call(session).windows[0]
    new = CLOSES + timedelta(days=5)
    actions.extend_window(session, window, new, act_data(), actor=MANAGER, at=AT)
    assert window.closes_at == new
    assert [(e.old_closes_at, e.new_closes_at) for e in window.extensions] == [(CLOSES, new)]


def test_after_closing_an_extension_reopens_until_checking_began(session: Session) -> None:
    window = make_published_call(session).windows[0]
    closed = CLOSES + timedelta(days=1)
    assert window.state_at(closed) is WindowState.CLOSED
    new = CLOSES + timedelta(days=5)
    actions.extend_window(session, window, new, act_data(), actor=MANAGER, at=closed)
    assert window.state_at(closed) is WindowState.OPEN
    actions.start_checking(session, window, actor=OFFICER, at=new + SECOND)
    with pytest.raises(IllegalMoveError):
        actions.extend_window(
            session,
            window,
            new + timedelta(days=5),
            act_data(),
            actor=MANAGER,
            at=new + SECOND,
        )


@pytest.mark.parametrize("days", [-1, 0])
def test_a_deadline_never_moves_back(session: Session, days: int) -> None:
    window = make_published_call(session).windows[0]
    with pytest.raises(InvalidError):
        actions.extend_window(
            session, window, CLOSES + timedelta(days=days), act_data(), actor=MANAGER, at=AT
        )


def test_an_open_session_cannot_be_checked_yet(session: Session) -> None:
    window = make_published_call(session).windows[0]
    with pytest.raises(IllegalMoveError):
        actions.start_checking(session, window, actor=OFFICER, at=CLOSES)


def test_a_suspension_that_stops_the_deadlines_moves_them_by_its_length(session: Session) -> None:
    call = make_published_call(session)
    during, after = OPENS + timedelta(days=1), OPENS + timedelta(days=4)
    actions.suspend(session, call, act_data(), deadlines_stop=True, actor=MANAGER, at=during)
    assert queries.open_window(session, call, during) is None
    actions.resume(session, call, act_data(), actor=MANAGER, at=after)
    window = call.windows[0]
    assert window.closes_at == CLOSES + timedelta(days=3)
    assert [e.old_closes_at for e in window.extensions] == [CLOSES]
    assert queries.open_window(session, call, after) is window


def test_a_suspension_may_let_the_deadlines_run(session: Session) -> None:
    call = make_published_call(session)
    actions.suspend(session, call, act_data(), deadlines_stop=False, actor=MANAGER, at=OPENS)
    actions.resume(session, call, act_data(), actor=MANAGER, at=OPENS + timedelta(days=3))
    assert call.windows[0].closes_at == CLOSES


def test_a_cancelled_call_gives_its_endowment_back(session: Session) -> None:
    authority = make_authority(session)
    programme = make_level(session, authority, budget_cents=500_000_00)
    call = make_published_call(session, authority=authority, shares={programme.id: 100_000_00})
    actions.cancel(session, call, act_data(), reason="Errore", actor=MANAGER, at=OPENS)
    assert call.state is CallState.CANCELLED
    assert [w.state for w in call.windows] == [WindowState.CANCELLED]
    figures = programmes.tree(session, authority.id)[0]
    assert (figures.allotted_cents, figures.available_cents) == (0, 500_000_00)


def test_a_call_with_a_ranking_is_never_cancelled(session: Session) -> None:
    call = make_published_call(session)
    late = CLOSES + timedelta(days=1)
    for verb in ("start_checking", "start_evaluation", "publish_final"):
        actions.step_window(session, call.windows[0], verb, actor=MANAGER, at=late)
    with pytest.raises(IllegalMoveError):
        actions.cancel(session, call, act_data(), reason="No", actor=MANAGER, at=late)
    assert call.state is CallState.PUBLISHED


def test_a_call_concludes_when_its_sessions_did(session: Session) -> None:
    call = make_published_call(session)
    late = CLOSES + timedelta(days=1)
    with pytest.raises(IllegalMoveError):
        actions.conclude(session, call, act_data(), actor=MANAGER, at=late)
    for verb in (
        "start_checking",
        "start_evaluation",
        "publish_final",
        "start_projects",
        "conclude",
    ):
        actions.step_window(session, call.windows[0], verb, actor=MANAGER, at=late, left=0)
    actions.conclude(session, call, act_data(), actor=MANAGER, at=late)
    assert call.state is CallState.CONCLUDED
    assert [a.verb for a in queries.acts_of(session, call)] == ["publish", "conclude"]


FACTS = {
    "id": "milano-cfc-2015",
    "title": "Crowdfunding civico, first edition",
    "published_on": "2015-11",
    "endowment_eur": 430000,
    "project_cost_max_eur": None,
    "sources": ["https://example.org/a"],
}
ROW = {
    "project": "Via Dolce Via",
    "proposer": "Associazione",
    "neighbourhood": "Dergano",
    "total_cost_eur": "",
    "target_eur": "20000",
    "raised_eur": None,
    "raised_at_least": "true",
    "outcome": "funded",
    "source_url": "https://example.org/b",
}


def test_a_past_edition_is_entered_as_history_and_its_unknown_figures_stay_unknown(
    session: Session,
) -> None:
    call = actions.import_historical(
        session, make_authority(session), FACTS, [ROW], actor=MANAGER, at=AT
    )
    assert call.historical
    assert call.pool_id is None
    assert "project_cost_max_eur" not in call.facts
    (project,) = queries.historical_projects(session, call)
    assert (project.cost_cents, project.target_cents, project.raised_cents) == (
        None,
        20_000_00,
        None,
    )
    row = queries.public_calls(session, now=AT, phase=CallPhase.HISTORY, text="civico").rows[0]
    assert row.money is not None
    assert row.money.cents == 430_000_00
    assert queries.home(session, AT)["figures"].calls == 0


@pytest.mark.parametrize(
    "wrong",
    [{"project": ""}, {"target_eur": "-1"}, {"raised_eur": "x"}, {"backers": "1.5"}],
)
def test_an_impossible_figure_names_row_and_column(session: Session, wrong: dict[str, str]) -> None:
    column = next(iter(wrong))
    with pytest.raises(InvalidError) as refused:
        actions.import_historical(
            session, make_authority(session), FACTS, [ROW | wrong], actor=MANAGER, at=AT
        )
    assert refused.value.message.source.startswith(f"Row 1, {column}:")
    assert session.scalar(sa.select(sa.func.count(HistoricalProject.id))) == 0


def test_the_phase_in_sql_is_the_phase_in_python(session: Session) -> None:
    make_call(session)
    for windows in (
        [(OPENS, CLOSES)],
        [(AT - timedelta(days=9), AT - timedelta(days=8)), (CLOSES, CLOSES + timedelta(days=1))],
        [(AT - timedelta(days=9), AT - timedelta(days=8))],
    ):
        early = AT - timedelta(days=10)
        make_published_call(session, windows=windows, at=early)
    actions.suspend(
        session,
        make_published_call(session),
        act_data(),
        deadlines_stop=True,
        actor=MANAGER,
        at=AT,
    )
    actions.import_historical(session, make_authority(session), FACTS, actor=MANAGER, at=AT)
    for now in (AT, OPENS, CLOSES, CLOSES + SECOND):
        rows = queries.manage_calls(session, now=now, scopes=None).rows
        rows += queries.manage_calls(session, now=now, scopes=None, phase=CallPhase.HISTORY).rows
        for row in rows:
            call = session.get_one(Call, row.id)
            states = [w.state_at(now) for w in call.windows]
            assert row.phase is call_phase(call.state, states, historical=call.historical)
