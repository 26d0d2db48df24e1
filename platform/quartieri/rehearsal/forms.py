"""Asking for a rehearsal."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from quartieri.kit.fields import Form
from quartieri.rehearsal.queries import MOST_SEED


class RehearsalForm(Form):
    """The seed: the same one gives the same invented people."""

    seed = IntegerField(
        _l("Number of the story"),
        [Optional(), NumberRange(0, MOST_SEED)],
        description=_l(
            "The same number plays the same invented people again: use it to see what a change"
            " of the rules does. Empty: another story."
        ),
    )
