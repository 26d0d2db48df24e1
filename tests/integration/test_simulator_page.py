"""The simulator of a draft: any rule, nothing stored."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls import actions
from quartieri.calls.models import Call
from quartieri.people.models import Authority
from tests.conftest import SiteClient
from tests.factories.call_forms import AsUser, text
from tests.factories.calls import AT, MANAGER, make_call, ready_design
from tests.factories.campaigns import make_live
from tests.factories.people import make_official
from tests.factories.programmes import make_authority

ROW = {"project": "Lab Barona", "total_cost_eur": "20000", "target_eur": "8000"}
TYPED = {
    "crowdfunding_share": "50",
    "grant_cap": "50000",
    "pool": "100.000",
    "projects": "2",
    "gift": "200",
}


@pytest.fixture
def city(session: Session) -> Authority:
    return make_authority(session, name="Comune di Prova")


@pytest.fixture
def desk(session: Session, as_user: AsUser, city: Authority) -> SiteClient:
    return as_user(make_official(session, Role.CALL_MANAGER, city.scope))


@pytest.fixture
def call(session: Session, city: Authority) -> Call:
    return make_call(session, authority=city)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "own",
    [
        {"kind": "fixed_share", "grant_share": "50"},
        {"kind": "gap_filling", "grant_share": "50"},
        {"kind": "live_match", "factor": "1", "per_donation": "50"},
        {"kind": "fixed_sum", "fixed_sum": "1.000", "at_backers": "10"},
        {"kind": "city_backer", "grant_share": "20"},
        {"kind": "quadratic", "method": "squares", "reshare": "y"},
    ],
    ids=lambda own: str(own["kind"]),
)
def test_a_rule_of_every_kind_is_tried(desk: SiteClient, call: Call, own: dict[str, str]) -> None:
    answer = desk.get(f"/manage/calls/{call.id}/simulator", query_string=TYPED | own)
    page = text(answer)
    assert answer.status_code == 200
    assert 'class="q-plot"' in page
    assert "None" not in page


def test_past_campaigns_are_those_with_all_their_figures(session: Session, as_user: AsUser) -> None:
    ended = make_live(session).campaign
    ended.decided_cents, ended.decided_backers = 30_000_00, 12
    city = ended.proposal.call.authority
    rows = [
        ROW | {"raised_eur": "8000", "source_url": "https://x.example"},
        ROW | {"project": "Wagner", "raised_eur": "24000", "total_cost_eur": None},
    ]
    facts = {"id": "vecchio", "title": "Edizione passata"}
    actions.import_historical(session, city, facts, rows, actor=MANAGER, at=AT)
    call = make_call(session, authority=city)
    desk = as_user(make_official(session, Role.CALL_MANAGER, city.scope))
    page = text(desk.get(f"/manage/calls/{call.id}/simulator?kind=quadratic&crowd=past"))
    assert "Lab Barona" in page
    assert "Wagner" not in page
    assert ended.title in page
    assert "shares-plot" in page


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "own, place",
    [
        ({"kind": "quadratic", "method": "squares", "pool": ""}, "pool"),
        ({"kind": "fixed_share", "crowdfunding_share": ""}, "crowdfunding_share"),
        ({"kind": "fixed_share", "grant_share": "50", "projects": "900"}, "projects"),
        ({"kind": "fixed_share", "grant_share": "50", "gift": "1"}, "gift"),
    ],
)
def test_what_cannot_be_tried_is_said_beside_its_field(
    desk: SiteClient, call: Call, own: dict[str, str], place: str
) -> None:
    answer = desk.get(f"/manage/calls/{call.id}/simulator", query_string=TYPED | own)
    assert answer.status_code == 422
    assert f'id="{place}-error"' in text(answer)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_draft_without_a_crowd_asks_for_a_rule_that_has_one(
    session: Session, desk: SiteClient, city: Authority
) -> None:
    call = make_call(session, authority=city, design=ready_design(campaigns=False))
    answer = desk.get(f"/manage/calls/{call.id}/simulator")
    assert answer.status_code == 200
    assert 'class="q-plot"' not in text(answer)
