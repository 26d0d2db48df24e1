"""Forms of the reconciliation and of the sandbox's payment page."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.validators import Length

from quartieri.gateways.sandbox.cards import Choice
from quartieri.kit.fields import Form, Needed


class OutcomeForm(Form):
    """What shall happen, chosen instead of a card's number."""

    outcome = RadioField(_l("What shall happen?"), [Needed()])

    def offer(self, choices: list[Choice]) -> None:
        """Set what can be chosen; the first is chosen already."""
        self.outcome.choices = [(choice.value, gettext(choice.label)) for choice in choices]
        if self.outcome.data is None:
            self.outcome.data = choices[0].value


class NoteForm(Form):
    """Why a difference is decided as it is."""

    note = TextAreaField(_l("What was found, and what was done"), [Needed(), Length(max=2000)])
