"""Forms of campaigns and pledges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import wtforms
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Email, Length, NumberRange, Optional

from quartieri.campaigns.models import Campaign, Reward
from quartieri.kit.fields import Form, MoneyField, Needed, RomeInstantField
from quartieri.kit.filters import money_filter
from quartieri.kit.money import Money

NONE = "0"
SPARE_ROWS = 2
MOST_REWARDS = 30


class AmountForm(Form):
    """How much, and for which reward; sent by GET."""

    amount = MoneyField(_l("Another amount"), [Needed()])
    reward = RadioField(_l("A thank-you"), [Optional()], default=NONE)

    def __init__(self, args: Any = None) -> None:
        """Read the address; a form that changes nothing needs no token."""
        super().__init__(args, meta={"csrf": False})

    def offer(self, rewards: Sequence[Reward]) -> None:
        """Fill in the rewards that are left."""
        self.reward.choices = [
            (NONE, _("Nothing, thank you")),
            *(
                (str(r.id), _("%(title)s (from %(amount)s)", title=r.title, amount=_euros(r)))
                for r in rewards
                if r.stock is None or r.taken < r.stock or str(r.id) == str(self.reward.data)
            ),
        ]


def _euros(reward: Reward) -> str:
    return money_filter(Money(reward.minimum_cents))


class PledgeForm(Form):
    """Who gives, and the consent; amount and reward were chosen on the page before."""

    amount = HiddenField()
    reward = HiddenField(default=NONE)
    token = HiddenField()
    email = EmailField(
        _l("Your email"),
        [Needed(), Length(max=254), Email(message=_l("Write an address such as ada@example.org."))],
        description=_l("We write to it what happens with your pledge, and the link to it."),
    )
    name = StringField(_l("Your name"), [Needed(), Length(max=200)])
    public_name = StringField(
        _l("Name to show on the project's page"),
        [Optional(), Length(max=100)],
        description=_l("Leave it empty to stay anonymous."),
    )
    message = TextAreaField(
        _l("A message for the project"),
        [Optional(), Length(max=300)],
        description=_l("Shown with your public name."),
    )
    consent = BooleanField(_l("I agree"), [Needed()])

    def chosen_reward(self) -> int | None:
        """Give the reward's id, or None."""
        text = str(self.reward.data or NONE)
        return int(text) if text.isdecimal() and text != NONE else None

    def cents(self) -> int:
        """Give the amount in cents; 0 for anything that is no number."""
        text = str(self.amount.data or "")
        return int(text) if text.isdecimal() and len(text) <= len(str(10**13)) else 0

    def validate_consent(self, field: Any) -> None:
        """Without consent to the later charge there is no pledge."""
        if not field.data:
            raise wtforms.ValidationError(_("Without your consent we cannot take the pledge."))


class AddressForm(Form):
    """Where the links to somebody's pledges go."""

    email = EmailField(_l("The email of your pledge"), [Needed(), Length(max=254)])


class RewardRow(wtforms.Form):
    """One reward."""

    title = StringField(_l("Reward"), [Length(max=140)])
    text = StringField(_l("What it is"), [Length(max=500)])
    minimum = MoneyField(_l("From"))
    stock = IntegerField(_l("How many (empty: no limit)"), [Optional(), NumberRange(min=1)])

    def is_blank(self) -> bool:
        """Tell whether nothing was typed."""
        return not any(str(f.raw_data[0] if f.raw_data else "").strip() for f in self)

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for title and price of a row that was begun."""
        if self.is_blank():
            return True
        good = bool(super().validate(extra_validators))
        for field in (self.title, self.minimum):
            if not field.data and not field.errors:
                field.errors = [*field.errors, _("This must be filled in.")]
                good = False
        return good


class PageForm(Form):
    """A campaign's page as its proposer writes it."""

    version = HiddenField()
    title = StringField(_l("Title"), [Needed(), Length(max=140)])
    summary = TextAreaField(
        _l("In one sentence"), [Optional(), Length(max=500)], render_kw={"rows": 3}
    )
    story = TextAreaField(
        _l("The story"),
        [Optional(), Length(max=20_000)],
        description=_l(
            "Why, for whom, how. A blank line begins a paragraph, ## a heading, - a list."
        ),
        render_kw={"rows": 16},
    )
    target = MoneyField(_l("Target"), [Needed()])
    image = FileField(
        _l("Picture"),
        [Optional()],
        description=_l("JPEG, PNG or WebP, wider than high; at least 1200 pixels wide looks best."),
    )
    image_text = StringField(
        _l("What the picture shows, for those who do not see it"), [Optional(), Length(max=300)]
    )
    rewards = FieldList(FormField(RewardRow), _l("Rewards"), max_entries=MOST_REWARDS)

    @classmethod
    def of(cls, campaign: Campaign) -> PageForm:
        """Build the form from the page as it is, with spare rows."""
        rows: list[dict[str, Any]] = [
            {
                "title": r.title,
                "text": r.text,
                "minimum": Money(r.minimum_cents),
                "stock": r.stock,
            }
            for r in campaign.rewards
        ]
        return cls(
            formdata=None,
            data={
                "version": str(campaign.version),
                "title": campaign.title,
                "summary": campaign.summary,
                "story": campaign.story,
                "target": Money(campaign.target_cents),
                "image_text": campaign.image.alternative_text if campaign.image else "",
                "rewards": [*rows, *({} for _row in range(SPARE_ROWS))],
            },
        )


class ReasonForm(Form):
    """Why."""

    reason = TextAreaField(_l("Reason"), [Needed(), Length(max=2000)])


class NoteForm(Form):
    """What the proposer should change."""

    note = TextAreaField(_l("What should change"), [Needed(), Length(max=4000)])


class ApproveForm(Form):
    """When the campaign starts."""

    starts_at = RomeInstantField(
        _l("Start"),
        [Needed()],
        description=_l("Day and hour in Rome. It ends after the call's days."),
    )


class OfflineForm(Form):
    """Money that came outside of the site."""

    amount = MoneyField(_l("Amount"), [Needed()])
    name = StringField(_l("From whom"), [Needed(), Length(max=200)])
    email = EmailField(_l("Email, for the receipt"), [Optional(), Length(max=254)])
    public_name = StringField(_l("Name to show (empty: anonymous)"), [Optional(), Length(max=100)])
    received_at = RomeInstantField(_l("Received on"), [Needed()])
    evidence = TextAreaField(
        _l("What proves that the money is held"),
        [Needed(), Length(max=2000)],
        description=_l("For instance the receipt's number and who holds the cash."),
    )


class EvidenceForm(Form):
    """What proves that money went back."""

    evidence = TextAreaField(
        _l("What proves that the money went back"), [Needed(), Length(max=2000)]
    )


class PayoutForm(Form):
    """Crowd money paid to the proposer."""

    amount = MoneyField(_l("Amount paid"), [Needed()])
    reference = StringField(_l("Reference of the payment order"), [Needed(), Length(max=80)])
