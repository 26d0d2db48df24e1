"""Forms of declarations, score sheets, the office's decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional

from quartieri.acts.forms import ActForm
from quartieri.calls.models import Criterion
from quartieri.kit.fields import Form, MoneyField, Needed
from quartieri.kit.filters import say_filter
from quartieri.kit.formats import language
from quartieri.kit.labels import lazy
from quartieri.kit.numbers import MOST_NUMBER
from quartieri.reviews.rules import ConflictCause, Line, Scale, points_fault

COMMENT_LIMIT = 3000


class OfferForm(ActForm):
    """The act that offers what is left, the sum, and the last day to answer."""

    amount = MoneyField(_l("Amount that is offered"), [Needed()])
    due = DateField(_l("Last day to answer"), [Needed()])


class ResultForm(Form):
    """The file of a result, and the criterion that it is for."""

    criterion = SelectField(_l("Criterion"))
    file = FileField(_l("The file (CSV)"), [Needed()])


class RefuseForm(Form):
    """Why an offer is refused, if the applicant wants to say it."""

    reason = TextAreaField(_l("Why? (if you want to say it)"), [Optional(), Length(max=1000)])


class PointsField(Field):
    """Points as people type them (7,5 or 7.5); ``data`` is a Decimal or None, never a guess."""

    widget = StringField.widget
    data: Decimal | None

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        """Keep the scale, when it is known."""
        self.scale: Scale | None = kwargs.pop("scale", None)
        super().__init__(label, validators, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return (
            ""
            if self.data is None
            else str(format_decimal(self.data, format="0.####", locale=language()))
        )

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read what was typed; an empty field stays a missing score."""
        self.data = None
        text = str(valuelist[0]).strip() if valuelist else ""
        if not text:
            return
        try:
            points = Decimal(text.replace(",", "."))
        except InvalidOperation:
            raise ValueError(_("Write points such as 7 or 7,5.")) from None
        fault = None if self.scale is None else points_fault(points, self.scale)
        if fault is not None:
            raise ValueError(say_filter(fault))
        self.data = points


class SheetForm(Form):
    """The base of a score sheet; :func:`sheet_form` adds two fields for each criterion."""

    version = HiddenField()
    codes: tuple[str, ...] = ()

    def lines(self) -> dict[str, Line]:
        """Give what was typed, by criterion code."""
        return {
            code: Line(
                self[f"points-{code}"].data,
                (self[f"comment-{code}"].data or "").strip(),
                self.is_absent(code),
            )
            for code in self.codes
        }

    def is_absent(self, code: str) -> bool:
        """Tell whether the reviewer says that a criterion does not apply."""
        return f"absent-{code}" in self and bool(self[f"absent-{code}"].data)

    def missing(self) -> bool:
        """Mark every criterion that still lacks points or a comment; tell whether any does."""
        found = False
        for code in self.codes:
            points, comment = self[f"points-{code}"], self[f"comment-{code}"]
            if points.data is None and not points.errors and not self.is_absent(code):
                text = lazy("Give points on every criterion: a missing score is not a zero.")
                points.errors = [say_filter(text)]
                found = True
            if not (comment.data or "").strip():
                text = lazy("Write why: every score needs a comment.")
                comment.errors = [*comment.errors, say_filter(text)]
                found = True
        return found

    @property
    def expected(self) -> int:
        """The version that the page was opened on; 0 when it was tampered with."""
        text = str(self.version.data or "")
        return int(text) if text.isdecimal() and len(text) < len(str(MOST_NUMBER)) else 0


def sheet_form(
    criteria: Iterable[Criterion],
    scales: Mapping[str, Scale],
    lines: Mapping[str, Line],
    *,
    version: int,
    english: bool,
) -> SheetForm:
    """Build the form of a sheet from the criteria and scales of the published edition."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"version": str(version)}
    codes = []
    for criterion in criteria:
        code = criterion.code
        title = criterion.title_en if english else criterion.title_it
        line = lines.get(code, Line())
        codes.append(code)
        fields[f"points-{code}"] = PointsField(
            _("Points for %(title)s", title=title), scale=scales[code]
        )
        if scales[code].may_not_apply:
            fields[f"absent-{code}"] = BooleanField(_("It does not apply to this project"))
            data[f"absent-{code}"] = line.not_applicable
        fields[f"comment-{code}"] = TextAreaField(_("Why"), [Optional(), Length(max=COMMENT_LIMIT)])
        data[f"points-{code}"] = line.points
        data[f"comment-{code}"] = line.comment
    fields["codes"] = tuple(codes)
    form: SheetForm = type("Sheet", (SheetForm,), fields)(data=data)
    return form


class ConflictForm(Form):
    """A reviewer's declaration of a conflict of interest."""

    cause = RadioField(_l("What ties you to it"), [Needed()])
    reason = TextAreaField(_l("In a few words"), [Needed(), Length(max=2000)])
    what = RadioField(_l("What you do"), [Needed()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the causes of art. 7 D.P.R. 62/2013 in the reader's language."""
        super().__init__(*args, **kwargs)
        self.cause.choices = [(c.value, _(c.label)) for c in ConflictCause]
        self.what.choices = [
            ("abstain", _("I abstain: another person evaluates it")),
            ("ask", _("I leave it to the head of office to decide whether I abstain")),
        ]


class ComputeForm(Form):
    """What a ranking is computed with: the seed of the public draw, where the call has one."""

    seed = StringField(_l("Seed of the public draw"), [Optional(), Length(max=200)])


class ReasonForm(Form):
    """A reason, for steps that need one."""

    reason = TextAreaField(_l("Reason"), [Needed(), Length(max=2000)])


class AssignForm(Form):
    """One more reviewer for one application."""

    reviewer = SelectField(_l("Reviewer"), [Needed()], coerce=int)


class ShareForm(Form):
    """How many reviewers each application gets: a number, or everybody."""

    each = SelectField(_l("Each application is evaluated by"))

    def offer(self, most: int, needed: int) -> None:
        """Offer one to ``most`` reviewers, and all; the call's own number first."""
        numbers = sorted(range(1, most), key=lambda n: (n != needed, n))
        self.each.choices = [
            *((str(n), self._words(n)) for n in numbers),
            ("all", _("everybody in the commission")),
        ]

    @staticmethod
    def _words(number: int) -> str:
        if number == 1:
            return str(_("1 reviewer, work shared evenly"))
        return str(_("%(number)s reviewers, work shared evenly", number=number))
