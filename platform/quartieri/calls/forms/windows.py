"""Second step: the sessions, with their opening and their deadline in Rome."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, FieldList, FormField, TimeField
from wtforms.validators import Optional

from quartieri.calls.forms.base import Row, StepForm, spare
from quartieri.kit.clock import end_of_day, in_rome, rome


class WindowRow(Row):
    """One session; a deadline without an hour is the whole day."""

    opens_on = DateField(_l("Opens on"), [Optional()])
    opens_time = TimeField(_l("at (empty: midnight)"), [Optional()])
    closes_on = DateField(_l("Closes on"), [Optional()])
    closes_time = TimeField(_l("at (empty: end of the day)"), [Optional()])

    def dates(self) -> tuple[datetime, datetime]:
        """Give the two instants; call it on a row whose days are there."""
        return (
            rome(self.opens_on.data, self.opens_time.data or time()),
            deadline(self.closes_on.data, self.closes_time.data),
        )


class WindowsForm(StepForm):
    """All sessions of a draft."""

    windows = FieldList(FormField(WindowRow), label=_l("Sessions"))

    @staticmethod
    def data_of(dates: Iterable[tuple[datetime, datetime]]) -> dict[str, Any]:
        """Give what the form shows of a call's sessions."""
        return {"windows": spare(_shown(*d) for d in dates)}

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for both days in each row that was begun."""
        fine = bool(super().validate(extra_validators))
        for row in self.windows:
            if row.form.is_blank():
                continue
            for field in (row.form.opens_on, row.form.closes_on):
                if field.data is None and not field.errors:
                    field.errors = [_("This must be filled in.")]
                    fine = False
        return fine

    def dates(self) -> list[tuple[datetime, datetime]]:
        """Give the sessions that were typed; a row left empty is none."""
        return [row.form.dates() for row in self.windows if not row.form.is_blank()]


def deadline(day: date, at: time | None) -> datetime:
    """Give a deadline: that instant, or without an hour the last one of the day in Rome."""
    return end_of_day(day) if at is None else rome(day, at)


def _shown(opens_at: datetime, closes_at: datetime) -> dict[str, Any]:
    first, last = in_rome(opens_at), in_rome(closes_at)
    whole = closes_at == end_of_day(last.date())
    return {
        "opens_on": first.date(),
        "opens_time": first.time() if first.time() != time() else None,
        "closes_on": last.date(),
        "closes_time": None if whole else last.time(),
    }
