"""A signed application: the paper to sign, and the upload that is looked at by its content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from sqlalchemy.orm import Session

from quartieri.calls.design import CallDesign, Signature
from quartieri.proposals.models import Proposal
from quartieri.proposals.queries import draft_of
from quartieri.proposals.rules import problems
from quartieri.rehearsal.paper import blank_pdf, signed_pdf
from tests.doubles import NOW
from tests.factories.calls import make_published_call, ready_design
from tests.factories.proposals import make_draft

Opener = Callable[[Any], Any]
PAGE = "auto-signature"


def signed_by(how: Signature) -> CallDesign:
    design = ready_design()
    return replace(design, eligibility=replace(design.eligibility, signature=how.value))


def started(session: Session, how: Signature) -> Proposal:
    return make_draft(session, call=make_published_call(session, design=signed_by(how)))


def upload(browser: Any, proposal: Proposal, **files: bytes) -> Any:
    address = f"/applications/{proposal.id}/edit/{PAGE}"
    found = {f"q_auto-{name}": (BytesIO(one), f"{name}.pdf") for name, one in files.items()}
    return browser.post(address, data=found, content_type="multipart/form-data")


def missing(session: Session, proposal: Proposal) -> list[str]:
    session.refresh(proposal)
    found = problems(draft_of(session, proposal), proposal.edition.design, today=NOW.date())
    return [p.field for p in found if p.section == PAGE]


def test_a_digital_signature_is_looked_for_in_the_file(session: Session, as_user: Opener) -> None:
    proposal = started(session, Signature.DIGITAL)
    browser = as_user(proposal.owner)
    page = browser.get(f"/applications/{proposal.id}/edit/{PAGE}").text
    assert f"/applications/{proposal.id}/application.pdf" in page
    assert "il certificato" in page
    refused = upload(browser, proposal, signed=blank_pdf())
    assert refused.status_code == 422
    assert "non porta una firma digitale" in refused.text
    assert missing(session, proposal) == ["auto-signed"]
    assert upload(browser, proposal, signed=signed_pdf()).status_code == 303
    assert missing(session, proposal) == []
    assert "auto-signature" in [r.code for r in proposal.edition.design.checklist]


def test_a_signature_by_hand_comes_with_an_identity_document(
    session: Session, as_user: Opener
) -> None:
    proposal = started(session, Signature.HAND)
    browser = as_user(proposal.owner)
    assert upload(browser, proposal, signed=blank_pdf()).status_code == 303
    assert missing(session, proposal) == ["auto-identity"]
    assert upload(browser, proposal, identity=blank_pdf()).status_code == 303
    assert missing(session, proposal) == []


def test_the_paper_to_sign_says_what_the_draft_says(session: Session, as_user: Opener) -> None:
    proposal = started(session, Signature.HAND)
    browser = as_user(proposal.owner)
    answer = browser.get(f"/applications/{proposal.id}/application.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "private, no-store"
    text = "".join(p.extract_text() for p in PdfReader(BytesIO(answer.data)).pages)
    assert proposal.title in text
    assert "Alleanze di prova" in text
    assert "Data e firma" in text


def test_where_signing_in_is_enough_nothing_is_asked(session: Session, as_user: Opener) -> None:
    proposal = started(session, Signature.SESSION)
    address = f"/applications/{proposal.id}/edit/{PAGE}"
    assert as_user(proposal.owner).get(address).status_code == 404
