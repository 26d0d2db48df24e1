"""The forms of offers of help and of comments."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Email, Length, NumberRange, Optional

from quartieri.campaigns.rules import PagePart
from quartieri.kit.fields import Form, IntegerField, Needed
from quartieri.kit.filters import label_filter


class OfferForm(Form):
    """An offer of help."""

    quantity = IntegerField(_l("How many"), [Needed(), NumberRange(min=1, max=100_000)], default=1)
    name = StringField(_l("Your name"), [Needed(), Length(max=200)])
    email = EmailField(
        _l("Your email"),
        [Needed(), Length(max=254), Email(message=_l("Write an address such as ada@example.org."))],
    )
    phone = TelField(_l("Your telephone number"), [Optional(), Length(max=40)])
    message = TextAreaField(
        _l("What you offer, and when"), [Optional(), Length(max=1000)], render_kw={"rows": 4}
    )


class OfferAnswerForm(Form):
    """A word with the answer."""

    answer = TextAreaField(
        _l("A word to who offers"), [Optional(), Length(max=1000)], render_kw={"rows": 3}
    )


class CommentForm(Form):
    """What a tutor says of a part."""

    part = SelectField(_l("Part of the page"))
    text = TextAreaField(_l("Comment"), [Needed(), Length(max=2000)], render_kw={"rows": 4})

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the parts."""
        super().__init__(*args, **kwargs)
        self.part.choices = [(part.value, label_filter(part)) for part in PagePart]
