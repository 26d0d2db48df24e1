"""The forms of a reward."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, MonthField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from quartieri.campaigns.models import CampaignImage
from quartieri.campaigns.rules import RewardData
from quartieri.kit.fields import Form, IntegerField, MoneyField, Needed
from quartieri.kit.money import Money

MOST = 1_000_000


class StockForm(Form):
    """How many there are."""

    stock = IntegerField(
        _l("How many (empty: no limit)"), [Optional(), NumberRange(min=1, max=MOST)]
    )


class RewardForm(StockForm):
    """One reward."""

    seen = HiddenField()
    title = StringField(_l("Reward"), [Needed(), Length(max=140)])
    text = TextAreaField(_l("What it is"), [Optional(), Length(max=500)], render_kw={"rows": 3})
    minimum = MoneyField(_l("From"), [Needed()])
    delivery = MonthField(
        _l("Handed over in"),
        [Optional()],
        description=_l("The month in which backers get it, as YYYY-MM."),
    )
    shipping_question = StringField(
        _l("What you must ask to hand it over"),
        [Optional(), Length(max=200)],
        description=_l(
            "For instance the postal address or a size. Who chooses the reward answers it; "
            "leave it empty if there is nothing to ask."
        ),
    )
    image = SelectField(
        _l("Picture"),
        [Optional()],
        description=_l("One of the pictures of your page; add more under The story."),
    )

    def offer(self, images: list[CampaignImage]) -> None:
        """Fill in the pictures of the page."""
        shown = [(str(i.id), i.file.alternative_text) for i in images]
        self.image.choices = [("", _("None")), *shown]

    def reward_data(self) -> RewardData:
        """Give what was typed."""
        month: date | None = self.delivery.data
        return RewardData(
            title=self.title.data,
            text=self.text.data or "",
            minimum_cents=self.minimum.cents,
            stock=self.stock.data,
            image_id=int(self.image.data) if self.image.data else None,
            delivery=month.replace(day=1) if month else None,
            shipping_question=self.shipping_question.data or "",
        )


def reward_values(data: RewardData) -> dict[str, Any]:
    """Give what the form shows of a reward as it is saved."""
    return {
        "title": data.title,
        "text": data.text,
        "minimum": Money(data.minimum_cents),
        "stock": data.stock,
        "delivery": data.delivery,
        "shipping_question": data.shipping_question,
        "image": str(data.image_id or ""),
    }
