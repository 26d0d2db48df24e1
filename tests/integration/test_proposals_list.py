"""The officials' list: right counts, filters in the address, as many queries at any size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls.models import Call
from quartieri.db import db
from quartieri.kit.errors import NotFoundError
from quartieri.people.rules import Scope
from quartieri.proposals.models import Proposal, ProtocolEntry
from quartieri.proposals.queries import (
    SORTS,
    Filters,
    list_page,
    project,
    public_projects,
)
from quartieri.proposals.rules import PUBLIC_STATES, ProposalState
from tests.doubles import NOW
from tests.factories.calls import CLOSES, OPENS, make_published_call
from tests.factories.people import make_official, make_organisation
from tests.factories.proposals import make_draft, make_submitted

Opener = Callable[[Any], Any]
STATES = (ProposalState.SUBMITTED, ProposalState.IN_CHECK, ProposalState.ADMISSIBLE)


def fill(session: Session, call: Call, count: int) -> None:
    """Add many applications and two drafts, straight into the tables."""
    organisation = make_organisation(session)
    [window] = call.windows
    rows = [
        {
            "slug": f"progetto-{call.id}-{n}",
            "call_id": call.id,
            "edition_id": call.editions[0].id,
            "window_id": window.id if n < count else None,
            "owner_id": organisation.owner_id,
            "organisation_id": organisation.id,
            "state": STATES[n % 3] if n < count else ProposalState.DRAFT,
            "title": f"Progetto {n:05d}" if n < count else "Bozza segreta",
            "answers": {},
            "declarations": {},
            "cost_cents": (n + 1) * 100,
            "created_at": NOW,
            "saved_at": NOW,
            "received_at": NOW + timedelta(seconds=n) if n < count else None,
        }
        for n in range(count + 2)
    ]
    session.execute(sa.insert(Proposal), rows)
    ids = session.scalars(
        sa.select(Proposal.id).where(Proposal.window_id == window.id).order_by(Proposal.id)
    ).all()
    entries = [
        {
            "authority_id": call.authority_id,
            "year": 2025,
            "number": n + 1,
            "proposal_id": proposal_id,
            "revision": 1,
            "received_at": NOW,
        }
        for n, proposal_id in enumerate(ids)
    ]
    session.execute(sa.insert(ProtocolEntry), entries)
    session.flush()


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            statements.append(statement)

    engine = db.engines[None]
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_list_takes_as_many_queries_at_five_thousand_as_at_ten(
    session: Session, as_user: Opener
) -> None:
    asked: list[int] = []
    for count in (10, 5_000):
        call = make_published_call(session)
        fill(session, call, count)
        officer = make_official(session, Role.OFFICER, call.scope)
        browser = as_user(officer)
        browser.get("/manage/proposals")  # warm
        with counted() as statements:
            page = browser.get(f"/manage/proposals?call={call.id}&sort=-cost").text
        asked.append(len(statements))
        assert page.count('<th scope="row">') == min(count, 50)
        assert "Bozza segreta" not in page
    assert asked[0] == asked[1]
    assert asked[1] <= 12


def test_counts_are_right_and_drafts_are_in_none(session: Session) -> None:
    call = make_published_call(session)
    fill(session, call, 100)
    found = list_page(session, Filters(call_id=call.id), page=1, language="it")
    assert found.counts == {STATES[0]: 34, STATES[1]: 33, STATES[2]: 33}
    assert (found.total, found.pages, len(found.rows)) == (100, 2, 50)
    narrowed = Filters(call_id=call.id, state=ProposalState.IN_CHECK)
    found = list_page(session, narrowed, page=1, language="it")
    assert (found.total, found.pages, len(found.rows)) == (33, 1, 33)
    assert found.counts[ProposalState.SUBMITTED] == 34
    words = Filters(call_id=call.id, words="00007")
    assert [r.title for r in list_page(session, words, page=1, language="it").rows] == [
        "Progetto 00007"
    ]
    number = found.rows[0].number
    year, _slash, short = number.partition("/")
    for written in (number, f"{year}/{int(short)}"):
        numbered = Filters(call_id=call.id, words=written)
        rows = list_page(session, numbered, page=1, language="it").rows
        assert [r.number for r in rows] == [number]
    for wild in ("%", "_", "\\", "segreta", f"{year}/0"):
        words = Filters(call_id=call.id, words=wild)
        assert list_page(session, words, page=1, language="it").total == 0, wild


def test_pages_hold_each_application_once_in_every_order(session: Session) -> None:
    call = make_published_call(session)
    fill(session, call, 120)
    for sort in (*SORTS, *(f"-{s}" for s in SORTS)):
        filters = Filters(call_id=call.id, sort=sort)
        rows = [
            row.title
            for page in (1, 2, 3)
            for row in list_page(session, filters, page=page, language="it").rows
        ]
        assert len(set(rows)) == 120, sort
    last = list_page(session, Filters(call_id=call.id, sort="number"), page=9, language="it")
    assert (last.number, last.rows[-1].number) == (3, "2025/000120")


def test_officials_see_what_their_role_covers(session: Session, as_user: Opener) -> None:
    mine, other = make_published_call(session), make_published_call(session)
    fill(session, mine, 3)
    fill(session, other, 2)
    for scope, expected in ((mine.scope, 3), (Scope(authority_id=other.authority_id), 2)):
        page = as_user(make_official(session, Role.OFFICER, scope)).get("/manage/proposals").text
        assert page.count('<th scope="row">') == expected
    everywhere = as_user(make_official(session, Role.AUDITOR, Scope()))
    assert everywhere.get("/manage/proposals").text.count('<th scope="row">') == 5
    foreign = as_user(make_official(session, Role.OFFICER, mine.scope))
    assert foreign.get(f"/manage/proposals?call={other.id}").text.count('<th scope="row">') == 0


def test_odd_addresses_are_harmless(session: Session, as_user: Opener) -> None:
    call = make_published_call(session)
    fill(session, call, 3)
    browser = as_user(make_official(session, Role.OFFICER, call.scope))
    for query in ("page=0", "page=x", "sort=drop", "state=draft", "call=x", "window=-1", "q=%25"):
        assert browser.get(f"/manage/proposals?{query}").status_code == 200, query
    assert "Bozza segreta" not in browser.get("/manage/proposals?state=draft").text


def test_one_application_takes_few_queries(session: Session, as_user: Opener) -> None:
    proposal = make_submitted(session)
    browser = as_user(make_official(session, Role.OFFICER, proposal.call.scope))
    browser.get(f"/manage/proposals/{proposal.id}")
    with counted() as statements:
        assert browser.get(f"/manage/proposals/{proposal.id}").status_code == 200
    assert len(statements) <= 25


# -- for other slices --------------------------------------------------------------------------


def test_only_selected_projects_are_public(session: Session) -> None:
    call = make_published_call(session, windows=((OPENS, CLOSES),))
    proposal = make_submitted(session, call)
    draft = make_draft(session, call)
    for state in ProposalState:
        proposal.state = state
        session.flush()
        rows, total = public_projects(session, call_id=call.id)
        if state in PUBLIC_STATES:
            assert project(session, proposal.slug) is proposal
            assert (rows, total) == ([proposal], 1)
        else:
            with pytest.raises(NotFoundError):
                project(session, proposal.slug)
            assert (rows, total) == ([], 0)
    with pytest.raises(NotFoundError):
        project(session, draft.slug)


def test_sorting_and_filters_stay_in_the_address(session: Session, as_user: Opener) -> None:
    call = make_published_call(session)
    fill(session, call, 60)
    browser = as_user(make_official(session, Role.OFFICER, call.scope))
    page = browser.get(f"/manage/proposals?call={call.id}&sort=title&q=Progetto").text
    links = re.findall(r'href="(/manage/proposals\?[^"]+)"', page)
    following = [link for link in links if "page=2" in link]
    assert following
    assert all("q=Progetto" in link and "sort=title" in link for link in following)
