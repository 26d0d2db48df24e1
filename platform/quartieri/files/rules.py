"""What may be uploaded, judged by content and never by name."""

from __future__ import annotations

import re

import filetype

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy

PICTURES = {"image/jpeg", "image/png", "image/webp"}
DOCUMENTS = {"application/pdf"} | PICTURES
NAME_LIMIT = 120


def media_type_of(content: bytes, allowed: set[str]) -> str:
    """Give the media type that the bytes show; raise InvalidError if it is not allowed."""
    kind = filetype.guess(content)
    found = kind.mime if kind is not None else ""
    if found not in allowed:
        names = ", ".join(sorted(a.rpartition("/")[2].upper() for a in allowed))
        raise InvalidError(
            lazy(
                "This file is of a kind that cannot be used here. Use one of: %(kinds)s.",
                kinds=names,
            )
        )
    return found


def safe_name(name: str) -> str:
    """Give a file name without folders or control characters, of at most 120 letters."""
    bare = re.sub(r"[\x00-\x1f/\\]+", " ", name.replace("\\", "/").rpartition("/")[2]).strip(". ")
    return bare[-NAME_LIMIT:] or "file"
