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
from quartieri.proposals.forms.pages import build, build_page, read, read_page
from quartieri.proposals.forms.questions import FILE_ENDINGS, Making, field_name
from quartieri.proposals.forms.send import SubmitForm

__all__ = [
    "DOCUMENT_KINDS",
    "FILE_ENDINGS",
    "AnswerForm",
    "ApplyForm",
    "AttachmentForm",
    "ExcludeForm",
    "IntegrationForm",
    "ListForm",
    "Making",
    "NoticeForm",
    "SectionForm",
    "SubmitForm",
    "build",
    "build_page",
    "checklist",
    "field_name",
    "read",
    "read_checklist",
    "read_page",
]
