"""The forms of officials."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from quartieri.acts.forms import ActForm
from quartieri.calls.design import Round
from quartieri.campaigns.importing.table import text_of
from quartieri.campaigns.rules import TYPED, Need, OfflineMeans
from quartieri.kit.errors import InvalidError
from quartieri.kit.fields import Form, IntegerField, MoneyField, Needed, RomeInstantField
from quartieri.kit.filters import deadline_filter, instant_filter
from quartieri.kit.labels import lazy
from quartieri.kit.numbers import MOST_NUMBER


class ReasonForm(Form):
    """Why."""

    reason = TextAreaField(_l("Reason"), [Needed(), Length(max=2000)])


class NoteForm(Form):
    """What the proposer should change."""

    note = TextAreaField(_l("What should change"), [Needed(), Length(max=4000)])


class ApproveForm(Form):
    """When the campaign runs: in one of the call's rounds, or from a start that is typed."""

    starts_at = RomeInstantField(
        _l("Start"),
        [Optional()],
        description=_l("Day and hour in Rome. It ends after the call's days."),
    )
    round = RadioField(_l("Round"), [Optional()])

    def offer(self, rounds: Sequence[Round]) -> None:
        """Ask for a round where the call has some, else for the start."""
        if rounds:
            del self.starts_at
            self.round.choices = [
                (
                    str(number),
                    _(
                        "%(label)s: from %(start)s to %(end)s",
                        label=one.label,
                        start=instant_filter(one.starts_at),
                        end=deadline_filter(one.ends_at),
                    ),
                )
                for number, one in enumerate(rounds, start=1)
            ]
        else:
            del self.round

    def round_number(self) -> int | None:
        """Give the number of the chosen round, from 1."""
        chosen = str(self.round.data or "") if "round" in self else ""
        return int(chosen) if chosen.isdecimal() and len(chosen) < len(str(MOST_NUMBER)) else None


class OfflineForm(Form):
    """Money that came outside of the site."""

    amount = MoneyField(_l("Amount"), [Needed()])
    name = StringField(_l("From whom"), [Needed(), Length(max=200)])
    email = EmailField(_l("Email, for the receipt"), [Optional(), Length(max=254)])
    public_name = StringField(_l("Name to show (empty: anonymous)"), [Optional(), Length(max=100)])
    received_at = RomeInstantField(_l("Received on"), [Needed()])
    means = RadioField(
        _l("How it was given"),
        [Optional()],
        default=OfflineMeans.TRANSFER.value,
        choices=[SelectChoice(one.value, _l(one.label)) for one in OfflineMeans],
    )
    evidence = TextAreaField(
        _l("What proves that the money is held"),
        [Optional(), Length(max=2000)],
        description=_l("In words, as a file below, or both: the receipt's number, who holds it."),
    )
    file = FileField(_l("The proof as a file (PDF or picture)"), [Optional()])


class ImportForm(Form):
    """A table that is checked first, and stored only when asked to."""

    file = FileField(_l("The table (CSV)"), [Optional()])
    content = HiddenField()

    def text(self) -> str:
        """Give the table's text: of the file that was chosen, or of the one checked before."""
        upload = self.file.data
        if upload:
            return text_of(upload.read())
        if not self.content.data:
            raise InvalidError(lazy("Choose a file."), field="file")
        return str(self.content.data)


class EvidenceForm(Form):
    """What proves that money went back."""

    evidence = TextAreaField(
        _l("What proves that the money went back"), [Needed(), Length(max=2000)]
    )


class RefundForm(Form):
    """A pledge that goes back, whole or in part."""

    part = MoneyField(
        _l("Amount (empty: all of it)"),
        [Optional()],
        description=_l("Of a part the pledge stays paid and counts for the rest."),
    )
    reason = TextAreaField(_l("Reason"), [Needed(), Length(max=2000)])


class CaseForm(Form):
    """What was done about a case."""

    by_hand = BooleanField(_l("The money went back to the backer another way"))
    note = TextAreaField(_l("What was done"), [Needed(), Length(max=2000)])


class PayoutForm(Form):
    """Crowd money paid to the proposer."""

    amount = MoneyField(_l("Amount paid"), [Needed()])
    reference = StringField(_l("Reference of the payment order"), [Needed(), Length(max=80)])


class ClaimForm(Form):
    """Costs that the proposer paid back, whole or in part."""

    amount = MoneyField(_l("Amount received"), [Needed()])
    received_on = DateField(_l("Received on"), [Needed()])
    reference = StringField(_l("The bank's reference"), [Needed(), Length(max=80)])
    file = FileField(_l("What proves the payment (PDF or picture)"), [Optional()])
    note = TextAreaField(_l("Note"), [Optional(), Length(max=2000)])


class ExtensionForm(ActForm):
    """A campaign's new end, and the act that sets it."""

    new_ends_at = RomeInstantField(_l("New end"), [Needed()])


class CollectionForm(Form):
    """Who receives the money, and how; only what the call's setting needs is asked."""

    outside_url = URLField(_l(Need.OUTSIDE_URL.label), [Optional(), Length(max=500)])
    holder = StringField(_l(Need.HOLDER.label), [Optional(), Length(max=200)])
    tax_code = StringField(_l(Need.TAX_CODE.label), [Optional(), Length(max=16)])
    iban = StringField(_l(Need.IBAN.label), [Optional(), Length(max=42)])
    merchant_account = StringField(_l(Need.MERCHANT.label), [Optional(), Length(max=80)])
    how_to_give = TextAreaField(_l(Need.HOW_TO_GIVE.label), [Optional(), Length(max=2000)])

    def only(self, wanted: Collection[Need]) -> None:
        """Ask for what is needed and for nothing else."""
        for need in TYPED - set(wanted):
            del self[need.value]

    def typed(self) -> dict[str, str]:
        """Give what was typed, by field."""
        return {f.name: f.data or "" for f in self if f.name in {need.value for need in TYPED}}


class CertificateForm(Form):
    """What another platform certifies of a campaign that has ended."""

    raised = MoneyField(_l("Raised, as certified"), [Needed()])
    backers = IntegerField(_l("From how many people"), [Needed(), NumberRange(min=0)])
    issued_on = DateField(_l("Date of the certificate"), [Needed()])
    file = FileField(_l("The certificate (PDF or picture)"), [Optional()])
    note = TextAreaField(_l("Note"), [Optional(), Length(max=2000)])


class DecideForm(Form):
    """Whether the certificate is right, and why not."""

    decision = RadioField(
        _l("The figures and the file"),
        [Needed()],
        choices=[
            SelectChoice("confirm", _l("agree: the campaign is decided on them")),
            SelectChoice("reject", _l("do not agree: another certificate is needed")),
        ],
    )
    reason = TextAreaField(_l("Why it is rejected"), [Optional(), Length(max=2000)])
