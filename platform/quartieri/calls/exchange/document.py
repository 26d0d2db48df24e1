"""The values of a call's document: the design, and what stands beside it in tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from quartieri.calls.design import CallDesign
from quartieri.calls.design.reading import (
    MOST_ITEMS,
    TITLE_LIMIT,
    DesignError,
    MeaningError,
    Reader,
    Text,
    different,
    plain,
)
from quartieri.calls.rules import CallFileKind
from quartieri.kit.clock import in_rome
from quartieri.kit.labels import lazy

FORMAT = "quartieri-call-1"
MOST_WINDOWS = 12
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class DocumentWindow:
    """One session; a date that is not known yet is None."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    endowment_cents: int | None = None
    """What of the call's endowment is this session's own; None: it shares it with the others."""


@dataclass(frozen=True, slots=True)
class LevelShare:
    """How many cents of the endowment one level of the programme pays."""

    level: str
    """The level's code, or with those above it where the code alone is not enough: ``E/1``."""
    cents: int = 0


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """What is known of a file of the call; its bytes stay where they are."""

    kind: str
    """A code of :class:`CallFileKind`."""
    name: str
    sha256: str
    title: Text = field(default_factory=dict)
    """Of a cover: its alternative text."""
    media_type: str = ""
    size: int = 0
    readable: bool = True
    copy_of: int | None = None
    """The place in the list of the document that this one is an accessible copy of."""


@dataclass(frozen=True, slots=True)
class CallDocument:
    """The whole document. ``about`` and ``notice`` say of a template what it is and lacks."""

    design: CallDesign = field(default_factory=CallDesign)
    about: Text = field(default_factory=dict)
    notice: Text = field(default_factory=dict)
    """What no version of the platform does yet of this call, and how its result comes in."""
    windows: tuple[DocumentWindow, ...] = ()
    endowment_cents: int | None = None
    shares: tuple[LevelShare, ...] = ()
    documents: tuple[DocumentFile, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the document as plain JSON values, instants as Rome's clocks show them."""
        return {
            "format": FORMAT,
            "about": plain(self.about),
            "notice": plain(self.notice),
            "design": self.design.to_json(),
            "windows": [
                {
                    "opens_at": _shown(w.opens_at),
                    "closes_at": _shown(w.closes_at),
                    "endowment_cents": w.endowment_cents,
                }
                for w in self.windows
            ],
            "endowment_cents": self.endowment_cents,
            "shares": [asdict(s) for s in self.shares],
            "documents": [plain(asdict(d)) for d in self.documents],
        }

    def later_than(self, at: datetime) -> CallDocument:
        """Give the document without sessions that have closed: nobody can apply in them again."""
        windows = tuple(w for w in self.windows if w.closes_at is None or w.closes_at > at)
        return replace(self, windows=windows)

    def undated(self) -> CallDocument:
        """Give the document as a template: without dates, and without shares of a programme."""
        return replace(self, windows=(), shares=(), documents=())

    @classmethod
    def from_json(cls, value: Any) -> CallDocument:
        """Read the document; absent keys take their default.

        Raises DesignError with the JSON pointer of the first fault.
        """
        given = Reader(value)
        if given.take("format") != FORMAT:
            given.refuse("format", lazy('must be "%(format)s"', format=FORMAT))
        document = cls(
            about=given.text("about"),
            notice=given.text("notice"),
            design=_design(given.take("design"), given.at("design")),
            windows=given.items("windows", _window, most=MOST_WINDOWS),
            endowment_cents=given.whole("endowment_cents"),
            shares=given.items("shares", _share),
            documents=given.items("documents", _file),
        )
        given.done()
        different(given, "shares", (s.level for s in document.shares))
        _in_order(document.windows)
        _check_copies(document.documents)
        total = sum(s.cents for s in document.shares)
        if document.shares and total != document.endowment_cents:
            given.contradict("shares", lazy("must add up to the endowment"))
        return document


def _in_order(windows: Sequence[DocumentWindow]) -> None:
    last: datetime | None = None
    for n, window in enumerate(windows):
        if last and window.opens_at and window.opens_at <= last:
            place = f"/windows/{n}/opens_at"
            raise MeaningError(place, lazy("must be later than the session before it closes"))
        last = window.closes_at or last


def _design(value: Any, pointer: str) -> CallDesign:
    if value is None:
        return CallDesign()
    if not isinstance(value, Mapping):
        raise DesignError(pointer, lazy("must be an object"))
    try:
        return CallDesign.from_json(value)
    except DesignError as error:
        place = f"{pointer}{error.pointer}"
        raise type(error)(place, error.fault) from None


def _window(value: Any, pointer: str) -> DocumentWindow:
    given = Reader(value, pointer)
    window = DocumentWindow(
        opens_at=given.instant("opens_at"),
        closes_at=given.instant("closes_at"),
        endowment_cents=given.whole("endowment_cents"),
    )
    if window.endowment_cents == 0:
        given.refuse("endowment_cents", lazy("must be more than 0"))
    given.done()
    if window.opens_at and window.closes_at and window.opens_at >= window.closes_at:
        given.contradict("closes_at", lazy("must be later than opens_at"))
    return window


def _share(value: Any, pointer: str) -> LevelShare:
    given = Reader(value, pointer)
    share = LevelShare(level=given.string("level"), cents=given.whole("cents") or 0)
    if not share.level:
        given.refuse("level", lazy("must be the code of a level of the programme"))
    given.done()
    return share


def _file(value: Any, pointer: str) -> DocumentFile:
    given = Reader(value, pointer)
    found = DocumentFile(
        kind=given.choice("kind", CallFileKind) or "",
        name=given.string("name"),
        sha256=given.string("sha256"),
        title=given.text("title", most=TITLE_LIMIT),
        media_type=given.string("media_type"),
        size=given.whole("size") or 0,
        readable=given.flag("readable", default=True),
        copy_of=given.whole("copy_of", most=MOST_ITEMS),
    )
    if not found.kind:
        given.refuse("kind", lazy("is missing"))
    if not found.name:
        given.refuse("name", lazy("must be the name of a file"))
    if not _SHA256.fullmatch(found.sha256):
        given.refuse("sha256", lazy("must be a SHA-256 in small hexadecimal digits"))
    given.done()
    return found


def _check_copies(documents: Sequence[DocumentFile]) -> None:
    for n, document in enumerate(documents):
        if document.copy_of is not None and not document.copy_of < n:
            place = f"/documents/{n}/copy_of"
            raise MeaningError(place, lazy("must be the place of a document before this one"))


def _shown(instant: datetime | None) -> str | None:
    return None if instant is None else in_rome(instant).isoformat()
