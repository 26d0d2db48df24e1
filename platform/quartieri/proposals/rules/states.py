"""States of proposals, checks and integration requests."""

from __future__ import annotations

from quartieri.audit.rules import Role
from quartieri.kit.labels import N_, LabelEnum, Lazy, lazy
from quartieri.kit.states import Facts, Machine, step


class ProposalState(LabelEnum):
    """Where a proposal stands."""

    DRAFT = "draft", N_("Draft")
    DISCARDED = "discarded", N_("Discarded")
    SUBMITTED = "submitted", N_("Submitted")
    SUPERSEDED = "superseded", N_("Replaced by a new submission")
    IN_CHECK = "in_check", N_("Admissibility check")
    INTEGRATION_REQUESTED = "integration_requested", N_("Integration requested")
    REFUSAL_NOTIFIED = "refusal_notified", N_("Refusal notified")
    ADMISSIBLE = "admissible", N_("Admissible")
    INADMISSIBLE = "inadmissible", N_("Not admissible")
    UNDER_REVIEW = "under_review", N_("Under evaluation")
    STOPPED_AT_GATE = "stopped_at_gate", N_("Stopped at a gate")
    RANKED = "ranked", N_("Ranked")
    SELECTED = "selected", N_("Selected")
    WAITING = "waiting", N_("Eligible, on the waiting list")
    OFFERED = "offered", N_("Offered what is left")
    PASSED_OVER = "passed_over", N_("Passed over")
    NOT_SELECTED = "not_selected", N_("Not selected")
    CAMPAIGNING = "campaigning", N_("Crowdfunding campaign")
    AWARDED = "awarded", N_("Awarded by act")
    LAPSED = "lapsed", N_("Lapsed")
    RUNNING = "running", N_("Under way")
    SUSPENDED = "suspended", N_("Suspended")
    REPORTING = "reporting", N_("Reporting")
    COMPLETED = "completed", N_("Completed")
    RENOUNCED = "renounced", N_("Renounced")
    REVOKED = "revoked", N_("Revoked")
    WITHDRAWN = "withdrawn", N_("Withdrawn")
    WITHDRAWN_AFTER_ADMISSION = "withdrawn_after_admission", N_("Withdrawn after admission")


P = ProposalState
_APPLICANT = (Role.APPLICANT, Role.SYSTEM)
_OFFICER = (Role.OFFICER, Role.SYSTEM)
_MANAGER = (Role.CALL_MANAGER, Role.SYSTEM)
_BOTH = (Role.OFFICER, Role.CALL_MANAGER, Role.SYSTEM)


def _all_met(facts: Facts) -> Lazy | None:
    open_ones = facts.get("unmet", 0)
    if not open_ones:
        return None
    return lazy(
        "Not every requirement is marked as met yet: %(number)s still open.", number=open_ones
    )


def _in_call(facts: Facts) -> Lazy | None:
    if facts.get("in_call"):
        return None
    return lazy("This call has no notice before a refusal: exclude the application with a reason.")


PROPOSAL = Machine(
    "proposal",
    N_("application"),
    ProposalState,
    (
        step("submit", P.DRAFT, P.SUBMITTED, *_APPLICANT),
        step("discard", P.DRAFT, P.DISCARDED, *_APPLICANT),
        step("supersede", P.SUBMITTED, P.SUPERSEDED, *_APPLICANT),
        step("start_check", P.SUBMITTED, P.IN_CHECK, *_BOTH),
        step("admit", P.IN_CHECK, P.ADMISSIBLE, *_OFFICER, guard=_all_met),
        step("exclude", P.IN_CHECK, P.INADMISSIBLE, *_OFFICER),
        step("exclude", P.ADMISSIBLE, P.INADMISSIBLE, *_BOTH),
        step(
            "exclude",
            (P.UNDER_REVIEW, P.RANKED, P.SELECTED, P.CAMPAIGNING),
            P.INADMISSIBLE,
            *_BOTH,
        ),
        step("request_integration", P.IN_CHECK, P.INTEGRATION_REQUESTED, *_OFFICER),
        step("notify_refusal", P.IN_CHECK, P.REFUSAL_NOTIFIED, *_OFFICER, guard=_in_call),
        step(
            "resume_check",
            (P.INTEGRATION_REQUESTED, P.REFUSAL_NOTIFIED),
            P.IN_CHECK,
            Role.APPLICANT,
            *_OFFICER,
        ),
        step("review_exclusion", P.INADMISSIBLE, P.IN_CHECK, *_BOTH),
        step("start_review", P.ADMISSIBLE, P.UNDER_REVIEW, *_BOTH),
        step("next_stage", P.RANKED, P.UNDER_REVIEW, *_MANAGER),
        step("rank", P.UNDER_REVIEW, P.RANKED, *_MANAGER),
        step("stop_at_gate", P.UNDER_REVIEW, P.STOPPED_AT_GATE, *_MANAGER),
        step("reopen_gate", P.STOPPED_AT_GATE, P.UNDER_REVIEW, *_MANAGER),
        step("select", P.RANKED, P.SELECTED, *_MANAGER),
        step("put_on_list", P.RANKED, P.WAITING, *_MANAGER),
        step("not_select", (P.RANKED, P.STOPPED_AT_GATE), P.NOT_SELECTED, *_MANAGER),
        step("correct_to_waiting", (P.SELECTED, P.NOT_SELECTED), P.WAITING, *_MANAGER),
        step("correct_to_not_selected", (P.SELECTED, P.WAITING), P.NOT_SELECTED, *_MANAGER),
        step("correct_to_selected", P.NOT_SELECTED, P.SELECTED, *_MANAGER),
        step("list_expires", P.WAITING, P.NOT_SELECTED, *_MANAGER),
        step("scroll", P.WAITING, P.SELECTED, *_MANAGER),
        step("offer", P.WAITING, P.OFFERED, *_MANAGER),
        step("accept_offer", P.OFFERED, P.SELECTED, *_APPLICANT, Role.CALL_MANAGER),
        step("pass_over", P.OFFERED, P.PASSED_OVER, *_APPLICANT, Role.CALL_MANAGER),
        step("start_campaign", P.SELECTED, P.CAMPAIGNING, *_MANAGER),
        step("lapse", (P.SELECTED, P.CAMPAIGNING), P.LAPSED, *_APPLICANT, Role.CALL_MANAGER),
        step("award", (P.SELECTED, P.CAMPAIGNING), P.AWARDED, *_BOTH),
        step("start", (P.AWARDED, P.SUSPENDED), P.RUNNING, *_BOTH),
        step("suspend", P.RUNNING, P.SUSPENDED, *_BOTH),
        step("report", P.RUNNING, P.REPORTING, *_BOTH, Role.APPLICANT),
        step("return_report", P.REPORTING, P.RUNNING, *_BOTH),
        step("complete", P.REPORTING, P.COMPLETED, *_BOTH),
        step("renounce", (P.AWARDED, P.RUNNING, P.SUSPENDED, P.REPORTING), P.RENOUNCED, *_BOTH),
        step(
            "revoke",
            (P.AWARDED, P.RUNNING, P.SUSPENDED, P.REPORTING, P.COMPLETED),
            P.REVOKED,
            *_BOTH,
        ),
        step(
            "withdraw",
            (
                P.SUBMITTED,
                P.IN_CHECK,
                P.INTEGRATION_REQUESTED,
                P.REFUSAL_NOTIFIED,
                P.ADMISSIBLE,
                P.UNDER_REVIEW,
                P.RANKED,
            ),
            P.WITHDRAWN,
            *_APPLICANT,
        ),
        step(
            "withdraw",
            (P.SELECTED, P.WAITING, P.OFFERED, P.CAMPAIGNING),
            P.WITHDRAWN_AFTER_ADMISSION,
            *_APPLICANT,
        ),
    ),
)

