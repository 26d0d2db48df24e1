"""Access for a program."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import Length

from quartieri.kit.fields import Form, Needed


class TokenForm(Form):
    """Whose program it is, and until when it may write."""

    label = StringField(
        _l("Whose program"),
        [Needed(), Length(max=100)],
        description=_l("The platform's name: it stands beside every figure that comes this way."),
    )
    until = DateField(
        _l("Last day"), [Needed()], description=_l("At most 400 days ahead; access can be renewed.")
    )
