"""The pages of grants: who may open what, the whole way in the browser, and two clicks."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.grants.models import Disbursement
from quartieri.grants.queries import GRANT_SORTS
from quartieri.grants.rules import DisbursementState, GrantState
from quartieri.ledger import queries as ledger
from quartieri.people.rules import Scope
from tests.conftest import SiteClient
from tests.factories.grants import BALANCE, BODY_CODE, IBAN, GrantScene, make_grant_scene
from tests.factories.people import make_authority, make_official, make_user

AsUser = Callable[[Any], SiteClient]
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
ACT = {"number": "12", "dated": "2025-02-03", "office": "Ufficio", "signer": "Dirigente"}
TAKE = {f"take-{k}": v for k, v in ACT.items()}


def pdf(name: str = "atto.pdf") -> tuple[BytesIO, str]:
    return BytesIO(PDF), name


def posts(scene: GrantScene, payment: Disbursement) -> dict[str, tuple[str, dict[str, Any]]]:
    """Name each writing route with who may use it and what it is sent."""
    one, row = f"/manage/grants/{scene.grant.id}", f"/manage/payments/{payment.id}"
    return {
        f"{one}/act": ("officer", ACT),
        f"{one}/act/publish": ("officer", {}),
        f"{one}/legal-entity": ("officer", ACT),
        f"{one}/agreement": ("officer", {}),
        f"{one}/iban": ("officer", {}),
        f"{one}/report": ("officer", {}),
        f"{one}/take-back/revoke": ("officer", TAKE),
        f"{one}/take-back/renounce": ("officer", TAKE),
        f"{one}/report/reopen": ("officer", {}),
        f"{one}/renounce-selected": ("manager", {}),
        f"{one}/put-back": ("officer", {}),
        f"{one}/write-off": ("officer", {}),
        f"{one}/recovery": ("treasurer", {}),
        f"{one}/payments/new": ("officer", {}),
        f"{row}/approve": ("manager", {}),
        f"{row}/refuse": ("manager", {}),
        f"{row}/order": ("treasurer", {}),
        f"{row}/pay": ("treasurer", {}),
        f"{row}/return": ("treasurer", {}),
        f"{row}/cancel": ("officer", {}),
    }


def gets(scene: GrantScene, payment: Disbursement) -> dict[str, set[str]]:
    """Name each reading route with who may open it."""
    one, row = f"/manage/grants/{scene.grant.id}", f"/manage/payments/{payment.id}"
    everyone = {"officer", "manager", "treasurer", "auditor"}
    return {
        "/manage/grants/": everyone,
        one: everyone,
        "/manage/payments": everyone,
        f"{one}/payments/new": {"officer"},
        f"{row}/pay": {"treasurer"},
        f"{row}/return": {"treasurer"},
        f"{row}/refuse": {"manager"},
        f"{row}/cancel": {"officer"},
    }


def test_each_page_opens_to_its_roles_only(session: Session, as_user: AsUser) -> None:
    scene = make_grant_scene(session).ready()
    payment = scene.request(1_000_00)
    browsers = {r: as_user(getattr(scene, r)) for r in ("officer", "manager", "treasurer")}
    browsers["auditor"] = as_user(scene.auditor)
    for url, roles in gets(scene, payment).items():
        found = {role for role, browser in browsers.items() if browser.get(url).status_code == 200}
        assert (url, found) == (url, roles)


def test_no_step_is_taken_by_another_role(session: Session, as_user: AsUser) -> None:
    scene = make_grant_scene(session).ready()
    payment = scene.request(1_000_00)
    before = (scene.grant.state, payment.state, scene.sums())
    for url, (role, data) in posts(scene, payment).items():
        for other in {"officer", "manager", "treasurer", "auditor"} - {role}:
            answer = as_user(getattr(scene, other)).post(url, data=data)
            assert (url, other, answer.status_code) == (url, other, 403)
    assert (scene.grant.state, payment.state, scene.sums()) == before


def test_strangers_and_other_cities_see_nothing(
    session: Session, client: SiteClient, as_user: AsUser
) -> None:
    scene = make_grant_scene(session).ready()
    payment = scene.request(1_000_00)
    other = make_authority(session)
    officer = make_official(session, Role.OFFICER, Scope(authority_id=other.id))
    elsewhere, citizen = as_user(officer), as_user(make_user(session))
    for url in gets(scene, payment):
        assert client.get(url).status_code == 302
        assert citizen.get(url).status_code == 403
    listed = elsewhere.get("/manage/grants/").get_data(as_text=True)
    assert scene.proposal.title not in listed
    assert elsewhere.get(f"/manage/grants/{scene.grant.id}").status_code == 404
    for url, (role, data) in posts(scene, payment).items():
        status = 404 if role == "officer" else 403
        assert (url, elsewhere.post(url, data=data).status_code) == (url, status)


def test_the_whole_way_in_the_browser(session: Session, as_user: AsUser) -> None:
    scene = make_grant_scene(session)
    one = f"/manage/grants/{scene.grant.id}"
    officer, manager = as_user(scene.officer), as_user(scene.manager)
    treasurer = as_user(scene.treasurer)
    sent = officer.post(f"{one}/act", data=ACT | {"file": pdf()})
    assert sent.status_code == 303
    assert officer.post(f"{one}/act/publish").status_code == 303
    agreed = {"signed_on": "2025-02-03", "iban": IBAN, "agreement": pdf("convenzione.pdf")}
    assert officer.post(f"{one}/agreement", data=agreed).status_code == 303
    assert officer.get(f"{one}/files/agreement").data == PDF
    asked = {"kind": "advance", "amount": "5.000", "token": "t-1"}
    for _click in range(2):
        assert officer.post(f"{one}/payments/new", data=asked).status_code == 303
    payment = session.scalars(sa.select(Disbursement)).one()
    row = f"/manage/payments/{payment.id}"
    assert manager.post(f"{row}/approve").status_code == 303
    assert treasurer.post(f"{row}/order").status_code == 303
    assert treasurer.post(f"{row}/pay", data={"reference": "M-1"}).status_code == 303
    second = treasurer.post(f"{row}/pay", data={"reference": "M-1"})
    assert second.status_code == 409
    assert (scene.grant.state, scene.sums()[3]) == (GrantState.ACTIVE, 5_000_00)
    assert officer.post(f"{one}/report", data={"final": "8000"}).status_code == 422
    cut = {"final": "8000"} | ACT
    assert officer.post(f"{one}/report", data=cut).status_code == 303
    assert scene.grant.granted_cents == 8_000_00
    rest = scene.request(3_000_00, BALANCE)
    scene.approve(rest)
    session.commit()
    waiting = treasurer.get("/manage/payments").get_data(as_text=True)
    assert scene.proposal.title in waiting
    assert treasurer.post(f"/manage/payments/{rest.id}/order").status_code == 303
    done = treasurer.post(f"/manage/payments/{rest.id}/pay", data={"reference": "M-2"})
    assert done.status_code == 303
    assert scene.grant.state is GrantState.SETTLED
    assert ledger.verify(session).faults == []


def test_an_informal_group_reads_why_nothing_is_paid(session: Session, as_user: AsUser) -> None:
    scene = make_grant_scene(session, informal=True)
    one = f"/manage/grants/{scene.grant.id}"
    officer = as_user(scene.officer)
    page = officer.get(one, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "The applicant is an informal group: the grant stays reserved" in page
    refused = officer.post(
        f"{one}/payments/new",
        data={"kind": "advance", "amount": "100"},
        headers={"Accept-Language": "en"},
    )
    assert refused.status_code == 409
    assert "is not a legal entity yet" in refused.get_data(as_text=True)
    wrong = ACT | {"name": "APS", "tax_code": "97103880584", "iban": IBAN, "statute": pdf()}
    again = officer.post(f"{one}/legal-entity", data=wrong, headers={"Accept-Language": "en"})
    assert again.status_code == 422
    text = again.get_data(as_text=True)
    assert "This tax code is not right" in text
    assert 'value="97103880584"' in text  # nothing that was typed is lost
    right = wrong | {"tax_code": BODY_CODE, "statute": pdf("statuto.pdf")}
    assert officer.post(f"{one}/legal-entity", data=right).status_code == 303
    assert officer.get(f"{one}/files/statute").status_code == 200
    assert officer.post(f"{one}/act", data=ACT | {"number": "13"}).status_code == 303
    assert scene.grant.recipient_name == "APS"


def test_two_clicks_on_the_grant_act_commit_once(session: Session, as_user: AsUser) -> None:
    scene = make_grant_scene(session)
    officer = as_user(scene.officer)
    answers = [
        officer.post(f"/manage/grants/{scene.grant.id}/act", data=ACT).status_code for _ in "12"
    ]
    assert answers == [303, 409]
    assert scene.sums()[1:3] == (0, 10_000_00)


def test_two_clicks_on_a_recovery_book_it_once(session: Session, as_user: AsUser) -> None:
    scene = make_grant_scene(session).ready()
    scene.pay(2_000_00)
    scene.revoke()
    treasurer = as_user(scene.treasurer)
    data = {"amount": "500", "reference": "CRO 7"}
    url = f"/manage/grants/{scene.grant.id}/recovery"
    assert [treasurer.post(url, data=data).status_code for _ in "12"] == [303, 409]
    assert scene.money().recovered_cents == 500_00


def test_a_refused_payment_keeps_its_reason(session: Session, as_user: AsUser) -> None:
    scene = make_grant_scene(session).ready()
    payment = scene.request(1_000_00)
    manager = as_user(scene.manager)
    url = f"/manage/payments/{payment.id}/refuse"
    assert manager.post(url, data={"reason": " "}).status_code == 422
    assert manager.post(url, data={"reason": "Manca la fideiussione"}).status_code == 303
    assert payment.state is DisbursementState.REFUSED
    page = manager.get(f"/manage/grants/{scene.grant.id}").get_data(as_text=True)
    assert "Manca la fideiussione" in page


def test_the_list_is_sorted_filtered_and_paged(session: Session, as_user: AsUser) -> None:
    scene = make_grant_scene(session)
    make_grant_scene(session, call=scene.call).grant_act()
    auditor = as_user(scene.auditor)

    def rows(arguments: str) -> int:
        page = auditor.get(f"/manage/grants/?{arguments}").get_data(as_text=True)
        return page.count('<th scope="row">')

    sorts = (*GRANT_SORTS, *(f"-{s}" for s in GRANT_SORTS), "unknown", "")
    assert {rows(f"sort={sort}") for sort in sorts} == {2}
    assert rows("state=granted&q=orto") == 1
    assert rows("q=%25") == 0
    assert rows("page=2") == 0
