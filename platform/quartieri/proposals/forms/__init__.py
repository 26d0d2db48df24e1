"""Forms of the application and of its check."""

from quartieri.proposals.forms.application import (
    DOCUMENT_KINDS,
    ApplyForm,
    AttachmentForm,
    SectionForm,
)
from quartieri.proposals.forms.check import (
    AnswerForm,
    ExcludeForm,
    IntegrationForm,
    ListForm,
    NoticeForm,
    checklist,
    read_checklist,
)
from quartieri.proposals.forms.pages import add_spare_rows, build, read
from quartieri.proposals.forms.send import SubmitForm

__all__ = [
    "DOCUMENT_KINDS",
    "AnswerForm",
    "ApplyForm",
    "AttachmentForm",
    "ExcludeForm",
    "IntegrationForm",
    "ListForm",
    "NoticeForm",
    "SectionForm",
    "SubmitForm",
    "add_spare_rows",
    "build",
    "checklist",
    "read",
    "read_checklist",
]
