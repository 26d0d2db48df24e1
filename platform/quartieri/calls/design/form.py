"""What the application asks: questions, and the admissibility checklist."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from quartieri.calls.design.reading import Reader, Text, code_of

MOST_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Question:
    """One narrative question of the application form; ``limit`` in characters."""

    key: str
    label: Text
    help: Text = field(default_factory=dict)
    limit: int = 3000
    required: bool = True


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the admissibility checklist."""

    code: str
    text: Text


def read_question(value: Any, pointer: str) -> Question:
    """Read one question."""
    given = Reader(value, pointer)
    limit = given.whole("limit", most=MOST_LIMIT)
    question = Question(
        key=code_of(given, "key"),
        label=given.text("label"),
        help=given.text("help"),
        limit=3000 if limit is None else limit,
        required=given.flag("required", default=True),
    )
    if question.limit < 1:
        given.refuse("limit", "must be more than 0")
    given.done()
    return question


def read_requirement(value: Any, pointer: str) -> Requirement:
    """Read one line of the checklist."""
    given = Reader(value, pointer)
    requirement = Requirement(code=code_of(given, "code"), text=given.text("text"))
    given.done()
    return requirement
