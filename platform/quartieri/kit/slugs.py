"""Names as parts of addresses."""

from __future__ import annotations

import re
import unicodedata


def slug_of(text: str, *, most: int) -> str:
    """Turn a name into small letters, digits and hyphens, at most ``most``; "" if none is left."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:most].strip("-")
