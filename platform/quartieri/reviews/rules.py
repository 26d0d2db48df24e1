"""States of conflicts, assignments and rankings."""

from __future__ import annotations

from quartieri.audit.rules import Role
from quartieri.kit.labels import N_, LabelEnum
from quartieri.kit.states import Machine, step


class ConflictState(LabelEnum):
    """What a reviewer declared on one application; ``undeclared`` bars reading and scoring."""

    UNDECLARED = "undeclared", N_("Not declared yet")
    NONE = "none", N_("No conflict")
    DECLARED = "declared", N_("Conflict declared")
    ABSTAINS = "abstains", N_("Abstains")
    CLEARED = "cleared", N_("Cleared by the head of office")


K = ConflictState
_REVIEWER = (Role.COMMISSION_MEMBER, Role.COMMISSION_CHAIR, Role.SYSTEM)

CONFLICT = Machine(
    "conflict",
    N_("declaration"),
    ConflictState,
    (
        step("declare_none", K.UNDECLARED, K.NONE, *_REVIEWER),
        step("declare", (K.UNDECLARED, K.NONE, K.CLEARED), K.DECLARED, *_REVIEWER),
        step("abstain", K.DECLARED, K.ABSTAINS, *_REVIEWER, Role.SIGNING_MANAGER),
        step("clear", K.DECLARED, K.CLEARED, Role.SIGNING_MANAGER),
    ),
)


class AssignmentState(LabelEnum):
    """Where a reviewer's work on one application stands."""

    PROPOSED = "proposed", N_("Proposed")
    ACCEPTED = "accepted", N_("Accepted")
    DECLINED = "declined", N_("Declined")
    EXPIRED = "expired", N_("Expired")
    CANCELLED = "cancelled", N_("Cancelled")
    RECUSED = "recused", N_("Recused")
    IN_PROGRESS = "in_progress", N_("In progress")
    UNABLE = "unable", N_("Unable")
    SUBMITTED = "submitted", N_("Submitted")


A = AssignmentState
_ASSIGNER = (Role.CALL_MANAGER, Role.COMMISSION_SECRETARY, Role.SYSTEM)

ASSIGNMENT = Machine(
    "assignment",
    N_("assignment"),
    AssignmentState,
    (
        step("accept", A.PROPOSED, A.ACCEPTED, *_REVIEWER),
        step("decline", A.PROPOSED, A.DECLINED, *_REVIEWER),
        step("expire", A.PROPOSED, A.EXPIRED, *_ASSIGNER),
        step("start", A.ACCEPTED, A.IN_PROGRESS, *_REVIEWER),
        step("give_up", (A.ACCEPTED, A.IN_PROGRESS), A.UNABLE, *_REVIEWER),
        step("submit", A.IN_PROGRESS, A.SUBMITTED, *_REVIEWER),
        step("reopen", A.SUBMITTED, A.IN_PROGRESS, *_ASSIGNER),
        step(
            "recuse",
            (A.PROPOSED, A.ACCEPTED, A.IN_PROGRESS, A.SUBMITTED),
            A.RECUSED,
            *_REVIEWER,
            *_ASSIGNER,
        ),
        step("cancel", (A.PROPOSED, A.ACCEPTED, A.IN_PROGRESS), A.CANCELLED, *_ASSIGNER),
    ),
)


class RankingState(LabelEnum):
    """Where a ranking stands; each has a number and is never changed."""

    COMPUTED = "computed", N_("Computed")
    PROVISIONAL = "provisional", N_("Provisional")
    FINAL = "final", N_("Final")
    DISCARDED = "discarded", N_("Discarded")
    SUPERSEDED = "superseded", N_("Replaced by a newer one")
    EXPIRED = "expired", N_("Expired")
    ANNULLED = "annulled", N_("Annulled")


R = RankingState
_MANAGER = (Role.CALL_MANAGER, Role.SYSTEM)

RANKING = Machine(
    "ranking",
    N_("ranking"),
    RankingState,
    (
        step("publish_provisional", R.COMPUTED, R.PROVISIONAL, *_MANAGER),
        step("publish_final", (R.COMPUTED, R.PROVISIONAL), R.FINAL, *_MANAGER),
        step("discard", R.COMPUTED, R.DISCARDED, *_MANAGER),
        step("supersede", (R.PROVISIONAL, R.FINAL), R.SUPERSEDED, *_MANAGER),
        step("expire", R.FINAL, R.EXPIRED, *_MANAGER),
        step("annul", (R.PROVISIONAL, R.FINAL), R.ANNULLED, *_MANAGER),
    ),
)

PUBLIC_RANKING_STATES = frozenset({R.PROVISIONAL, R.FINAL, R.SUPERSEDED, R.EXPIRED, R.ANNULLED})


class RankingOutcome(LabelEnum):
    """What a ranking says of one application."""

    FUNDED = "funded", N_("Admitted and funded")
    ELIGIBLE_UNFUNDED = "eligible_unfunded", N_("Admitted, not funded for lack of money")
    NOT_ELIGIBLE = "not_eligible", N_("Below the threshold")
    EXCLUDED = "excluded", N_("Not admitted")
    WITHDRAWN = "withdrawn", N_("Withdrawn")
