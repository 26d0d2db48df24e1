"""The form of a campaign's page."""

from __future__ import annotations

from typing import Any

import wtforms
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    FieldList,
    FileField,
    FormField,
    HiddenField,
    IntegerField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional

from quartieri.campaigns.models import Campaign
from quartieri.kit.fields import Form, MoneyField, Needed
from quartieri.kit.money import Money

SPARE_ROWS = 2
MOST_REWARDS = 30


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
