"""A sheet of paper for the demo's signed documents."""

from __future__ import annotations

from functools import cache
from pathlib import Path

SHEET = Path(__file__).parent / "data" / "signed-paper.pdf"


@cache
def blank_pdf() -> bytes:
    """Give an accessible PDF (PDF/UA-1) that says what it stands for."""
    return SHEET.read_bytes()
