"""The live match: reserved with the pledge, and going wherever that goes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.calls.funding import Multiplier
from quartieri.campaigns import actions
from quartieri.campaigns.actions import match
from quartieri.campaigns.links import pledge_url
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.grants import actions as grants
from quartieri.grants.rules import GrantState
from quartieri.ledger import queries as book
from quartieri.ledger.models import LedgerPrivate, LedgerTransaction
from quartieri.programmes import actions as programmes
from tests.factories.acts import act_data
from tests.factories.campaigns import STARTS, Scene, begin_charge, make_confirmed, start_pledge
from tests.factories.matching import check_matches, live_rule, make_matched, pool_of

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
# what the database has to guard runs on both: test_matching_at_once, test_matching_stateful

LATER = STARTS + timedelta(minutes=30)


def leave(session: Session, scene: Scene, cents: int) -> None:
    """Take all but this much out of the pool."""
    left = pool_of(session, scene).available_cents
    programmes.reserve(
        session,
        scene.grant.pool_id,
        left - cents,
        key="others",
        about="others",
        actor=SYSTEM,
        at=STARTS,
    )


def pay(session: Session, pledge: Pledge) -> None:
    actions.record_paid(session, pledge, fee_cents=0, actor=SYSTEM, at=LATER)


def offline(session: Session, scene: Scene, cents: int, email: str = "") -> Pledge:
    officer, other = scene.by(scene.officer), scene.by(scene.treasurer)
    row = actions.record_offline(
        session,
        scene.campaign,
        amount_cents=cents,
        name="Cassa",
        email=email,
        evidence="Ricevuta 1",
        received_at=STARTS,
        actor=officer,
        at=STARTS,
    )
    actions.accept_offline(session, row, actor=other, at=LATER)
    return row


def test_the_ranking_reserves_nothing_and_the_pledge_what_it_is_matched_with(
    session: Session,
) -> None:
    scene = make_matched(session)
    assert (scene.grant.reserved_cents, pool_of(session, scene).reserved_cents) == (0, 0)

    pledge = start_pledge(session, scene.campaign, amount_cents=50_00)

    assert (pledge.match_cents, pool_of(session, scene).reserved_cents) == (50_00, 50_00)
    actions.confirm_pledge(session, pledge.id, actor=SYSTEM, at=LATER)
    assert pledge.match_cents == 50_00
    check_matches(session, scene.campaign, scene.grant)


def test_a_match_is_linked_to_its_pledge_in_the_private_part_alone(session: Session) -> None:
    scene = make_matched(session)
    pledge = start_pledge(session, scene.campaign)

    posted = session.scalars(
        sa.select(LedgerTransaction).where(LedgerTransaction.kind == "match.reserved")
    ).one()

    assert posted.public == {"about": f"grant:{scene.grant.id}"}
    private = session.get_one(LedgerPrivate, posted.id).content
    assert (private["pledge"], private["key"]) == (pledge.id, posted.key)


@pytest.mark.parametrize("end", ["expire", "refuse", "cancel"])
def test_a_pledge_that_comes_to_nothing_gives_its_match_back(session: Session, end: str) -> None:
    scene = make_matched(session)
    pledge = start_pledge(session, scene.campaign)
    if end == "expire":
        actions.expire_pledge(session, pledge.id, actor=SYSTEM, at=STARTS + timedelta(hours=2))
    elif end == "refuse":
        actions.refuse_pledge(session, pledge.id, code="lost_card", actor=SYSTEM, at=LATER)
    else:
        actions.cancel_pledge(session, pledge, actor=SYSTEM, at=LATER)

    assert (pledge.match_cents, pool_of(session, scene).reserved_cents) == (0, 0)
    check_matches(session, scene.campaign, scene.grant)


def test_the_limits_of_donor_donation_and_project_hold(session: Session) -> None:
    rule = live_rule(cap=250_00, per_donation_cents=100_00, donations_per_donor=1)
    scene = make_matched(session, rule)
    given = [("a", 50_00), ("b", 150_00), ("a", 20_00), ("c", 400_00), ("d", 100_00)]

    found = [
        make_confirmed(session, scene.campaign, cents, email=f"{who}@example.org").match_cents
        for who, cents in given
    ]

    assert found == [50_00, 100_00, 0, 100_00, 0]
    check_matches(session, scene.campaign, scene.grant)


def test_an_account_and_its_address_are_one_donor(session: Session) -> None:
    scene = make_matched(session, live_rule(donations_per_donor=1))
    own = scene.by(scene.officer)
    by_account = start_pledge(session, scene.campaign, actor=own, email="altra@example.org")
    as_guest = start_pledge(session, scene.campaign, email=scene.officer.email)

    assert (by_account.match_cents, as_guest.match_cents) == (50_00, 0)


@pytest.mark.parametrize(("part", "last"), [(True, 20_00), (False, 0)])
def test_a_pledge_that_finds_the_pool_empty_is_taken_without_a_match(
    session: Session, *, part: bool, last: int
) -> None:
    scene = make_matched(session, live_rule(part=part))
    leave(session, scene, 70_00)

    found = [start_pledge(session, scene.campaign) for _ in range(3)]

    assert [p.match_cents for p in found] == [50_00, last, 0]
    assert {p.state for p in found} == {PledgeState.CREATED}
    check_matches(session, scene.campaign, scene.grant)


def test_what_one_gives_back_the_next_one_has(session: Session) -> None:
    scene = make_matched(session)
    leave(session, scene, 50_00)
    first = start_pledge(session, scene.campaign)
    second = start_pledge(session, scene.campaign)
    actions.cancel_pledge(session, first, actor=SYSTEM, at=LATER)

    third = start_pledge(session, scene.campaign)

    assert (second.match_cents, third.match_cents) == (0, 50_00)


def test_a_multiplier_counts_by_when_the_payment_was_begun(session: Session) -> None:
    twice = Multiplier(STARTS, STARTS + timedelta(hours=1), Decimal(2))
    scene = make_matched(session, live_rule(multipliers=(twice,)))
    early = start_pledge(session, scene.campaign, at=STARTS)
    late = start_pledge(session, scene.campaign, at=STARTS + timedelta(hours=2))

    assert (early.match_cents, late.match_cents) == (100_00, 50_00)


def test_less_never_gains_and_more_never_loses(session: Session) -> None:
    twice = Multiplier(STARTS, STARTS + timedelta(hours=1), Decimal(2))
    scene = make_matched(session, live_rule(multipliers=(twice,)))
    pledge = start_pledge(session, scene.campaign)

    def change(cents: int) -> int:
        before, pledge.amount_cents = pledge.amount_cents, cents
        at = STARTS + timedelta(hours=2)
        match.resize(session, scene.campaign, pledge, before_cents=before, actor=SYSTEM, at=at)
        return pledge.match_cents

    assert [change(c) for c in (60_00, 150_00, 20_00)] == [100_00, 150_00, 40_00]
    check_matches(session, scene.campaign, scene.grant)


def test_offline_money_is_matched_once_another_person_confirms_it(session: Session) -> None:
    scene = make_matched(session, live_rule(donations_per_donor=1))
    found = [offline(session, scene, 30_00) for _ in range(2)]
    known = offline(session, scene, 30_00, "zia@example.org")

    assert [p.match_cents for p in (*found, known)] == [30_00, 0, 30_00]
    check_matches(session, scene.campaign, scene.grant)


def collect(session: Session, scene: Scene, *pledges: Pledge) -> None:
    """Let the campaign end and these pledges be paid."""
    ends_at = scene.campaign.ends_at
    assert ends_at is not None
    scene.campaign.grace_ends_at = ends_at + timedelta(days=7)
    for _ in range(2):
        actions.advance(session, scene.campaign.id, at=ends_at + timedelta(seconds=1))
    for pledge in pledges:
        begin_charge(session, pledge, at=ends_at + timedelta(hours=1))
        pay(session, pledge)


def decide(session: Session, scene: Scene) -> None:
    at = scene.campaign.grace_ends_at
    assert at is not None
    for _ in range(9):
        if not actions.advance(session, scene.campaign.id, at=at + timedelta(days=2)):
            break


def test_success_proposes_the_matches_of_what_was_collected_and_frees_the_rest(
    session: Session,
) -> None:
    scene = make_matched(session)
    good = make_confirmed(session, scene.campaign, 10_000_00)
    bad = make_confirmed(session, scene.campaign, 3_000_00)
    collect(session, scene, good)
    decide(session, scene)

    assert scene.campaign.state in {CampaignState.SUCCEEDED, CampaignState.PAYING_OUT}
    assert (good.match_cents, bad.match_cents) == (10_000_00, 0)
    grant = scene.grant
    assert (grant.reserved_cents, grant.computed_cents) == (10_000_00, 10_000_00)
    assert grant.proposed_at is not None
    check_matches(session, scene.campaign, grant)


def test_a_refund_before_the_act_lowers_the_proposed_grant_and_after_it_nothing(
    session: Session,
) -> None:
    scene = make_matched(session)
    pledges = [make_confirmed(session, scene.campaign, 6_000_00) for _ in range(3)]
    collect(session, scene, *pledges)
    decide(session, scene)
    treasurer = scene.by(scene.treasurer)

    def refund(pledge: Pledge) -> None:
        actions.refund_paid(session, pledge, reason="Errore", actor=treasurer, at=LATER)

    refund(pledges[0])
    assert (scene.grant.reserved_cents, scene.grant.computed_cents) == (12_000_00, 12_000_00)
    grants.record_grant_act(
        session, scene.grant, act_data(), actor=scene.by(scene.officer), at=LATER
    )
    refund(pledges[1])

    assert (scene.grant.granted_cents, pledges[1].match_cents) == (12_000_00, 6_000_00)
    money = pool_of(session, scene)
    assert (money.reserved_cents, money.committed_cents) == (0, 12_000_00)
    assert book.verify(session).faults == []


def test_failure_releases_every_match(session: Session) -> None:
    scene = make_matched(session)
    pledge = make_confirmed(session, scene.campaign, 50_00)
    collect(session, scene)

    assert scene.campaign.state is CampaignState.FAILED
    session.refresh(pledge)
    assert scene.grant.state is GrantState.RELEASED
    assert (pledge.match_cents, pool_of(session, scene).reserved_cents) == (0, 0)
    assert book.balance(session, f"grant:{scene.grant.id}:matched") == 0
    decide(session, scene)
    assert book.verify(session).faults == []


def test_a_withdrawn_campaign_releases_every_match(session: Session) -> None:
    scene = make_matched(session)
    make_confirmed(session, scene.campaign)
    actions.withdraw(session, scene.campaign, reason="Non più", actor=scene.proposer, at=LATER)

    assert pool_of(session, scene).reserved_cents == 0
    check_matches(session, scene.campaign, scene.grant)


def test_a_partial_refund_takes_what_the_rule_no_longer_gives(session: Session) -> None:
    scene = make_matched(session)
    pledge = make_confirmed(session, scene.campaign, 12_000_00)
    collect(session, scene, pledge)

    actions.record_returned(session, pledge.id, 1_000_00, actor=SYSTEM, at=LATER)

    assert pledge.match_cents == 11_000_00
    check_matches(session, scene.campaign, scene.grant)


def test_a_backer_reads_what_the_city_adds_or_that_nothing_is_left(
    session: Session, client: FlaskClient, app: Flask
) -> None:
    scene = make_matched(session)
    leave(session, scene, 50_00)
    with app.test_request_context():
        pages = [pledge_url(start_pledge(session, scene.campaign)) for _ in range(2)]
    session.commit()

    said = [client.get(page).get_data(as_text=True) for page in pages]

    assert ["50,00" in said[0], "Nulla: un limite" in said[1]] == [True, True]
