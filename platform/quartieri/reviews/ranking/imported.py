"""Reading the file of a result that was not made here: pure, every fault with its line.

One line for each application: its protocol number (or its id here), then its votes or points. The
first line names the columns: ``protocol`` or ``application``; ``votes`` or ``points``. Comma or
semicolon; decimals with a point, or with a comma where semicolons part the columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from quartieri.calls.design.scoring import ImportedResult
from quartieri.kit.labels import Lazy, lazy
from quartieri.reviews.ranking.rules import MAX_POINTS, UNIT

MOST_LINES = 10_000
MOST_NAMED = 10
"""Applications without a line that a fault names; more are an ellipsis."""
NAMES = {"protocol", "protocollo", "application", "domanda"}


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with a line, counted from 1 with the header; None: with the whole file."""

    line: int | None
    message: Lazy


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says: values by the key of the application, in the file's order, and faults.

    ``left_out`` are the keys of applications that take no part any more: their lines do not count.
    """

    values: Mapping[str, Decimal]
    faults: tuple[LineFault, ...]
    left_out: tuple[str, ...] = ()


def read_result(
    text: str,
    kind: ImportedResult,
    maximum: Decimal,
    keys: Mapping[str, int],
    gone: Mapping[str, int],
) -> Reading:
    """Read a file; ``keys`` and ``gone`` map protocol numbers to ids: who takes part, and who not.

    Every application that takes part needs a line: what is missing is never zero.
    """
    rows = _rows(text)
    head = next(rows, (0, []))[1]
    fault = _head_fault(head, kind)
    if fault is not None:
        return Reading({}, (LineFault(1, fault),))
    known = {**{str(i): k for k, i in {**gone, **keys}.items()}, **{k: k for k in {**gone, **keys}}}
    values: dict[str, Decimal] = {}
    faults: list[LineFault] = []
    left_out: list[str] = []
    for number, row in rows:
        if number > MOST_LINES:
            faults.append(
                LineFault(None, lazy("The file has more than %(n)s lines.", n=MOST_LINES))
            )
            break
        if not any(cell.strip() for cell in row):
            continue
        key = known.get(row[0].strip())
        value = _value(row[1] if len(row) > 1 else "")
        wrong = _fault(key, value, values, kind, maximum)
        if wrong is not None:
            faults.append(LineFault(number, wrong))
        elif key is not None and value is not None:
            if key in keys:
                values[key] = value
            else:
                left_out.append(key)
    missing = [key for key in keys if key not in values]
    if missing and not faults:
        shown = ", ".join(missing[:MOST_NAMED]) + (" …" if len(missing) > MOST_NAMED else "")
        message = lazy("No line for: %(keys)s. What is missing is not a zero.", keys=shown)
        faults.append(LineFault(None, message))
    return Reading(values, tuple(faults), tuple(left_out))


def points_of(
    values: Mapping[str, Decimal], kind: ImportedResult, maximum: Decimal
) -> dict[str, Decimal]:
    """Give the points that follow: those of the file, or each one's share of the most votes.

    Shares are rounded half up to four decimals; without any vote everybody has 0.
    """
    if kind is ImportedResult.POINTS:
        return dict(values)
    most = max(values.values(), default=Decimal(0))
    if not most:
        return dict.fromkeys(values, Decimal(0))
    over, under = maximum.as_integer_ratio()
    return {key: _share(int(votes), int(most), over, under) for key, votes in values.items()}


def _share(votes: int, most: int, over: int, under: int) -> Decimal:
    above, below = votes * over * UNIT, most * under
    return Decimal((2 * above + below) // (2 * below)) / UNIT


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.split("\n", 1)[0]
    delimiter = ";" if ";" in first else "\t" if "\t" in first else ","
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error:
        yield MOST_LINES + 1, []


def _head_fault(head: list[str], kind: ImportedResult) -> Lazy | None:
    names = [cell.strip().casefold() for cell in head]
    values = {"votes", "voti"} if kind is ImportedResult.VOTES else {"points", "punti"}
    if len(names) >= 2 and names[0] in NAMES and names[1] in values:  # noqa: PLR2004 -- two columns
        return None
    wanted = "protocol,votes" if kind is ImportedResult.VOTES else "protocol,points"
    return lazy("The first line names the columns: %(names)s.", names=wanted)


def _value(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _fault(
    key: str | None,
    value: Decimal | None,
    values: Mapping[str, Decimal],
    kind: ImportedResult,
    maximum: Decimal,
) -> Lazy | None:
    if key is None:
        return lazy("There is no such application in this stage.")
    if key in values:
        return lazy("This application stands twice.")
    if value is None:
        return lazy("This is not a number.")
    if kind is ImportedResult.VOTES:
        if value != value.to_integral_value() or not 0 <= value <= MAX_POINTS * UNIT:
            return lazy("Votes are a whole number from 0 on.")
    elif not 0 <= value <= maximum or value * UNIT != (value * UNIT).to_integral_value():
        return lazy(
            "Points are from 0 to %(maximum)s, with at most four decimals.", maximum=maximum
        )
    return None
