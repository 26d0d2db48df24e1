"""A call's design: everything that the notice (avviso) fixes, as one typed document.

One file a part; ``whole`` puts them together, ``reading`` reads plain JSON and names each fault's
place. Other slices import from here.
"""

from quartieri.calls.design.evaluation import CriterionDesign, Evaluation, WhenMoneyRunsOut
from quartieri.calls.design.form import MOST_LIMIT, Question, Requirement
from quartieri.calls.design.money import CampaignDesign, MoneyRules
from quartieri.calls.design.reading import (
    LANGUAGES,
    MOST_SHORT,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    DesignError,
    Reader,
    Text,
    plain,
)
from quartieri.calls.design.who import Eligibility
from quartieri.calls.design.whole import CallDesign

__all__ = [
    "LANGUAGES",
    "MOST_LIMIT",
    "MOST_SHORT",
    "SUMMARY_LIMIT",
    "TITLE_LIMIT",
    "CallDesign",
    "CampaignDesign",
    "CriterionDesign",
    "DesignError",
    "Eligibility",
    "Evaluation",
    "MoneyRules",
    "Question",
    "Reader",
    "Requirement",
    "Text",
    "WhenMoneyRunsOut",
    "plain",
]
