"""Starting a call, and what the forms of an act ask beside the act."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    FileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from quartieri.acts.forms import ActForm
from quartieri.calls.forms.windows import deadline, hour_is_clear
from quartieri.kit.fields import Form, Needed


class NewCallForm(Form):
    """Which authority, and what to start from."""

    authority = SelectField(_l("Authority"))
    template = RadioField(_l("Start from"), default="")


class ExtensionForm(ActForm):
    """The new deadline and the act that sets it."""

    new_closes_at = DateField(_l("New deadline"), [Needed()])
    new_time = TimeField(_l("Hour (empty: end of the day)"), [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse an hour that the clocks skip or show twice."""
        fine = bool(super().validate(extra_validators))
        return hour_is_clear(self.new_closes_at, self.new_time) and fine

    def new_deadline(self) -> datetime:
        """Give the new deadline as an instant."""
        return deadline(self.new_closes_at.data, self.new_time.data)


class SuspendForm(ActForm):
    """The act, and whether deadlines stand still meanwhile."""

    deadlines = RadioField(
        _l("The deadlines"),
        choices=[
            SelectChoice("stop", _l("stand still, and move by the length of the suspension")),
            SelectChoice("run", _l("run on")),
        ],
        default="stop",
    )


class CancelForm(ActForm):
    """The act and the reason, which everybody reads."""

    reason = TextAreaField(_l("Reason"), [Needed(), Length(max=1000)])


class RectificationForm(ActForm):
    """The act that changes a published call, and why, which everybody reads."""

    reason_it = TextAreaField(_l("Why, in Italian"), [Needed(), Length(max=2000)])
    reason_en = TextAreaField(_l("Why, in English"), [Needed(), Length(max=2000)])

    def reason(self) -> dict[str, str]:
        """Give the reason in both languages."""
        return {"it": self.reason_it.data, "en": self.reason_en.data}


class ImportForm(Form):
    """A call's document, and whose call it becomes."""

    authority = SelectField(_l("Authority"))
    file = FileField(_l("The document (JSON)"), [Needed()])


class KeepForm(Form):
    """The name of a template."""

    name = StringField(_l("Name of the template"), [Needed(), Length(max=200)])
