"""The form of a draft call as an applicant would see it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.proposals.models import Proposal
from tests.conftest import SiteClient
from tests.factories.call_forms import AsUser, text
from tests.factories.calls import make_call
from tests.factories.people import make_official, make_user


def test_every_page_is_drawn_as_for_an_applicant_and_nothing_is_kept(
    session: Session, as_user: AsUser
) -> None:
    call = make_call(session)
    office = as_user(make_official(session, Role.CALL_MANAGER, call.scope))
    base = f"/manage/calls/{call.id}/preview"
    frame = office.get(base)
    assert "frame-src 'self'" in frame.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in frame.headers["Content-Security-Policy"]
    for page in call.design.form.pages:
        assert f'src="{base}/{page.section.key}"' in text(frame)
        shown = office.get(f"{base}/{page.section.key}")
        assert shown.status_code == 200
        assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
        assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
        for question in page.questions:
            assert question.label["it"] in text(shown)
    assert office.get(f"{base}/nowhere").status_code == 404
    assert office.post(f"{base}/story").status_code == 405
    assert session.scalar(sa.select(sa.func.count()).select_from(Proposal)) == 0


def test_a_preview_is_the_offices_alone_and_all_else_stays_out_of_frames(
    session: Session, as_user: AsUser, client: SiteClient
) -> None:
    call = make_call(session)
    home = client.get("/calls")
    assert "frame-ancestors 'none'" in home.headers["Content-Security-Policy"]
    assert "frame-src" not in home.headers["Content-Security-Policy"]
    assert as_user(make_user(session)).get(f"/manage/calls/{call.id}/preview").status_code == 403
