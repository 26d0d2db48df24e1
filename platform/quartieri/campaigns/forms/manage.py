"""The forms of officials."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from quartieri.acts.forms import ActForm
from quartieri.kit.fields import Form, MoneyField, Needed, RomeInstantField


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


class ExtensionForm(ActForm):
    """A campaign's new end, and the act that sets it."""

    new_ends_at = RomeInstantField(_l("New end"), [Needed()])
