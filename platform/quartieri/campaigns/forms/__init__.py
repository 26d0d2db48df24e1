"""Forms of campaigns and pledges."""

from quartieri.campaigns.forms.around import CommentForm, OfferAnswerForm, OfferForm
from quartieri.campaigns.forms.calculator import CalculatorForm
from quartieri.campaigns.forms.manage import (
    ApproveForm,
    CaseForm,
    CertificateForm,
    ClaimForm,
    CollectionForm,
    DecideForm,
    EvidenceForm,
    ExtensionForm,
    ImportForm,
    NoteForm,
    OfflineForm,
    PayoutForm,
    ReasonForm,
    RefundForm,
)
from quartieri.campaigns.forms.page import FORMS, READ, ImageForm, PartForm, values_of
from quartieri.campaigns.forms.pledging import (
    NONE,
    AddressForm,
    AmountForm,
    ChangeForm,
    CorrectionForm,
    NewAddressForm,
    PledgeForm,
)
from quartieri.campaigns.forms.report import ReportForm, ReportNoteForm
from quartieri.campaigns.forms.rescoping import RescopeForm
from quartieri.campaigns.forms.reward import RewardForm, StockForm, reward_values
from quartieri.campaigns.forms.telling import MessageForm, UpdateForm

__all__ = [
    "FORMS",
    "NONE",
    "READ",
    "AddressForm",
    "AmountForm",
    "ApproveForm",
    "CalculatorForm",
    "CaseForm",
    "CertificateForm",
    "ChangeForm",
    "ClaimForm",
    "CollectionForm",
    "CommentForm",
    "CorrectionForm",
    "DecideForm",
    "EvidenceForm",
    "ExtensionForm",
    "ImageForm",
    "ImportForm",
    "MessageForm",
    "NewAddressForm",
    "NoteForm",
    "OfferAnswerForm",
    "OfferForm",
    "OfflineForm",
    "PartForm",
    "PayoutForm",
    "PledgeForm",
    "ReasonForm",
    "RefundForm",
    "ReportForm",
    "ReportNoteForm",
    "RescopeForm",
    "RewardForm",
    "StockForm",
    "UpdateForm",
    "reward_values",
    "values_of",
]
