"""The money step for every kind of rule, and what everyone reads of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls.funding import (
    FixedSum,
    FundingKind,
    FundingRule,
    LiveMatch,
    Multiplier,
    Quadratic,
    QuadraticMethod,
    ShareOf,
)
from quartieri.extensions import Services
from quartieri.kit.clock import rome
from quartieri.people.models import Authority
from tests.conftest import SiteClient
from tests.factories.call_forms import AsUser, money_of, text
from tests.factories.calls import make_call, make_published_call, ready_design
from tests.factories.funding import EVERY_KIND
from tests.factories.people import make_official
from tests.factories.programmes import make_authority, make_level

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
HALF = Decimal("0.5")


@pytest.fixture
def city(session: Session) -> Authority:
    return make_authority(session, name="Comune di Prova")


@pytest.fixture
def desk(session: Session, as_user: AsUser, city: Authority) -> SiteClient:
    return as_user(make_official(session, Role.CALL_MANAGER, city.scope))


TYPED: list[tuple[dict[str, str], FundingRule]] = [
    (
        {
            "kind": "live_match",
            "grant_share": "",
            "factor": "0,5",
            "per_donation": "100",
            "donations_per_donor": "2",
            "per_donor": "150",
            "multipliers-0-starts_at": "2025-05-24T00:00",
            "multipliers-0-ends_at": "2025-05-25T23:30",
            "multipliers-0-factor": "2",
        },
        FundingRule(
            FundingKind.LIVE_MATCH,
            HALF,
            None,
            grant_cap_cents=50_000_00,
            live=LiveMatch(
                HALF,
                100_00,
                2,
                150_00,
                (
                    Multiplier(
                        rome(date(2025, 5, 24)),
                        rome(date(2025, 5, 25), time(23, 30)),
                        Decimal(2),
                    ),
                ),
            ),
        ),
    ),
    (
        {
            "kind": "fixed_sum",
            "grant_share": "",
            "fixed_sum": "500",
            "at_share": "120",
            "sum_of": "target",
            "at_backers": "80",
        },
        FundingRule(
            FundingKind.FIXED_SUM,
            HALF,
            None,
            grant_cap_cents=50_000_00,
            fixed_sum=FixedSum(500_00, Decimal("1.2"), ShareOf.TARGET, 80),
        ),
    ),
    (
        {"kind": "city_backer", "grant_share": "25"},
        FundingRule(FundingKind.CITY_BACKER, HALF, Decimal("0.25"), grant_cap_cents=50_000_00),
    ),
    (
        {"kind": "quadratic", "grant_share": "", "method": "squares", "reshare": "y"},
        FundingRule(
            FundingKind.QUADRATIC,
            HALF,
            None,
            grant_cap_cents=50_000_00,
            quadratic=Quadratic(QuadraticMethod.SQUARES, reshare=True),
        ),
    ),
]


@pytest.mark.parametrize("typed, rule", TYPED, ids=[rule.kind.value for _typed, rule in TYPED])
def test_every_kind_of_rule_is_typed_saved_and_shown_again(
    session: Session,
    desk: SiteClient,
    city: Authority,
    typed: dict[str, str],
    rule: FundingRule,
) -> None:
    line = make_level(session, city, budget_cents=1_000_000_00)
    call = make_call(session, authority=city)
    path = f"/manage/calls/{call.id}/edit/money"
    answer = desk.post(path, data=money_of(line.id) | typed | {"version": str(call.version)})
    assert answer.status_code == 303, text(answer)
    session.refresh(call)
    saved = call.design.money.rule
    assert saved is not None
    assert replace(saved, part_funding=False) == rule
    page = text(desk.get(path))
    for name, value in typed.items():
        assert f'name="{name}"' in page
        assert not value or f'value="{value}' in page


@pytest.mark.parametrize(
    "typed, place",
    [
        ({"kind": "live_match", "factor": "0"}, "factor"),
        ({"kind": "live_match", "multipliers-0-factor": "2"}, "multipliers-0-starts_at"),
        ({"kind": "fixed_sum"}, "fixed_sum"),
        ({"kind": "fixed_sum", "fixed_sum": "1", "at_share": "0"}, "at_share"),
        ({"kind": "city_backer", "grant_share": "", "grant_cap": ""}, "grant_cap"),
    ],
)
def test_what_makes_no_rule_is_said_beside_its_field(
    session: Session,
    desk: SiteClient,
    city: Authority,
    typed: dict[str, str],
    place: str,
) -> None:
    call = make_call(session, authority=city)
    data = money_of(0) | typed | {"version": str(call.version)}
    answer = desk.post(f"/manage/calls/{call.id}/edit/money", data=data)
    assert answer.status_code == 422
    assert f'id="{place}-error"' in text(answer)


@pytest.mark.parametrize("rule", EVERY_KIND, ids=lambda rule: rule.kind.value)
def test_the_page_of_a_call_says_its_rule_of_any_kind(
    session: Session, client: SiteClient, city: Authority, rule: FundingRule
) -> None:
    design = ready_design(campaigns=rule.kind.has_campaign)
    share = HALF if rule.kind.has_campaign else None
    rule = replace(rule, crowdfunding_share=share, part_funding=False)
    if rule.kind is FundingKind.CITY_BACKER:
        rule = replace(rule, grant_share=Decimal("0.4"))
    if rule.live is not None:
        rule = replace(rule, live=replace(rule.live, multipliers=()))
    design = replace(design, money=replace(design.money, rule=rule))
    call = make_published_call(session, authority=city, design=design)
    session.commit()
    page = text(client.get(f"/calls/{call.slug}"))
    rules = text(client.get(f"/calls/{call.slug}/rules"))
    assert "50&nbsp;%" in page or "50 %" in page or not rule.kind.has_campaign
    assert "None" not in page + rules
    assert client.get(f"/calls/{call.slug}/rules.pdf").status_code == 200


def test_the_rules_sheet_speaks_of_no_card_where_the_site_takes_none(
    session: Session,
    client: SiteClient,
    city: Authority,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = make_published_call(session, authority=city, design=ready_design(campaigns=True))
    session.commit()
    paths = (f"/calls/{call.slug}/rules", f"/calls/{call.slug}/rules.pdf")
    with_cards = [client.get(path) for path in paths]
    assert "La carta si registra" in text(with_cards[0])
    monkeypatch.setattr(services, "settings", replace(services.settings, payments="none"))
    without = [client.get(path) for path in paths]
    assert "Questo sito non riceve pagamenti" in text(without[0])
    assert "La carta si registra" not in text(without[0])
    assert with_cards[1].headers["ETag"] != without[1].headers["ETag"]
