"""How campaigns run: the second half of the money step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, RadioField, StringField
from wtforms.validators import URL, Length, NumberRange, Optional, ValidationError

from quartieri.calls.design import (
    CallDesign,
    CampaignDesign,
    CampaignMode,
    ChargeTime,
    Collector,
    Round,
    TargetCounts,
    TeamBacking,
    Venue,
)
from quartieri.calls.design.campaign import BEARERS, MOST_RETRIES, MOST_RETRY_DAYS
from quartieri.calls.forms.base import Row, ShareField, StepForm, cents_of, money_of, spare
from quartieri.kit.fields import IntegerField, MoneyField, RomeInstantField

_CHOICES = {
    "mode": CampaignMode,
    "charged": ChargeTime,
    "target_counts": TargetCounts,
    "collected_by": Collector,
    "fees_borne_by": BEARERS,
    "refunds_borne_by": BEARERS,
    "disputes_borne_by": BEARERS,
    "team_backing": TeamBacking,
    "venue": Venue,
}
_PLAIN = ("cover_fees", "fee_share", "top_up_in_grace", "companies", "rescope_share", "venue_name")


class RoundRow(Row):
    """One slot with its own dates."""

    label = StringField(_l("Name"), [Optional(), Length(max=100)])
    starts_at = RomeInstantField(_l("Starts"), [Optional()])
    ends_at = RomeInstantField(_l("Ends (included)"), [Optional()])

    def round(self) -> Round:
        """Give the slot; call it on a row whose dates are there."""
        starts_at, ends_at = self.starts_at.instant(), self.ends_at.instant()
        if starts_at is None or ends_at is None:
            msg = "a round without its dates"
            raise ValueError(msg)
        return Round((self.label.data or "").strip(), starts_at, ends_at)


class CampaignFields(StepForm):
    """The fields of a call's campaigns; each has its usual answer."""

    days = IntegerField(_l("Days of a campaign"), [Optional(), NumberRange(1, 365)])
    grace_days = IntegerField(
        _l("Days after the deadline in which charges are tried again"),
        [Optional(), NumberRange(1, 60)],
    )
    offline_days = IntegerField(
        _l("Days after the deadline to record offline money received by then"),
        [Optional(), NumberRange(0, 59)],
    )
    pledge_min = MoneyField(_l("Smallest pledge"))
    pledge_max = MoneyField(_l("Largest pledge"))
    confirm_minutes = IntegerField(
        _l("Minutes to confirm a pledge that began before the deadline"),
        [Optional(), NumberRange(1, 1440)],
    )
    mode = RadioField(_l("What is collected"), [Optional()])
    charged = RadioField(_l("When a card is charged"), [Optional()])
    target_counts = RadioField(_l("What counts for the target"), [Optional()])
    collected_by = RadioField(_l("Who collects"), [Optional()])
    fees_borne_by = RadioField(_l("Who bears the payment service's fees"), [Optional()])
    refunds_borne_by = RadioField(
        _l("Who bears what the service keeps of money given back"), [Optional()]
    )
    disputes_borne_by = RadioField(_l("Who bears a lost dispute"), [Optional()])
    cover_fees = BooleanField(_l("Backers may add the expected fees to what they give"))
    fee_share = ShareField(_l("Fee of a charge (%)"))
    fee_fixed = MoneyField(_l("… and for each charge"))
    retry_days = StringField(_l("Days between the tries of a refused charge"), [Optional()])
    top_up_in_grace = BooleanField(_l("While charges are tried again others may give"))
    person_cap = MoneyField(_l("The most that one person gives to one project"))
    team_backing = RadioField(_l("May those who propose a project back it?"), [Optional()])
    companies = BooleanField(_l("Companies may give, and be named as sponsors"))
    rescope_share = ShareField(_l("By how much a cost may change before the launch (%)"))
    venue = RadioField(_l("Where campaigns run"), [Optional()])
    venue_name = StringField(_l("Name of the other platform"), [Optional(), Length(max=200)])
    venue_url = StringField(
        _l("Its address (https://…)"), [Optional(), Length(max=490), URL(require_tld=False)]
    )
    rounds = FieldList(FormField(RoundRow), label=_l("Rounds"))

    def offer_campaign(self) -> None:
        """Fill in the choices of the campaign."""
        for name, allowed in _CHOICES.items():
            self[name].choices = [(one.value, _(one.label)) for one in allowed]

    @staticmethod
    def campaign_data(campaign: CampaignDesign) -> dict[str, Any]:
        """Give what the fields show of a call's campaigns."""
        return {
            **{name: getattr(campaign, name) for name in (*_CHOICES, *_PLAIN)},
            "days": campaign.days or None,
            "grace_days": campaign.grace_days or None,
            "offline_days": campaign.offline_days or None,
            "pledge_min": money_of(campaign.pledge_min_cents),
            "pledge_max": money_of(campaign.pledge_max_cents),
            "confirm_minutes": campaign.confirm_minutes or None,
            "fee_fixed": money_of(campaign.fee_fixed_cents),
            "retry_days": ", ".join(str(days) for days in campaign.retry_days),
            "person_cap": money_of(campaign.person_cap_cents),
            "venue_url": campaign.venue_url,
            "rounds": spare(
                {"label": one.label, "starts_at": one.starts_at, "ends_at": one.ends_at}
                for one in campaign.rounds
            ),
        }

    def campaign(self, design: CallDesign) -> CampaignDesign:
        """Give how campaigns run as it was typed; what was left empty keeps its usual answer."""
        usual = CampaignDesign()
        chosen = {name: self[name].data or getattr(usual, name) for name in _CHOICES}
        share = self.fee_share.data
        return replace(
            design.campaign or usual,
            **chosen,
            days=self.days.data or 0,
            grace_days=self.grace_days.data or 0,
            offline_days=self.offline_days.data or 0,
            pledge_min_cents=cents_of(self.pledge_min.data) or 0,
            pledge_max_cents=cents_of(self.pledge_max.data) or 0,
            confirm_minutes=self.confirm_minutes.data or 0,
            cover_fees=bool(self.cover_fees.data),
            fee_share=usual.fee_share if share is None else share,
            fee_fixed_cents=cents_of(self.fee_fixed.data) or 0,
            retry_days=_days(self.retry_days.data) or usual.retry_days,
            top_up_in_grace=bool(self.top_up_in_grace.data),
            person_cap_cents=cents_of(self.person_cap.data) or 0,
            companies=bool(self.companies.data),
            rescope_share=self.rescope_share.data,
            venue_name=(self.venue_name.data or "").strip(),
            venue_url=(self.venue_url.data or "").strip(),
            rounds=tuple(row.form.round() for row in self.rounds if not row.form.is_blank()),
        )

    def validate_retry_days(self, field: StringField) -> None:
        """Ask for days with commas between them."""
        try:
            found = _days(field.data)
        except ValueError:
            found = (0,)
        if len(found) > MOST_RETRIES or any(not 1 <= days <= MOST_RETRY_DAYS for days in found):
            raise ValidationError(_("Write whole days with commas between, such as 1, 2, 2."))

    def validate_venue_url(self, field: StringField) -> None:
        """Ask for an encrypted address."""
        if not str(field.data or "").startswith("https://"):
            raise ValidationError(_("The address begins with https://."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for both dates of a round, the second after the first."""
        fine = bool(super().validate(extra_validators))
        for row in (r.form for r in self.rounds):
            if row.is_blank():
                continue
            for one in (row.starts_at, row.ends_at):
                if one.data is None and not one.errors:
                    one.errors = [_("This must be filled in.")]
                fine = fine and not one.errors
            if fine and row.starts_at.data >= row.ends_at.data:
                row.ends_at.errors = [_("The end must be later than the start.")]
                fine = False
        return fine


def _days(text: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in (text or "").replace(";", ",").split(",") if part.strip())
