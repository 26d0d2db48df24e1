"""How campaigns run: which settings publication asks for, and what is said of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from quartieri.calls.campaign_words import campaign_sentences
from quartieri.calls.design import CampaignDesign, Collector, Round
from quartieri.calls.gaps import Step
from tests.factories.calls import ready_design
from tests.unit.test_calls_publication import found


def test_a_cap_for_a_person_below_the_smallest_pledge_blocks() -> None:
    campaign = ready_design().campaign
    assert campaign is not None
    other = replace(campaign, person_cap_cents=campaign.pledge_min_cents - 1)
    assert (Step.MONEY, "person_cap_cents", True) in found(ready_design(campaign=other))


def test_campaigns_elsewhere_need_a_name_and_an_address_and_no_pledges() -> None:
    other = CampaignDesign(days=60, venue="elsewhere")
    gaps = found(ready_design(campaign=other))
    assert {("venue_name", True), ("venue_url", True)} <= {gap[1:] for gap in gaps}
    assert "pledge_min_cents" not in {field for _step, field, _blocks in gaps}


def test_rounds_have_different_names_and_last_a_day() -> None:
    campaign = ready_design().campaign
    assert campaign is not None
    start = datetime(2027, 5, 19, tzinfo=UTC)
    short = Round("May", start, start + timedelta(hours=1))
    other = replace(campaign, rounds=(short, short))
    assert [f for _s, f, _b in found(ready_design(campaign=other))].count("rounds") >= 3


def test_each_setting_of_a_campaign_is_said_in_words() -> None:
    usual = CampaignDesign()
    said = {str(s) for s in campaign_sentences(usual, cards=True)}
    for other in (
        replace(usual, mode="keep_it_all"),
        replace(usual, charged="at_once"),
        replace(usual, mode="keep_it_all", charged="at_once"),
        replace(usual, target_counts="net"),
        replace(usual, collected_by="proposer"),
        replace(usual, fees_borne_by="backer"),
        replace(usual, refunds_borne_by="backer"),
        replace(usual, disputes_borne_by="authority"),
        replace(usual, cover_fees=True),
        replace(usual, person_cap_cents=100_00),
        replace(usual, companies=False),
        replace(usual, team_backing="refused"),
        replace(usual, rescope_share=Decimal("0.2")),
        replace(usual, venue="elsewhere", venue_name="Ideaginger"),
    ):
        assert {str(s) for s in campaign_sentences(other, cards=True)} - said


def test_no_call_is_published_in_which_backers_must_pay_more_for_their_card() -> None:
    for name in ("fees_borne_by", "refunds_borne_by"):
        gaps = found(ready_design(campaign=replace(CampaignDesign(), **{name: "backer"})))
        assert (name, True) in {gap[1:] for gap in gaps}
    offered = found(ready_design(campaign=replace(CampaignDesign(), cover_fees=True)))
    assert not {field for _step, field, _blocks in offered} & {"fees_borne_by", "cover_fees"}


@pytest.mark.parametrize("by", list(Collector))
def test_without_a_payment_service_no_card_is_spoken_of(by: Collector) -> None:
    plain = replace(CampaignDesign(), collected_by=by, grace_days=7, cover_fees=True)
    said = " ".join(str(s) for s in campaign_sentences(plain, cards=False))
    assert "takes no payments" in said
    assert ("proposer collects" in said) is (by is Collector.PROPOSER)
    for word in ("card", "charge", "payment service", "fees", "dispute"):
        assert word not in said
