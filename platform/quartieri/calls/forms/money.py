"""Sixth step: the money rule, the campaign's rule, the endowment and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, SelectField
from wtforms.validators import NumberRange, Optional

from quartieri.calls.design import CallDesign, CampaignDesign, MoneyRules
from quartieri.calls.forms.base import Row, ShareField, money_of, spare
from quartieri.calls.forms.campaign import CampaignFields
from quartieri.calls.forms.rule import NO_MONEY, RuleFields
from quartieri.kit.fields import IntegerField, MoneyField


class ShareRow(Row):
    """One level of the programme and what it gives."""

    level = SelectField(_l("Level of the programme"), validate_choice=False)
    amount = MoneyField(_l("Amount"))

    def is_blank(self) -> bool:
        """Tell whether neither level nor amount was given."""
        return not self.level.data and self.amount.data is None and not self.amount.errors


class MoneyForm(RuleFields, CampaignFields):
    """How much, by which rule, from where."""

    advance_share = ShareField(_l("Paid in advance, of the grant (%; 0: nothing)"))
    integration_days = IntegerField(
        _l("Days to complete the papers (soccorso istruttorio)"), [Optional(), NumberRange(1, 365)]
    )
    refusal_notice = BooleanField(
        _l("Notice is given before an exclusion, with ten days to answer (preavviso di rigetto)")
    )
    endowment = MoneyField(_l("Endowment of the call"))
    shares = FieldList(FormField(ShareRow), label=_l("Where the endowment comes from"))

    def offer(self, levels: list[tuple[str, str]]) -> None:
        """Fill in the choices; levels of the programme as (id, indented title)."""
        self.offer_campaign()
        self.offer_rule()
        for row in self.shares:
            row.form.level.choices = [("", _("– none –")), *levels]

    @staticmethod
    def data_of(
        design: CallDesign, endowment_cents: int | None, shares: Mapping[int, int]
    ) -> dict[str, Any]:
        """Give what the form shows of a design and of its planned endowment."""
        money, campaign = design.money, design.campaign or CampaignDesign()
        rows = ({"level": str(i), "amount": money_of(cents)} for i, cents in shares.items())
        return {
            **CampaignFields.campaign_data(campaign),
            **RuleFields.rule_data(money.rule),
            **({"kind": NO_MONEY} if money.no_money else {}),
            "advance_share": money.advance_share,
            "integration_days": money.integration_days or None,
            "refusal_notice": money.refusal_notice,
            "endowment": money_of(endowment_cents),
            "shares": spare(rows),
        }

    def apply(self, design: CallDesign) -> CallDesign:
        """Give the design with this step's answers.

        Raises InvalidError naming the field when the figures make no rule.
        """
        rule = self.rule(design)
        campaign = None
        if rule is not None and rule.kind.has_campaign:
            campaign = self.campaign(design)
        money = MoneyRules(
            rule=rule,
            advance_share=None if self.no_money else self.advance_share.data,
            integration_days=self.integration_days.data or 0,
            refusal_notice=bool(self.refusal_notice.data),
            no_money=self.no_money,
        )
        return replace(design, money=money, campaign=campaign)

    def levels(self) -> dict[int, int]:
        """Give ``{level id: cents}``; two rows of one level add up."""
        found: dict[int, int] = {}
        for row in (r.form for r in self.shares):
            if str(row.level.data or "").isdecimal() and row.amount.data is not None:
                level = int(row.level.data)
                found[level] = found.get(level, 0) + row.amount.data.cents
        return found

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for level and amount together, and for neither in a call without money."""
        fine = bool(super().validate(extra_validators))
        if self.no_money and self.endowment.data:
            self.endowment.errors = [_("A call without money has no endowment: empty it.")]
            fine = False
        for row in (r.form for r in self.shares):
            if row.is_blank():
                continue
            for field in (row.level, row.amount):
                if not field.data and not field.errors:
                    field.errors = [_("This must be filled in.")]
                    fine = False
        return fine
