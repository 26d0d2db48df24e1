"""Asking for a rehearsal."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import NumberRange, Optional

from quartieri.calls.forms.rule import RuleFields
from quartieri.calls.funding import FundingKind
from quartieri.kit.fields import Form, IntegerField, MoneyField
from quartieri.rehearsal.queries import MOST_SEED

MOST_PROJECTS = 20
MOST_INTEREST = 300
LEAST_GIFT = 500
USUAL_GIFT = 7_500
"""What a backer of Milan's edition of 2020 gave on average, in cents."""


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


class Crowd(StrEnum):
    """On whom a rule is tried."""

    INVENTED = "invented"
    PAST = "past"


class SimulationForm(RuleFields):
    """Any rule and the crowd that it is tried on; it stores nothing, so that it is asked by GET."""

    class Meta(RuleFields.Meta):
        """A form that only asks."""

        csrf = False

    crowd = RadioField(_l("On whom"), default=Crowd.INVENTED.value)
    pool = MoneyField(_l("The city's money for all projects"))
    seed = IntegerField(
        _l("Number of the crowd"), [Optional(), NumberRange(0, MOST_SEED)], default=1
    )
    projects = IntegerField(_l("Projects"), [Optional(), NumberRange(1, MOST_PROJECTS)], default=10)
    gift = MoneyField(_l("The usual gift"))
    interest = IntegerField(
        _l("What a project raises on average, of its target (%)"),
        [Optional(), NumberRange(1, MOST_INTEREST)],
        default=100,
    )

    def offer(self) -> None:
        """Fill in the choices: the rules that have a crowd."""
        self.offer_rule()
        self.crowd.choices = [
            (Crowd.INVENTED.value, _("An invented crowd")),
            (Crowd.PAST.value, _("Campaigns that have ended")),
        ]
        self.kind.choices = [(k.value, _(k.label)) for k in FundingKind if k.has_campaign]

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for gifts that are not too small to be drawn."""
        fine = bool(super().validate(extra_validators))
        if self.gift.data is not None and self.gift.data.cents < LEAST_GIFT:
            self.gift.errors = [_("Write at least 5 euros.")]
            fine = False
        return fine
