"""Sentences that are kept and translated when they are read: packed as plain JSON and back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from quartieri.kit.labels import LabelEnum, Lazy
from quartieri.kit.money import Money


def packed(sentence: Lazy) -> dict[str, Any]:
    """Give a sentence as plain JSON values: ``{"msgid": …, "values": {…}}``."""
    return {
        "msgid": sentence.msgid,
        "values": {name: _value(value) for name, value in sentence.values.items()},
    }


def unpacked(document: dict[str, Any]) -> Lazy:
    """Give the sentence back, its values as what the translator formats."""
    values = {name: _read(value) for name, value in document["values"].items()}
    return Lazy(document["msgid"], values)


def _value(value: Any) -> Any:  # noqa: PLR0911 -- one return for each kind of value
    match value:
        case Lazy():
            return {"sentence": packed(value)}
        case LabelEnum():
            return {"sentence": packed(Lazy(value.label))}
        case Money():
            return {"cents": value.cents}
        case Decimal():
            return {"decimal": format(value, "f")}
        case datetime():
            return {"instant": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case bool() | int():
            return value
        case _:
            return str(value)


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    match kind:
        case "sentence":
            return unpacked(inner)
        case "cents":
            return Money(inner)
        case "decimal":
            return Decimal(inner)
        case "instant":
            return datetime.fromisoformat(inner)
        case _:
            return date.fromisoformat(inner)
