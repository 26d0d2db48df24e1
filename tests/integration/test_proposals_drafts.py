"""Drafting in the browser: start, save pages, two tabs; nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.people.models import Organisation
from quartieri.people.rules import OrganisationKind
from quartieri.programmes.models import Area
from quartieri.programmes.rules import AreaKind
from quartieri.proposals import actions
from quartieri.proposals.models import Proposal
from quartieri.proposals.queries import draft_of, part_of
from quartieri.proposals.rules import (
    AnswersPart,
    PlacePart,
    Problem,
    ProposalState,
    SummaryPart,
    mark_of,
    problems,
)
from tests.doubles import NOW
from tests.factories.calls import CLOSES, make_call, make_published_call, ready_design
from tests.factories.people import actor_of, make_organisation, make_user
from tests.factories.proposals import make_draft

Opener = Callable[[Any], Any]
CALLS_OWN = ["story", "place", "team", "budget", "money"]
SECTIONS = ["applicant", "summary", *CALLS_OWN, "declarations"]


def seen(session: Session, proposal: Proposal, section: str) -> str:
    part = part_of(session, proposal, section)
    assert part is not None
    return mark_of(part)


def edit(browser: Any, proposal: Proposal, section: str, **data: Any) -> Any:
    return browser.post(f"/applications/{proposal.id}/edit/{section}", data=data)


def found_problems(session: Session, proposal: Proposal) -> list[Problem]:
    return problems(draft_of(session, proposal), proposal.edition.design, today=NOW.date())


# -- starting ----------------------------------------------------------------------------------


def test_a_citizen_starts_for_a_new_group(session: Session, as_user: Opener) -> None:
    call, user = make_published_call(session), make_user(session)
    browser = as_user(user)
    assert browser.get(f"/calls/{call.slug}/apply").status_code == 200
    answer = browser.post(
        f"/calls/{call.slug}/apply",
        data={"who": "new", "kind": "informal_group", "name": "Gli amici del cortile"},
    )
    assert answer.status_code == 303
    proposal = session.scalars(sa.select(Proposal)).one()
    assert proposal.organisation.name == "Gli amici del cortile"
    assert proposal.organisation.kind is OrganisationKind.INFORMAL_GROUP
    assert (proposal.owner_id, proposal.state) == (user.id, ProposalState.DRAFT)
    assert [p.lead for p in proposal.partners] == [True]
    assert browser.get(answer.location).status_code == 200


def test_a_citizen_starts_for_an_organisation_entered_before(
    session: Session, as_user: Opener
) -> None:
    call, user = make_published_call(session), make_user(session)
    known = make_organisation(session, user)
    answer = as_user(user).post(f"/calls/{call.slug}/apply", data={"who": str(known.id)})
    assert answer.status_code == 303
    assert session.scalars(sa.select(Proposal.organisation_id)).all() == [known.id]


def test_a_kind_that_the_call_leaves_out_cannot_apply(session: Session, as_user: Opener) -> None:
    call, user = make_published_call(session), make_user(session)
    firm = make_organisation(session, user, kind=OrganisationKind.BUSINESS)
    browser = as_user(user)
    assert firm.name in browser.get(f"/calls/{call.slug}/apply").text
    assert browser.post(f"/calls/{call.slug}/apply", data={"who": str(firm.id)}).status_code == 422
    new = {"who": "new", "kind": "business", "name": "Bar Sport"}
    answer = browser.post(f"/calls/{call.slug}/apply", data=new)
    assert answer.status_code == 422
    assert "Bar Sport" in answer.text
    assert session.scalars(sa.select(Proposal)).all() == []


def test_nobody_applies_for_the_organisation_of_another(session: Session, as_user: Opener) -> None:
    call = make_published_call(session)
    other = make_organisation(session)
    answer = as_user(make_user(session)).post(
        f"/calls/{call.slug}/apply", data={"who": str(other.id)}
    )
    assert answer.status_code == 422
    assert other.name not in answer.text


def test_a_refused_start_leaves_no_organisation_behind(session: Session, as_user: Opener) -> None:
    call = make_published_call(session)
    call.state = type(call.state).SUSPENDED
    session.flush()
    answer = as_user(make_user(session)).post(
        f"/calls/{call.slug}/apply",
        data={"who": "new", "kind": "association", "name": "Associazione Nuova"},
    )
    assert answer.status_code == 409
    assert session.scalars(sa.select(Organisation.name)).all() == []


def test_a_draft_call_is_unknown_and_visitors_sign_in_first(
    session: Session, client: Any, as_user: Opener
) -> None:
    hidden = make_call(session)
    assert as_user(make_user(session)).get(f"/calls/{hidden.slug}/apply").status_code == 404
    call = make_published_call(session)
    answer = client.get(f"/calls/{call.slug}/apply")
    assert answer.status_code == 302
    assert "/sign-in" in answer.location


def test_when_no_window_is_to_come_nothing_can_be_started(session: Session) -> None:
    call = make_published_call(session)
    with pytest.raises(IllegalMoveError):
        make_draft(session, call, at=CLOSES + timedelta(microseconds=1))


# -- saving ------------------------------------------------------------------------------------


def test_every_page_opens_and_saves_empty(session: Session, as_user: Opener) -> None:
    proposal = make_draft(session, whole=False)
    browser = as_user(proposal.owner)
    for section in SECTIONS:
        assert browser.get(f"/applications/{proposal.id}/edit/{section}").status_code == 200
        data = {"seen": seen(session, proposal, section), "kind": "association"}
        assert edit(browser, proposal, section, **data).status_code == 303, section
    assert browser.get(f"/applications/{proposal.id}/documents").status_code == 200
    assert browser.get(f"/applications/{proposal.id}/review").status_code == 200
    assert proposal.state is ProposalState.DRAFT


def test_an_application_is_filled_in_page_by_page_and_submitted(
    session: Session, as_user: Opener
) -> None:
    call, user = make_published_call(session), make_user(session)
    group = make_organisation(session, user, kind=OrganisationKind.INFORMAL_GROUP, seat="")
    proposal = make_draft(session, call, owner=user, organisation=group, whole=False)
    browser = as_user(user)
    typed: dict[str, dict[str, Any]] = {
        "summary": {"title": "Cortile aperto", "summary": "Un cortile per la via."},
        "story": {"q_problem": "Manca un luogo.\r\nDavvero.", "q_activities": "Feste"},
        "place": {"q_place-place": "Via Padova 100", "q_place-months": "9"},
        "team": {
            "q_members-0-c_name": "Ada",
            "q_members-0-c_role": "Cura",
            "q_members-1-c_name": "",
            "q_members-2-c_name": "Bea",
            "q_partners-0-c_name": "Libreria",
            "q_partners-0-c_kind": "business",
            "q_partners-0-c_tax_code": "01199250158",
        },
        "budget": {
            "q_budget-0-c_what": "Sedie",
            "q_budget-0-c_amount": "1.200,50",
            "q_budget-4-c_what": "Festa",
            "q_budget-4-c_amount": "799,50",
        },
        "money": {"q_sources-own_own": "", "q_sources-crowd": "1000"},
        "declarations": {"truth": "y", "rules": "y", "privacy": "y"},
    }
    for section, data in typed.items():
        answer = edit(browser, proposal, section, seen=seen(session, proposal, section), **data)
        assert answer.status_code == 303, (section, answer.text)
    assert proposal.answers == {"problem": "Manca un luogo.\nDavvero.", "activities": "Feste"}
    assert [m.name for m in proposal.members] == ["Ada", "Bea"]
    assert [(p.name, p.lead) for p in proposal.partners] == [
        (group.name, True),
        ("Libreria", False),
    ]
    assert [b.amount_cents for b in proposal.budget] == [1200_50, 799_50]
    assert proposal.cost_cents == 2_000_00
    page = browser.get(f"/applications/{proposal.id}/review").text
    assert "2.000,00" in page
    assert "1.000,00" in page  # what the city would add
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version is not None
    answer = browser.post(f"/applications/{proposal.id}/submit", data={"version": version[1]})
    assert answer.status_code == 303
    assert proposal.state is ProposalState.SUBMITTED
    assert proposal.requested_cents == 1_000_00


def test_what_cannot_be_read_is_shown_again_as_it_was_typed(
    session: Session, as_user: Opener
) -> None:
    proposal = make_draft(session)
    browser = as_user(proposal.owner)
    typed = {"q_budget-0-c_what": "Sedie da giardino", "q_budget-0-c_amount": "mille euro"}
    assert edit(browser, proposal, "budget", **typed).status_code == 303
    page = browser.get(f"/applications/{proposal.id}/edit/budget").text
    assert "Sedie da giardino" in page
    assert 'value="mille euro"' in page
    assert [(b.description, b.amount_cents) for b in proposal.budget] == [("Sedie da giardino", 0)]
    assert "Sedie da giardino" in browser.get(f"/applications/{proposal.id}/review").text
    typed["q_budget-0-c_amount"] = "1000"
    assert edit(browser, proposal, "budget", **typed).status_code == 303
    assert (proposal.cost_cents, "budget" in proposal.answers) == (1_000_00, False)
    answer = edit(browser, proposal, "summary", title="T" * 141, summary="Resta qui")
    assert answer.status_code == 422
    assert "Resta qui" in answer.text
    assert proposal.title == "Orto in via Padova"


def test_a_text_that_is_too_long_is_saved_in_a_draft_and_named_as_a_problem(
    session: Session, as_user: Opener
) -> None:
    proposal = make_draft(session)
    browser = as_user(proposal.owner)
    long = "a" * 1200
    assert edit(browser, proposal, "story", q_problem=long, q_activities="b").status_code == 303
    assert proposal.answers["problem"] == long
    assert "200" in browser.get(f"/applications/{proposal.id}/review").text


def test_two_tabs_on_one_page_keep_both_texts(session: Session, as_user: Opener) -> None:
    proposal = make_draft(session)
    browser = as_user(proposal.owner)
    mark = seen(session, proposal, "summary")
    first = {"title": "Primo", "summary": "Dalla prima finestra", "seen": mark}
    second = {"title": "Secondo", "summary": "Dalla seconda finestra", "seen": mark}
    assert edit(browser, proposal, "summary", **first).status_code == 303
    answer = edit(browser, proposal, "summary", **second)
    assert answer.status_code == 409
    assert "Dalla prima finestra" in answer.text
    assert "Dalla seconda finestra" in answer.text
    assert proposal.title == "Primo"
    new_mark = re.search(r'name="seen"[^>]*value="(\w+)"', answer.text)
    assert new_mark is not None
    second["seen"] = new_mark[1]
    assert edit(browser, proposal, "summary", **second).status_code == 303
    assert proposal.title == "Secondo"


def test_two_tabs_on_different_pages_do_not_disturb_each_other(session: Session) -> None:
    proposal = make_draft(session)
    who = actor_of(proposal.owner, Role.APPLICANT)
    mark = seen(session, proposal, "summary")
    actions.save(session, proposal, AnswersPart({"problem": "Altro"}), actor=who, at=NOW)
    actions.save(session, proposal, SummaryPart("A", "B"), seen=mark, actor=who, at=NOW)
    with pytest.raises(ConflictError):
        actions.save(session, proposal, SummaryPart("C", "D"), seen=mark, actor=who, at=NOW)


def test_an_excluded_area_is_kept_in_the_draft_and_named_as_a_problem(
    session: Session, as_user: Opener
) -> None:
    design = ready_design()
    call = make_published_call(session)
    proposal = make_draft(session, call)
    areas = [
        Area(authority_id=call.authority_id, code=c, name_it=f"Municipio {c}", kind=kind)
        for c, kind in (("1", next(iter(AreaKind))), ("2", next(iter(AreaKind))))
    ]
    session.add_all(areas)
    left_out = replace(design, eligibility=replace(design.eligibility, excluded_areas=("1",)))
    proposal.edition.design_json = left_out.to_json()
    proposal.edition.sha256 = left_out.sha256()
    session.flush()
    browser = as_user(proposal.owner)
    typed = {"q_place-place": "Piazza Duomo", "q_place-months": "5"}
    answer = edit(browser, proposal, "place", **typed, **{"q_place-area": "1"})
    assert answer.status_code == 303
    page = browser.get(f"/applications/{proposal.id}/edit/place").text
    [said] = [p for p in found_problems(session, proposal) if p.section == "place"]
    assert said.message.source.startswith("Municipio 1 is left out")
    assert "Piazza Duomo" in page
    assert proposal.area_id == areas[0].id
    with pytest.raises(InvalidError):
        actions.save(
            session,
            proposal,
            PlacePart("Piazza Duomo", areas[0].id, 5),
            actor=actor_of(proposal.owner, Role.APPLICANT),
            at=NOW,
        )
    edit(browser, proposal, "place", **typed, **{"q_place-area": "99"})
    assert proposal.answers["place"] == {"place": "Piazza Duomo", "area": "99", "months": 5}
    answer = edit(browser, proposal, "place", **typed, **{"q_place-area": "2"})
    assert (proposal.area_id, "place" in proposal.answers) == (areas[1].id, False)


def test_the_page_says_what_the_city_would_add(session: Session, as_user: Opener) -> None:
    proposal = make_draft(session)
    page = as_user(proposal.owner).get(f"/applications/{proposal.id}/edit/money").text
    assert page.count("10.000,00") == 2  # crowdfunding and the city's half
