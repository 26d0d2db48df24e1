"""The forms of reports."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, TextAreaField
from wtforms.validators import Email, Length, Optional

from quartieri.campaigns.rules import ReportReason
from quartieri.kit.fields import Form, Needed
from quartieri.kit.filters import label_filter


class ReportForm(Form):
    """What is wrong."""

    reason = RadioField(_l("What is wrong?"), [Needed()])
    text = TextAreaField(_l("Tell us more"), [Needed(), Length(max=4000)], render_kw={"rows": 6})
    email = EmailField(
        _l("Your email, if you want an answer"),
        [
            Optional(),
            Length(max=254),
            Email(message=_l("Write an address such as ada@example.org.")),
        ],
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the reasons."""
        super().__init__(*args, **kwargs)
        self.reason.choices = [(one.value, label_filter(one)) for one in ReportReason]


class ReportNoteForm(Form):
    """What was found and done."""

    note = TextAreaField(
        _l("What you found and did"), [Needed(), Length(max=2000)], render_kw={"rows": 3}
    )
