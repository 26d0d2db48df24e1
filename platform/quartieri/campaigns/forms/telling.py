"""The forms of what a proposer tells backers."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Length

from quartieri.campaigns.forms.page import MARKDOWN
from quartieri.campaigns.models import Reward
from quartieri.kit.fields import Form, Needed

EVERYONE = "all"


class UpdateForm(Form):
    """News on the page."""

    seen = HiddenField()
    title = StringField(_l("Title"), [Needed(), Length(max=140)])
    text = TextAreaField(
        _l("What is new"),
        [Needed(), Length(max=10_000)],
        description=MARKDOWN,
        render_kw={"rows": 10},
    )


class MessageForm(Form):
    """A letter to backers."""

    to = RadioField(_l("To whom"), [Needed()], default=EVERYONE)
    subject = StringField(_l("Subject"), [Needed(), Length(max=140)])
    text = TextAreaField(_l("Message"), [Needed(), Length(max=4000)], render_kw={"rows": 8})

    def offer(self, rewards: Sequence[Reward]) -> None:
        """Fill in the rewards."""
        self.to.choices = [
            (EVERYONE, _("All backers")),
            *((str(r.id), _("Who chose: %(title)s", title=r.title)) for r in rewards),
        ]
