"""The picture and the documents of a call."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls import actions
from quartieri.calls.models import Call
from quartieri.calls.queries.files import CallFiles, files_of
from quartieri.files.text_layer import has_text_layer
from tests.conftest import SiteClient
from tests.factories.acts import act_data
from tests.factories.call_forms import AsUser, text
from tests.factories.calls import AT, MANAGER, make_call, make_published_call
from tests.factories.people import make_official, make_user


def pdf(words: str = "") -> bytes:
    """Give a PDF of one page, with words or without any."""
    writer = PdfWriter()
    page = writer.add_blank_page(width=200, height=200)
    if words:
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 10 100 Td ({words}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (16, 9), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def call(session: Session) -> Call:
    return make_call(session)


@pytest.fixture
def office(session: Session, call: Call, as_user: AsUser) -> SiteClient:
    return as_user(make_official(session, Role.CALL_MANAGER, call.scope))


def send(office: SiteClient, call: Call, content: bytes, **over: str) -> int:
    data = {
        "d-file": (BytesIO(content), "bando.pdf"),
        "d-title_it": "Testo del bando",
        "d-title_en": "Text of the notice",
        "d-copy_of": "",
        **{f"d-{k}": v for k, v in over.items()},
    }
    address = f"/manage/calls/{call.id}/files/document"
    return int(office.post(address, data=data, content_type="multipart/form-data").status_code)


def found(session: Session, call: Call) -> CallFiles:
    session.expire_all()
    return files_of(session, call.id)


def test_words_are_told_from_a_scan() -> None:
    assert has_text_layer(pdf("Questo bando finanzia le botteghe del quartiere"))
    assert not has_text_layer(pdf())
    assert not has_text_layer(b"%PDF-1.7 broken")
    assert not has_text_layer(b"")


def test_a_cover_is_shown_with_its_words_once_the_call_is_public(
    session: Session, call: Call, office: SiteClient, client: SiteClient
) -> None:
    data = {
        "c-file": (BytesIO(picture()), "piazza.png"),
        "c-title_it": "Una piazza",
        "c-title_en": "A square",
    }
    address = f"/manage/calls/{call.id}/files/cover"
    answer = office.post(address, data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, text(answer)
    cover = found(session, call).cover
    assert cover is not None
    path = f"/calls/files/{cover.id}"
    assert office.get(path).status_code == 200
    with client.session_transaction() as cookie:
        cookie.clear()
    assert client.get(path).status_code == 404
    actions.publish(session, call, act_data(), actor=MANAGER, at=AT)
    shown = client.get(path)
    assert (shown.status_code, shown.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert "public" in shown.headers["Cache-Control"]
    page = text(client.get(f"/calls/{call.slug}"))
    assert f'src="{path}" alt="Una piazza"' in page


def test_a_picture_without_words_is_refused(call: Call, office: SiteClient) -> None:
    data = {"c-file": (BytesIO(picture()), "piazza.png"), "c-title_it": "Una piazza"}
    address = f"/manage/calls/{call.id}/files/cover"
    answer = office.post(address, data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Una piazza" in text(answer)


def test_a_scan_warns_until_an_accessible_copy_stands_beside_it_and_after(
    session: Session, call: Call, office: SiteClient
) -> None:
    assert send(office, call, pdf()) == 303
    page = text(office.get(f"/manage/calls/{call.id}/files"))
    assert "Serve una copia accessibile" in page
    [(scan, _none)] = found(session, call).documents
    assert [d.id for d in found(session, call).without_copy] == [scan.id]
    review = text(office.get(f"/manage/calls/{call.id}/review"))
    assert "copia accessibile" in review
    words = pdf("Questo bando finanzia le botteghe del quartiere")
    assert send(office, call, words, copy_of=str(scan.id)) == 303
    [(scan, [copy])] = found(session, call).documents
    assert (scan.readable, copy.readable) == (False, True)
    assert found(session, call).without_copy == []
    assert "non ha testo" in text(office.get(f"/manage/calls/{call.id}/files")).lower()


def test_a_file_is_taken_off_with_its_copies(
    session: Session, call: Call, office: SiteClient
) -> None:
    assert send(office, call, pdf()) == 303
    [(scan, _none)] = found(session, call).documents
    assert (
        send(office, call, pdf("Parole che si leggono ad alta voce"), copy_of=str(scan.id)) == 303
    )
    assert office.post(f"/manage/call-files/{scan.id}/remove").status_code == 303
    assert found(session, call).documents == []


def test_what_is_no_pdf_is_refused(call: Call, office: SiteClient) -> None:
    assert send(office, call, b"<html>hello</html>") == 422


def test_files_of_a_published_or_foreign_call_stay_as_they_are(
    session: Session, as_user: AsUser
) -> None:
    call = make_published_call(session)
    office = as_user(make_official(session, Role.CALL_MANAGER, call.scope))
    assert office.get(f"/manage/calls/{call.id}/files").status_code == 409
    assert send(office, call, pdf()) == 409
    assert send(as_user(make_user(session)), call, pdf()) == 403
