"""Whether a file is digitally signed: a PDF with its signature (PAdES), or a PDF in a .p7m (CAdES).

Only the form is looked at: that there is a signature, made over this file. Whether it is valid, and
whose the certificate is, is verified by the office with a qualified service.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

PDF, ENVELOPE = "application/pdf", "application/pkcs7-mime"
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
"""The object identifier of signed data (RFC 5652)."""
MOST_NESTED = 40
MOST_ENVELOPES = 3
"""A file that several people signed one after the other is an envelope in an envelope."""
MOST_FIELDS = 500
SEQUENCE, SET, OBJECT, OCTETS, OCTETS_IN_PARTS, TAGGED = 0x30, 0x31, 0x06, 0x04, 0x24, 0xA0
LONG_TAG, LONG_LENGTH, MOST_LENGTH_BYTES = 0x1F, 0x80, 4
_ARMOUR = re.compile(rb"-----[A-Z0-9 ]+-----|\s+")


def signed_type(content: bytes) -> str | None:
    """Give the media type of a signed PDF or envelope, None for whatever is not signed.

    Raises nothing: a broken or hostile file counts as not signed.
    """
    try:
        if content.startswith(b"%PDF-"):
            return PDF if _is_signed_pdf(content) else None
        return ENVELOPE if _holds_pdf(content) else None
    except Exception:  # noqa: BLE001 -- a parser of foreign documents may raise anything
        return None


# -- PDF ---------------------------------------------------------------------------------------


def _is_signed_pdf(content: bytes) -> bool:
    from pypdf import PdfReader  # noqa: PLC0415 -- loaded late: few requests look into a PDF

    root: Any = PdfReader(BytesIO(content)).trailer["/Root"]
    form = root["/AcroForm"]
    return any(_is_signature(one, content) for one in _values(form["/Fields"]))


def _values(fields: Any) -> Iterator[Any]:
    """Give the values of all fields for a signature, those inside of others too."""
    waiting = [field.get_object() for field in fields]
    for _looked_at in range(MOST_FIELDS):
        if not waiting:
            return
        field = waiting.pop()
        if "/Kids" in field:
            waiting += [kid.get_object() for kid in field["/Kids"]]
        if field.get("/FT") == "/Sig" and "/V" in field:
            yield field["/V"]


def _is_signature(value: Any, content: bytes) -> bool:
    """Tell whether a signature covers the file up to its own place, and from there on."""
    start, before, after, rest = (int(n) for n in value["/ByteRange"])
    if start or not 0 < before < after or after + rest > len(content):
        return False
    gap = content[before:after].strip()
    if not gap.startswith(b"<") or not gap.endswith(b">"):
        return False
    signed_content(bytes.fromhex(gap[1:-1].decode("ascii")))
    return True


# -- envelopes ---------------------------------------------------------------------------------


def _holds_pdf(content: bytes) -> bool:
    inner = content
    for _envelope in range(MOST_ENVELOPES):
        inner = signed_content(inner if inner[:1] == b"\x30" else _unarmoured(inner))
        if inner.startswith(b"%PDF-"):
            return True
    return False


def _unarmoured(text: bytes) -> bytes:
    return b64decode(_ARMOUR.sub(b"", text), validate=True)


def signed_content(data: bytes) -> bytes:
    """Give what signed data (CMS) with a signer enclose, empty where they stand beside it.

    Raises ValueError for anything else.
    """
    kind, wrapped = _children(_one(data, SEQUENCE))[:2]
    if kind != (OBJECT, SIGNED_DATA) or wrapped[0] != TAGGED:
        raise ValueError
    parts = _children(_one(wrapped[1], SEQUENCE))
    _version, _digests, (enclosed_tag, enclosed), *_more, (last_tag, signers) = parts
    if enclosed_tag != SEQUENCE or last_tag != SET or not _children(signers):
        raise ValueError
    inside = _children(enclosed)[1:]
    if not inside:
        return b""
    tag, body = inside[0]
    if tag != TAGGED:
        raise ValueError
    return _octets(*_children(body)[0])


def _octets(tag: int, body: bytes) -> bytes:
    if tag == OCTETS:
        return body
    if tag != OCTETS_IN_PARTS:
        raise ValueError
    return b"".join(_octets(*part) for part in _children(body))


def _one(data: bytes, wanted: int) -> bytes:
    tag, body, _end = _element(data, 0, 0)
    if tag != wanted:
        raise ValueError
    return body


def _children(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        tag, body, at = _element(data, at, 0)
        found.append((tag, body))
    return found


def _element(data: bytes, at: int, depth: int) -> tuple[int, bytes, int]:
    """Read one element of BER: its tag, what is in it, and where the next one begins."""
    tag, length, start = data[at], data[at + 1], at + 2
    if depth > MOST_NESTED or tag & LONG_TAG == LONG_TAG:
        raise ValueError
    if length == LONG_LENGTH:  # it ends with two zero bytes
        end = start
        while data[end : end + 2] != b"\x00\x00":
            _tag, _body, end = _element(data, end, depth + 1)
        return tag, data[start:end], end + 2
    if length > LONG_LENGTH:
        many = length - LONG_LENGTH
        if many > MOST_LENGTH_BYTES:
            raise ValueError
        length, start = int.from_bytes(data[start : start + many]), start + many
    end = start + length
    if end > len(data):
        raise ValueError
    return tag, data[start:end], end
