"""Forms of grants and payments."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _l
from wtforms import DateField, FileField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from quartieri.acts.forms import ActForm
from quartieri.grants.rules import DisbursementKind
from quartieri.kit.fields import Form, MoneyField, Needed


class LegalEntityForm(ActForm):
    """The body that an informal group became."""

    name = StringField(_l("Name of the new body"), [Needed(), Length(max=200)])
    tax_code = StringField(_l("Tax code of the body"), [Needed(), Length(max=20)])
    iban = StringField(_l("IBAN"), [Needed(), Length(max=42)])
    statute = FileField(_l("Statute (PDF)"), [Needed()])


class AgreementForm(Form):
    """The agreement that both signed."""

    signed_on = DateField(_l("Signed on"), [Needed()])
    iban = StringField(_l("IBAN of the recipient"), [Optional(), Length(max=42)])
    agreement = FileField(_l("The signed agreement (PDF)"), [Needed()])


class IbanForm(Form):
    """Another account to which a grant is paid."""

    iban = StringField(_l("New IBAN of the recipient"), [Needed(), Length(max=42)])


class ReportForm(Form):
    """The approved report; less than the grant needs an act."""

    final = MoneyField(_l("Grant after the report"), [Needed()])
    number = StringField(_l("Number of the act (only for a reduction)"), [Length(max=40)])
    dated = DateField(_l("Date of the act"), [Optional()])
    office = StringField(_l("Office"), [Length(max=200)])
    signer = StringField(_l("Signed by"), [Length(max=200)])
    file = FileField(_l("The signed act (PDF)"), [Optional()])

    @property
    def has_act(self) -> bool:
        """Tell whether all that an act needs was typed."""
        fields = (self.number, self.dated, self.office, self.signer)
        return all(str(f.data or "").strip() for f in fields)


class DisbursementForm(Form):
    """A payment to request; the token makes two clicks one request."""

    kind = RadioField(_l("What is paid"), [Needed()])
    amount = MoneyField(_l("Amount"), [Needed()])
    note = TextAreaField(_l("Note"), [Optional(), Length(max=1000)])
    token = HiddenField(default=lambda: secrets.token_urlsafe(24), validators=[Length(max=64)])

    def offer(self, labels: dict[DisbursementKind, str]) -> None:
        """Fill in the choices."""
        self.kind.choices = [(k.value, text) for k, text in labels.items()]


class ReasonForm(Form):
    """Why a payment is refused, cancelled or returned."""

    reason = TextAreaField(_l("Reason"), [Needed(), Length(max=1000)])


class PaidForm(Form):
    """The bank's reference of a payment."""

    reference = StringField(_l("Reference of the payment order"), [Needed(), Length(max=80)])


class RecoveryForm(Form):
    """Money that came back."""

    amount = MoneyField(_l("Amount that came back"), [Needed()])
    reference = StringField(_l("Reference of the bank transfer"), [Needed(), Length(max=80)])


class PutBackForm(ActForm):
    """Recovered money that an act makes available again."""

    amount = MoneyField(_l("Amount made available again"), [Needed()])
