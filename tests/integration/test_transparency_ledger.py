"""The ledger's pages: accounts in their reader's scope, statements, a chain for anyone to keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.ledger import actions as ledger
from quartieri.ledger import queries as book
from quartieri.ledger import rules
from quartieri.people.rules import Scope
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.grants import GrantScene, make_grant_scene
from tests.factories.ledger import make_charge
from tests.factories.people import make_official, make_user

AsUser = Callable[[Any], SiteClient]
ENGLISH = {"Accept-Language": "en"}


def paid(session: Session) -> GrantScene:
    scene = make_grant_scene(session).ready()
    scene.pay(4_000_00)
    return scene


def test_a_statement_shows_each_movement_with_the_balance_after(
    session: Session, as_user: AsUser
) -> None:
    scene = paid(session)
    url = f"/manage/ledger/pool:{scene.pool_id}:committed"
    page = as_user(scene.treasurer).get(url, headers=ENGLISH).get_data(as_text=True)
    assert "Committed by grant act" in page
    assert "Paid to the beneficiary" in page
    assert "€6,000.00" in page
    assert "-€4,000.00" in page
    assert f"/manage/grants/{scene.grant.id}" in page
    assert "not yet" in page
    ledger.seal(session, at=NOW)
    assert "not yet" not in as_user(scene.treasurer).get(url, headers=ENGLISH).text


def test_accounts_stay_in_their_readers_scope(session: Session, as_user: AsUser) -> None:
    here, there = paid(session), paid(session)
    make_charge(session, 4711)
    city = Scope(authority_id=here.call.authority_id)
    browsers = [
        as_user(here.treasurer),
        as_user(make_official(session, Role.TREASURER, city)),
        as_user(make_official(session, Role.AUDITOR, city)),
        as_user(here.manager),
    ]
    mine, foreign = f"pool:{here.pool_id}:available", f"pool:{there.pool_id}:available"
    for browser in browsers:
        listed = browser.get("/manage/ledger").get_data(as_text=True)
        assert (mine in listed, foreign in listed, "campaign:4711" in listed) == (
            True,
            False,
            False,
        )
        assert foreign not in browser.get(f"/manage/ledger?q={foreign}").text.split("</form>")[-1]
        assert browser.get(f"/manage/ledger/{mine}").status_code == 200
        assert browser.get(f"/manage/ledger/{foreign}").status_code == 404
        assert browser.get("/manage/ledger/campaign:4711:collected").status_code == 404
    whole = as_user(make_official(session, Role.AUDITOR, Scope()))
    listed = whole.get("/manage/ledger").get_data(as_text=True)
    assert all(code in listed for code in (mine, foreign, "campaign:4711:collected"))


def test_the_ledger_is_closed_to_others(
    session: Session, client: SiteClient, as_user: AsUser
) -> None:
    scene = paid(session)
    for browser, status in (
        (client, 302),
        (as_user(make_user(session)), 403),
        (as_user(scene.officer), 403),
    ):
        assert browser.get("/manage/ledger").status_code == status
        url = f"/manage/ledger/pool:{scene.pool_id}:available"
        assert browser.get(url).status_code == status
    assert as_user(scene.auditor).get("/manage/ledger/pool:0:available").status_code == 404


def test_accounts_are_found_by_name_and_by_title(session: Session, as_user: AsUser) -> None:
    scene = paid(session)
    browser = as_user(scene.treasurer)
    assert scene.call.pool is not None
    scene.call.pool.title = "Dotazione Zafferano"
    for words, rows in (("zafferano", 8), (":reserved", 1), ("nulla", 0), ("%", 0)):
        page = browser.get(f"/manage/ledger?q={words}&sort=-balance").get_data(as_text=True)
        assert (words, page.count('<th scope="row">') > 0) == (words, rows > 0)


def test_anyone_can_walk_the_chain_from_what_is_published(
    session: Session, client: SiteClient
) -> None:
    scene = paid(session)
    make_charge(session, 12)
    for limit in (3, 100):
        ledger.seal(session, at=NOW, limit=limit)
    document = client.get("/money/seals.json").get_json()
    previous, seen = document["genesis"], 0
    for batch in document["batches"]:
        leaves = client.get(f"/money/seals/{batch['number']}.json").get_json()["leaves"]
        hashes = [rules.leaf_hash(leaf["public"], leaf["private_digest"]) for leaf in leaves]
        assert hashes == [leaf["leaf_hash"] for leaf in leaves]
        assert rules.merkle_root(hashes) == batch["merkle_root"]
        assert batch["previous_hash"] == previous
        previous = rules.chain_hash(
            previous=previous,
            root=batch["merkle_root"],
            number=batch["number"],
            first=batch["first"],
            last=batch["last"],
        )
        assert previous == batch["chain_hash"]
        seen += len(leaves)
    assert seen == book.verify(session).transactions
    assert document["next"] is None
    assert client.get("/money/seals.json?after=1").get_json()["batches"] == document["batches"][1:]
    page = client.get("/money/seals").get_data(as_text=True)
    assert previous in page
    crowd = [
        leaf["public"]
        for batch in document["batches"]
        for leaf in client.get(f"/money/seals/{batch['number']}.json").get_json()["leaves"]
        if leaf["public"]["kind"] == "crowd.charged"
    ]
    # money from people: the day, no key, no instant, nothing of the provider's
    assert [sorted(one) for one in crowd] == [["day", "kind", "movements", "public"]]
    assert scene.treasurer.name not in page
    assert client.get("/money/seals/99.json").status_code == 404
