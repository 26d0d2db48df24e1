"""A sheet of paper for the demo's signed documents."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import Image


@cache
def blank_pdf() -> bytes:
    """Give a PDF of one blank page."""
    out = BytesIO()
    Image.new("RGB", (595, 842), (255, 255, 255)).save(out, "PDF")
    return out.getvalue()
