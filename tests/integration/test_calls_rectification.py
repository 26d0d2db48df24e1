"""A published call changed by act: on a copy, as the next edition, without breaking anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import Actor, Role
from quartieri.calls import actions, queries
from quartieri.calls.actions.followers import follow
from quartieri.calls.design import CallDesign, Question
from quartieri.calls.gaps import NotReadyError
from quartieri.calls.models import Call, CallEdition, Rectification
from quartieri.calls.rectifying import RefusedChangesError
from quartieri.calls.rules import CallState, RectificationState
from quartieri.jobs.models import Job
from quartieri.kit.errors import IllegalMoveError, InvalidError, NotYoursError
from quartieri.mail.models import Letter
from quartieri.people.models import Authority, User
from quartieri.programmes.models import EndowmentPool
from quartieri.proposals.actions.rectified import follow_edition, of_rectified_call
from quartieri.proposals.rules import CARRIED
from quartieri.reviews.queries import edition_of
from tests.conftest import SiteClient
from tests.factories.acts import act_data
from tests.factories.call_forms import ACT, AsUser, text
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
from tests.factories.people import make_official
from tests.factories.programmes import make_authority, make_level
from tests.factories.proposals import make_draft, make_submitted

REASON = {"it": "Mancava una domanda.", "en": "A question was missing."}
OPEN = OPENS + timedelta(days=1)
AFTER = CLOSES + timedelta(days=1)


def begun(session: Session, call: Call, design: CallDesign) -> Rectification:
    found = actions.begin_rectification(session, call, actor=MANAGER, at=OPEN)
    actions.save_design(session, found.draft, design, version=None, actor=MANAGER, at=OPEN)
    return found


def published(session: Session, found: Rectification, at: object = OPEN) -> CallEdition:
    return actions.publish_rectification(
        session, found, act_data(), reason=REASON, actor=MANAGER, at=OPEN if at is OPEN else AFTER
    )


def other_contact(call: Call) -> CallDesign:
    return replace(call.design, contact="nuovo@comune.example")


def test_an_act_makes_the_next_edition_and_keeps_the_old_one(session: Session) -> None:
    call = make_published_call(session)
    before = call.design
    after = replace(before, contact="nuovo@comune.example", title=both("Alleanze rettificate"))
    edition = published(session, begun(session, call, after))
    assert (edition.number, edition.design, call.design) == (2, after, after)
    assert call.editions[0].design == before
    assert call.title_it == "Alleanze rettificate"
    assert [c.verb for c in queries.acts_of(session, call)] == ["publish", "rectify"]
    (found,) = queries.rectifications(session, call)
    assert (found.state, found.edition_id) == (RectificationState.PUBLISHED, edition.id)
    assert [c["place"] for c in found.changes] == ["/design/title", "/design/contact"]
    assert found.draft.state is CallState.DISCARDED
    assert [c.code for c in edition.criteria] == ["impact", "quality"]
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.verb == "rectify")).one()
    assert entry.reason == REASON["it"]


def test_a_standard_form_written_out_is_no_change_but_a_question_more_is(
    session: Session,
) -> None:
    call = make_published_call(session)
    written = call.design.with_sections()
    more = Question("who_helps", both("Chi vi aiuta?"), section=written.sections[-1].key)
    after = replace(written, questions=(*written.questions, more))
    published(session, begun(session, call, after))
    (found,) = queries.rectifications(session, call)
    assert [c["place"] for c in found.changes] == ["/design/questions/who_helps"]


def test_one_rectification_is_written_at_a_time_and_may_be_put_away(session: Session) -> None:
    call = make_published_call(session)
    found = begun(session, call, other_contact(call))
    assert actions.begin_rectification(session, call, actor=MANAGER, at=OPEN) is found
    actions.discard_rectification(session, found, actor=MANAGER, at=OPEN)
    assert queries.open_rectification(session, call) is None
    assert call.design.contact != "nuovo@comune.example"
    assert actions.begin_rectification(session, call, actor=MANAGER, at=OPEN) is not found


def test_the_copy_is_no_call_of_its_own(session: Session) -> None:
    call = make_published_call(session)
    draft = begun(session, call, other_contact(call)).draft
    with pytest.raises(IllegalMoveError):
        actions.publish(session, draft, act_data(), actor=MANAGER, at=AT)
    rows = queries.manage_calls(session, now=OPEN, scopes=None).rows
    assert [r.id for r in rows] == [call.id]


def test_what_is_needed_and_what_is_forbidden(session: Session) -> None:
    call = make_published_call(session)
    found = actions.begin_rectification(session, call, actor=MANAGER, at=OPEN)
    with pytest.raises(InvalidError, match="Nothing has changed"):
        published(session, found)
    actions.save_design(
        session, found.draft, replace(call.design, contact=""), version=None, actor=MANAGER, at=OPEN
    )
    with pytest.raises(NotReadyError):
        published(session, found)
    with pytest.raises(InvalidError, match="both languages"):
        actions.publish_rectification(
            session, found, act_data(), reason={"it": "x"}, actor=MANAGER, at=OPEN
        )
    nobody = Actor(1, "A", frozenset({Role.OFFICER}))
    with pytest.raises(NotYoursError):
        actions.begin_rectification(session, call, actor=nobody, at=OPEN)
    with pytest.raises(IllegalMoveError):
        actions.begin_rectification(session, make_call(session), actor=MANAGER, at=OPEN)


def test_criteria_are_fixed_from_the_first_deadline_on(session: Session) -> None:
    call = make_published_call(session)
    evaluation = replace(call.design.evaluation, sheets=3)
    found = begun(session, call, replace(call.design, evaluation=evaluation))
    with pytest.raises(RefusedChangesError) as refused:
        published(session, found, AFTER)
    assert [r.place for r in refused.value.refusals] == ["/design/evaluation/sheets"]
    assert len(call.editions) == 1
    assert published(session, found).design.evaluation.sheets == 3


def test_a_text_put_right_later_changes_nothing_for_who_is_judged(session: Session) -> None:
    call = make_published_call(session)
    found = begun(session, call, other_contact(call))
    edition = published(session, found, AFTER)
    assert edition.number == 2
    assert edition_of(session, call.windows[0]).number == 1


def test_money_and_sessions_change_with_the_rules(session: Session) -> None:
    authority = make_authority(session)
    level = make_level(session, authority, budget_cents=500_000_00)
    call = make_published_call(session, authority=authority, shares={level.id: 100_000_00})
    found = actions.begin_rectification(session, call, actor=MANAGER, at=OPEN)
    later = (CLOSES + timedelta(days=10), CLOSES + timedelta(days=40))
    actions.set_windows(session, found.draft, [(OPENS, CLOSES), later], actor=MANAGER, at=OPEN)
    actions.set_pool(
        session,
        found.draft,
        endowment_cents=150_000_00,
        shares={level.id: 150_000_00},
        actor=MANAGER,
        at=OPEN,
    )
    longer = CLOSES + timedelta(days=5)
    actions.extend_window(session, call.windows[0], longer, act_data(), actor=MANAGER, at=OPEN)
    published(session, found)
    session.expire_all()
    assert [(w.opens_at, w.closes_at) for w in call.windows] == [(OPENS, longer), later]
    pool = session.get_one(EndowmentPool, call.pool_id)
    assert pool.endowment_cents == 150_000_00
    assert queries.pool_draft(session, call).shares[0].available_cents == 350_000_00


def test_drafts_follow_and_what_was_submitted_stays(session: Session) -> None:
    call = make_published_call(session)
    draft, sent = make_draft(session, call=call), make_submitted(session, call=call)
    answers = dict(draft.answers)
    assert answers
    key = next(iter(answers))
    questions = tuple(q for q in call.design.questions if q.key != key)
    design = replace(call.design, questions=(*questions, Question("more", both("Altro?"))))
    edition = published(session, begun(session, call, design))
    jobs = session.scalars(sa.select(Job).where(Job.kind == "calls.rectified")).all()
    assert [j.args for j in jobs] == [{"edition_id": edition.id}]
    first = sent.edition_id
    for _twice in range(2):
        for proposal_id in of_rectified_call(session, edition.id):
            follow_edition(session, proposal_id, edition.id, at=OPEN)
    assert draft.edition_id == edition.id
    assert {k: v for k, v in draft.answers.items() if k != CARRIED} == {
        k: v for k, v in answers.items() if k != key
    }
    assert len(draft.answers[CARRIED]["kept"]) == 1
    assert sent.edition_id == first
    letters = session.scalars(sa.select(Letter).where(Letter.key.startswith("proposal-rectified")))
    assert len(letters.all()) == 2


def test_followers_are_told(session: Session) -> None:
    call = make_published_call(session)
    follow(session, call, email="a@example.org", language="it", at=OPEN, own=True)
    edition = published(session, begun(session, call, other_contact(call)))
    job = session.scalars(sa.select(Job).where(Job.kind == "calls.tell")).one()
    assert job.args["news"] == "rectified"
    assert job.args["occasion"] == f"edition:{edition.id}"


# -- pages -------------------------------------------------------------------------------------


@pytest.fixture
def city(session: Session) -> Authority:
    return make_authority(session, name="Comune di Prova")


@pytest.fixture
def manager(session: Session, city: Authority) -> User:
    return make_official(session, Role.CALL_MANAGER, city.scope)


def test_an_official_rectifies_a_call_and_everybody_compares(
    session: Session, as_user: AsUser, client: SiteClient, city: Authority, manager: User
) -> None:
    call = make_published_call(session, authority=city)
    browser = as_user(manager)
    assert client.get(f"/calls/{call.slug}/editions").status_code == 200
    assert "/rectify" in text(browser.get(f"/manage/calls/{call.id}"))
    begin = browser.post(f"/manage/calls/{call.id}/rectify")
    assert begin.status_code == 303
    found = queries.open_rectification(session, call)
    assert found is not None
    page = f"/manage/rectifications/{found.id}"
    assert page in text(browser.get(begin.location))
    assert browser.get(f"/manage/calls/{found.draft_id}/review").location == page
    assert browser.get(f"/manage/calls/{found.draft_id}").location == page
    assert browser.get(page).status_code == 200
    design = replace(call.design, contact="<b>nuovo</b>@comune.example", office="Ufficio Nuovo")
    actions.save_design(session, found.draft, design, version=None, actor=MANAGER, at=OPEN)
    shown = text(browser.get(page))
    assert "bandi@comune.example" in shown
    assert "&lt;b&gt;nuovo&lt;/b&gt;@comune.example" in shown
    assert browser.post(f"{page}/publish", data=ACT).status_code == 422
    reasons = {"reason_it": "Ufficio sbagliato", "reason_en": "Wrong office"}
    assert browser.post(f"{page}/publish", data={**ACT, **reasons}).status_code == 303
    history = text(client.get(f"/calls/{call.slug}/editions"))
    for word in ("Ufficio sbagliato", "Ufficio Bandi", "Ufficio Nuovo", ACT["number"]):
        assert word in history
    assert f"/calls/{call.slug}/editions" in text(client.get(f"/calls/{call.slug}"))
    assert browser.get(page).status_code == 303


def test_an_official_of_another_city_may_not(
    session: Session, as_user: AsUser, manager: User
) -> None:
    call = make_published_call(session)
    found = begun(session, call, other_contact(call))
    session.commit()
    browser = as_user(manager)
    for path in (
        f"/manage/calls/{call.id}/rectify",
        f"/manage/rectifications/{found.id}/publish",
        f"/manage/rectifications/{found.id}/discard",
        f"/manage/calls/{call.id}/duplicate",
        f"/manage/calls/{call.id}/keep",
    ):
        assert browser.post(path).status_code in {403, 404}, path
    for path in (f"/manage/rectifications/{found.id}", f"/manage/calls/{call.id}/document"):
        assert browser.get(path).status_code in {403, 404}, path


def test_ready_design_is_what_a_copy_starts_from(session: Session) -> None:
    call = make_published_call(session, design=ready_design(office="Altro"))
    found = actions.begin_rectification(session, call, actor=MANAGER, at=OPEN)
    assert found.draft.design == call.design
    assert queries.plan(session, found, now=OPEN).changes == []
