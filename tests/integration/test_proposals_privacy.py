"""Documents and privacy: who may know of an application and read what belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import InvalidError
from quartieri.proposals import actions
from quartieri.proposals.models import Proposal
from tests.doubles import NOW
from tests.factories.people import actor_of, make_official, make_user
from tests.factories.proposals import make_draft, make_submitted

Opener = Callable[[Any], Any]
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "green").save(out, kind)
    return out.getvalue()


def edit(browser: Any, proposal: Proposal, section: str, **data: Any) -> Any:
    return browser.post(f"/applications/{proposal.id}/edit/{section}", data=data)


def add_document(browser: Any, proposal: Proposal, content: bytes, name: str) -> Any:
    return browser.post(
        f"/applications/{proposal.id}/documents",
        data={"title": "Statuto", "file": (BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def test_documents_are_for_the_applicant_and_the_office_alone(
    session: Session, as_user: Opener, client: Any
) -> None:
    proposal = make_draft(session)
    owner = as_user(proposal.owner)
    assert add_document(owner, proposal, PDF, "../statuto.pdf").status_code == 303
    [document] = proposal.attachments
    own = f"/applications/{proposal.id}/documents/{document.id}"
    office = f"/manage/proposals/{proposal.id}/documents/{document.id}"
    answer = owner.get(own)
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"] == "attachment; filename=statuto.pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    stranger = as_user(make_user(session))
    officer = as_user(make_official(session, Role.OFFICER, proposal.call.scope))
    assert stranger.get(own).status_code == 404
    assert stranger.get(office).status_code == 403
    assert client.get(own).status_code == 302
    assert officer.get(office).status_code == 404  # still a draft
    assert document.file.public is False
    actions.submit(
        session,
        proposal,
        received_at=NOW,
        actor=actor_of(proposal.owner, Role.APPLICANT),
        at=NOW,
    )
    assert officer.get(office).data == PDF
    assert officer.get(own).status_code == 404


def test_a_document_of_another_application_is_not_reached_through_ones_own(
    session: Session, as_user: Opener
) -> None:
    mine, theirs = make_draft(session), make_draft(session)
    add_document(as_user(theirs.owner), theirs, PDF, "segreto.pdf")
    [document] = theirs.attachments
    browser = as_user(mine.owner)
    address = f"/applications/{mine.id}/documents/{document.id}"
    assert browser.get(address).status_code == 404
    assert browser.post(f"{address}/remove").status_code == 404
    assert len(theirs.attachments) == 1


def test_a_page_named_pdf_is_refused_by_its_content(session: Session, as_user: Opener) -> None:
    proposal = make_draft(session)
    answer = add_document(
        as_user(proposal.owner), proposal, b"<html><script>1</script>", "statuto.pdf"
    )
    assert answer.status_code == 422
    assert proposal.attachments == []


def test_a_picture_is_drawn_anew(session: Session, as_user: Opener) -> None:
    proposal = make_draft(session)
    browser = as_user(proposal.owner)
    assert add_document(browser, proposal, picture(), "disegno.png").status_code == 303
    [document] = proposal.attachments
    assert document.file.media_type == "image/jpeg"
    assert (
        browser.post(f"/applications/{proposal.id}/documents/{document.id}/remove").status_code
        == 303
    )
    assert proposal.attachments == []


def test_an_application_has_at_most_ten_documents(session: Session, as_user: Opener) -> None:
    proposal = make_draft(session)
    browser = as_user(proposal.owner)
    for n in range(10):
        assert add_document(browser, proposal, PDF + b"%d" % n, "a.pdf").status_code == 303
    assert add_document(browser, proposal, PDF, "undici.pdf").status_code == 422
    with pytest.raises(InvalidError):
        actions.attach(session, proposal, proposal.attachments[0].file, title="", at=NOW)


# -- privacy -----------------------------------------------------------------------------------


def test_the_draft_of_another_does_not_exist(session: Session, as_user: Opener) -> None:
    proposal = make_draft(session)
    scope = proposal.call.scope
    officials = [make_official(session, role, scope) for role in (Role.OFFICER, Role.CALL_MANAGER)]
    for user in [make_user(session), *officials]:
        browser = as_user(user)
        for address in ("", "/review", "/documents", "/integration", "/edit/summary"):
            assert browser.get(f"/applications/{proposal.id}{address}").status_code == 404
        answer = edit(browser, proposal, "summary", title="Rubato", summary="x")
        assert answer.status_code == 404
        for verb in ("discard", "withdraw", "replace", "submit", "documents", "integration"):
            assert browser.post(f"/applications/{proposal.id}/{verb}").status_code == 404
        assert "Orto" not in browser.get("/account/applications").text
    for user in officials:
        assert as_user(user).get(f"/manage/proposals/{proposal.id}").status_code == 404
        assert "Orto" not in as_user(user).get("/manage/proposals").text
    assert proposal.title == "Orto in via Padova"


def test_a_submitted_application_of_another_does_not_exist_either(
    session: Session, as_user: Opener
) -> None:
    proposal = make_submitted(session)
    assert as_user(make_user(session)).get(f"/applications/{proposal.id}").status_code == 404


def test_a_discarded_draft_leaves_the_list(session: Session, as_user: Opener) -> None:
    proposal = make_draft(session)
    browser = as_user(proposal.owner)
    assert "Orto in via Padova" in browser.get("/account/applications").text
    assert browser.post(f"/applications/{proposal.id}/discard").status_code == 303
    assert "Orto in via Padova" not in browser.get("/account/applications").text


def test_ones_list_shows_number_and_state(
    session: Session, as_user: Opener, clock: SetClock
) -> None:
    proposal = make_submitted(session)
    clock.advance(timedelta(hours=2))
    page = as_user(proposal.owner).get("/account/applications").text
    assert proposal.protocol_number in page
