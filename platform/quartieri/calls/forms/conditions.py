"""The builder of conditions: a row for each test, groups by their level.

A condition is a tree; its rows stand in reading order. A row of level 2 belongs to the group of
level 1 above it, and so on. What joins the rows of level 1 is asked apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from quartieri.calls.design import Condition, Op, Question, QuestionKind
from quartieri.calls.forms.base import Row, StepForm
from quartieri.kit.errors import InvalidError
from quartieri.kit.fields import parse_amount
from quartieri.kit.formats import language
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money

K = QuestionKind
LEVELS = 4
_LEVELS = [SelectChoice(str(n), str(n)) for n in range(1, LEVELS + 1)]
YES = frozenset({"sì", "si", "yes", "true", "vero", "1"})
NO = frozenset({"no", "false", "falso", "0"})
SPARE = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One row: how deep it stands (from 1), what it is, and for a test which question and value."""

    level: int
    op: Op
    question: str = ""
    value: str | bool | None = None


def lines_of(condition: Condition | None) -> tuple[Op, list[Line]]:
    """Give what joins the first level, and the rows, of a condition."""
    if condition is None:
        return Op.ALL, []
    if condition.op in {Op.ALL, Op.ANY}:
        return condition.op, [line for c in condition.of for line in _lines(c, 1)]
    return Op.ALL, _lines(condition, 1)


def _lines(condition: Condition, level: int) -> list[Line]:
    own = Line(level, condition.op, condition.question, condition.value)
    return [own, *(line for c in condition.of for line in _lines(c, level + 1))]


def condition_of(join: Op, lines: Sequence[Line]) -> Condition | None:
    """Build the condition that rows say; raise InvalidError when they make no tree."""
    if not lines:
        return None
    children, rest = _children(lines, 1)
    if rest:
        raise InvalidError(lazy("A row stands deeper than any group above it."), field="join")
    return children[0] if len(children) == 1 else Condition(join, of=tuple(children))


def _children(lines: Sequence[Line], level: int) -> tuple[list[Condition], Sequence[Line]]:
    found: list[Condition] = []
    while lines and lines[0].level == level:
        line, lines = lines[0], lines[1:]
        if not line.op.joins:
            found.append(Condition(line.op, question=line.question, value=line.value))
            continue
        inner, lines = _children(lines, level + 1)
        if not inner or (line.op is Op.NOT and len(inner) > 1):
            raise InvalidError(
                lazy(
                    "Under a group stand the rows that it joins, one level deeper;"
                    " under “not” stands one."
                ),
                field="join",
            )
        found.append(Condition(line.op, of=tuple(inner)))
    return found, lines


class ConditionRow(Row):
    """One row of the builder."""

    level = SelectField(_l("Level"), choices=_LEVELS)
    op = SelectField(_l("Test"))
    question = SelectField(_l("Question"), validate_choice=False)
    value = StringField(_l("Value"), [Length(max=100)])

    def is_blank(self) -> bool:
        """Tell whether the row says nothing: neither a group nor a question."""
        return not self.op.data or (not Op(self.op.data).joins and not self.question.data)


class ConditionForm(StepForm):
    """What forms of parts that may be hidden share."""

    join = RadioField(_l("It is shown when these hold"), [Optional()], default="all")
    rows = FieldList(FormField(ConditionRow), label=_l("Shown only if"))

    def offer_questions(self, others: Sequence[Question]) -> None:
        """Fill in the choices of the builder: the questions that a test can ask of."""
        self._known = {q.key: q for q in others}
        self.join.choices = [("all", _("all of them")), ("any", _("at least one of them"))]
        ops = [(op.value, _(op.label)) for op in Op if not op.joins]
        groups = [(op.value, _("group: %(what)s", what=_(op.label))) for op in Op if op.joins]
        shown = [(q.key, _short(q)) for q in others if q.asks]
        for row in self.rows:
            row.form.op.choices = [*ops, *groups]
            row.form.question.choices = [("", "–"), *shown]

    @staticmethod
    def condition_data(
        condition: Condition | None, known: Mapping[str, Question]
    ) -> dict[str, object]:
        """Give what the builder shows of a condition, with rows to spare."""
        join, lines = lines_of(condition)
        rows = [
            {
                "level": str(line.level),
                "op": line.op.value,
                "question": line.question,
                "value": shown_value(line, known.get(line.question)),
            }
            for line in lines
        ]
        return {"join": join.value, "rows": [*rows, *({} for _n in range(SPARE))]}

    def condition(self) -> Condition | None:
        """Give what was built; raise InvalidError naming what is wrong."""
        lines = [self._line(row.form) for row in self.rows if not row.form.is_blank()]
        return condition_of(Op.ANY if self.join.data == "any" else Op.ALL, lines)

    def _line(self, row: ConditionRow) -> Line:
        op, level = Op(row.op.data), int(row.level.data or 1)
        if op.joins:
            return Line(level, op)
        question = self._known.get(row.question.data)
        if question is None:
            raise InvalidError(lazy("This question is not in the form any more."), field="join")
        value = None if op is Op.ANSWERED else typed_value(row.value.data or "", question)
        return Line(level, op, question.key, value)


def typed_value(text: str, question: Question) -> str | bool:
    """Read the value of a test as people type it; raise InvalidError."""
    bare = text.strip()
    if not bare:
        raise InvalidError(lazy("A test needs its value."), field="join")
    if question.kind in {K.YES_NO, K.DECLARATION}:
        if bare.lower() in YES:
            return True
        if bare.lower() in NO:
            return False
        raise InvalidError(lazy("Write yes or no."), field="join")
    if question.kind.chosen:
        for option in question.options:
            if bare.lower() in {option.code, *(t.lower() for t in option.label.values())}:
                return option.code
        raise InvalidError(
            lazy("“%(value)s” is no choice of that question.", value=bare), field="join"
        )
    return _figure(bare, question.kind)


def _figure(text: str, kind: QuestionKind) -> str:
    try:
        if kind in {K.MONEY, K.BUDGET}:
            return str(parse_amount(text).cents)
        if kind is K.NUMBER:
            return format(Decimal(text.replace(",", ".")).normalize(), "f")
        if kind is K.DATE:
            return _day(text).isoformat()
    except (ValueError, ArithmeticError):
        raise InvalidError(
            lazy("“%(value)s” does not fit that question.", value=text), field="join"
        ) from None
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 -- a day has no zone


def shown_value(line: Line, question: Question | None) -> str:
    """Write the value of a test as people read it."""
    value = line.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if question is None:
        return value
    if question.kind.chosen:
        labels = {o.code: o.label for o in question.options}
        label = labels.get(value, {})
        return label.get(language()) or next(iter(label.values()), value)
    if question.kind in {K.MONEY, K.BUDGET}:
        units = Money(int(value)).units
        return format(units, "f").replace(".", ",") if language() == "it" else format(units, "f")
    return value


def _short(question: Question) -> str:
    label = question.label.get(language()) or next(iter(question.label.values()), question.key)
    return label if len(label) <= 80 else f"{label[:79]}…"  # noqa: PLR2004 -- one line of a list
