"""Who may give how much: fees, companies, the cap for one person, the team; and changes later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import Actor, Role
from quartieri.calls.design import Bearer, CampaignDesign, TeamBacking
from quartieri.campaigns import actions
from quartieri.campaigns.actions import Change
from quartieri.campaigns.queries import cover_for
from quartieri.campaigns.rules import PledgeState, RewardData
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.mail.queries import letters_about
from tests.factories.calls import make_published_call, ready_design
from tests.factories.campaigns import (
    STARTS,
    Scene,
    make_confirmed,
    make_live,
    pledge_data,
    start_pledge,
)
from tests.factories.people import make_user

BACKER = Actor(None, "visitor", frozenset({Role.BACKER}))
POTS = (RewardData("Un vaso", "", 20_00, 1), RewardData("Due vasi", "", 40_00, 5))


def live(session: Session, clock: SetClock, **over: Any) -> Scene:
    clock.set(STARTS)
    design = ready_design()
    assert design.campaign is not None
    campaign = replace(design.campaign, pledge_max_cents=20_000_00, **over)
    call = make_published_call(session, design=replace(design, campaign=campaign))
    return make_live(session, call=call, rewards=POTS)


def test_fees_are_added_where_the_call_offers_it(session: Session, clock: SetClock) -> None:
    offered = live(session, clock, cover_fees=True)
    pledge = make_confirmed(session, offered.campaign, 20_00, cover=True)
    assert (pledge.amount_cents, pledge.cover_cents, pledge.gift_cents) == (20_56, 56, 20_00)
    assert offered.campaign.promised_cents == 20_56
    assert make_confirmed(session, offered.campaign, 20_00).amount_cents == 20_00
    other = live(session, clock)
    assert make_confirmed(session, other.campaign, 20_00, cover=True).amount_cents == 20_00
    borne = CampaignDesign(fees_borne_by=Bearer.BACKER)
    assert cover_for(borne, 20_00, wanted=False) == 0, "a surcharge is never forced on anyone"
    assert cover_for(borne, 20_00, wanted=True) == 56


def test_the_cap_counts_one_person_by_account_mailbox_and_code(
    session: Session, clock: SetClock
) -> None:
    scene = live(session, clock, person_cap_cents=100_00)
    user = make_user(session, email="ada@example.org")
    signed = Actor(user.id, user.name, frozenset({Role.BACKER}))
    code = "RSSBEA80A41F205R"
    start_pledge(session, scene.campaign, amount_cents=60_00, email=user.email, actor=signed)
    for over in (
        {"email": "ADA+2@example.org"},
        {"email": "altra@example.org", "actor": signed},
    ):
        with pytest.raises(ConflictError, match="left"):
            start_pledge(session, scene.campaign, amount_cents=41_00, **over)
    start_pledge(session, scene.campaign, amount_cents=100_00, email="c@example.org", tax_code=code)
    with pytest.raises(ConflictError):
        start_pledge(session, scene.campaign, amount_cents=5_00, email="d@e.org", tax_code=code)
    with pytest.raises(InvalidError):
        start_pledge(session, scene.campaign, amount_cents=101_00, email="e@example.org")
    assert start_pledge(session, scene.campaign, amount_cents=40_00, email=user.email)


def test_what_ended_no_longer_counts_for_the_cap(session: Session, clock: SetClock) -> None:
    scene = live(session, clock, person_cap_cents=100_00)
    first = make_confirmed(session, scene.campaign, 100_00, email="a@example.org")
    actions.cancel_pledge(session, first, actor=BACKER, at=STARTS)
    assert make_confirmed(session, scene.campaign, 100_00, email="a@example.org")


@pytest.mark.parametrize("word", list(TeamBacking))
def test_the_call_says_whether_the_team_may_back_its_own_project(
    session: Session, clock: SetClock, word: TeamBacking
) -> None:
    scene = live(session, clock, team_backing=word)
    email = scene.owner.email.replace("@", "+1@")
    if word is TeamBacking.REFUSED:
        with pytest.raises(InvalidError):
            start_pledge(session, scene.campaign, email=email)
    else:
        pledge = start_pledge(session, scene.campaign, email=email)
        assert pledge.team is (word is TeamBacking.WARNED)
    namesake = start_pledge(session, scene.campaign, name=scene.owner.name.upper())
    assert namesake.team is (word is not TeamBacking.ALLOWED)


def test_companies_give_under_their_name_and_code_where_the_call_has_them(
    session: Session, clock: SetClock
) -> None:
    scene = live(session, clock)
    given = {"company": "Forno Rossi", "sponsor": True, "tax_code": "IT 01199250158"}
    pledge = start_pledge(session, scene.campaign, **given)
    assert (pledge.company, pledge.sponsor, pledge.tax_code) == ("Forno Rossi", True, "01199250158")
    with pytest.raises(InvalidError):
        start_pledge(session, scene.campaign, company="Forno", tax_code="01199250159")
    with pytest.raises(InvalidError):
        start_pledge(session, scene.campaign, sponsor=True)
    closed = live(session, clock, companies=False)
    with pytest.raises(InvalidError):
        start_pledge(session, closed.campaign, **given)


# -- changing ----------------------------------------------------------------------------------


def test_a_pledge_is_raised_and_lowered_with_new_words(session: Session, clock: SetClock) -> None:
    scene = live(session, clock, cover_fees=True)
    pledge = make_confirmed(session, scene.campaign, 50_00, consent="Cinquanta.")
    assert scene.campaign.ends_at is not None
    change = Change(80_00, "Ottanta.", cover=True)
    actions.change_pledge(session, pledge, change, actor=BACKER, at=STARTS)
    assert (pledge.amount_cents, pledge.cover_cents) == (81_47, 1_47)
    actions.change_pledge(
        session, pledge, Change(10_00, "Dieci."), actor=BACKER, at=scene.campaign.ends_at
    )
    assert (scene.campaign.promised_cents, scene.campaign.backers) == (10_00, 1)
    assert pledge.consent == "Dieci."
    kept = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.verb == "change_amount").order_by(AuditEntry.id)
    ).all()
    assert [e.before["consent"] for e in kept] == ["Cinquanta.", "Ottanta."]
    letters = letters_about(session, "pledge", pledge.id)
    assert [letter.key.partition(":")[0] for letter in letters][1:] == ["pledge-changed"] * 2


def test_a_change_keeps_the_rewards_minimum_and_stock(session: Session, clock: SetClock) -> None:
    scene = live(session, clock)
    one, two = scene.campaign.rewards
    pledge = make_confirmed(session, scene.campaign, 20_00, reward_id=one.id)
    other = make_confirmed(session, scene.campaign, 50_00)
    with pytest.raises(ConflictError):
        actions.change_pledge(session, other, Change(50_00, "", one.id), actor=BACKER, at=STARTS)
    with pytest.raises(InvalidError):
        actions.change_pledge(session, pledge, Change(30_00, "", two.id), actor=BACKER, at=STARTS)
    actions.change_pledge(session, pledge, Change(40_00, "", two.id), actor=BACKER, at=STARTS)
    actions.change_pledge(session, other, Change(50_00, "", one.id), actor=BACKER, at=STARTS)
    session.refresh(one)
    session.refresh(two)
    assert (one.taken, two.taken) == (1, 1)


def test_a_change_is_held_to_the_cap_the_deadline_and_the_state(
    session: Session, clock: SetClock
) -> None:
    scene = live(session, clock, person_cap_cents=100_00)
    pledge = make_confirmed(session, scene.campaign, 60_00, email="a@example.org")
    make_confirmed(session, scene.campaign, 30_00, email="a@example.org")
    change = Change(70_00, "")
    with pytest.raises(ConflictError):
        actions.change_pledge(session, pledge, Change(71_00, ""), actor=BACKER, at=STARTS)
    assert scene.campaign.ends_at is not None
    late = scene.campaign.ends_at + timedelta(microseconds=1)
    with pytest.raises(IllegalMoveError):
        actions.change_pledge(session, pledge, change, actor=BACKER, at=late)
    started = start_pledge(session, scene.campaign)
    with pytest.raises(IllegalMoveError):
        actions.change_pledge(session, started, change, actor=BACKER, at=STARTS)
    actions.change_pledge(session, pledge, change, actor=BACKER, at=STARTS)
    assert pledge.state is PledgeState.CONFIRMED


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_what_was_mended_in_the_same_form_is_what_counts(session: Session, clock: SetClock) -> None:
    scene = live(session, clock)
    reward = scene.campaign.rewards[1].id
    data = pledge_data(token="t2", reward_id=reward, shipping_answer="Via Roma 1")
    mended = (
        data,
        replace(data, name="Bea Verdi"),
        replace(data, tax_code="RSSBEA80A41F205R"),
        replace(data, shipping_answer="Via Roma 2"),
        replace(data, shipping_answer="Via Roma 2"),
    )
    made = [
        actions.make_pledge(
            session, scene.campaign.id, one, started_at=STARTS, actor=BACKER, at=STARTS
        )
        for one in mended
    ]
    assert made[-1] is made[-2]
    states = [pledge.state for pledge in made[:-1]]
    assert states == [PledgeState.CANCELLED] * 3 + [PledgeState.CREATED]
    assert made[-1].shipping_answer == "Via Roma 2"
    assert scene.campaign.rewards[1].taken == 1


def test_the_same_form_with_other_fees_is_another_pledge(session: Session, clock: SetClock) -> None:
    scene = live(session, clock, cover_fees=True)
    email = "bea@example.org"
    data = pledge_data(amount_cents=20_00, token="t1", email=email)
    first, again = (
        actions.make_pledge(
            session, scene.campaign.id, data, started_at=STARTS, actor=BACKER, at=STARTS
        )
        for _n in range(2)
    )
    assert again is first
    other = replace(data, cover=True)
    second = actions.make_pledge(
        session, scene.campaign.id, other, started_at=STARTS, actor=BACKER, at=STARTS
    )
    assert (first.state, second.amount_cents) == (PledgeState.CANCELLED, 20_56)
