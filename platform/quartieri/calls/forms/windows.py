"""Second step: the sessions with their dates in Rome and their endowment, and the legal term."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, FieldList, FormField, RadioField, TimeField
from wtforms.validators import NumberRange, Optional

from quartieri.calls.design import CallDesign, DaysCounted, Leftovers, SessionRules
from quartieri.calls.forms.base import Row, StepForm, money_of, spare
from quartieri.calls.models import Window
from quartieri.kit.clock import end_of_day, gap_or_twice, in_rome, rome
from quartieri.kit.fields import IntegerField, MoneyField

Dates = tuple[datetime, datetime]


class WindowRow(Row):
    """One session; a deadline without an hour is the whole day."""

    opens_on = DateField(_l("Opens on"), [Optional()])
    opens_time = TimeField(_l("at (empty: midnight)"), [Optional()])
    closes_on = DateField(_l("Closes on"), [Optional()])
    closes_time = TimeField(_l("at (empty: end of the day)"), [Optional()])
    endowment = MoneyField(_l("Set apart for it (empty: it shares all)"))

    def dates(self) -> Dates:
        """Give the two instants; call it on a row whose days are there."""
        return (
            rome(self.opens_on.data, self.opens_time.data or time()),
            deadline(self.closes_on.data, self.closes_time.data),
        )


class WindowsForm(StepForm):
    """All sessions of a draft, and what holds for each of them."""

    windows = FieldList(FormField(WindowRow), label=_l("Sessions"))
    leftovers = RadioField(_l("What a session with its own endowment does not use"), [Optional()])
    term_days = IntegerField(
        _l("Days from the deadline to the final ranking"), [Optional(), NumberRange(1, 365)]
    )
    term_counts = RadioField(_l("Which days count"), [Optional()])
    list_months = IntegerField(
        _l("Months for which a final ranking can be gone down"), [Optional(), NumberRange(1, 120)]
    )

    def offer(self) -> None:
        """Fill in the choices."""
        self.leftovers.choices = [(x.value, _(x.label)) for x in Leftovers]
        self.term_counts.choices = [(x.value, _(x.label)) for x in DaysCounted]

    @staticmethod
    def data_of(design: CallDesign, windows: Iterable[Window]) -> dict[str, Any]:
        """Give what the form shows of a call's sessions."""
        rules = design.sessions
        return {
            "windows": spare(_shown(w) for w in windows),
            "leftovers": rules.leftovers,
            "term_days": rules.term_days or None,
            "term_counts": rules.term_counts,
            "list_months": rules.list_months or None,
        }

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for both days in each row that was begun, and for hours that there are once."""
        fine = bool(super().validate(extra_validators))
        for row in (r.form for r in self.windows):
            if row.is_blank():
                continue
            for day, at in ((row.opens_on, row.opens_time), (row.closes_on, row.closes_time)):
                if day.data is None and not day.errors:
                    day.errors = [_("This must be filled in.")]
                fine = hour_is_clear(day, at) and not day.errors and fine
        return fine

    def dates(self) -> list[Dates]:
        """Give the sessions that were typed, by their opening; a row left empty is none."""
        return sorted(row.form.dates() for row in self.windows if not row.form.is_blank())

    def endowments(self) -> dict[int, int | None]:
        """Give what is set apart for each session, in cents by its number."""
        typed = [row.form for row in self.windows if not row.form.is_blank()]
        ordered = sorted(typed, key=lambda row: row.dates())
        return {
            number: row.endowment.data.cents if row.endowment.data is not None else None
            for number, row in enumerate(ordered, 1)
        }

    def apply(self, design: CallDesign) -> CallDesign:
        """Give the design with this step's answers."""
        rules = SessionRules(
            leftovers=self.leftovers.data or None,
            term_days=self.term_days.data or 0,
            term_counts=self.term_counts.data or None,
            list_months=self.list_months.data or 0,
        )
        return replace(design, sessions=rules)


def hour_is_clear(day: Field, at: Field) -> bool:
    """Refuse an hour that Rome's clocks skip or show twice that night; tell whether it is fine."""
    if day.data is None or at.data is None:
        return True
    fault = gap_or_twice(day.data, at.data)
    if fault == "gap":
        at.errors = [
            *at.errors,
            _("That night the clocks go forward: there is no such hour. Choose another one."),
        ]
    elif fault:
        at.errors = [
            *at.errors,
            _("That night the clocks go back: this hour comes twice. Choose another one."),
        ]
    return not fault


def deadline(day: date, at: time | None) -> datetime:
    """Give a deadline: that instant, or without an hour the last one of the day in Rome."""
    return end_of_day(day) if at is None else rome(day, at)


def _shown(window: Window) -> dict[str, Any]:
    first, last = in_rome(window.opens_at), in_rome(window.closes_at)
    whole = window.closes_at == end_of_day(last.date())
    return {
        "opens_on": first.date(),
        "opens_time": first.time() if first.time() != time() else None,
        "closes_on": last.date(),
        "closes_time": None if whole else last.time(),
        "endowment": money_of(window.endowment_cents),
    }
