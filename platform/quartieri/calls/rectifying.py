"""What an act changed in a published call, field by field, and what may still change when: pure.

Changes are compared on the call's whole document (``exchange``): two documents in, the places that
differ out. Which part may change until when is one table, ``MAY_CHANGE``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from quartieri.calls.exchange import CallDocument
from quartieri.calls.rules import WindowState
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, Lazy, lazy
from quartieri.kit.money import Money

LANGUAGES = frozenset({"it", "en"})
_NAMES = ("code", "key", "level", "sha256")
"""By which an item of a list is known, wherever it stands."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs: its place, what it was and what it is; None: it was not there.

    The place has codes instead of numbers (``/design/questions/idea/label``). Values are plain
    JSON; a text holds its languages.
    """

    place: str
    before: Any
    after: Any

    def as_json(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return {"place": self.place, "before": self.before, "after": self.after}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Change:
        """Read what was kept."""
        return cls(value["place"], value["before"], value["after"])


class Until(LabelEnum):
    """Until when a part of a published call may change."""

    END = "end", N_("as long as the call runs")
    FIRST_DEADLINE = "first_deadline", N_("until the first deadline")
    NEVER = "never", N_("never")


MAY_CHANGE: tuple[tuple[str, Until], ...] = (
    ("/format", Until.NEVER),
    ("/design/terms", Until.FIRST_DEADLINE),
    ("/design/sessions", Until.FIRST_DEADLINE),
    ("/design/eligibility", Until.FIRST_DEADLINE),
    ("/design/sections", Until.FIRST_DEADLINE),
    ("/design/questions", Until.FIRST_DEADLINE),
    ("/design/requirements", Until.FIRST_DEADLINE),
    ("/design/evaluation", Until.FIRST_DEADLINE),
    ("/design/money/no_money", Until.NEVER),
    ("/design/money", Until.FIRST_DEADLINE),
    ("/design/campaign", Until.FIRST_DEADLINE),
    ("/design/template", Until.NEVER),
    ("", Until.END),
)
"""The first line whose place begins a change's place holds.

Who applied by a deadline relied on who may apply, on the form, on the criteria and on the money
rule: from then on they are the same for everybody (art. 12 L. 241/1990). Texts, contacts, the
privacy notice, documents and the endowment may be put right as long as the call runs; sessions and
the endowment have rules of their own below.
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a call stands: its sessions' states in order, and what its grants hold in cents."""

    now: datetime
    windows: tuple[WindowState, ...]
    held_cents: int = 0

    @property
    def first_deadline_passed(self) -> bool:
        """Tell whether anybody's deadline has passed."""
        return any(s not in {WindowState.SCHEDULED, WindowState.OPEN} for s in self.windows)

    @property
    def open(self) -> bool:
        """Tell whether one can apply right now."""
        return WindowState.OPEN in self.windows


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that an act can no longer make, and why."""

    place: str
    why: Lazy


class RefusedChangesError(InvalidError):
    """A rectification that changes what may change no more; ``refusals`` say what (422)."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        """Say the first and keep them all."""
        super().__init__(refusals[0].why)
        self.refusals = tuple(refusals)


def until(place: str) -> Until:
    """Give until when a place of the document may change."""
    found = (u for prefix, u in MAY_CHANGE if f"{place}/".startswith(f"{prefix}/"))
    return next(found, Until.END)


def refusals(before: Mapping[str, Any], after: Mapping[str, Any], moment: Moment) -> list[Refusal]:
    """List the changes between two documents that cannot be made at a moment."""
    found = [r for c in changes(before, after) for r in _of_change(c, moment)]
    found += _of_windows(before.get("windows") or [], after.get("windows") or [], moment)
    endowment = after.get("endowment_cents") or 0
    if endowment < moment.held_cents:
        found.append(
            Refusal(
                "/endowment_cents",
                lazy(
                    "The endowment cannot go below %(held)s, which grants hold already.",
                    held=Money(moment.held_cents),
                ),
            )
        )
    return found


def _of_change(change: Change, moment: Moment) -> Iterator[Refusal]:
    limit = until(change.place)
    if limit is Until.NEVER:
        yield Refusal(change.place, lazy("This never changes after publication."))
    if limit is Until.FIRST_DEADLINE and moment.first_deadline_passed:
        yield Refusal(
            change.place,
            lazy("This may change until the first deadline only: who applied relied on it."),
        )


def _of_windows(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], moment: Moment
) -> Iterator[Refusal]:
    for n, old in enumerate(before):
        place = f"/windows/{n + 1}"
        new = after[n] if n < len(after) else None
        if new == old:
            continue
        if new is None:
            yield Refusal(place, lazy("A published session cannot be taken away."))
        elif moment.windows[n] is not WindowState.SCHEDULED:
            yield Refusal(
                place,
                lazy("This session has opened: its deadline moves by an extension only."),
            )
        else:
            yield from _past(place, new, moment)
    for n, new in enumerate(after[len(before) :], len(before) + 1):
        yield from _past(f"/windows/{n}", new, moment)


def _past(place: str, window: Mapping[str, Any], moment: Moment) -> Iterator[Refusal]:
    opens_at = window.get("opens_at")
    if opens_at and datetime.fromisoformat(opens_at) < moment.now:
        yield Refusal(place, lazy("A new or moved session must open in the future."))


def advice(before: Mapping[str, Any], after: Mapping[str, Any], moment: Moment) -> list[Lazy]:
    """Say what whoever rectifies should think of; nothing here refuses."""
    substance = any(until(c.place) is Until.FIRST_DEADLINE for c in changes(before, after))
    if moment.open and substance:
        return [
            lazy(
                "A session is open and its rules change: extend the deadline too, so that"
                " everybody has time to follow."
            )
        ]
    return []


def merged(base: CallDocument, present: CallDocument, written: CallDocument) -> CallDocument:
    """Give what was written on a copy, on top of what other acts changed meanwhile.

    ``base`` is what was copied: sessions, endowment and shares that nobody touched on the copy are
    those of the call as it is at present.
    """
    windows = list(written.windows)
    for n, window in enumerate(windows):
        if n < len(base.windows) and n < len(present.windows) and window == base.windows[n]:
            windows[n] = present.windows[n]
    money = (written.endowment_cents, written.shares)
    if money == (base.endowment_cents, base.shares):
        money = (present.endowment_cents, present.shares)
    return replace(written, windows=tuple(windows), endowment_cents=money[0], shares=money[1])


# -- what differs ------------------------------------------------------------------------------


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """List what differs between two documents, in the document's order."""
    return list(_differ("", before, after))


def _differ(place: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if _is_object(before) and _is_object(after):
        for key in dict.fromkeys((*before, *after)):
            yield from _differ(f"{place}/{key}", before.get(key), after.get(key))
    elif _is_list(before) and _is_list(after):
        old, new = _by_name(before), _by_name(after)
        for name in dict.fromkeys((*old, *new)):
            yield from _differ(f"{place}/{name}", old.get(name), new.get(name))
        kept = [name for name in old if name in new]
        if kept != [name for name in new if name in old]:
            yield Change(f"{place}/order", list(old), list(new))
    else:
        yield Change(place, before, after)


def _is_object(value: Any) -> bool:
    """Tell whether to look inside: a text is one value, in its languages."""
    return isinstance(value, Mapping) and not (value and set(value) <= LANGUAGES)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(_is_object(item) for item in value)


def _by_name(items: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for n, item in enumerate(items, 1):
        name = next((str(item[k]) for k in _NAMES if item.get(k)), str(n))
        found[name if name not in found else f"{name}-{n}"] = item
    return found
