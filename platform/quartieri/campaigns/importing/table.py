"""A CSV file as rows with line numbers; what is wrong is said in words, line by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import Lazy, lazy

MOST_ROWS = 2000
MOST_BYTES = 1_000_000
SEPARATORS = ";,\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins, its cells and the table's own headings by column."""

    line: int
    cells: Mapping[str, str]
    headings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, and in which of its fields where one is to blame."""

    line: int
    why: Lazy
    field: str = ""


def text_of(content: bytes) -> str:
    """Give a file as text: UTF-8, with or without a mark, else as Windows writes it."""
    if len(content) > MOST_BYTES:
        raise InvalidError(lazy("The file is too large: at most 1 MB."), field="file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_table(text: str, columns: Mapping[str, Sequence[str]], needed: Sequence[str]) -> list[Row]:
    """Read a table with a line of headings; ``columns`` gives the headings that name a column.

    Separated by semicolons, commas or tabs; headings in any case and order, others are left out.
    Raises InvalidError for a table without its needed columns, with one of them twice, without
    rows, with too many, or with what no table holds.
    """
    try:
        return _read(text, columns, needed)
    except csv.Error:
        raise InvalidError(lazy("This is not a table that can be read."), field="file") from None


def _read(text: str, columns: Mapping[str, Sequence[str]], needed: Sequence[str]) -> list[Row]:
    lines = text.splitlines()
    first = lines[0] if lines else ""
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=separator)
    headings = [cell.strip().lower() for cell in next(reader, [])]
    names = {heading: name for name, said in columns.items() for heading in (name, *said)}
    found = [names.get(heading, "") for heading in headings]
    missing = [name for name in needed if name not in found]
    if missing:
        raise InvalidError(
            lazy("The first line must name the column %(name)s.", name=missing[0]), field="file"
        )
    twice = [name for name in columns if found.count(name) > 1]
    if twice:
        raise InvalidError(
            lazy("The first line names the column %(name)s twice.", name=twice[0]), field="file"
        )
    own = dict(zip(found, headings, strict=True))
    rows, line = [], reader.line_num
    for cells in reader:
        begins, line = line + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            by_name = dict(zip(found, (cell.strip() for cell in cells), strict=False))
            rows.append(Row(begins, by_name, own))
    if not rows:
        raise InvalidError(lazy("The file has no rows."), field="file")
    if len(rows) > MOST_ROWS:
        raise InvalidError(lazy("The file has more than 2,000 rows: split it."), field="file")
    return rows
