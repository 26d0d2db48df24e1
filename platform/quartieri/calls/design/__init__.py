"""A call's design: everything that the notice (avviso) fixes, as one typed document.

One file a part; ``whole`` puts them together, ``reading`` reads plain JSON and names each fault's
place. Other slices import from here.
"""

from quartieri.calls.design.conditions import Condition, Op, Value, can_hold, holds
from quartieri.calls.design.evaluation import CriterionDesign, Evaluation, WhenMoneyRunsOut
from quartieri.calls.design.form import (
    CELL_KINDS,
    MOST_FILES,
    MOST_LIMIT,
    MOST_MEGABYTES,
    MOST_ROWS,
    OWN_PAGES,
    SHORT_LIMIT,
    USUAL_LIMIT,
    Column,
    FileKind,
    FormSection,
    Option,
    Question,
    QuestionKind,
    Requirement,
)
from quartieri.calls.design.money import (
    Bearer,
    CampaignDesign,
    CampaignMode,
    Collector,
    MoneyRules,
)
from quartieri.calls.design.pages import (
    ApplicationForm,
    FormPage,
    check_form,
    shown_questions,
    tests_for,
)
from quartieri.calls.design.reading import (
    LANGUAGES,
    MOST_SHORT,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    DesignError,
    MeaningError,
    Reader,
    Text,
    plain,
)
from quartieri.calls.design.sessions import DaysCounted, Leftovers, SessionRules
from quartieri.calls.design.who import (
    Declaration,
    DoubleFunding,
    Eligibility,
    MemberDatum,
    PartnerRule,
    Seat,
    Signature,
    StampDuty,
)
from quartieri.calls.design.whole import CallDesign

__all__ = [
    "CELL_KINDS",
    "LANGUAGES",
    "MOST_FILES",
    "MOST_LIMIT",
    "MOST_MEGABYTES",
    "MOST_ROWS",
    "MOST_SHORT",
    "OWN_PAGES",
    "SHORT_LIMIT",
    "SUMMARY_LIMIT",
    "TITLE_LIMIT",
    "USUAL_LIMIT",
    "ApplicationForm",
    "Bearer",
    "CallDesign",
    "CampaignDesign",
    "CampaignMode",
    "Collector",
    "Column",
    "Condition",
    "CriterionDesign",
    "DaysCounted",
    "Declaration",
    "DesignError",
    "DoubleFunding",
    "Eligibility",
    "Evaluation",
    "FileKind",
    "FormPage",
    "FormSection",
    "Leftovers",
    "MeaningError",
    "MemberDatum",
    "MoneyRules",
    "Op",
    "Option",
    "PartnerRule",
    "Question",
    "QuestionKind",
    "Reader",
    "Requirement",
    "Seat",
    "SessionRules",
    "Signature",
    "StampDuty",
    "Text",
    "Value",
    "WhenMoneyRunsOut",
    "can_hold",
    "check_form",
    "holds",
    "plain",
    "shown_questions",
    "tests_for",
]
