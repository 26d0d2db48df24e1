"""Cost and target changed before the launch: asked, decided by act, the reservation follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.audit.rules import SYSTEM
from quartieri.calls.design import Division, Part
from quartieri.calls.funding import FixedSum, FundingKind, FundingRule, LiveMatch, Quadratic
from quartieri.campaigns import actions, queries
from quartieri.campaigns.actions.rescoping import ScopeData
from quartieri.campaigns.models import Rescoping
from quartieri.campaigns.rules import CampaignState
from quartieri.grants import actions as grants
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.ledger.queries import balances_of_holders
from quartieri.mail.models import Letter
from quartieri.programmes import actions as programmes
from quartieri.programmes.rules import PoolShortError
from quartieri.proposals.models import Snapshot
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.calls import make_published_call, ready_design
from tests.factories.campaigns import STARTS, Scene, make_scene, make_selected

Browser = Callable[..., SiteClient]
ACT = ActData("31", date(2025, 2, 1), "Economia", "Dott. Rossi")


def make(
    session: Session,
    share: str | None = "0.30",
    parts: dict[str, Division] | None = None,
    rule: FundingRule | None = None,
) -> Scene:
    """Add a draft of 20,000 € with a target of 10,000 €, in a call that lets costs change."""
    design = ready_design()
    if rule is not None:
        design = replace(design, money=replace(design.money, rule=rule))
    assert design.campaign is not None
    design = replace(design, evaluation=replace(design.evaluation, **(parts or {})))
    limits = None if share is None else Decimal(share)
    campaign = replace(design.campaign, rescope_share=limits)
    return make_scene(
        session, call=make_published_call(session, design=replace(design, campaign=campaign))
    )


def scope(cost: int, target: int, reason: str = "Un preventivo più basso") -> ScopeData:
    half = cost // 2
    return ScopeData((("Terra", cost - half), ("Panchine", half)), target, reason)


def ask(session: Session, scene: Scene, data: ScopeData) -> Rescoping:
    return actions.ask_rescope(session, scene.campaign, data, actor=scene.proposer, at=NOW)


def approve(session: Session, scene: Scene, found: Rescoping, **over: Any) -> None:
    actions.approve_rescope(
        session, found, over.get("act", ACT), actor=scene.by(scene.manager), at=NOW
    )


def test_an_act_changes_cost_and_target_and_releases_the_excess(session: Session) -> None:
    scene = make(session)
    actions.ask_approval(session, scene.campaign, actor=scene.proposer, at=NOW)
    actions.approve(
        session, scene.campaign, starts_at=STARTS, actor=scene.by(scene.manager), at=NOW
    )
    found = ask(session, scene, scope(16_000_00, 9_000_00))
    assert scene.campaign.cost_cents == 20_000_00
    approve(session, scene, found)
    campaign, proposal = scene.campaign, scene.proposal
    assert (campaign.cost_cents, campaign.target_cents) == (16_000_00, 9_000_00)
    assert (campaign.state, campaign.starts_at) == (CampaignState.CHANGES_REQUESTED, None)
    assert [line.description for line in proposal.budget] == ["Terra", "Panchine"]
    assert (proposal.cost_cents, scene.grant.reserved_cents) == (16_000_00, 8_000_00)
    assert (found.old_reserved_cents, found.new_reserved_cents) == (10_000_00, 8_000_00)
    newest = session.scalars(sa.select(Snapshot).order_by(Snapshot.number.desc())).first()
    assert newest is not None
    assert (newest.number, newest.content["cost_cents"]) == (proposal.revision, 16_000_00)
    assert [one.old_cost_cents for one in queries.approved_rescopings(session, campaign)] == [
        20_000_00
    ]


def test_the_reservation_grows_only_if_pool_and_session_have_it(session: Session) -> None:
    scene = make(session)
    found = ask(session, scene, scope(24_000_00, 12_000_00))
    pool = scene.grant.pool_id
    with session.begin_nested() as attempt:
        rest = available_in(session, pool)
        programmes.reserve(
            session, pool, rest - 1_999_99, key="other", about="test", actor=SYSTEM, at=NOW
        )
        with pytest.raises(PoolShortError):
            approve(session, scene, found)
        attempt.rollback()
    session.expire_all()
    window = scene.call.windows[0]
    with session.begin_nested() as attempt:
        window.endowment_cents = 11_999_99
        with pytest.raises(PoolShortError):
            approve(session, scene, found)
        attempt.rollback()
    session.expire_all()
    approve(session, scene, found, act=replace(ACT, number="32"))
    assert scene.grant.reserved_cents == 12_000_00


@pytest.mark.parametrize(("parts", "code"), [("lists", "list_code"), ("quotas", "quota_code")])
def test_a_reservation_never_grows_over_the_own_money_of_its_list_or_quota(
    session: Session, parts: str, code: str
) -> None:
    own = Part(
        "small", {"it": "Piccoli", "en": "Small"}, to_cents=20_000_00, endowment_cents=21_999_99
    )
    rest = Part("large", {"it": "Grandi", "en": "Large"}, from_cents=20_000_01)
    scene = make(session, parts={parts: Division(by="cost", parts=(own, rest))})
    other = make_selected(session, scene.call)
    grants.reserve(
        session,
        other,
        pool_id=scene.grant.pool_id,
        cents=10_000_00,
        key="other",
        actor=SYSTEM,
        at=NOW,
        **{code: "small"},
    )
    setattr(scene.grant, code, "small")
    found = ask(session, scene, scope(24_000_00, 12_000_00))
    with session.begin_nested() as attempt:
        with pytest.raises(PoolShortError) as short:
            approve(session, scene, found)
        attempt.rollback()
    assert short.value.missing_cents == 1
    session.expire_all()
    setattr(scene.grant, code, "large")
    approve(session, scene, found, act=replace(ACT, number="32"))
    assert scene.grant.reserved_cents == 12_000_00


def available_in(session: Session, pool_id: int) -> int:

    holder = f"pool:{pool_id}"
    return balances_of_holders(session, [holder])[holder]["available"]


@pytest.mark.parametrize(
    ("cost", "target", "field"),
    [
        (13_999_99, 9_000_00, "lines"),
        (26_000_01, 14_000_00, "lines"),
        (16_000_00, 7_999_99, "target"),
        (16_000_00, 16_000_01, "target"),
    ],
)
def test_the_call_s_limits_hold(session: Session, cost: int, target: int, field: str) -> None:
    scene = make(session)
    with pytest.raises(InvalidError) as refused:
        ask(session, scene, scope(cost, target))
    assert refused.value.field == field


def test_small_steps_do_not_add_up(session: Session) -> None:
    scene = make(session)
    approve(session, scene, ask(session, scene, scope(15_000_00, 9_000_00)))
    with pytest.raises(InvalidError):
        ask(session, scene, scope(12_000_00, 9_000_00))


def test_nothing_changes_in_a_call_that_does_not_say_so_nor_while_one_waits(
    session: Session,
) -> None:
    fixed = make(session, share=None)
    with pytest.raises(IllegalMoveError):
        ask(session, fixed, scope(19_000_00, 10_000_00))
    scene = make(session)
    first = ask(session, scene, scope(19_000_00, 10_000_00))
    with pytest.raises(ConflictError):
        ask(session, scene, scope(18_000_00, 10_000_00))
    actions.refuse_rescope(session, first, reason="No", actor=scene.by(scene.manager), at=NOW)
    assert scene.campaign.cost_cents == 20_000_00
    ask(session, scene, scope(18_000_00, 10_000_00))


HALF = Decimal("0.5")
RULES = {
    FundingKind.GAP_FILLING: (FundingRule(FundingKind.GAP_FILLING, HALF, HALF), 8_000_00),
    FundingKind.CITY_BACKER: (
        FundingRule(FundingKind.CITY_BACKER, HALF, Decimal("0.4")),
        6_400_00,
    ),
    FundingKind.FIXED_SUM: (
        FundingRule(FundingKind.FIXED_SUM, HALF, None, fixed_sum=FixedSum(5_000_00)),
        5_000_00,
    ),
    FundingKind.LIVE_MATCH: (FundingRule(FundingKind.LIVE_MATCH, HALF, None, live=LiveMatch()), 0),
    FundingKind.QUADRATIC: (
        FundingRule(FundingKind.QUADRATIC, HALF, None, quadratic=Quadratic()),
        0,
    ),
}


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("funding", RULES)
def test_it_works_under_every_rule_and_the_city_s_pledge_follows(
    session: Session, funding: FundingKind
) -> None:
    rule, reserved = RULES[funding]
    scene = make(session, rule=rule)
    campaign, backs = scene.campaign, funding is FundingKind.CITY_BACKER
    found = ask(session, scene, scope(16_000_00, 12_000_00))
    approve(session, scene, found)
    assert (campaign.cost_cents, campaign.target_cents) == (16_000_00, 12_000_00)
    assert scene.grant.reserved_cents == reserved
    assert campaign.city_cents == (reserved if backs else 0)
    assert scene.proposal.crowd_cents == 12_000_00 - campaign.city_cents


def test_who_asked_and_the_office_get_letters(session: Session) -> None:
    scene = make(session)
    first = ask(session, scene, scope(19_000_00, 10_000_00))
    actions.refuse_rescope(session, first, reason="No", actor=scene.by(scene.manager), at=NOW)
    approve(session, scene, ask(session, scene, scope(18_000_00, 10_000_00)))
    sent = session.execute(sa.select(Letter.key, Letter.to).order_by(Letter.id)).all()
    told = [(row.key.split(":")[0], row.to) for row in sent if row.key.startswith("rescoping-")]
    both = {scene.owner.email, scene.manager.email}
    for state, times in (("requested", 2), ("refused", 1), ("approved", 1)):
        people = [to for key, to in told if key == f"rescoping-{state}"]
        assert sorted(people) == sorted([*both] * times), state


def test_it_is_asked_and_decided_on_the_pages(
    session: Session, as_user: Browser, clock: SetClock
) -> None:
    clock.set(NOW)
    scene = make(session)
    proposer, manager = as_user(scene.owner), as_user(scene.manager)
    path = f"/account/campaigns/{scene.campaign.id}/rescope"
    assert path in proposer.get(f"/account/campaigns/{scene.campaign.id}").text
    scene.campaign.state = CampaignState.LIVE
    session.flush()
    assert proposer.get(path).status_code == 409
    scene.campaign.state = CampaignState.DRAFT
    session.flush()
    assert "Attrezzi" in proposer.get(path).text
    typed = {
        "lines-0-what": "Terra",
        "lines-0-amount": "9.000",
        "lines-1-what": "Panchine",
        "lines-1-amount": "",
        "target": "8.000",
        "reason": "Un preventivo più basso",
    }
    refused = proposer.post(path, data=typed)
    assert refused.status_code == 422
    assert "Panchine" in refused.text
    assert proposer.post(path, data=typed | {"lines-1-amount": "7000"}).status_code == 303
    [found] = queries.rescopings_of(session, scene.campaign.id)
    decide = f"/manage/rescopings/{found.id}"
    assert decide in manager.get(f"/manage/campaigns/{scene.campaign.id}").text
    assert "Panchine" in manager.get(decide).text
    assert manager.post(f"{decide}/refuse", data={}).status_code == 422
    act = {"number": "31", "dated": "2025-02-01", "office": "Economia", "signer": "Rossi"}
    assert manager.post(f"{decide}/approve", data={}).status_code == 422
    assert manager.post(f"{decide}/approve", data=act).status_code == 303
    session.refresh(scene.campaign)
    assert scene.campaign.cost_cents == 16_000_00
    assert "31" in manager.get(f"/manage/campaigns/{scene.campaign.id}").text
