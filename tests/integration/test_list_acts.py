"""Going down the list: what is left is offered, re-scoped, refused or lapses; freed money funds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM, Actor, Role
from quartieri.calls.design import Division, Part
from quartieri.calls.models import CallEdition
from quartieri.grants import actions as grants
from quartieri.grants.models import Grant
from quartieri.grants.queries import live_grant
from quartieri.jobs.actions import enqueue
from quartieri.kit.clock import SetClock, rome
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.mail.models import Letter
from quartieri.programmes.queries import pool_balances
from quartieri.proposals.models import Proposal, Snapshot
from quartieri.proposals.rules import ProposalState
from quartieri.reviews import actions
from quartieri.reviews.models import Ranking
from quartieri.reviews.queries.waiting import waiting_list
from quartieri.reviews.rules import RankingState
from tests.doubles import NOW
from tests.factories.call_forms import AsUser, text
from tests.factories.decisions import letters
from tests.factories.reviews import Scene, act_data, make_scene

P = ProposalState
ACT = {"number": "77", "dated": "2025-02-03", "office": "Ufficio", "signer": "Dirigente"}
DUE = NOW + timedelta(days=10)


def ranked(session: Session, **over: Any) -> Scene:
    """Two funded with 15,000 € each, then two who wait; 10,000 € are left."""
    scene = make_scene(session, **({"when_money_runs_out": "offer"} | over))
    for total in (18, 16, 14, 13):
        scene.score(scene.apply(own_cents=5_000_00), total)
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    actions.publish_ranking(session, ranking, act_data(), actor=scene.by, at=NOW)
    return scene


def turns(scene: Scene) -> list[tuple[int | None, int | None]]:
    found = waiting_list(scene.session, scene.window)
    assert found is not None
    return [(line.gives_cents, line.offer_cents) for line in found.lines]


def offered(scene: Scene, proposal: Proposal, cents: int = 10_000_00) -> None:
    actions.offer(
        scene.session, proposal, act_data(), cents=cents, due_at=DUE, actor=scene.by, at=NOW
    )


def applicant(proposal: Proposal) -> Actor:
    return Actor(proposal.owner_id, proposal.owner.name, frozenset({Role.APPLICANT}))


def money(scene: Scene) -> tuple[int, int]:
    found = pool_balances(scene.session, scene.pool.id)
    return found.available_cents, found.reserved_cents


def test_the_rest_is_offered_and_accepted_with_a_smaller_budget(
    session: Session, as_user: AsUser
) -> None:
    scene = ranked(session)
    third = scene.proposals[2]
    assert turns(scene) == [(None, 10_000_00), (None, None)]
    office = as_user(scene.manager)
    assert "Offri quello che resta" in text(office.get(f"/manage/windows/{scene.window.id}/list"))
    path = f"/manage/proposals/{third.id}/list/offer"
    assert office.get(path).status_code == 200
    too_much = office.post(path, data=ACT | {"amount": "10000,01", "due": "2025-02-20"})
    assert too_much.status_code == 422
    assert 'value="10000,01"' in text(too_much)
    assert office.post(path, data=ACT | {"amount": "9000", "due": "2025-02-20"}).status_code == 303
    session.refresh(third)
    assert third.state is P.OFFERED
    assert money(scene) == (1_000_00, 39_000_00)
    assert turns(scene) == [(None, None), (None, None)]
    owner = as_user(third.owner)
    assert "Rispondi all" in text(owner.get(f"/applications/{third.id}"))
    page = text(owner.get(f"/applications/{third.id}/offer"))
    assert "9.000" in page
    answer = {
        "q_budget-0-c_what": "Panchine",
        "q_budget-0-c_amount": "12000",
        "q_sources-own_own": "2000",
        "q_sources-requested": "10000",
    }
    above = owner.post(f"/applications/{third.id}/offer", data=answer)
    assert above.status_code == 422
    assert "Panchine" in text(above)
    short = owner.post(
        f"/applications/{third.id}/offer", data=answer | {"q_sources-requested": "8000"}
    )
    assert short.status_code == 422
    fits = answer | {"q_sources-own_own": "4000", "q_sources-requested": "8000"}
    assert owner.post(f"/applications/{third.id}/offer", data=fits).status_code == 303
    session.expire_all()
    assert third.state is P.SELECTED
    assert (third.cost_cents, third.requested_cents) == (12_000_00, 8_000_00)
    grant = session.scalars(sa.select(Grant).where(Grant.proposal_id == third.id)).one()
    assert grant.proposed_at is not None
    assert money(scene) == (2_000_00, 38_000_00)
    kept = session.scalars(sa.select(Snapshot).where(Snapshot.proposal_id == third.id)).one()
    assert kept.number == 2
    assert {"proposal-offer", "proposal-scrolled"} <= set(letters(session, third))
    public = text(as_user(third.owner).get(f"/calls/{scene.call.slug}/ranking/1"))
    assert "Dopo la graduatoria" in public
    with pytest.raises(IllegalMoveError):
        actions.accept_offer(session, third, {}, received_at=NOW, actor=applicant(third), at=NOW)


def test_a_quota_that_is_used_up_passes_over_its_own_alone(
    session: Session, as_user: AsUser
) -> None:
    own = Part(
        "green", {"it": "Verde", "en": "Green"}, values=("green",), endowment_cents=25_000_00
    )
    quotas = Division("question", "field", (own,))
    scene = make_scene(session, when_money_runs_out="stop", quotas=quotas)
    for total, field in ((18, "green"), (16, "sport"), (14, "green"), (13, "sport")):
        scene.score(scene.apply(own_cents=5_000_00, answers={"field": field}), total)
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    actions.publish_ranking(session, ranking, act_data(), actor=scene.by, at=NOW)
    assert session.scalars(sa.select(Grant.quota_code).order_by(Grant.id)).all() == ["green", ""]
    second = live_grant(session, scene.proposals[1].id)
    assert second is not None
    grants.release(session, second, reason="renounced", actor=SYSTEM, at=NOW)
    assert turns(scene) == [(None, None), (15_000_00, None)]
    page = as_user(scene.manager).get(f"/manage/windows/{scene.window.id}/list")
    assert "La sua quota è esaurita." in text(page)


def test_who_refuses_or_is_late_is_passed_over_and_the_next_is_asked(
    session: Session, as_user: AsUser, clock: SetClock, work: Callable[[], int]
) -> None:
    scene = ranked(session)
    third, fourth = scene.proposals[2:]
    with pytest.raises(IllegalMoveError):
        offered(scene, fourth)
    with pytest.raises(InvalidError):
        offered(scene, third, 10_000_01)
    offered(scene, third)
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    with pytest.raises(IllegalMoveError, match="offered"):
        actions.publish_ranking(session, ranking, act_data(), actor=scene.by, at=NOW)
    refused = as_user(third.owner).post(
        f"/applications/{third.id}/offer/refuse", data={"reason": "Troppo poco"}
    )
    assert refused.status_code == 303
    session.expire_all()
    assert third.state is P.PASSED_OVER
    assert money(scene)[0] == 10_000_00
    assert turns(scene) == [(None, 10_000_00)]
    offered(scene, fourth)
    enqueue(session, "reviews.lapse_offers", run_at=DUE, key="reviews.lapse_offers")
    clock.set(DUE + timedelta(minutes=9))
    work()
    session.expire_all()
    assert fourth.state is P.OFFERED
    clock.set(DUE + timedelta(minutes=11))
    work()
    session.expire_all()
    assert fourth.state is P.PASSED_OVER
    assert money(scene)[0] == 10_000_00
    sent = session.scalars(sa.select(Letter.key).order_by(Letter.id)).all()
    assert sum("passed_over" in key for key in sent) == 2


def test_freed_money_funds_the_next_in_order_and_a_correction_leaves_it(
    session: Session, as_user: AsUser
) -> None:
    scene = ranked(session, when_money_runs_out="stop")
    first, _second, third, fourth = scene.proposals
    assert turns(scene) == [(None, None), (None, None)]
    grants.renounce_selected(session, first, reason="", actor=applicant(first), at=NOW)
    assert turns(scene) == [(15_000_00, None), (None, None)]
    office = as_user(scene.manager)
    assert office.get(f"/manage/proposals/{fourth.id}/list/fund").status_code == 404
    assert office.post(f"/manage/proposals/{third.id}/list/fund", data=ACT).status_code == 303
    session.expire_all()
    assert third.state is P.SELECTED
    assert money(scene) == (10_000_00, 30_000_00)
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    actions.publish_ranking(session, ranking, act_data(), actor=scene.by, at=NOW)
    assert third.state is P.SELECTED
    assert money(scene) == (10_000_00, 30_000_00)


def test_an_offer_to_a_campaign_binds_no_more_than_its_new_cost_earns(
    session: Session, as_user: AsUser
) -> None:
    scene = ranked(session, campaigns=True, endowment_cents=30_000_00)
    third = scene.proposals[2]
    assert turns(scene)[0] == (None, 6_000_00)
    offered(scene, third, 6_000_00)
    answer = {
        "q_budget-0-c_what": "Panchine",
        "q_budget-0-c_amount": "8000",
        "q_sources-crowd": "3200",
    }
    sent = as_user(third.owner).post(f"/applications/{third.id}/offer", data=answer)
    assert sent.status_code == 303, text(sent)
    session.expire_all()
    grant = session.scalars(sa.select(Grant).where(Grant.proposal_id == third.id)).one()
    assert (third.cost_cents, grant.reserved_cents) == (8_000_00, 4_800_00)
    assert money(scene) == (1_200_00, 28_800_00)


def valid_for(session: Session, months: int) -> Scene:
    """Rank in a call whose rankings can be gone down for some months."""
    scene = ranked(session)
    edition = session.scalars(sa.select(CallEdition)).one()
    design = edition.design
    design = replace(design, sessions=replace(design.sessions, list_months=months))
    edition.design_json, edition.sha256 = design.to_json(), design.sha256()
    session.flush()
    session.expire_all()
    return scene


def test_a_list_expires_and_whoever_waits_is_told(session: Session, as_user: AsUser) -> None:
    scene = valid_for(session, 6)
    first, _second, third, fourth = scene.proposals
    last = rome(date(2025, 8, 4)) - timedelta(microseconds=1)
    found = waiting_list(session, scene.window)
    assert found is not None
    assert (found.usable_until, found.over(last)) == (last, None)
    page = text(as_user(scene.manager).get(f"/manage/windows/{scene.window.id}/list"))
    assert "domenica 3 agosto 2025" in page
    ranking = found.ranking
    for at, state in ((last, P.WAITING), (last + timedelta(seconds=1), P.NOT_SELECTED)):
        actions.expire_list(session, ranking, at=at)
        assert (third.state, fourth.state) == (state, state)
    assert (first.state, ranking.state) == (P.SELECTED, RankingState.EXPIRED)
    assert waiting_list(session, scene.window) is None
    assert letters(session, third).count("proposal-list_expired") == 1
    actions.expire_list(session, ranking, at=last + timedelta(days=1))
    with pytest.raises(IllegalMoveError, match="is over"):
        actions.compute_ranking(session, scene.window, actor=scene.by, at=last)


def test_nobody_follows_on_a_list_that_is_over_and_an_open_offer_is_waited_for(
    session: Session,
) -> None:
    scene = valid_for(session, 1)
    third = scene.proposals[2]
    late = NOW + timedelta(days=40)
    facts = {"cents": 1_000_00, "due_at": late + timedelta(days=1), "actor": scene.by}
    with pytest.raises(IllegalMoveError, match="is over"):
        actions.offer(session, third, act_data(), **facts, at=late)
    actions.offer(session, third, act_data(), **facts, at=NOW)
    ranking = session.scalars(sa.select(Ranking)).one()
    actions.expire_list(session, ranking, at=late)
    assert (third.state, ranking.state) == (P.OFFERED, RankingState.FINAL)
