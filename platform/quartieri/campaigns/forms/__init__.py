"""Forms of campaigns and pledges."""

from quartieri.campaigns.forms.manage import (
    ApproveForm,
    EvidenceForm,
    ExtensionForm,
    NoteForm,
    OfflineForm,
    PayoutForm,
    ReasonForm,
)
from quartieri.campaigns.forms.page import MOST_REWARDS, SPARE_ROWS, PageForm, RewardRow
from quartieri.campaigns.forms.pledging import NONE, AddressForm, AmountForm, PledgeForm

__all__ = [
    "MOST_REWARDS",
    "NONE",
    "SPARE_ROWS",
    "AddressForm",
    "AmountForm",
    "ApproveForm",
    "EvidenceForm",
    "ExtensionForm",
    "NoteForm",
    "OfflineForm",
    "PageForm",
    "PayoutForm",
    "PledgeForm",
    "ReasonForm",
    "RewardRow",
]
