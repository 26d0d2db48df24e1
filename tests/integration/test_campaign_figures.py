"""Live figures that cost little, and reports of campaigns."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.campaigns import actions
from quartieri.campaigns.queries.reports import reports_to_see_to
from quartieri.campaigns.rules import ReportReason, ReportState
from quartieri.kit.errors import IllegalMoveError
from tests.conftest import SiteClient
from tests.doubles import NOW, Outbox
from tests.factories.call_forms import count_queries
from tests.factories.campaigns import STARTS, make_confirmed, make_live, make_scene
from tests.factories.people import make_official, make_user

Browser = Callable[..., SiteClient]


def test_figures_are_drawn_alone_and_answered_unchanged_in_one_query(
    client: SiteClient, session: Session
) -> None:
    scene = make_live(session)
    path = f"/projects/{scene.campaign.slug}/figures"
    assert count_queries(session, lambda: client.get(path)) <= 3
    first = client.get(path)
    assert "<html" not in first.text
    assert "q-progress" in first.text
    assert "50\xa0€" not in first.text
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get(path, headers=tag).status_code == 304
    assert count_queries(session, lambda: client.get(path, headers=tag)) == 1
    make_confirmed(session, scene.campaign, 50_00)
    session.commit()
    after = client.get(path, headers=tag)
    assert after.status_code == 200
    assert "50\xa0€" in after.text


def test_the_page_names_its_figures_only_while_they_move(
    client: SiteClient, as_user: Browser, session: Session
) -> None:
    scene = make_live(session)
    slug, owner = scene.campaign.slug, scene.owner
    page = client.get(f"/projects/{slug}").text
    assert f'data-figures="/projects/{slug}/figures"' in page
    assert 'aria-live="off"' in page
    draft = make_scene(session)
    assert client.get(f"/projects/{draft.campaign.slug}/figures").status_code == 404
    own = as_user(owner).get(f"/projects/{slug}/figures")
    assert own.status_code == 200


def test_a_report_reaches_the_office_and_its_outcome_the_reporter(
    client: SiteClient,
    as_user: Browser,
    session: Session,
    outbox: Outbox,
    work: Callable[[], int],
) -> None:
    scene = make_live(session)
    slug, officer = scene.campaign.slug, scene.officer
    path = f"/projects/{slug}/report"
    assert path in client.get(f"/projects/{slug}").text
    assert client.get(path).status_code == 200
    typed = {"reason": "false", "text": "La foto è di un altro posto", "email": "r@example.org"}
    wrong = client.post(path, data=typed | {"reason": ""})
    assert wrong.status_code == 422
    assert "La foto è di un altro posto" in wrong.text
    assert client.post(path, data=typed).status_code == 303
    desk = as_user(officer)
    assert "La foto è di un altro posto" in desk.get("/manage/reports").text
    found = reports_to_see_to(session, scopes=None)[0]
    decide = f"/manage/reports/{found.id}/act"
    assert desk.post(decide, data={"note": ""}).status_code == 422
    assert desk.post(decide, data={"note": "Foto cambiata."}).status_code == 303
    session.refresh(found)
    assert found.state is ReportState.ACTED
    work()
    letters = outbox.to("r@example.org")
    assert len(letters) == 2
    assert "La foto" not in letters[0].text
    assert "Foto cambiata." in letters[1].text


def test_reports_of_many_campaigns_are_read_at_once(session: Session) -> None:
    def scopes() -> set[str]:
        return {str(one.scope) for one in reports_to_see_to(session, scopes=None)}

    for _ in range(2):
        actions.report(
            session,
            make_live(session).campaign,
            reason=ReportReason.OTHER,
            text="Un dubbio",
            email="",
            language="it",
            at=STARTS,
        )
    assert count_queries(session, scopes) == 1


def test_reports_stay_with_the_office_of_their_call(as_user: Browser, session: Session) -> None:
    scene, other = make_live(session), make_live(session)
    actions.report(
        session,
        scene.campaign,
        reason=ReportReason.OTHER,
        text="Un dubbio mio",
        email="",
        language="it",
        at=STARTS,
    )
    found = reports_to_see_to(session, scopes=None)[0]
    stranger = make_official(session, Role.OFFICER, other.call.scope)
    assert "Un dubbio mio" not in as_user(stranger).get("/manage/reports").text
    refused = as_user(stranger).post(f"/manage/reports/{found.id}/act", data={"note": "x"})
    assert refused.status_code in {403, 404}
    assert as_user(make_user(session)).get("/manage/reports").status_code == 403
    actions.decide_report(
        session, found, "dismiss", note="Niente", actor=scene.by(scene.officer), at=NOW
    )
    with pytest.raises(IllegalMoveError):
        actions.decide_report(
            session, found, "act", note="Altro", actor=scene.by(scene.officer), at=NOW
        )
