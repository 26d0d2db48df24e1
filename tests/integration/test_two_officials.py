"""Two officials at once on one thing: the second is told, and finds what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor, Role
from quartieri.campaigns import actions as campaigns
from quartieri.kit.clock import SetClock
from quartieri.proposals import actions
from quartieri.proposals.models import Proposal
from quartieri.proposals.queries import checks_of
from quartieri.proposals.rules import CheckOutcome, ProposalState
from tests.doubles import NOW
from tests.factories.calls import CLOSES, make_published_call
from tests.factories.campaigns import make_scene
from tests.factories.people import make_official
from tests.factories.proposals import make_submitted

Opener = Callable[[Any], Any]
LATER = CLOSES + timedelta(days=1)
OFFICER = Actor(None, "Ufficio", frozenset({Role.OFFICER}))
GONE = "Il modulo che hai inviato non è più su questa pagina."


@pytest.fixture
def checked(session: Session) -> Proposal:
    """Give an application that is being checked."""
    call = make_published_call(session)
    proposal = make_submitted(session, call)
    actions.start_checking(session, call.windows[0], actor=OFFICER, at=LATER)
    return proposal


def version_of(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_a_checklist_that_another_saved_meanwhile_is_shown_beside_ones_own_and_saved_again(
    session: Session, checked: Proposal, as_user: Opener, clock: SetClock
) -> None:
    clock.set(LATER)
    first, second = (
        as_user(make_official(session, Role.OFFICER, checked.call.scope)) for _n in range(2)
    )
    address = f"/manage/proposals/{checked.id}"
    opened = version_of(second.get(address).text)
    mine = {"outcome_applicant": "not_met", "then": "stay", "version": opened}
    saved = first.post(f"{address}/check", data=mine | {"note_applicant": "Manca la firma"})
    assert saved.status_code == 303
    typed = mine | {"note_applicant": "Lo statuto è del 1998"}
    stale = second.post(f"{address}/check", data=typed)
    assert stale.status_code == 409
    assert "Manca la firma" in stale.text
    assert "Lo statuto è del 1998" in stale.text
    assert GONE not in stale.text
    again = second.post(f"{address}/check", data=typed | {"version": version_of(stale.text)})
    assert again.status_code == 303
    assert checks_of(session, checked.id)["applicant"].note == "Lo statuto è del 1998"


def test_a_form_whose_place_is_gone_gives_back_why_and_what_was_typed(
    session: Session, checked: Proposal, as_user: Opener, clock: SetClock
) -> None:
    clock.set(LATER)
    officer = as_user(make_official(session, Role.OFFICER, checked.call.scope))
    met = {"applicant": (CheckOutcome.MET, "")}
    actions.record_check(session, checked, met, actor=OFFICER, at=LATER)
    actions.admit(session, checked, actor=OFFICER, at=LATER)
    typed = {"reason": "Fuori dal <quartiere>"}
    late = officer.post(f"/manage/proposals/{checked.id}/exclude", data=typed)
    assert late.status_code == 409
    assert GONE in late.text
    assert "Fuori dal &lt;quartiere&gt;" in late.text
    assert checked.state is ProposalState.ADMISSIBLE
    assert GONE not in officer.get(f"/manage/proposals/{checked.id}").text


def test_the_second_who_sends_a_page_back_keeps_the_note(
    session: Session, as_user: Opener, clock: SetClock
) -> None:
    clock.set(NOW)
    scene = make_scene(session)
    campaigns.ask_approval(session, scene.campaign, actor=scene.proposer, at=NOW)
    manager = as_user(scene.manager)
    path = f"/manage/campaigns/{scene.campaign.id}/ask-changes"
    empty = manager.post(path, data={"note": ""})
    assert empty.status_code == 422
    assert GONE not in empty.text
    assert manager.post(path, data={"note": "Manca il perché"}).status_code == 303
    second = manager.post(path, data={"note": "Il titolo dice poco"})
    assert second.status_code == 409
    assert GONE in second.text
    assert "Il titolo dice poco" in second.text
