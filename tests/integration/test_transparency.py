"""The public money: the same figures as the ledger's, for everybody, and no person in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls.models import Call, HistoricalProject
from quartieri.calls.rules import CallState
from quartieri.db import db
from quartieri.kit.money import Money
from quartieri.ledger import actions as ledger
from quartieri.ledger import rules as book
from quartieri.ledger.rules import PostingKind
from quartieri.people.rules import Scope
from quartieri.programmes import queries as programmes
from quartieri.proposals.models import TeamMember
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.calls import make_call, make_published_call
from tests.factories.campaigns import Scene, make_live, make_scene, make_selected
from tests.factories.grants import IBAN, GrantScene, make_grant_scene
from tests.factories.people import make_authority, make_official
from tests.factories.programmes import make_level

AsUser = Callable[[Any], SiteClient]
ENGLISH = {"Accept-Language": "en"}


def charge(scene: Scene, cents: int, fee: int = 0) -> None:
    number = scene.campaign.id
    noted = book.note_fee(number, Money(fee)) if fee else []
    ledger.post(
        db.session(),
        key=f"test:{number}:{cents}",
        kind=PostingKind.CHARGED,
        entries=book.charge(number, Money(cents)) + noted,
        at=NOW,
    )


def test_a_calls_money_is_that_of_its_pool(session: Session, client: SiteClient) -> None:
    scene = make_grant_scene(session).ready()
    scene.pay(4_000_00)
    scene.revoke()
    scene.recover(1_000_00, "CRO 1")
    make_grant_scene(session, call=scene.call, cents=3_000_00)
    shown = client.get(f"/calls/{scene.call.slug}/money.json").get_json()
    money = programmes.pool_balances(session, scene.pool_id)
    assert {k: shown[k] for k in shown if k.endswith("_cents")} == {
        "endowment_cents": 100_000_00,
        "allotted_cents": money.endowment_cents,
        "available_cents": money.available_cents,
        "reserved_cents": 3_000_00,
        "committed_cents": 0,
        "disbursed_cents": 4_000_00,
        "recovered_cents": 1_000_00,
        "put_back_cents": 0,
    }
    assert shown["as_of"] == "2025-02-03T10:00:00+01:00"
    page = client.get(f"/calls/{scene.call.slug}/money", headers=ENGLISH).get_data(as_text=True)
    for cents in ("€93,000.00", "€3,000.00", "€4,000.00", "€1,000.00"):
        assert cents in page


def test_a_call_names_the_levels_that_pay_with_their_shares(
    session: Session, client: SiteClient
) -> None:
    city = make_authority(session)
    root = make_level(session, city, budget_cents=500_000_00)
    line = make_level(session, parent=root)
    call = make_published_call(
        session, authority=city, shares={line.id: 60_000_00, root.id: 40_000_00}
    )
    shown = client.get(f"/calls/{call.slug}/money.json").get_json()["levels"]
    assert [(one["code"], one["share_cents"], len(one["above"])) for one in shown] == [
        (root.code, 40_000_00, 0),
        (line.code, 60_000_00, 1),
    ]


def test_each_project_has_its_line_and_no_person_is_in_it(
    session: Session, client: SiteClient
) -> None:
    group = make_grant_scene(session, informal=True, name="Gruppo Orto")
    session.add(TeamMember(proposal_id=group.proposal.id, position=9, name="Zita Nascosta"))
    body = make_grant_scene(session, call=group.call, iban=IBAN).ready()
    body.pay(2_000_00)
    secrets = [
        "Zita Nascosta",
        "Ada Neri",
        IBAN,
        *(s.proposal.owner.name for s in (group, body)),
        *(s.proposal.owner.email for s in (group, body)),
    ]
    slug = group.call.slug
    answers = [
        client.get(url).get_data(as_text=True)
        for url in (
            f"/calls/{slug}/money",
            f"/calls/{slug}/money.json",
            f"/calls/{slug}/money.csv",
            "/money",
            "/money.json",
            "/money/grants",
            "/money/grants.json",
            "/money/grants.csv",
            "/money/seals",
        )
    ]
    assert [s for s in secrets if any(s in answer for answer in answers)] == []
    table = list(csv.DictReader(io.StringIO(answers[2])))
    assert [
        (r["title"], r["proposer"], r["grant_reserved_cents"], r["grant_paid_cents"]) for r in table
    ] == [
        (group.proposal.title, "Gruppo Orto", "1000000", "0"),
        (body.proposal.title, body.proposal.organisation.name, "0", "200000"),
    ]
    assert table[1]["act_number"] == body.grant.act.number
    assert table[0]["act_number"] == ""


def test_an_act_is_named_once_it_is_published(session: Session, client: SiteClient) -> None:
    scene = make_grant_scene(session)
    scene.grant_act(number="SEGRETO-7")
    urls = [f"/calls/{scene.call.slug}/money", "/money/grants", "/money/grants.csv"]
    assert not any("SEGRETO-7" in client.get(u).get_data(as_text=True) for u in urls)
    scene.publish()
    assert all("SEGRETO-7" in client.get(u).get_data(as_text=True) for u in urls)


def test_crowd_money_stands_beside_the_citys(session: Session, client: SiteClient) -> None:
    scene = make_live(session)
    charge(scene, 120_00, fee=3_00)
    scene.campaign.promised_cents = 150_00
    draft = make_scene(session, call=scene.call)
    shown = client.get(f"/calls/{scene.call.slug}/money.json").get_json()
    assert shown["crowd"] == {
        "promised_cents": 150_00,
        "collected_cents": 120_00,
        "held_by_proposers_cents": 0,
        "owed_cents": 0,
        "paid_out_cents": 0,
        "refunded_cents": 0,
        "fees_cents": 3_00,
    }
    by_slug = {p["project"]: p for p in shown["projects"]}
    assert by_slug[scene.proposal.slug]["crowd"]["collected_cents"] == 120_00
    assert by_slug[scene.proposal.slug]["target_cents"] == 10_000_00
    # a campaign that is not public yet shows nothing, not even its target
    assert by_slug[draft.proposal.slug]["crowd"] is None
    assert by_slug[draft.proposal.slug]["target_cents"] is None


def test_drafts_and_unselected_projects_stay_out(session: Session, client: SiteClient) -> None:
    scene = make_grant_scene(session)
    hidden = make_call(session)
    assert client.get(f"/calls/{hidden.slug}/money").status_code == 404
    assert client.get(f"/calls/{hidden.slug}/money.json").status_code == 404
    assert hidden.slug not in client.get("/money.json").get_data(as_text=True)
    scene.proposal.state = "under_review"  # type: ignore[assignment] # as the database keeps it
    assert client.get(f"/calls/{scene.call.slug}/money.json").get_json()["projects"] == []


# -- past editions -----------------------------------------------------------------------------


def past(session: Session, **facts: Any) -> Call:
    call = Call(
        authority_id=make_authority(session).id,
        slug="edizione-2020",
        state=CallState.CONCLUDED,
        design_json={},
        title_it="Edizione 2020",
        historical=True,
        facts=facts,
        created_at=NOW,
        published_at=NOW,
    )
    session.add(call)
    session.flush()
    session.add(
        HistoricalProject(
            call_id=call.id, position=1, title="Lab", cost_cents=20_000_00, outcome="funded"
        )
    )
    session.flush()
    return call


def test_a_past_edition_shows_what_is_known_and_counts_nowhere(
    session: Session, client: SiteClient
) -> None:
    past(session, endowment_eur=550000)
    shown = client.get("/calls/edizione-2020/money.json").get_json()
    assert (shown["endowment_cents"], shown["granted_cents"]) == (550_000_00, None)
    assert shown["projects"][0]["cost_cents"] == 20_000_00
    assert shown["projects"][0]["grant_cents"] is None
    page = client.get("/calls/edizione-2020/money", headers=ENGLISH).get_data(as_text=True)
    assert page.count("not published") > 5
    (row,) = csv.DictReader(io.StringIO(client.get("/calls/edizione-2020/money.csv").text))
    assert (row["cost_cents"], row["grant_granted_cents"], row["collected_cents"]) == (
        "2000000",
        "",
        "",
    )
    site = client.get("/money.json").get_json()
    assert site["calls"] == []
    assert site["totals"]["calls"]["allotted_cents"] == 0
    assert [one["endowment_cents"] for one in site["past_editions"]] == [550_000_00]


# -- the whole site ----------------------------------------------------------------------------


def test_the_sites_totals_are_those_of_trees_pools_and_campaigns(
    session: Session, client: SiteClient
) -> None:
    city = make_authority(session)
    root = make_level(session, city, budget_cents=500_000_00)
    line = make_level(session, parent=root, budget_cents=200_000_00)
    call = make_published_call(
        session, authority=city, campaigns=False, shares={line.id: 100_000_00}
    )
    make_grant_scene(session, call=call).ready().pay(1_000_00)
    campaign = make_live(session)
    charge(campaign, 80_00)
    totals = client.get("/money.json").get_json()["totals"]
    assert (totals["planned_cents"], totals["not_allotted_cents"]) == (500_000_00, 400_000_00)
    assert totals["calls"]["allotted_cents"] == 200_000_00
    assert totals["calls"]["disbursed_cents"] == 1_000_00
    assert totals["calls"]["committed_cents"] == 9_000_00
    assert totals["crowd"]["collected_cents"] == 80_00
    page = client.get("/money", headers=ENGLISH).get_data(as_text=True)
    assert "€500,000" in page
    assert 'class="q-flow-ribbon"' in page


def test_two_calls_on_one_pool_count_it_once(session: Session, client: SiteClient) -> None:
    first = make_published_call(session)
    second = make_published_call(session)
    second.pool_id = first.pool_id
    session.flush()
    totals = client.get("/money.json").get_json()["totals"]
    assert totals["calls"]["allotted_cents"] == 100_000_00


def test_an_empty_site_says_so(client: SiteClient) -> None:
    page = client.get("/money", headers=ENGLISH).get_data(as_text=True)
    assert "No call is published yet" in page
    assert "No grant act is published yet" in client.get("/money/grants", headers=ENGLISH).text
    assert "Nothing is sealed yet" in client.get("/money/seals", headers=ENGLISH).text


# -- the register ------------------------------------------------------------------------------


def test_the_register_has_the_fields_that_the_law_asks_for(
    session: Session, client: SiteClient
) -> None:
    scene = make_grant_scene(session, tax_code="97103880585")
    scene.grant_act(number="77")
    scene.publish()
    person = make_grant_scene(session, call=scene.call, tax_code="RSSMRA85T10A562S")
    person.grant_act(number="78")
    person.publish()
    scene.revoke()
    rows = list(csv.DictReader(io.StringIO(client.get("/money/grants.csv?year=2025").text)))
    by_number = {row["act_number"]: row for row in rows}
    one = by_number["77"]
    assert {k: one[k] for k in one if k not in {"project_url", "ended_by_act"}} == {
        "act_number": "77",
        "act_dated": "2025-02-10",
        "authority": scene.call.authority.name,
        "beneficiary": scene.proposal.organisation.name,
        "beneficiary_tax_code": "97103880585",
        "amount_cents": "1000000",
        "paid_cents": "0",
        "legal_basis": "Art. 12 L. 241/1990",
        "office": "Direzione Lavoro, Giovani e Sport",
        "official_in_charge": "Dott.ssa Ada Negri",
        "how_chosen": "public call, ranking by scores",
        "call": scene.call.slug,
        "session": "1",
        "project": scene.proposal.title,
        "grant_state": "closed",
    }
    assert one["project_url"].endswith(f"/calls/{scene.call.slug}/money#{scene.proposal.slug}")
    assert one["ended_by_act"] == scene.grant.closing_act.number
    assert by_number["78"]["beneficiary_tax_code"] == ""
    assert "RSSMRA85T10A562S" not in client.get("/money/grants").text
    assert client.get("/money/grants.json?year=2024").get_json()["acts"] == []
    assert client.get("/money/grants.json").get_json()["acts"][0]["act_number"] in by_number
    for sort in ("dated", "-beneficiary", "amount", "-paid", "call", "x"):
        assert client.get(f"/money/grants?sort={sort}&q=orto").text.count('<th scope="row">') == 2


# -- the office --------------------------------------------------------------------------------


def test_officials_see_the_same_figures_each_with_its_way_on(
    session: Session, as_user: AsUser
) -> None:
    scene = make_grant_scene(session)
    url = f"/manage/money/calls/{scene.call.slug}"
    page = as_user(scene.treasurer).get(url, headers=ENGLISH).get_data(as_text=True)
    assert "€10,000.00" in page
    assert f"/manage/ledger/pool:{scene.pool_id}:reserved" in page
    assert f"/manage/grants/{scene.grant.id}" in page
    stranger = make_official(
        session, Role.TREASURER, Scope(authority_id=make_authority(session).id)
    )
    assert as_user(stranger).get(url).status_code == 403


# -- how many queries --------------------------------------------------------------------------


def statements(client: SiteClient, url: str) -> int:
    seen: list[str] = []

    def note(*args: Any) -> None:
        if str(args[2]).lstrip().upper().startswith("SELECT"):
            seen.append(str(args[2]))

    engine = db.engines[None]
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(url).status_code == 200
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_pages_take_as_many_queries_for_ten_rows_as_for_two(
    session: Session, client: SiteClient, as_user: AsUser
) -> None:
    def grow(scene: GrantScene, campaign: Scene) -> None:
        more = make_grant_scene(session, call=scene.call, cents=100_00).ready()
        more.pay(10_00)
        make_selected(session, campaign.call)
        charge(make_live(session, call=campaign.call), 10_00)

    scene, campaign = make_grant_scene(session, cents=100_00), make_live(session)
    officer = as_user(scene.treasurer)
    public = ("/money", "/money.json", "/money/grants", "/money/grants.csv", "/money/seals")
    calls = [f"/calls/{c.slug}/money" for c in (scene.call, campaign.call)]
    pages = [
        *((client, u) for u in (*public, *calls, *(f"{c}.csv" for c in calls))),
        *((officer, u) for u in ("/manage/grants/", "/manage/payments?state=all")),
        *(
            (officer, u)
            for u in ("/manage/ledger", f"/manage/ledger/pool:{scene.pool_id}:reserved")
        ),
    ]
    grow(scene, campaign)
    before = [statements(browser, url) for browser, url in pages]
    for _ in range(4):
        grow(scene, campaign)
    after = [statements(browser, url) for browser, url in pages]
    assert list(zip((u for _b, u in pages), after, strict=True)) == list(
        zip((u for _b, u in pages), before, strict=True)
    )


@pytest.mark.parametrize("sort", ["title", "-cost", "target", "-promised", "paid", "proposer", "?"])
def test_projects_are_sorted_by_every_column(
    session: Session, client: SiteClient, sort: str
) -> None:
    scene = make_live(session)
    make_scene(session, call=scene.call)
    page = client.get(f"/calls/{scene.call.slug}/money?sort={sort}").text
    assert page.count(f'<tr id="{scene.proposal.slug}">') == 1
