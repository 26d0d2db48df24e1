"""How the grant is computed: the first part of the money step, with each kind's own figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, RadioField
from wtforms.validators import NumberRange, Optional

from quartieri.calls.design import CallDesign, WhenMoneyRunsOut
from quartieri.calls.design.money import MOST_BACKERS
from quartieri.calls.design.reading import MOST_NUMBER
from quartieri.calls.forms.base import (
    ExactField,
    Row,
    ShareField,
    StepForm,
    cents_of,
    money_of,
    spare,
)
from quartieri.calls.funding import (
    MOST_FACTOR,
    FixedSum,
    FundingKind,
    FundingRule,
    LiveMatch,
    Multiplier,
    Quadratic,
    QuadraticMethod,
    ShareOf,
)
from quartieri.kit.errors import DomainError
from quartieri.kit.fields import IntegerField, MoneyField, RomeInstantField

NO_MONEY = "none"
"""The choice of a call that gives no money; every other is a kind of rule."""
_NAMES = {
    "grant_min_cents": "grant_min",
    "grant_cap_cents": "grant_cap",
    "per_donation_cents": "per_donation",
    "per_donor_cents": "per_donor",
    "sum_cents": "fixed_sum",
}


class FactorField(ExactField):
    """Cents of the city for each cent of a donation."""

    most = MOST_FACTOR


class RaisedField(ShareField):
    """A percentage to be raised, which may be above the whole."""

    most = MOST_FACTOR * 100


class MultiplierRow(Row):
    """A time in which donations are matched with another factor."""

    starts_at = RomeInstantField(_l("From"), [Optional()])
    ends_at = RomeInstantField(_l("To (included)"), [Optional()])
    factor = FactorField(_l("Factor"))

    def multiplier(self) -> Multiplier:
        """Give the time; call it on a row that is filled in."""
        starts_at, ends_at = self.starts_at.instant(), self.ends_at.instant()
        if starts_at is None or ends_at is None or self.factor.data is None:
            msg = "a multiplier without its time or factor"
            raise ValueError(msg)
        return Multiplier(starts_at, ends_at, self.factor.data)


class RuleFields(StepForm):
    """The kind of the rule, its limits, and the figures of each kind."""

    kind = RadioField(_l("How the grant is computed"), [Optional()])
    crowdfunding_share = ShareField(_l("The lowest target, of the cost (%)"))
    grant_share = ShareField(_l("What the city gives, of the cost, at most (%)"))
    grant_min = MoneyField(_l("Smallest grant"))
    grant_cap = MoneyField(_l("Largest grant"))
    factor = FactorField(_l("Euro of the city for each euro given"))
    per_donation = MoneyField(_l("Of one donation at most this much is matched"))
    donations_per_donor = IntegerField(
        _l("Donations of one person to one project that are matched"),
        [Optional(), NumberRange(1, MOST_NUMBER)],
    )
    per_donor = MoneyField(_l("The most that is added to one person's donations to one project"))
    multipliers = FieldList(FormField(MultiplierRow), label=_l("Times with another factor"))
    fixed_sum = MoneyField(_l("The sum that the city gives"))
    at_share = RaisedField(_l("What must be raised (%)"))
    sum_of = RadioField(_l("A percentage"), [Optional()])
    at_backers = IntegerField(
        _l("From how many people at least"), [Optional(), NumberRange(0, MOST_BACKERS)]
    )
    method = RadioField(_l("How the pool is shared"), [Optional()])
    reshare = BooleanField(_l("What a project's limit cuts off is shared among the others"))

    def offer_rule(self) -> None:
        """Fill in the choices of the rule."""
        self.kind.choices = [
            *((k.value, _(k.label)) for k in FundingKind),
            (NO_MONEY, _("No money: a pact follows the selection")),
        ]
        self.sum_of.choices = [(one.value, _(one.label)) for one in ShareOf]
        self.method.choices = [(one.value, _(one.label)) for one in QuadraticMethod]

    @staticmethod
    def rule_data(rule: FundingRule | None) -> dict[str, Any]:
        """Give what the fields show of a rule."""
        live = rule.live if rule and rule.live else LiveMatch()
        fixed = rule.fixed_sum if rule else None
        quadratic = rule.quadratic if rule and rule.quadratic else Quadratic()
        return {
            "kind": rule.kind.value if rule else None,
            "crowdfunding_share": rule.crowdfunding_share if rule else None,
            "grant_share": rule.grant_share if rule else None,
            "grant_min": money_of(rule.grant_min_cents) if rule else None,
            "grant_cap": money_of(rule.grant_cap_cents) if rule else None,
            "factor": live.factor,
            "per_donation": money_of(live.per_donation_cents),
            "donations_per_donor": live.donations_per_donor,
            "per_donor": money_of(live.per_donor_cents),
            "multipliers": spare(
                {"starts_at": one.starts_at, "ends_at": one.ends_at, "factor": one.factor}
                for one in live.multipliers
            ),
            "fixed_sum": money_of(fixed.sum_cents) if fixed else None,
            "at_share": fixed.at_share if fixed else Decimal(1),
            "sum_of": fixed.of if fixed else ShareOf.TARGET,
            "at_backers": fixed.at_backers if fixed else None,
            "method": quadratic.method,
            "reshare": quadratic.reshare,
        }

    def say(self, error: DomainError) -> None:
        """Show a domain error at its field; the rule's own names are those of its cents."""
        error.field = _NAMES.get(error.field or "", error.field)
        super().say(error)

    @property
    def no_money(self) -> bool:
        """Tell whether the call gives no money."""
        return bool(self.kind.data == NO_MONEY)

    def rule(self, design: CallDesign) -> FundingRule | None:
        """Give the rule as it was typed; None without a kind or without money.

        The figures of other kinds are left out. Raises InvalidError naming what makes no rule.
        """
        if not self.kind.data or self.no_money:
            return None
        kind = FundingKind(self.kind.data)
        return FundingRule(
            kind=kind,
            crowdfunding_share=self.crowdfunding_share.data if kind.has_campaign else None,
            grant_share=self.grant_share.data,
            grant_min_cents=cents_of(self.grant_min.data),
            grant_cap_cents=cents_of(self.grant_cap.data),
            part_funding=design.evaluation.when_money_runs_out == WhenMoneyRunsOut.PART,
            live=self._live() if kind is FundingKind.LIVE_MATCH else None,
            fixed_sum=self._fixed_sum() if kind is FundingKind.FIXED_SUM else None,
            quadratic=self._quadratic() if kind is FundingKind.QUADRATIC else None,
        )

    def _live(self) -> LiveMatch:
        factor = self.factor.data
        return LiveMatch(
            factor=LiveMatch().factor if factor is None else factor,
            per_donation_cents=cents_of(self.per_donation.data),
            donations_per_donor=self.donations_per_donor.data,
            per_donor_cents=cents_of(self.per_donor.data),
            multipliers=tuple(
                row.form.multiplier() for row in self.multipliers if not row.form.is_blank()
            ),
        )

    def _fixed_sum(self) -> FixedSum:
        share = self.at_share.data
        return FixedSum(
            sum_cents=cents_of(self.fixed_sum.data) or 0,
            at_share=Decimal(1) if share is None else share,
            of=ShareOf(self.sum_of.data or ShareOf.TARGET),
            at_backers=self.at_backers.data or 0,
        )

    def _quadratic(self) -> Quadratic:
        method = QuadraticMethod(self.method.data or QuadraticMethod.SUBSIDY)
        return Quadratic(method, reshare=bool(self.reshare.data))

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the whole of a multiplier, its end after its start."""
        fine = bool(super().validate(extra_validators))
        for row in (r.form for r in self.multipliers):
            if row.is_blank():
                continue
            for one in (row.starts_at, row.ends_at, row.factor):
                if not one.data and not one.errors:
                    one.errors = [_("This must be filled in.")]
                fine = fine and not one.errors
            if fine and row.starts_at.data >= row.ends_at.data:
                row.ends_at.errors = [_("The end must be later than the start.")]
                fine = False
        return fine
