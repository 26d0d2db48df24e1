"""The form in which officials type an act; other slices add their own fields to it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, FileField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from quartieri.kit.fields import Form, Needed


class ActForm(Form):
    """Number, date, office, signer, what it decides, and the signed file."""

    number = StringField(_l("Number of the act"), [Needed(), Length(max=40)])
    dated = DateField(_l("Date of the act"), [Needed()])
    office = StringField(_l("Office"), [Needed(), Length(max=200)])
    signer = StringField(_l("Signed by"), [Needed(), Length(max=200)])
    decides = TextAreaField(_l("What it decides, in short"), [Optional(), Length(max=2000)])
    file = FileField(_l("The signed act (PDF)"), [Optional()])
