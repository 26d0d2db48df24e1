"""The forms of re-scoping: a new budget and target, and the act that decides."""

from __future__ import annotations

from typing import Any

import wtforms
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, StringField, TextAreaField
from wtforms.validators import Length

from quartieri.campaigns.models import Campaign
from quartieri.kit.fields import Form, MoneyField, Needed
from quartieri.kit.money import Money

SPARE_LINES = 3
MOST_LINES = 60


class LineRow(wtforms.Form):
    """One line of the new budget; a blank one is left out."""

    what = StringField(_l("What for"), [Length(max=300)])
    amount = MoneyField(_l("Amount"))

    def is_blank(self) -> bool:
        """Tell whether nothing was typed."""
        return not any(str(f.raw_data[0] if f.raw_data else "").strip() for f in self)

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for both cells of a line that was begun."""
        if self.is_blank():
            return True
        good = bool(super().validate(extra_validators))
        for field in (self.what, self.amount):
            if not field.data and not field.errors:
                field.errors = [*field.errors, _("This must be filled in.")]
                good = False
        return good


class RescopeForm(Form):
    """The new budget and target, and why."""

    lines = FieldList(FormField(LineRow), _l("The new budget"), max_entries=MOST_LINES)
    target = MoneyField(_l("New target"), [Needed()])
    reason = TextAreaField(_l("Reason"), [Needed(), Length(max=2000)])

    @classmethod
    def of(cls, campaign: Campaign) -> RescopeForm:
        """Start from the budget as it is, with spare lines."""
        lines: list[dict[str, Any]] = [
            {"what": line.description, "amount": Money(line.amount_cents)}
            for line in campaign.proposal.budget
        ]
        return cls(
            formdata=None,
            data={
                "lines": [*lines, *({} for _row in range(SPARE_LINES))],
                "target": Money(campaign.target_cents),
            },
        )

    def typed(self) -> tuple[tuple[str, int], ...]:
        """Give the lines that were filled in, as (what for, cents)."""
        rows = [row.form for row in self.lines if not row.form.is_blank()]
        return tuple((row.what.data.strip(), row.amount.cents) for row in rows)
