"""The editor's forms, one a step, and those of what acts do."""

from quartieri.calls.forms.acts import (
    CancelForm,
    ExtensionForm,
    ImportForm,
    KeepForm,
    NewCallForm,
    RectificationForm,
    SuspendForm,
)
from quartieri.calls.forms.base import StepForm
from quartieri.calls.forms.checklist import ChecklistForm
from quartieri.calls.forms.evaluation import EvaluationForm, deciding
from quartieri.calls.forms.identity import IdentityForm
from quartieri.calls.forms.money import MoneyForm
from quartieri.calls.forms.questions import (
    AddQuestionForm,
    AddSectionForm,
    QuestionForm,
    SectionForm,
)
from quartieri.calls.forms.who import WhoForm
from quartieri.calls.forms.windows import WindowsForm

__all__ = [
    "AddQuestionForm",
    "AddSectionForm",
    "CancelForm",
    "ChecklistForm",
    "EvaluationForm",
    "ExtensionForm",
    "IdentityForm",
    "ImportForm",
    "KeepForm",
    "MoneyForm",
    "NewCallForm",
    "QuestionForm",
    "RectificationForm",
    "SectionForm",
    "StepForm",
    "SuspendForm",
    "WhoForm",
    "WindowsForm",
    "deciding",
]
