"""From one edition of a call to the next: a draft keeps every answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quartieri.calls.design import ApplicationForm, CallDesign, Question, QuestionKind
from quartieri.kit.labels import in_language
from quartieri.kit.money import CENTS_PER_UNIT
from quartieri.proposals.rules.form.values import OWN, read_cell, typed

K = QuestionKind
CARRIED = "~"
"""Where a draft keeps, among its answers, what came of its last change of edition; no question
has such a key."""
PLAIN_KINDS = frozenset({K.SHORT_TEXT, K.LONG_TEXT, K.NUMBER, K.MONEY, K.DATE})
"""Kinds that are answered in one field, whose answers can be written as a text."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that the new edition has no place for; it stays readable for the applicant."""

    question: Question
    value: Any


@dataclass(frozen=True, slots=True)
class Migration:
    """The answers in the new edition, and what no longer fits.

    ``kept``: answers without a place; ``changed``: questions of the new edition whose answer was
    put into another form (a figure now asked as a text).
    """

    answers: Mapping[str, Any]
    kept: tuple[Kept, ...] = ()
    changed: tuple[Question, ...] = ()


def migrate(old: CallDesign, new: CallDesign, answers: Mapping[str, Any]) -> Migration:
    """Carry the answers of a draft over to another edition of its call, losing none.

    ``answers``: the value of every answered question of the old form, by key. An answer stays as
    it is where the question has the same key and kind (what feeds the project's figures: the same
    kind, whatever its key); it is written anew where its value can be read in the new kind
    (a budget's categories become words where the new form names none);
    otherwise it is kept apart. Files are no values: they stay documents of the draft. Limits that
    became narrower change no answer: the checks before submission name them.
    """
    found: dict[str, Any] = {}
    kept: list[Kept] = []
    changed: list[Question] = []
    for question, value in _answered(old.form, answers):
        target = _target(question, new.form)
        if target is None:
            kept.append(Kept(question, value))
            continue
        carried = _carried(question, target, value)
        if carried is None:
            kept.append(Kept(question, value))
        else:
            found[target.key] = carried
            if target.kind is not question.kind or carried != value:
                changed.append(target)
    return Migration(found, tuple(kept), tuple(changed))


def _answered(form: ApplicationForm, answers: Mapping[str, Any]) -> Iterator[tuple[Question, Any]]:
    for question in form.questions:
        value = answers.get(question.key)
        if value is not None and question.kind is not K.FILE:
            yield question, value


def _target(question: Question, form: ApplicationForm) -> Question | None:
    if question.kind.single:
        return form.of_kind(question.kind)
    target = form.by_key.get(question.key)
    return None if target is None or target.kind.single or not target.asks else target


def _carried(old: Question, new: Question, value: Any) -> Any:
    """Give a value as the new kind has it; None where it would lose something."""
    if new.kind is K.BUDGET and not new.options:
        carried = [_without_category(old, row) for row in value]
    elif old.kind is new.kind:
        carried = value
    elif (old.kind, new.kind) in _CONVERSIONS:
        carried = _CONVERSIONS[old.kind, new.kind](value)
    elif old.kind in PLAIN_KINDS and new.kind in PLAIN_KINDS:
        carried = _plain(old, new, value)
    else:
        carried = None
    return carried if carried is not None and _has_room(old, new, carried) else None


def _has_room(old: Question, new: Question, value: Any) -> bool:
    """Say whether the page of the new question can show every bit of a value."""
    known = {o.code for o in new.options}
    if new.kind is K.TABLE:
        used = {code for row in value for code in row}
        columns = {(c.code, c.kind) for c in old.columns if c.code in used}
        return columns <= {(c.code, c.kind) for c in new.columns}
    if new.kind is K.SOURCES:
        return set(value.get("own", {})) <= (known or {OWN})
    if new.kind.chosen:
        return set([value] if new.kind is K.CHOICE else value) <= known
    return new.kind is not K.SHORT_TEXT or "\n" not in value


def _without_category(old: Question, row: Mapping[str, Any]) -> dict[str, Any]:
    """Write a budget line's category before its words, where the new form names no categories."""
    code = row.get("category")
    if not code:
        return dict(row)
    titles = {o.code: in_language(o.label, "it") or o.code for o in old.options}
    words = [titles.get(code, code), *([row["what"]] if row.get("what") else [])]
    rest = {key: cell for key, cell in row.items() if key != "category"}
    return {**rest, "what": ": ".join(words)}


def _plain(old: Question, new: Question, value: Any) -> Any:
    text = typed(value)
    if text is None:
        text = f"{Decimal(value) / CENTS_PER_UNIT:.2f}" if old.kind is K.MONEY else str(value)
    return text if new.kind.text else read_cell(new.kind, text)


_CONVERSIONS: Mapping[tuple[QuestionKind, QuestionKind], Callable[[Any], Any]] = {
    (K.CHOICE, K.CHOICES): lambda value: [value],
    (K.CHOICES, K.CHOICE): lambda value: value[0] if len(value) == 1 else None,
    (K.YES_NO, K.DECLARATION): lambda value: True if value is True else None,
    (K.DECLARATION, K.YES_NO): lambda value: value,
}


def kept_json(kept: Kept) -> Mapping[str, Any]:
    """Give an answer without a place as plain JSON, with the question that it answered."""
    return {"question": kept.question.to_json(), "value": kept.value}
