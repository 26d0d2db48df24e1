"""What the application asks: sections, questions, and the admissibility checklist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from quartieri.calls.design.conditions import Condition, read_condition
from quartieri.calls.design.reading import DesignError, Reader, Text, code_of, one_of, plain
from quartieri.kit.labels import N_, LabelEnum, lazy

MOST_LIMIT = 20_000
USUAL_LIMIT = 3000
SHORT_LIMIT = 300
"""A short text and a cell of a table are one line of at most so many characters."""
MOST_ROWS = 100
MOST_FILES = 10
MOST_MEGABYTES = 100
OWN_PAGES = frozenset({"applicant", "summary", "attachments", "declarations"})
"""Pages that every application has; no section of a call has their key."""


class QuestionKind(LabelEnum):
    """What is asked, and so how it is answered."""

    SHORT_TEXT = "short_text", N_("Short text")
    LONG_TEXT = "long_text", N_("Long text")
    NUMBER = "number", N_("Number")
    MONEY = "money", N_("Amount of money")
    DATE = "date", N_("Date")
    CHOICE = "choice", N_("One of several choices")
    CHOICES = "choices", N_("Several choices")
    YES_NO = "yes_no", N_("Yes or no")
    FILE = "file", N_("File")
    TABLE = "table", N_("Table")
    BUDGET = "budget", N_("Budget by cost categories")
    SOURCES = "sources", N_("Sources of the money")
    PARTNERS = "partners", N_("Partners")
    MEMBERS = "members", N_("People")
    PLACE = "place", N_("Place and duration")
    TIMETABLE = "timetable", N_("Timetable")
    INDICATORS = "indicators", N_("Indicators")
    DECLARATION = "declaration", N_("Declaration to accept")
    HEADING = "heading", N_("Heading")

    @property
    def single(self) -> bool:
        """True for what feeds the project's own figures: asked once in a form at most."""
        return self in SINGLE_KINDS

    @property
    def rows(self) -> bool:
        """True for what is answered in rows."""
        return self in ROW_KINDS

    @property
    def text(self) -> bool:
        """True for free words."""
        return self in {QuestionKind.SHORT_TEXT, QuestionKind.LONG_TEXT}

    @property
    def chosen(self) -> bool:
        """True for what is chosen from options."""
        return self in {QuestionKind.CHOICE, QuestionKind.CHOICES}


K = QuestionKind
SINGLE_KINDS = frozenset({K.BUDGET, K.SOURCES, K.PARTNERS, K.MEMBERS, K.PLACE})
ROW_KINDS = frozenset({K.TABLE, K.BUDGET, K.PARTNERS, K.MEMBERS, K.TIMETABLE, K.INDICATORS})
CELL_KINDS = (K.SHORT_TEXT, K.NUMBER, K.MONEY, K.DATE)


class FileKind(LabelEnum):
    """What a file may be; the content decides, never the name."""

    PDF = "pdf", N_("PDF")
    PICTURE = "picture", N_("Picture")
    SIGNED = "signed", N_("Digitally signed PDF, also as .p7m")


USUAL_FILES = (FileKind.PDF, FileKind.PICTURE)
"""What a question takes that names no kind."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice, one category of the budget, or one source of the applicant's own money.

    The ceilings are the most that the category may be: a share of the whole cost, or an amount.
    """

    code: str
    label: Text
    ceiling_share: Decimal | None = None
    ceiling_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    code: str
    label: Text
    kind: QuestionKind = QuestionKind.SHORT_TEXT
    """One of CELL_KINDS."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the application form.

    ``limit`` counts the characters of a text. ``least`` and ``most`` bound the figure itself
    (money: cents), or how many choices, files or rows are given. ``earliest`` and ``latest`` are
    inclusive days.
    """

    key: str
    label: Text
    help: Text = field(default_factory=dict)
    limit: int = USUAL_LIMIT
    required: bool = True
    kind: QuestionKind = QuestionKind.LONG_TEXT
    section: str = ""
    """The key of its section; empty in a form without sections."""
    least: Decimal | None = None
    most: Decimal | None = None
    earliest: date | None = None
    latest: date | None = None
    options: tuple[Option, ...] = ()
    columns: tuple[Column, ...] = ()
    file_kinds: tuple[FileKind, ...] = ()
    """Empty: the usual ones. With ``signed`` among them, nothing else is taken."""
    file_megabytes: int | None = None
    """None: as much as the installation takes."""
    shown_if: Condition | None = None
    personal: bool = False
    """Contains personal data: never public, left out of exports for everyone."""
    public: bool = False
    """Shown on the project's page once the project is selected."""
    blind: bool = False
    """Hidden from reviewers."""
    unlockable: bool = False
    """May be answered anew in an integration."""

    @property
    def takes(self) -> tuple[FileKind, ...]:
        """The kinds of file that answer it."""
        if FileKind.SIGNED in self.file_kinds:
            return (FileKind.SIGNED,)
        return self.file_kinds or USUAL_FILES

    @property
    def asks(self) -> bool:
        """True unless it is a heading, which nobody answers."""
        return self.kind is not QuestionKind.HEADING

    def to_json(self) -> dict[str, Any]:
        """Give the question as plain JSON values; what is usual is left out."""
        shown = replace(self, shown_if=None)
        document = _slim(shown, {"key", "label", "help", "limit", "required", "kind"})
        for key in ("earliest", "latest"):
            if key in document:
                document[key] = document[key].isoformat()
        if self.shown_if is not None:
            document["shown_if"] = self.shown_if.to_json()
        return document


