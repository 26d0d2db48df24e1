"""The fixed sum, the city as a backer and the quadratic round, from the ranking to the act."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.calls.funding import FixedSum, FundingKind, FundingRule
from quartieri.calls.models import Call
from quartieri.campaigns import actions, queries
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import CampaignState
from quartieri.grants import actions as grants
from quartieri.grants.models import Grant, MatchRound
from quartieri.grants.queries import round_of
from quartieri.grants.rules import GrantState
from quartieri.kit.errors import IllegalMoveError
from quartieri.ledger import queries as book
from quartieri.programmes.queries import pool_balances
from quartieri.reviews import actions as reviews
from quartieri.reviews.models import Ranking
from quartieri.reviews.queries.waiting import waiting_list
from tests.doubles import NOW
from tests.factories.call_forms import AsUser, text
from tests.factories.campaigns import STARTS, Scene, begin_charge, make_confirmed, make_live
from tests.factories.funding import quadratic
from tests.factories.matching import live_rule, make_call_by, pool_of
from tests.factories.reviews import act_data
from tests.factories.reviews import make_scene as make_reviewed

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

HALF = Decimal("0.5")
BACKER = FundingRule(FundingKind.CITY_BACKER, HALF, Decimal("0.25"))
POOL = 1_200_00


def fixed_sum(backers: int) -> FundingRule:
    own = FixedSum(3_000_00, HALF, at_backers=backers)
    return FundingRule(FundingKind.FIXED_SUM, HALF, None, fixed_sum=own)


def end(session: Session, scene: Scene, *pledges: Pledge) -> None:
    """Let the campaign end, these pledges be paid, and decide it."""
    ends_at, grace = scene.campaign.ends_at, scene.campaign.grace_ends_at
    assert ends_at is not None
    assert grace is not None
    for _ in range(2):
        actions.advance(session, scene.campaign.id, at=ends_at + timedelta(seconds=1))
    for pledge in pledges:
        begin_charge(session, pledge, at=ends_at + timedelta(hours=1))
        actions.record_paid(session, pledge, fee_cents=0, actor=SYSTEM, at=ends_at)
    for _ in range(9):
        if not actions.advance(session, scene.campaign.id, at=grace + timedelta(days=2)):
            break
    session.flush()


def test_a_fixed_sum_is_granted_where_enough_people_gave(session: Session) -> None:
    scene = make_live(session, call=make_call_by(session, fixed_sum(2)))
    assert scene.grant.reserved_cents == 3_000_00
    pledges = [make_confirmed(session, scene.campaign, 5_000_00) for _ in range(2)]
    end(session, scene, *pledges)

    assert (scene.grant.computed_cents, scene.grant.reserved_cents) == (3_000_00, 3_000_00)


def test_a_fixed_sum_that_was_not_earned_is_released_and_the_campaign_still_succeeds(
    session: Session,
) -> None:
    scene = make_live(session, call=make_call_by(session, fixed_sum(2)))
    same = {"email": "una@example.org"}
    pledges = [make_confirmed(session, scene.campaign, 5_000_00, **same) for _ in range(2)]
    end(session, scene, *pledges)

    assert scene.campaign.succeeded
    assert (scene.grant.computed_cents, pool_of(session, scene).reserved_cents) == (0, 0)


def test_the_citys_own_pledge_counts_toward_the_target(session: Session) -> None:
    scene = make_live(session, call=make_call_by(session, BACKER))
    campaign = scene.campaign
    assert (campaign.city_cents, scene.grant.reserved_cents) == (5_000_00, 5_000_00)
    end(session, scene, make_confirmed(session, campaign, 5_000_00))

    assert campaign.succeeded
    assert (campaign.decided_cents, scene.grant.computed_cents) == (5_000_00, 5_000_00)


def test_one_cent_less_from_people_fails_and_frees_the_citys_pledge(session: Session) -> None:
    scene = make_live(session, call=make_call_by(session, BACKER))
    make_confirmed(session, scene.campaign, 4_999_99)
    end(session, scene)

    assert not scene.campaign.succeeded
    assert scene.grant.state is GrantState.RELEASED
    assert pool_of(session, scene).reserved_cents == 0


def test_the_page_counts_the_citys_pledge_and_shows_it_apart(session: Session) -> None:
    scene = make_live(session, call=make_call_by(session, BACKER))
    make_confirmed(session, scene.campaign, 3_000_00)
    page = queries.project_page(session, scene.campaign.slug, now=STARTS)

    assert page.city is not None
    assert (page.crowd.cents, page.city.match.cents, page.city.counts) == (3_000_00, 5_000_00, True)
    assert not page.reached
    make_confirmed(session, scene.campaign, 2_000_00)
    assert queries.project_page(session, scene.campaign.slug, now=STARTS).reached


def make_round(session: Session, *, count: int = 2) -> tuple[Call, list[Scene], MatchRound]:
    """Add live campaigns of a session with a quadratic pool of 1,200 €, targets of 100 €."""
    rule = replace(quadratic(), crowdfunding_share=Decimal("0.005"))
    call = make_call_by(session, rule)
    assert call.pool_id is not None
    grants.open_round(
        session, call.windows[0], pool_id=call.pool_id, cents=POOL, actor=SYSTEM, at=STARTS
    )
    scenes = [make_live(session, call=call, target_cents=100_00) for _ in range(count)]
    row = round_of(session, call.windows[0].id)
    assert row is not None
    return call, scenes, row


def give(session: Session, campaign: Campaign, people: int, cents: int) -> list[Pledge]:
    return [make_confirmed(session, campaign, cents) for _ in range(people)]


def test_a_round_is_shared_out_when_its_last_campaign_is_decided(session: Session) -> None:
    call, (first, second), row = make_round(session)
    assert pool_of(session, first).reserved_cents == POOL
    end(session, first, *give(session, first.campaign, 16, 25_00))
    assert first.campaign.state in {CampaignState.SUCCEEDED, CampaignState.PAYING_OUT}
    assert not actions.close_round(session, call.windows[0].id, at=STARTS)
    assert first.grant.proposed_at is None
    end(session, second, *give(session, second.campaign, 4, 100_00))

    assert queries.due_rounds(session) == [call.windows[0].id]
    assert actions.close_round(session, call.windows[0].id, at=STARTS)
    assert not actions.close_round(session, call.windows[0].id, at=STARTS)

    shares = [scene.grant.computed_cents for scene in (first, second)]
    assert shares == [1_000_00, 200_00]
    assert row.shares == {str(first.grant.id): 1_000_00, str(second.grant.id): 200_00}
    assert pool_of(session, first).reserved_cents == POOL
    assert book.verify(session).faults == []


def test_two_gifts_of_one_person_are_summed_and_what_nobody_takes_is_released(
    session: Session,
) -> None:
    call, (first, second), _row = make_round(session)
    same = {"email": "una@example.org"}
    alone = [make_confirmed(session, first.campaign, 50_00, **same) for _ in range(2)]
    end(session, first, *alone)
    end(session, second)
    actions.close_round(session, call.windows[0].id, at=STARTS)

    assert (first.grant.computed_cents, second.grant.state) == (0, GrantState.RELEASED)
    assert pool_of(session, first).reserved_cents == 0


def test_the_page_shows_an_estimate_and_what_one_gift_more_would_bring(
    session: Session, client: FlaskClient
) -> None:
    _call, (first, second), row = make_round(session)
    give(session, first.campaign, 4, 100_00)
    give(session, second.campaign, 1, 100_00)
    actions.estimate_round(session, row.id, at=STARTS)
    session.flush()

    page = queries.project_page(session, first.campaign.slug, now=STARTS)
    assert page.city is not None
    assert (page.city.match.cents, page.city.estimated_at) == (1_200_00, STARTS)
    session.commit()
    text = client.get(f"/projects/{first.campaign.slug}").get_data(as_text=True)
    assert "stima: il Comune aggiungerebbe" in text


def publish(session: Session, rule: FundingRule) -> tuple[Ranking, list[Grant]]:
    """Publish the ranking of two applications of a call under a rule, with 40,000 €."""
    scene = make_reviewed(session, campaigns=True, rule=rule)
    for points in (18, 16):
        scene.score(scene.apply(), points)
    ranking = reviews.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    reviews.publish_ranking(session, ranking, act_data(), actor=scene.by, at=NOW)
    return ranking, list(session.scalars(sa.select(Grant).order_by(Grant.id)))


def test_the_ranking_binds_nothing_where_each_pledge_does(session: Session) -> None:
    ranking, found = publish(session, live_rule(part=False))
    assert [(grant.reserved_cents, grant.state) for grant in found] == [
        (0, GrantState.RESERVED)
    ] * 2
    assert pool_balances(session, found[0].pool_id).reserved_cents == 0
    assert round_of(session, ranking.window_id) is None


def test_the_ranking_reserves_a_rounds_pool_once(session: Session) -> None:
    rule = replace(quadratic(), crowdfunding_share=HALF)
    ranking, found = publish(session, rule)
    row = round_of(session, ranking.window_id)
    assert row is not None
    assert row.reserved_cents == 40_000_00
    money = pool_balances(session, found[0].pool_id)
    assert (money.available_cents, money.reserved_cents) == (0, 40_000_00)
    assert [grant.reserved_cents for grant in found] == [0, 0]


def test_nobody_follows_on_the_list_of_a_round_that_was_shared_out(
    session: Session, as_user: AsUser
) -> None:
    rule = replace(quadratic(), crowdfunding_share=HALF)
    scene = make_reviewed(session, campaigns=True, rule=rule, places=2)
    for points in (18, 16, 14):
        scene.score(scene.apply(), points)
    ranking = reviews.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    reviews.publish_ranking(session, ranking, act_data(), actor=scene.by, at=NOW)
    first = session.scalars(sa.select(Grant).order_by(Grant.id)).first()
    row = round_of(session, scene.window.id)
    assert first is not None
    assert row is not None
    grants.release(session, first, reason="withdrawn", actor=SYSTEM, at=NOW)

    def turns() -> list[int | None]:
        found = waiting_list(session, scene.window)
        assert found is not None
        return [line.gives_cents for line in found.lines]

    assert turns() == [0]  # the round is open: it would share in it
    row.closed_at = NOW
    session.flush()
    assert turns() == [None]
    third = scene.proposals[2]
    with pytest.raises(IllegalMoveError, match="shared out"):
        reviews.scroll(session, third, act_data(), actor=scene.by, at=NOW)
    session.commit()
    office = as_user(scene.manager)
    listed = text(office.get(f"/manage/windows/{scene.window.id}/list"))
    assert "è stato ripartito" in listed
    assert office.get(f"/manage/proposals/{third.id}/list/fund").status_code == 409
