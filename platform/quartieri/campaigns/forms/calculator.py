"""What the proposer's calculator asks; sent in the address, nothing is kept."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import NumberRange, Optional

from quartieri.campaigns.rules.estimate import Case
from quartieri.kit.fields import Form, IntegerField, MoneyField, Needed

MOST_PEOPLE = 100_000
MOST_CENTS = 10**11
USUAL_GIFT = 75_00
"""What a backer gives on average where nobody says how many there are, in cents."""


class CalculatorForm(Form):
    """A project's cost and target, and what it might raise."""

    class Meta(Form.Meta):
        """Sent by GET: it changes nothing, so it needs no token."""

        csrf = False

    cost = MoneyField(_l("Cost of the project"), [Needed()])
    target = MoneyField(_l("Target"))
    raised = MoneyField(_l("What people would give in all"), [Needed()])
    people = IntegerField(
        _l("How many people would give"), [Optional(), NumberRange(1, MOST_PEOPLE)]
    )

    def case(self) -> Case:
        """Give what was asked; without a number of people, as many as make usual gifts."""
        raised = self.raised.cents
        people = self.people.data or min(-(-raised // USUAL_GIFT), MOST_PEOPLE)
        target = self.target.data.cents if self.target.data is not None else 0
        return Case(self.cost.cents, raised, people, target)

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for sums that a project can have."""
        fine = bool(super().validate(extra_validators))
        for one in (self.cost, self.target, self.raised):
            if one.data is not None and not 0 <= one.data.cents <= MOST_CENTS:
                one.errors = [_("Write an amount up to a thousand million euros.")]
                fine = False
        return fine
