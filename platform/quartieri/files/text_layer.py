"""Whether a PDF can be read aloud: a scan has pictures of words, and no words."""

from __future__ import annotations

from io import BytesIO

PAGES_LOOKED_AT = 10
LEAST_CHARACTERS = 20
"""A page number or a stamp is no text: so many characters must be found."""


def has_text_layer(content: bytes) -> bool:
    """Tell whether the first pages of a PDF hold text; False too for one that cannot be read.

    Raises nothing: whatever a broken or hostile document does, it counts as not readable.
    """
    from pypdf import PdfReader  # noqa: PLC0415 -- loaded late: few requests look into a PDF

    found = 0
    try:
        for page in PdfReader(BytesIO(content)).pages[:PAGES_LOOKED_AT]:
            found += len("".join(page.extract_text().split()))
            if found >= LEAST_CHARACTERS:
                return True
    except Exception:  # noqa: BLE001 -- a parser of foreign documents may raise anything
        return False
    return False
