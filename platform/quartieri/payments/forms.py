"""Forms of the reconciliation and of the sandbox's payment page."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from quartieri.gateways.sandbox.cards import Choice, Group
from quartieri.gateways.sandbox.counter import Paper
from quartieri.gateways.sandbox.desk import Mode
from quartieri.kit.fields import Form, MoneyField, Needed


class OutcomeForm(Form):
    """What shall happen, chosen instead of a card's number."""

    outcome = SelectField(_l("What shall happen?"), [Needed()])
    mode = SelectField(_l("Messages about this payer come"))

    def offer(self, choices: list[Choice], mode: Mode) -> None:
        """Set what can be chosen; the first is chosen already, and messages come as before."""
        self.mode.choices = [(one.value, gettext(one.label)) for one in Mode]
        self.mode.data = self.mode.data or mode.value
        self.outcome.choices = {
            gettext(group.label): [
                (choice.value, gettext(choice.label)) for choice in choices if choice.group is group
            ]
            for group in Group
        }
        if self.outcome.data is None:
            self.outcome.data = choices[0].value


class DeedForm(Form):
    """What shall happen to a payment at the provider, and how its messages go out."""

    deed = RadioField(_l("What shall happen?"), [Optional()])
    amount = MoneyField(_l("How much of it"), [Optional()])
    mode = SelectField(_l("Messages about this payer come"))

    def offer(self, paper: Paper) -> None:
        """Set what can happen to a payment now; nothing at all can be chosen too."""
        deeds = [(deed.value, gettext(deed.label)) for deed in paper.deeds]
        self.deed.choices = [("", gettext("Nothing")), *deeds]
        self.mode.choices = [(mode.value, gettext(mode.label)) for mode in Mode]
        self.deed.data = self.deed.data or ""
        self.mode.data = self.mode.data or paper.mode.value


class NoteForm(Form):
    """Why a difference is decided as it is."""

    note = TextAreaField(_l("What was found, and what was done"), [Needed(), Length(max=2000)])
