"""States of conflicts, assignments and rankings; points on their scale; who scores what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from quartieri.audit.rules import Role
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, Lazy, lazy
from quartieri.kit.states import Machine, step


class ConflictState(LabelEnum):
    """What a reviewer declared on one application; ``undeclared`` bars reading and scoring."""

    UNDECLARED = "undeclared", N_("Not declared yet")
    NONE = "none", N_("No conflict")
    DECLARED = "declared", N_("Conflict declared")
    ABSTAINS = "abstains", N_("Abstains")
    CLEARED = "cleared", N_("Cleared by the head of office")


class ConflictCause(LabelEnum):
    """Why a reviewer must abstain (art. 7 D.P.R. 62/2013, in short)."""

    OWN_INTEREST = "own_interest", N_("I have an interest of my own in it")
    FAMILY = "family", N_("My spouse, partner or a relative to the second degree is involved")
    ACQUAINTANCE = "acquaintance", N_("Somebody whom I meet habitually is involved")
    SUIT_OR_DEBT = "suit_or_debt", N_("A lawsuit, serious enmity, credit or debt ties me to it")
    AGENT = "agent", N_("I am guardian, attorney or agent of somebody involved")
    BODY = "body", N_("I am an officer, manager or member of a body involved")
    OTHER = "other", N_("Another serious reason of convenience")


K = ConflictState
MAY_READ = frozenset({K.NONE, K.CLEARED})
"""Only after one of these declarations may a reviewer read and score."""

_REVIEWER = (
    Role.COMMISSION_MEMBER,
    Role.COMMISSION_CHAIR,
    Role.COMMISSION_SECRETARY,
    Role.SYSTEM,
)
"""The secretary writes the sheet that a commission agrees on, and declares like its members."""

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
            Role.SIGNING_MANAGER,
        ),
        step("cancel", (A.PROPOSED, A.ACCEPTED, A.IN_PROGRESS), A.CANCELLED, *_ASSIGNER),
    ),
)


ACTIVE = frozenset({A.PROPOSED, A.ACCEPTED, A.IN_PROGRESS, A.SUBMITTED})
"""An assignment in one of these still counts on its reviewer."""
TO_DO = ACTIVE - {A.SUBMITTED}


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
    ADMITTED = "admitted", N_("Admitted to the next stage")
    NOT_ADMITTED = "not_admitted", N_("Not among those admitted to the next stage")
    NOT_ELIGIBLE = "not_eligible", N_("Below the threshold")
    EXCLUDED = "excluded", N_("Not admitted")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


class ListAnswer(LabelEnum):
    """How an offer of what is left ended."""

    ACCEPTED = "accepted", N_("Accepted")
    REFUSED = "refused", N_("Refused")
    LAPSED = "lapsed", N_("Not answered in time")


ROUND_OVER = lazy(
    "The match of this session was shared out and is final: a project that is selected now would"
    " get nothing from it. Nobody follows on this list."
)
"""Why nobody is selected any more once a quadratic round is closed."""

LIST_OVER = lazy(
    "The time for which this ranking can be gone down is over. Nobody follows on this list."
)
"""Why nobody is selected any more once a ranking is as old as the call says."""

POINT_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Line:
    """What a reviewer wrote on one criterion; ``points`` None: not given (yet)."""

    points: Decimal | None = None
    comment: str = ""
    not_applicable: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """One criterion of the published edition: points from 0 to ``maximum``, by ``step``.

    ``step`` None: at most two decimals. ``may_not_apply``: the call knows "not applicable".
    """

    code: str
    maximum: Decimal
    step: Decimal | None = None
    may_not_apply: bool = False


def points_fault(points: Decimal, scale: Scale) -> Lazy | None:
    """Say why points do not fit on a criterion's scale, or give None."""
    if not points.is_finite() or not 0 <= points <= scale.maximum:
        return lazy("Give from 0 to %(maximum)s points.", maximum=scale.maximum)
    if scale.step is not None and points % scale.step:
        return lazy("Give points in steps of %(step)s.", step=scale.step)
    if scale.step is None and points != round(points, POINT_DECIMALS):
        return lazy("Give points with at most two decimals.")
    return None


def check_lines(scales: Iterable[Scale], lines: Mapping[str, Line], *, whole: bool) -> None:
    """Refuse points off their scale and unknown criteria; with ``whole`` also what is missing.

    A sheet that is submitted has points, or "not applicable", and a comment on every criterion: a
    missing score is never zero. Raises InvalidError; its ``field`` is ``points-<code>`` or
    ``comment-<code>``.
    """
    known = {s.code: s for s in scales}
    for code in lines:
        if code not in known:
            raise InvalidError(lazy("This sheet has no such criterion."))
    for code, scale in known.items():
        line = lines.get(code, Line())
        fault = None if line.points is None else points_fault(line.points, scale)
        if fault is not None:
            raise InvalidError(fault, field=f"points-{code}")
        if line.not_applicable and not scale.may_not_apply:
            raise InvalidError(
                lazy("In this call every criterion has points."), field=f"points-{code}"
            )
        if line.not_applicable and line.points is not None:
            raise InvalidError(
                lazy("Give points, or say that it does not apply: not both."),
                field=f"points-{code}",
            )
        if whole and line.points is None and not line.not_applicable:
            raise InvalidError(
                lazy("Give points on every criterion: a missing score is not a zero."),
                field=f"points-{code}",
            )
        if whole and not line.comment.strip():
            raise InvalidError(
                lazy("Write why: every score needs a comment."), field=f"comment-{code}"
            )
    if whole and known and all(lines[code].not_applicable for code in known):
        first = next(iter(known))
        raise InvalidError(lazy("Give points on at least one criterion."), field=f"points-{first}")


@dataclass(frozen=True, slots=True)
class Pair:
    """One application given to one reviewer."""

    proposal_id: int
    user_id: int


def share_out(
    proposals: Sequence[int],
    reviewers: Sequence[int],
    taken: Iterable[Pair],
    barred: Iterable[Pair],
    *,
    each: int | None,
) -> list[Pair]:
    """Give every application ``each`` reviewers (None: all of them), loads as even as can be.

    ``taken`` is what is assigned already and counts, ``barred`` who may not have which. The result
    holds the new pairs alone, by application in the order given; the least loaded reviewer comes
    first, then the one who stands first.
    """
    closed = set(barred)
    had = set(taken)
    load = dict.fromkeys(reviewers, 0)
    seats = dict.fromkeys(proposals, 0)
    for pair in had:
        if pair.user_id in load:
            load[pair.user_id] += 1
        if pair.proposal_id in seats:
            seats[pair.proposal_id] += 1
    result: list[Pair] = []
    place = {r: i for i, r in enumerate(reviewers)}
    for proposal in proposals:
        wanted = len(reviewers) if each is None else max(each - seats[proposal], 0)
        free = [
            r for r in reviewers if Pair(proposal, r) not in closed and Pair(proposal, r) not in had
        ]
        for reviewer in sorted(free, key=lambda r: (load[r], place[r]))[:wanted]:
            load[reviewer] += 1
            result.append(Pair(proposal, reviewer))
    return result
