"""Forms of the programme's tree."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp

from quartieri.acts.forms import ActForm
from quartieri.kit.fields import Form, MoneyField, Needed


class LevelTextForm(Form):
    """Texts, office and years of a level."""

    title_it = StringField(_l("Title, in Italian"), [Needed(), Length(max=300)])
    title_en = StringField(_l("Title, in English"), [Length(max=300)])
    description_it = TextAreaField(_l("Description, in Italian"), [Length(max=4000)])
    description_en = TextAreaField(_l("Description, in English"), [Length(max=4000)])
    office = StringField(_l("Office"), [Length(max=300)])
    starts_on = DateField(_l("From"), [Optional()])
    ends_on = DateField(_l("To"), [Optional()])


class LevelForm(LevelTextForm):
    """A new level, and where it stands."""

    authority = SelectField(_l("Authority"))
    kind = SelectField(_l("Kind"))
    parent = SelectField(_l("Below"))
    code = StringField(
        _l("Code"),
        [Needed(), Length(max=40), Regexp(r"^[\w.\-]+$", message=_l("Letters, digits, . and -."))],
    )


class BudgetForm(ActForm):
    """The budget and the act that sets it."""

    budget = MoneyField(_l("Budget"), [Needed()])
