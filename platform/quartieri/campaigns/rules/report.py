"""Reports of campaigns by the public, and what the office makes of them."""

from __future__ import annotations

from quartieri.audit.rules import Role
from quartieri.kit.labels import N_, LabelEnum
from quartieri.kit.states import Machine, step


class ReportReason(LabelEnum):
    """Why somebody reports a campaign."""

    FALSE = "false", N_("It says things that are not true")
    UNLAWFUL = "unlawful", N_("It is against the law or offends somebody")
    RIGHTS = "rights", N_("It uses pictures or words of others without their consent")
    MONEY = "money", N_("The money is used for something else")
    OTHER = "other", N_("Something else")


class ReportState(LabelEnum):
    """Where a report stands."""

    OPEN = "open", N_("To be looked at")
    ACTED = "acted", N_("Something was done")
    UNFOUNDED = "unfounded", N_("Nothing to be done")


R = ReportState
_OFFICE = (Role.OFFICER, Role.CALL_MANAGER)

REPORT = Machine(
    "campaign_report",
    N_("report of a campaign"),
    ReportState,
    (
        step("act", R.OPEN, R.ACTED, *_OFFICE),
        step("dismiss", R.OPEN, R.UNFOUNDED, *_OFFICE),
    ),
)
