"""Signed PDFs and envelopes are told from everything else, by their content alone."""

from __future__ import annotations

from base64 import encodebytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.files.signed import SIGNED_DATA, signed_content, signed_type
from quartieri.rehearsal.paper import blank_pdf, signed_pdf

OBJECT = b"\x06\x09" + SIGNED_DATA
VERSION = b"\x02\x01\x01"


def element(tag: int, *parts: bytes, endless: bool = False) -> bytes:
    """Write an element of BER: with its length, or without one and closed by two zeros."""
    body = b"".join(parts)
    if endless:
        return bytes([tag, 0x80]) + body + b"\x00\x00"
    size = len(body).to_bytes(3)
    return bytes([tag, 0x83]) + size + body


def envelope(content: bytes, *, signers: bytes = VERSION, endless: bool = False) -> bytes:
    """Write signed data around a content, as one piece or in two."""
    octets = element(0x04, content)
    if endless:
        half = len(content) // 2
        parts = element(0x04, content[:half]), element(0x04, content[half:])
        octets = element(0x24, *parts, endless=True)
    inside = element(0xA0, octets, endless=endless)
    data = element(
        0x30,
        VERSION,
        element(0x31),
        element(0x30, OBJECT, inside, endless=endless),
        element(0x31, signers),
        endless=endless,
    )
    return element(0x30, OBJECT, element(0xA0, data, endless=endless), endless=endless)


@pytest.mark.parametrize("endless", [False, True])
def test_an_envelope_around_a_pdf_is_signed_however_it_is_written(endless: bool) -> None:
    made = envelope(blank_pdf(), endless=endless)
    armoured = b"-----BEGIN PKCS7-----\n" + encodebytes(made) + b"-----END PKCS7-----\n"
    for content in (made, encodebytes(made), armoured, envelope(made)):
        assert signed_type(content) == "application/pkcs7-mime"
    assert signed_content(made) == blank_pdf()


def test_a_pdf_is_signed_by_its_signature_alone() -> None:
    signed = signed_pdf()
    assert signed_type(signed) == "application/pdf"
    assert signed_type(blank_pdf()) is None
    assert signed_type(blank_pdf() + b"/Type /Sig /ByteRange [0 1 2 3]") is None
    elsewhere = signed.replace(b"/ByteRange [ 0 0", b"/ByteRange [ 1 0")
    assert elsewhere != signed
    assert signed_type(elsewhere) is None
    gap = signed.index(b"<30")
    assert signed_type(signed[: gap + 1] + b"00" + signed[gap + 3 :]) is None


def test_what_nobody_signed_or_is_no_pdf_is_refused() -> None:
    assert signed_type(envelope(b"plain words")) is None
    assert signed_type(envelope(blank_pdf(), signers=b"")) is None
    assert signed_type(b"\x30\x80" * 5000) is None


@given(st.binary(max_size=400), st.integers(0, 60), st.booleans())
def test_no_content_makes_it_fail(noise: bytes, place: int, endless: bool) -> None:
    made = envelope(b"%PDF-1.7 x", endless=endless)
    for content in (noise, made[:place] + noise + made[place + 1 :], b"%PDF-" + noise):
        assert signed_type(content) in {None, "application/pkcs7-mime"}
