"""From bytes to plain JSON values, whoever sent them, and back."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from quartieri.calls.design.reading import DesignError
from quartieri.kit.labels import lazy

MOST_BYTES = 4 * 1024 * 1024
MOST_DEPTH = 40
WHOLE = ""
"""The pointer of the whole document."""
MOST_DIGITS = 20
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
"""What no database keeps: NUL, and halves of a surrogate pair."""


class _Object(dict[str, Any]):
    """An object as it was read, with the keys that stood twice."""

    twice: tuple[str, ...] = ()


def read_text(content: bytes, most_bytes: int = MOST_BYTES) -> Any:
    """Read a JSON text in UTF-8; a byte order mark before it is left out.

    Raises DesignError for what is too long, too deep or no JSON, for a key that stands twice, and
    for characters that cannot be kept. Numbers with a point stay floats, which no key takes: they
    are refused at their place.
    """
    if len(content) > most_bytes:
        raise DesignError(
            WHOLE, lazy("the document is larger than %(most)s MB", most=most_bytes // 1024**2)
        )
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise DesignError(
            WHOLE, lazy("the document is not UTF-8: see byte %(place)s", place=error.start)
        ) from None
    if _too_deep(text):
        raise DesignError(
            WHOLE, lazy("the document is nested deeper than %(most)s levels", most=MOST_DEPTH)
        )
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise DesignError(
            WHOLE,
            lazy(
                "the document is not JSON: see line %(line)s, column %(column)s",
                line=error.lineno,
                column=error.colno,
            ),
        ) from None
    for pointer, fault in _unkept(value, ""):
        raise DesignError(pointer, fault)
    return value


def written(document: Mapping[str, Any]) -> str:
    """Write a document as it is exported: the same document, the same text."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _too_deep(text: str) -> bool:
    """Tell whether brackets stand too deep in one another, before anything follows them down."""
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MOST_DEPTH:
            return True
    return False


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _value in pairs]
        found.twice = tuple(sorted({k for k in keys if keys.count(k) > 1}))
    return found


def _whole(text: str) -> int | float:
    """Read a whole number; one that is longer than any figure becomes one that no key takes."""
    return int(text) if len(text) <= MOST_DIGITS else float("inf")


def _unkept(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, str):
        if _UNKEPT.search(value):
            yield pointer, lazy("has a character that cannot be kept")
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _unkept(item, f"{pointer}/{n}")
    elif isinstance(value, dict):
        for key in getattr(value, "twice", ()):
            yield f"{pointer}/{key[:40]}", lazy("stands twice in the same object")
        for key, item in value.items():
            if _UNKEPT.search(key):
                yield pointer, lazy("has a character that cannot be kept")
            else:
                yield from _unkept(item, f"{pointer}/{key[:40]}")