@dataclass(frozen=True, slots=True)
class FormSection:
    """One page of the application form."""

    key: str
    title: Text
    help: Text = field(default_factory=dict)
    shown_if: Condition | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the section as plain JSON values."""
        document = _slim(replace(self, shown_if=None), {"key", "title", "help"})
        if self.shown_if is not None:
            document["shown_if"] = self.shown_if.to_json()
        return document


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the admissibility checklist."""

    code: str
    text: Text


def _slim(value: Any, always: set[str]) -> dict[str, Any]:
    """Give an object as plain JSON without the keys that say nothing."""
    usual = {f.name: f.default for f in fields(value)}
    found: dict[str, Any] = {}
    for key, item in plain(asdict(value)).items():
        if key in always or (item not in (None, [], {}) and item != usual[key]):
            found[key] = [_without_none(i) for i in item] if isinstance(item, list) else item
    return found


def _without_none(item: Any) -> Any:
    if isinstance(item, Mapping):
        return {key: value for key, value in item.items() if value is not None}
    return item


# -- reading -----------------------------------------------------------------------------------


def read_section(value: Any, pointer: str) -> FormSection:
    """Read one section."""
    given = Reader(value, pointer)
    section = FormSection(
        key=code_of(given, "key"),
        title=given.text("title"),
        help=given.text("help"),
        shown_if=read_condition(given.take("shown_if"), given.at("shown_if")),
    )
    given.done()
    return section


def read_question(value: Any, pointer: str) -> Question:
    """Read one question; what refers to others is checked with the whole form."""
    given = Reader(value, pointer)
    kind = QuestionKind(given.choice("kind", QuestionKind) or QuestionKind.LONG_TEXT)
    limit = given.whole("limit", most=MOST_LIMIT)
    question = Question(
        key=code_of(given, "key"),
        label=given.text("label"),
        help=given.text("help"),
        limit=USUAL_LIMIT if limit is None else limit,
        required=given.flag("required", default=True),
        kind=kind,
        section=given.string("section"),
        least=given.decimal("least"),
        most=given.decimal("most"),
        earliest=_day(given, "earliest"),
        latest=_day(given, "latest"),
        options=given.items("options", _option),
        columns=given.items("columns", _column),
        file_kinds=tuple(FileKind(k) for k in given.items("file_kinds", one_of(FileKind))),
        file_megabytes=given.whole("file_megabytes", most=MOST_MEGABYTES),
        shown_if=read_condition(given.take("shown_if"), given.at("shown_if")),
        personal=given.flag("personal"),
        public=given.flag("public"),
        blind=given.flag("blind"),
        unlockable=given.flag("unlockable"),
    )
    if question.limit < 1:
        given.refuse("limit", lazy("must be more than 0"))
    given.done()
    return question


def _option(value: Any, pointer: str) -> Option:
    given = Reader(value, pointer)
    option = Option(
        code=code_of(given, "code"),
        label=given.text("label"),
        ceiling_share=given.decimal("ceiling_share"),
        ceiling_cents=given.whole("ceiling_cents"),
    )
    given.done()
    return option


def _column(value: Any, pointer: str) -> Column:
    given = Reader(value, pointer)
    kind = given.choice("kind", CELL_KINDS) or QuestionKind.SHORT_TEXT
    column = Column(code=code_of(given, "code"), label=given.text("label"), kind=QuestionKind(kind))
    given.done()
    return column


def _day(given: Reader, key: str) -> date | None:
    text = given.string(key)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise DesignError(given.at(key), lazy("must be a day such as 2026-01-31"))
    return day


def read_requirement(value: Any, pointer: str) -> Requirement:
    """Read one line of the checklist."""
    given = Reader(value, pointer)
    requirement = Requirement(code=code_of(given, "code"), text=given.text("text"))
    given.done()
    return requirement
