"""The self-check's questions: a form that is sent in the address and keeps nothing."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField
from wtforms.validators import NumberRange, Optional

from quartieri.calls.selfcheck import Answers
from quartieri.kit.fields import Form, IntegerField, MoneyField
from quartieri.people.rules import OrganisationKind

MOST = 10_000


class SelfCheckForm(Form):
    """All questions; the page draws those that a call's rules depend on."""

    class Meta:
        """Sent by GET: it changes nothing, so it needs no token."""

        csrf = False

    kind = SelectField(_l("Who would apply?"), [Optional()])
    founded_on = DateField(
        _l("When was it founded?"), [Optional()], description=_l("Leave it out for a group.")
    )
    people = IntegerField(
        _l("How many people are in the group?"),
        [Optional(), NumberRange(min=0, max=MOST)],
        description=_l("Leave it out for an organisation."),
    )
    partners = IntegerField(
        _l("How many other organisations take part?"),
        [Optional(), NumberRange(min=0, max=MOST)],
        description=_l("Write 0 if you would do it alone."),
    )
    area = SelectField(_l("Where in the city?"), [Optional()])
    cost_cents = MoneyField(_l("How much does the project cost?"), [Optional()])
    own_cents = MoneyField(_l("How much of it do you bring yourselves?"), [Optional()])
    months = IntegerField(
        _l("How many months does it last?"), [Optional(), NumberRange(min=0, max=MOST)]
    )

    def offer(self, kinds: list[OrganisationKind], areas: dict[str, str]) -> None:
        """Fill in the choices."""
        self.kind.choices = [("", _("Choose")), *((k.value, _(k.label)) for k in kinds)]
        self.area.choices = [("", _("Choose")), *areas.items()]

    def answers(self) -> Answers:
        """Give what was answered; what could not be read counts as not answered."""
        return Answers(
            kind=OrganisationKind(self.kind.data) if self.kind.data else None,
            founded_on=self.founded_on.data,
            people=self.people.data,
            partners=self.partners.data,
            area=self.area.data or None,
            cost_cents=self._cents(self.cost_cents),
            own_cents=self._cents(self.own_cents),
            months=self.months.data,
        )

    def _cents(self, field: MoneyField) -> Any:
        return None if field.data is None else field.data.cents
