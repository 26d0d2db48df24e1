"""Pages of calls: the office's way from a template to publication, and what everyone reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls import actions
from quartieri.calls.rules import CallState
from quartieri.kit.clock import end_of_day, rome
from quartieri.people.models import Authority, User
from quartieri.people.rules import Scope
from tests.conftest import SiteClient
from tests.factories.acts import act_data
from tests.factories.call_forms import (
    ACT,
    EVALUATION,
    IDENTITY,
    AsUser,
    count_queries,
    draft_of,
    money_of,
    paths,
    text,
)
from tests.factories.calls import AT, CLOSES, MANAGER, make_call, make_published_call, ready_design
from tests.factories.people import make_official, make_user
from tests.factories.programmes import make_area, make_authority, make_level
from tests.integration.test_calls import FACTS, ROW


@pytest.fixture
def city(session: Session) -> Authority:
    return make_authority(session, name="Comune di Prova")


@pytest.fixture
def manager(session: Session, city: Authority) -> User:
    return make_official(session, Role.CALL_MANAGER, city.scope)


def test_a_call_goes_from_the_template_to_the_public_page(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    line = make_level(session, city, budget_cents=1_000_000_00, title_it="Linea E")
    browser = as_user(manager)
    created = browser.post(
        "/manage/calls", data={"authority": city.id, "template": "alleanze-2024"}
    )
    assert created.status_code == 303
    call = draft_of(session)

    def save(step: str, data: dict[str, str]) -> None:
        session.refresh(call)
        path = f"/manage/calls/{call.id}/edit/{step}"
        assert browser.get(path).status_code == 200
        answer = browser.post(path, data={**data, "version": str(call.version)})
        assert answer.status_code == 303, text(answer)

    save("identity", IDENTITY)
    save(
        "windows",
        {
            "windows-0-opens_on": "2025-02-03",
            "windows-0-opens_time": "09:00",
            "windows-0-closes_on": "2025-03-31",
            "windows-1-opens_on": "2025-06-01",
            "windows-1-closes_on": "2025-10-31",
            "windows-1-closes_time": "12:00",
        },
    )
    before = text(browser.get(f"/manage/calls/{call.id}/review"))
    assert f"/manage/calls/{call.id}/edit/evaluation#criteria" in before
    assert f"/manage/calls/{call.id}/form/" not in before
    refused = browser.post(f"/manage/calls/{call.id}/publish", data=ACT)
    assert refused.status_code == 422
    save("evaluation", EVALUATION)
    save("money", money_of(line.id))
    published = browser.post(f"/manage/calls/{call.id}/publish", data=ACT)
    assert published.status_code == 303, text(published)

    session.refresh(call)
    assert call.state is CallState.PUBLISHED
    assert [(w.opens_at, w.closes_at) for w in call.windows] == [
        (rome(date(2025, 2, 3), time(9)), end_of_day(date(2025, 3, 31))),
        (rome(date(2025, 6, 1)), rome(date(2025, 10, 31), time(12))),
    ]
    design = call.design
    assert [(c.code, c.maximum, c.minimum) for c in design.evaluation.criteria] == [
        ("impatto", Decimal("60.5"), None),
        ("qualita", Decimal(40), Decimal(10)),
    ]
    assert design.evaluation.tie_break == ("criterion:impatto", "received", "protocol")
    assert design.money.rule is not None
    assert design.money.rule.crowdfunding_share == Decimal("0.5")
    assert "Botteghe vive" in text(browser.get("/"))
    assert "Botteghe vive" in text(browser.get("/calls"))
    page = text(browser.get(f"/calls/{call.slug}"))
    for shown in ("Botteghe vive", "Impatto", "77", "Linea E"):
        assert shown in page
    assert "Linea E" in text(browser.get(f"/manage/calls/{call.id}"))
    assert "600.000,00" in text(browser.get("/manage/programmes"))


def test_a_wrong_figure_is_shown_beside_its_field_and_nothing_typed_is_lost(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    call = make_call(session, authority=city)
    answer = as_user(manager).post(
        f"/manage/calls/{call.id}/edit/money",
        data=money_of(0) | {"grant_cap": "tanti", "version": str(call.version)},
    )
    assert answer.status_code == 422
    page = text(answer)
    assert 'value="tanti"' in page
    assert 'id="grant_cap-error"' in page


def test_figures_that_make_no_rule_name_their_field(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    call = make_call(session, authority=city)
    answer = as_user(manager).post(
        f"/manage/calls/{call.id}/edit/money",
        data={"kind": "fixed_share", "grant_share": "60", "version": str(call.version)},
    )
    assert answer.status_code == 422
    assert 'id="crowdfunding_share-error"' in text(answer)
    assert 'value="60"' in text(answer)


def test_shares_that_do_not_add_up_are_refused(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    line = make_level(session, city, budget_cents=1_000_000_00)
    call = make_call(session, authority=city)
    data = money_of(line.id) | {"shares-0-amount": "1", "version": str(call.version)}
    answer = as_user(manager).post(f"/manage/calls/{call.id}/edit/money", data=data)
    assert answer.status_code == 422
    session.refresh(call)
    assert call.pool is not None
    assert call.pool.endowment_cents == 100_000_00


def test_a_form_opened_on_an_older_version_keeps_its_words_and_shows_the_saved_ones(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    call = make_call(session, authority=city)
    opened = call.version
    actions.save_design(
        session,
        call,
        replace(call.design, office="Ufficio Altrui"),
        version=opened,
        actor=MANAGER,
        at=AT,
    )
    path = f"/manage/calls/{call.id}/edit/identity"
    answer = as_user(manager).post(path, data=IDENTITY | {"version": str(opened)})
    assert answer.status_code == 409
    page = text(answer)
    assert "Botteghe vive" in page
    assert "Ufficio Altrui" in page
    session.refresh(call)
    again = as_user(manager).post(path, data=IDENTITY | {"version": str(call.version)})
    assert again.status_code == 303
    session.refresh(call)
    assert call.title_it == "Botteghe vive"


@pytest.mark.parametrize(
    "role", [Role.OFFICER, Role.TREASURER, Role.AUDITOR, Role.COMMISSION_MEMBER, None]
)
def test_only_the_call_manager_edits_and_publishes(
    session: Session, as_user: AsUser, city: Authority, role: Role | None
) -> None:
    call = make_call(session, authority=city)
    user = make_official(session, role, city.scope) if role else make_user(session)
    browser = as_user(user)
    for method, path in paths(call):
        assert browser.open(path, method=method, data=ACT).status_code == 403, path
    session.refresh(call)
    assert call.state is CallState.DRAFT


def test_a_manager_of_another_city_is_refused(
    session: Session, as_user: AsUser, city: Authority
) -> None:
    call = make_call(session, authority=city)
    other = make_official(session, Role.CALL_MANAGER, make_authority(session).scope)
    browser = as_user(other)
    for method, path in paths(call):  # a draft: to other cities it does not exist
        assert browser.open(path, method=method, data=ACT).status_code == 404, path
    assert call.title_it not in text(browser.get("/manage/calls"))
    created = browser.post("/manage/calls", data={"authority": city.id, "template": ""})
    assert created.status_code == 422


def test_a_visitor_signs_in_first(session: Session, client: SiteClient, city: Authority) -> None:
    call = make_call(session, authority=city)
    for method, path in [*paths(call), ("GET", "/manage/calls")]:
        assert client.open(path, method=method).status_code in {302, 303}, path


def test_a_draft_is_no_public_page(session: Session, client: SiteClient, city: Authority) -> None:
    call = make_call(session, authority=city)
    assert client.get(f"/calls/{call.slug}").status_code == 404
    assert call.title_it not in text(client.get("/calls"))


def test_an_extension_by_act_shows_both_deadlines(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    call = make_published_call(session, authority=city)
    path = f"/manage/windows/{call.windows[0].id}/extend"
    browser = as_user(manager)
    assert browser.get(path).status_code == 200
    early = browser.post(path, data=ACT | {"new_closes_at": "2025-02-10"})
    assert early.status_code == 422
    assert 'id="new_closes_at-error"' in text(early)
    done = browser.post(path, data=ACT | {"new_closes_at": "2025-04-10", "new_time": "12:00"})
    assert done.status_code == 303
    page = text(browser.get(f"/calls/{call.slug}"))
    assert "10 aprile 2025, ore 12:00" in page
    assert "3 marzo 2025" in page


def test_the_same_act_twice_is_refused_at_its_number(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    call = make_published_call(session, authority=city)
    path = f"/manage/windows/{call.windows[0].id}/extend"
    browser = as_user(manager)
    browser.post(path, data=ACT | {"new_closes_at": "2025-04-10"})
    again = browser.post(path, data=ACT | {"new_closes_at": "2025-05-10"})
    assert again.status_code == 409
    assert 'id="number-error"' in text(again)


@pytest.mark.parametrize("verb", ["suspend", "conclude"])
def test_an_act_page_opens_and_asks_for_the_act(
    session: Session, as_user: AsUser, city: Authority, manager: User, verb: str
) -> None:
    call = make_published_call(session, authority=city)
    path = f"/manage/calls/{call.id}/act/{verb}"
    browser = as_user(manager)
    assert browser.get(path).status_code == 200
    assert browser.post(path, data={}).status_code == 422


def test_a_call_is_suspended_and_resumed_by_act(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    call = make_published_call(session, authority=city)
    browser = as_user(manager)
    base = f"/manage/calls/{call.id}/act"
    assert browser.post(f"{base}/suspend", data=ACT | {"deadlines": "stop"}).status_code == 303
    assert "sospeso" in text(browser.get(f"/calls/{call.slug}")).lower()
    resumed = browser.post(f"{base}/resume", data=ACT | {"number": "78"})
    assert resumed.status_code == 303
    session.refresh(call)
    assert call.state is CallState.PUBLISHED


def test_history_shows_what_is_known_and_says_what_is_not(
    session: Session, client: SiteClient, city: Authority
) -> None:
    call = actions.import_historical(session, city, FACTS, [ROW], actor=MANAGER, at=AT)
    page = text(client.get(f"/calls/{call.slug}"))
    assert "430.000" in page
    assert "Via Dolce Via" in page
    assert "https://example.org/a" in page
    assert "non pubblicat" in page
    assert 'href="/calls/' + call.slug + '/apply"' not in page


def test_the_list_filters_by_phase_and_words(
    session: Session, client: SiteClient, city: Authority
) -> None:
    make_published_call(session, authority=city)
    coming = ready_design(title={"it": "Bando futuro", "en": "Future call"})
    make_published_call(
        session,
        authority=city,
        design=coming,
        windows=[(CLOSES, CLOSES + timedelta(days=9))],
    )
    assert "Bando futuro" in text(client.get("/calls?phase=coming"))
    assert "Bando futuro" not in text(client.get("/calls?phase=open"))
    assert "Alleanze di prova" in text(client.get("/calls?q=alleanze"))
    assert "Alleanze di prova" not in text(client.get("/calls?q=futuro"))


def test_the_published_acts_file_is_public(
    session: Session, client: SiteClient, city: Authority
) -> None:
    call = make_published_call(session, authority=city)
    act = call.editions[0].act
    assert act is not None
    assert client.get(f"/acts/{act.id}/file").status_code == 404
    assert client.get("/acts/999999/file").status_code == 404


@pytest.mark.parametrize("path", ["/", "/calls"])
def test_a_longer_list_asks_no_more_of_the_database(
    session: Session, client: SiteClient, city: Authority, path: str
) -> None:
    make_published_call(session, authority=city)
    client.get(path)  # whose site it is, is read once a process
    make_published_call(session, authority=city)  # a page that was kept is drawn anew
    few = count_queries(session, lambda: client.get(path))
    for _more in range(4):
        make_published_call(session, authority=city)
    assert count_queries(session, lambda: client.get(path)) == few
    assert few <= 10


def test_a_calls_page_asks_the_same_with_many_sessions(
    session: Session, client: SiteClient, city: Authority
) -> None:
    one = make_published_call(session, authority=city)
    days = [
        (AT + timedelta(days=10 * n, hours=1), AT + timedelta(days=10 * n + 9)) for n in range(5)
    ]
    many = make_published_call(session, authority=city, windows=days)
    later = days[4][1] + timedelta(days=3)
    actions.extend_window(session, many.windows[4], later, act_data(), actor=MANAGER, at=AT)
    client.get("/")  # whose site it is, is read once a process
    first = count_queries(session, lambda: client.get(f"/calls/{one.slug}"))
    assert count_queries(session, lambda: client.get(f"/calls/{many.slug}")) <= first + 1
    assert first <= 12


def test_a_level_is_added_and_gets_its_budget_by_act(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    browser = as_user(manager)
    data = {
        "authority": city.id,
        "kind": "programme",
        "parent": "",
        "code": "EP",
        "title_it": "Economia di Prossimità",
    }
    made = browser.post("/manage/programmes", data=data)
    assert made.status_code == 303, text(made)
    page = made.headers["Location"]
    assert browser.get(page).status_code == 200
    assert browser.post(f"{page}/budget", data={"budget": "15.000.000"}).status_code == 422
    done = browser.post(f"{page}/budget", data=ACT | {"budget": "15.000.000"})
    assert done.status_code == 303, text(done)
    assert "15.000.000,00" in text(browser.get("/manage/programmes"))
    saved = browser.post(page, data={"title_it": "Prossimità", "starts_on": "2024-01-01"})
    assert saved.status_code == 303
    assert "Prossimità" in text(browser.get(page))
    twice = browser.post("/manage/programmes", data=data)
    assert twice.status_code in {409, 422}


def test_only_a_manager_changes_the_tree(
    session: Session, as_user: AsUser, city: Authority
) -> None:
    level = make_level(session, city)
    browser = as_user(make_official(session, Role.AUDITOR, city.scope))
    assert browser.get("/manage/programmes").status_code == 200
    assert browser.get(f"/manage/programmes/{level.id}").status_code == 200
    for path in ("", f"/{level.id}", f"/{level.id}/budget"):
        assert browser.post(f"/manage/programmes{path}", data=ACT).status_code == 403


def test_an_excluded_area_is_named_on_the_public_page(
    session: Session, client: SiteClient, city: Authority
) -> None:
    area = make_area(session, city, code="1", name_it="Municipio 1")
    design = ready_design()
    who = replace(design.eligibility, excluded_areas=(area.code,))
    call = make_published_call(session, authority=city, design=replace(design, eligibility=who))
    assert "Municipio 1" in text(client.get(f"/calls/{call.slug}"))


def test_an_officials_scope_of_one_call_lists_that_call_alone(
    session: Session, as_user: AsUser, city: Authority
) -> None:
    mine = make_published_call(session, authority=city)
    other = ready_design(title={"it": "Bando altrui", "en": "Another call"})
    make_published_call(session, authority=city, design=other)
    user = make_official(session, Role.COMMISSION_MEMBER, Scope(city.id, mine.id))
    page = text(as_user(user).get("/manage/calls"))
    assert mine.title_it in page
    assert "Bando altrui" not in page
