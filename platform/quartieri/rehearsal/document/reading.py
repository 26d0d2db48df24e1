"""From an edition's id or a file to a parsed edition."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from quartieri.rehearsal.document.call import parse_call
from quartieri.rehearsal.document.cells import Place, quoted, shown
from quartieri.rehearsal.document.rows import parse_row
from quartieri.rehearsal.document.values import Edition

DATA = files("quartieri.rehearsal") / "data"
FILE = Place("the file")
TOP = ("call", "projects")


def load(argument: str) -> Edition:
    """Give the shipped edition of that id, or else read the file of that name.

    Raises ReplayInputError, always one line.
    """
    if argument in edition_ids():
        return shipped_edition(argument)
    place = Place(shown(argument))
    try:
        content = Path(argument).read_bytes()
    except FileNotFoundError:
        known_ids = ", ".join(edition_ids())
        place.refuse(f"neither a file nor an edition ({known_ids})")
    except (OSError, ValueError) as error:
        place.refuse(f"can't be read: {shown(str(error))}")
    return parse_document(content)


def parse_document(content: str | bytes) -> Edition:
    """Parse a FILE document: ``{"call": {…}, "projects": [{…}]}``.

    Raises ReplayInputError with one line that names row and column.
    """
    document = _json(content)
    if not isinstance(document, dict):
        FILE.refuse('must be an object: {"call": {…}, "projects": [{…}]}')
    for key in document:
        if key not in TOP:
            FILE.refuse(f"unknown key {quoted(key)}: only call and projects")
    for key in TOP:
        if document.get(key) is None:
            FILE.refuse(f"{key} is required")
    rows = document["projects"]
    if not isinstance(rows, list):
        FILE.refuse("projects must be a list of objects")
    return _edition(document["call"], rows, strict=True)


@cache
def edition_ids() -> tuple[str, ...]:
    """List the ids of the shipped editions, in the data's order."""
    return tuple(str(call["id"]) for call in shipped_calls())


def shipped_edition(edition_id: str) -> Edition:
    """Parse a shipped edition with its campaigns and its assumed rule; KeyError for another id."""
    call = next((c for c in shipped_calls() if c["id"] == edition_id), None)
    if call is None:
        raise KeyError(edition_id)
    rows = [row for row in shipped_rows() if row["call_id"] == edition_id]
    assumed = assumed_rules().get(edition_id)
    said: list[str] = []
    if assumed is not None:
        call = {**call, "rule": assumed["rule"], "part_funding": assumed["part_funding"]}
        said = [
            f"call, rule: {assumed['rule']}, because {assumed['because']}.",
            f"call, part_funding: {str(assumed['part_funding']).lower()}; not known.",
        ]
    return _edition(call, rows, strict=bool(rows), said=said)


@cache
def shipped_calls() -> tuple[Mapping[str, Any], ...]:
    """Give the shipped calls' facts as published; None is not known, fractions are Decimals."""
    return tuple(_json((DATA / "calls.json").read_bytes()))


@cache
def shipped_rows() -> tuple[Mapping[str, str], ...]:
    """Give the shipped campaigns as the CSV has them: text, empty when not known."""
    content = (DATA / "milan_campaigns.csv").read_text("utf-8")
    return tuple(csv.DictReader(content.splitlines()))


@cache
def assumed_rules() -> Mapping[str, Mapping[str, Any]]:
    """Give the rule that is assumed for each shipped edition with campaigns, and why."""
    found: Mapping[str, Mapping[str, Any]] = _json((DATA / "assumed_rules.json").read_bytes())
    return found


def _edition(
    call: object, rows: Sequence[object], *, strict: bool, said: Sequence[str] = ()
) -> Edition:
    parsed = parse_call(call, strict=strict, rows=bool(rows))
    assumptions = [*said, *parsed.assumptions]
    projects = tuple(
        parse_row(row, number, parsed, assumptions) for number, row in enumerate(rows, start=1)
    )
    return Edition(
        id=parsed.id,
        facts=parsed.facts,
        endowment_cents=parsed.endowment_cents,
        published_at=parsed.published_at,
        windows=parsed.windows,
        rule=parsed.rule,
        campaign_days=parsed.campaign_days,
        rows=projects,
        assumptions=tuple(assumptions),
    )


def _json(content: str | bytes) -> Any:
    """Parse JSON strictly: UTF-8, no NaN, no key twice, fractions as Decimals."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        return json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_once,
        )
    except UnicodeDecodeError:
        FILE.refuse("is not UTF-8 text")
    except json.JSONDecodeError as error:
        FILE.refuse(f"is not JSON: {error.msg} at line {error.lineno} column {error.colno}")
    except RecursionError:
        FILE.refuse("is nested too deeply")
    except (ValueError, ArithmeticError):
        FILE.refuse("holds a number that is too long")


def _no_constant(name: str) -> NoReturn:
    FILE.refuse(f"is not JSON: {name} is not a number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        FILE.refuse(f"key {quoted(double)} stands twice in one object")
    return found