PUBLIC_STATES = frozenset(
    {
        P.SELECTED,
        P.CAMPAIGNING,
        P.AWARDED,
        P.RUNNING,
        P.SUSPENDED,
        P.REPORTING,
        P.COMPLETED,
        P.REVOKED,
        P.RENOUNCED,
        P.LAPSED,
        P.WITHDRAWN_AFTER_ADMISSION,
    }
)
"""A project in one of these has a public page: once selected it keeps its address."""

PRIVATE_STATES = frozenset({P.DRAFT, P.DISCARDED})
"""Only the applicant knows of an application in one of these."""

UNDECIDED_STATES = frozenset({P.SUBMITTED, P.IN_CHECK, P.INTEGRATION_REQUESTED, P.REFUSAL_NOTIFIED})
"""Applications whose admissibility is still open: evaluation waits for them."""

WITHDRAWABLE_STATES = frozenset(
    UNDECIDED_STATES | {P.ADMISSIBLE, P.UNDER_REVIEW, P.RANKED, P.WAITING}
)
"""While no money is bound the applicant withdraws alone, also from the list of those who wait.

What is offered is bound: that is refused instead."""

ENDED_STATES = frozenset(
    {
        P.DISCARDED,
        P.SUPERSEDED,
        P.INADMISSIBLE,
        P.PASSED_OVER,
        P.NOT_SELECTED,
        P.LAPSED,
        P.COMPLETED,
        P.RENOUNCED,
        P.REVOKED,
        P.WITHDRAWN,
        P.WITHDRAWN_AFTER_ADMISSION,
    }
)
"""Nothing is going on with an application in one of these."""

BY_ACT_STATES = frozenset({P.ADMISSIBLE, P.UNDER_REVIEW, P.RANKED, P.SELECTED, P.CAMPAIGNING})
"""After its check an application is excluded by act, from one of these."""


class CheckOutcome(LabelEnum):
    """What an officer says of one requirement."""

    MET = "met", N_("Met")
    NOT_MET = "not_met", N_("Not met")
    UNCLEAR = "unclear", N_("To be clarified")


class IntegrationKind(LabelEnum):
    """Why the applicant is written to: to complete the papers, or before a refusal."""

    INTEGRATION = "integration", N_("Integration request (soccorso istruttorio)")
    REFUSAL_NOTICE = "refusal_notice", N_("Notice before a refusal (preavviso di rigetto)")


REFUSAL_DAYS = 10
"""Days to answer a notice before a refusal (art. 10-bis L. 241/1990)."""


class IntegrationState(LabelEnum):
    """Where an integration request (soccorso istruttorio) stands."""

    REQUESTED = "requested", N_("Waiting for the applicant")
    ANSWERED = "answered", N_("Answered")
    LAPSED = "lapsed", N_("Lapsed")
    CANCELLED = "cancelled", N_("Cancelled")


INTEGRATION = Machine(
    "integration_request",
    N_("integration request"),
    IntegrationState,
    (
        step("answer", IntegrationState.REQUESTED, IntegrationState.ANSWERED, *_APPLICANT),
        step("lapse", IntegrationState.REQUESTED, IntegrationState.LAPSED, *_OFFICER),
        step("cancel", IntegrationState.REQUESTED, IntegrationState.CANCELLED, *_OFFICER),
    ),
)
