"""A sheet of paper for the demo's signed documents."""

from __future__ import annotations

from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
SHEET = DATA / "signed-paper.pdf"
SIGNED = DATA / "digitally-signed.pdf"


@cache
def blank_pdf() -> bytes:
    """Give an accessible PDF (PDF/UA-1) that says what it stands for."""
    return SHEET.read_bytes()


@cache
def signed_pdf() -> bytes:
    """Give the same sheet with a digital signature on it, by an invented signer."""
    return SIGNED.read_bytes()
