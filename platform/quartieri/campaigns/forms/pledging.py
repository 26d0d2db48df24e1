"""The forms of a backer: how much, who, where the links go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import wtforms
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Email, Length, Optional

from quartieri.campaigns.models import Reward
from quartieri.kit.fields import Form, MoneyField, Needed
from quartieri.kit.filters import money_filter
from quartieri.kit.formats import DEFAULT_LOCALE, language
from quartieri.kit.labels import in_language
from quartieri.kit.money import Money
from quartieri.kit.numbers import MOST_NUMBER

NONE = "0"


class AmountForm(Form):
    """How much, and for which reward; sent by GET."""

    amount = MoneyField(_l("Another amount"), [Needed()])
    reward = RadioField(_l("Reward"), default=NONE, validate_choice=False)
    cover = BooleanField(
        _l("I add the payment service's fees"),
        description=_l("So that the whole amount reaches the project."),
    )

    def __init__(self, args: Any = None) -> None:
        """Read the address; a form that changes nothing needs no token."""
        super().__init__(args, meta={"csrf": False})

    def offer(self, rewards: Sequence[Reward], kept: Reward | None = None, *, cover: bool) -> None:
        """Fill in the rewards that are left; offer to cover the fees where the call does.

        ``kept`` is offered also when it has run out: its pledge holds one.
        """
        if not cover and "cover" in self:
            del self.cover
        self.known = {str(r.id) for r in rewards}
        self.reward.choices = _choices(r for r in rewards if r is kept or not r.is_gone)

    def validate_reward(self, field: Any) -> None:
        """Refuse a reward that has run out, and one of another campaign."""
        if field.data in {code for code, _label in field.choices}:
            return
        if field.data in self.known:
            raise wtforms.ValidationError(_("This reward has just run out. Choose another one."))
        raise wtforms.ValidationError(_("Choose one of this campaign's rewards."))

    def covers(self) -> bool:
        """Tell whether the fees are to be covered."""
        return bool("cover" in self and self.cover.data)


def _choices(rewards: Iterable[Reward]) -> list[tuple[str, str]]:
    named = [
        (str(r.id), _("%(title)s (from %(amount)s)", title=r.title, amount=_euros(r)))
        for r in rewards
    ]
    return [(NONE, _("Nothing, thank you")), *named]


def _euros(reward: Reward) -> str:
    return money_filter(Money(reward.minimum_cents))


class ChangeForm(Form):
    """What a pledge becomes, and the consent; amount and reward were chosen on the page before."""

    amount = HiddenField(_l("Amount"))
    reward = RadioField(_l("Reward"), choices=(), default=NONE, validate_choice=False)
    """Hidden, unless it must be chosen again."""
    cover = HiddenField(default="")
    shipping_answer = TextAreaField(_l("For your thank-you"), [Length(max=500)])
    ends = HiddenField(default="")
    """The end that the words of the consent name."""
    consent = BooleanField(_l("I agree"), [Needed()])

    def name_end(self, end: str) -> None:
        """Note the end that the words name now; whoever agreed to another one is asked again."""
        if self.ends.data != end:
            self.ends.data, self.consent.data = end, False

    def ask(self, reward: Reward | None) -> None:
        """Keep the question of the reward, where it has one."""
        if reward is None or not reward.shipping_question:
            del self.shipping_answer
        else:
            asked = {DEFAULT_LOCALE: reward.shipping_question}
            self.shipping_answer.label.text = in_language(asked, language())
            self.shipping_answer.validators = [Needed(), *self.shipping_answer.validators]
            self.shipping_answer.flags.required = True

    def choose_again(self, rewards: Sequence[Reward], kept: Reward | None = None) -> None:
        """Ask for the reward here, as the chosen one is no more: what was typed stays.

        ``kept`` is the one that the pledge holds already.
        """
        left = (r for r in rewards if r is kept or not r.is_gone)
        self.reward.choices = _choices(r for r in left if r.minimum_cents <= self.cents())
        self.reward.data, self.consent.data = NONE, False

    def typed(self, name: str) -> str:
        """Give what was typed into a question, "" where it is not asked."""
        return str(self[name].data or "").strip() if name in self else ""

    def chosen_reward(self) -> int | None:
        """Give the reward's id, or None."""
        text = str(self.reward.data or NONE)
        known = text.isdecimal() and len(text) < len(str(MOST_NUMBER))
        return int(text) if known and text != NONE else None

    def cents(self) -> int:
        """Give the amount in cents; 0 for anything that is no number."""
        text = str(self.amount.data or "")
        return int(text) if text.isdecimal() and len(text) <= len(str(10**13)) else 0

    def validate_consent(self, field: Any) -> None:
        """Without consent to the later charge there is no pledge."""
        if not field.data:
            raise wtforms.ValidationError(_("Without your consent we cannot take the pledge."))


class PledgeForm(ChangeForm):
    """Who gives, and the consent; in the order of the page, which its errors follow."""

    token = HiddenField(validators=[Length(max=64)])
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
    shipping_answer = TextAreaField(_l("For your thank-you"), [Length(max=500)])
    tax_code = StringField(
        _l("Fiscal code or VAT number"),
        [Optional(), Length(max=20)],
        description=_l("Only if the receipt is to name it. The project's page never shows it."),
    )
    company = StringField(
        _l("Company or body whose gift it is"),
        [Optional(), Length(max=200)],
        description=_l("Leave it empty if you give for yourself."),
    )
    sponsor = BooleanField(_l("Show it among the sponsors"))
    consent = BooleanField(_l("I agree"), [Needed()])

    def ask_for(self, reward: Reward | None, *, companies: bool) -> None:
        """Keep the questions that this gift has: the reward's own, those of companies."""
        self.ask(reward)
        if not companies:
            del self.company
            del self.sponsor


class NewAddressForm(Form):
    """The right address of a backer."""

    email = EmailField(
        _l("Your right email"),
        [Needed(), Email(message=_l("Write an address such as ada@example.org.")), Length(max=254)],
    )


class CorrectionForm(Form):
    """The right address of a backer, by the office."""

    email = EmailField(
        _l("The right email"),
        [Needed(), Email(message=_l("Write an address such as ada@example.org.")), Length(max=254)],
    )
    reason = TextAreaField(
        _l("How you know it"), [Needed(), Length(max=2000)], description=_l("Kept in the history.")
    )


class AddressForm(Form):
    """Where the links to somebody's pledges go."""

    email = EmailField(
        _l("The email of your pledge"),
        [Needed(), Email(message=_l("Write an address such as ada@example.org.")), Length(max=254)],
    )
