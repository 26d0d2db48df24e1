"""Numbers in addresses: ids and pages, within what a column of either database keeps."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from werkzeug.routing import IntegerConverter

MOST_NUMBER = 2**31 - 1
LONGEST = len(f"-{MOST_NUMBER}")
MOST_PAGES = 100_000


class NumberConverter(IntegerConverter):
    """A number in a path: nothing is at the address of one that no row can have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Limit the number."""
        super().__init__(*args, **{"max": MOST_NUMBER} | kwargs)


def register(app: Flask) -> None:
    """Read numbers in paths within their limit."""
    app.url_map.converters["int"] = NumberConverter


def in_rows(text: str) -> int:
    """Read a number of an address, as a type for ``request.args.get``.

    Raises ValueError for what no row can have.
    """
    if not text.isascii() or len(text) > LONGEST or not -MOST_NUMBER <= int(text) <= MOST_NUMBER:
        msg = "no row has this number"
        raise ValueError(msg)
    return int(text)


def page_number() -> int:
    """Give the page of a list that the address asks for; the first for anything else."""
    text = request.args.get("page", "")
    number = (
        int(text)
        if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_PAGES))
        else 1
    )
    return min(max(number, 1), MOST_PAGES)
