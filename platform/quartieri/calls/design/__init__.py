"""A call's design: everything that the notice (avviso) fixes, as one typed document.

One file a part; ``whole`` puts them together, ``reading`` reads plain JSON and names each fault's
place. Other slices import from here.
"""

from quartieri.calls.design.evaluation import CriterionDesign, Evaluation, WhenMoneyRunsOut
from quartieri.calls.design.form import MOST_LIMIT, Question, Requirement
from quartieri.calls.design.money import (
    Bearer,
    CampaignDesign,
    CampaignMode,
    Collector,
    MoneyRules,
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
    "LANGUAGES",
    "MOST_LIMIT",
    "MOST_SHORT",
    "SUMMARY_LIMIT",
    "TITLE_LIMIT",
    "Bearer",
    "CallDesign",
    "CampaignDesign",
    "CampaignMode",
    "Collector",
    "CriterionDesign",
    "DaysCounted",
    "Declaration",
    "DesignError",
    "DoubleFunding",
    "Eligibility",
    "Evaluation",
    "Leftovers",
    "MemberDatum",
    "MeaningError",
    "MoneyRules",
    "PartnerRule",
    "Question",
    "Reader",
    "Requirement",
    "Seat",
    "SessionRules",
    "Signature",
    "StampDuty",
    "Text",
    "WhenMoneyRunsOut",
    "plain",
]
