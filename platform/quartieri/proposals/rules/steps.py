"""An application's way as its applicant sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from quartieri.kit.labels import Lazy, lazy
from quartieri.proposals.rules.states import ProposalState

P = ProposalState
CAMPAIGN_STEP = 4

_NOW = {
    P.SUBMITTED: 0,
    P.IN_CHECK: 1,
    P.INTEGRATION_REQUESTED: 1,
    P.REFUSAL_NOTIFIED: 1,
    P.INADMISSIBLE: 1,
    P.ADMISSIBLE: 2,
    P.UNDER_REVIEW: 2,
    P.RANKED: 2,
    P.STOPPED_AT_GATE: 2,
    P.WAITING: 3,
    P.OFFERED: 3,
    P.NOT_SELECTED: 3,
    P.PASSED_OVER: 3,
    P.SELECTED: 4,
    P.CAMPAIGNING: 4,
    P.LAPSED: 4,
    P.AWARDED: 6,
    P.RUNNING: 6,
    P.SUSPENDED: 6,
    P.REPORTING: 6,
    P.COMPLETED: 7,
}
"""The step at which a state stands; an ending stands at the step where it ended."""

ENDINGS: Mapping[ProposalState, Lazy] = {
    P.INADMISSIBLE: lazy("Not admitted"),
    P.WITHDRAWN: lazy("Withdrawn"),
    P.WITHDRAWN_AFTER_ADMISSION: lazy("Withdrawn"),
    P.SUPERSEDED: lazy("Replaced by your new application"),
    P.NOT_SELECTED: lazy("Not selected"),
    P.PASSED_OVER: lazy("Passed over"),
    P.STOPPED_AT_GATE: lazy("Stopped before the ranking"),
    P.LAPSED: lazy("Ended without a grant"),
    P.RENOUNCED: lazy("Renounced"),
    P.REVOKED: lazy("Grant revoked"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: ``state`` is done, now or next."""

    label: Lazy
    state: str
    when: datetime | None = None
    text: Lazy | None = None


def steps(
    state: ProposalState,
    reached: Mapping[str, datetime],
    *,
    number: str,
    window: Lazy | None,
    campaigns: bool,
    pact: bool = False,
) -> list[Step]:
    """Give the way from submission to the grant; an ending stands after the last step reached.

    ``reached``: when each state was reached; ``window`` names the session; ``pact``: the call gives
    no money. Until its session is checked an application is submitted, and no more.
    """
    all_steps: list[tuple[int, Lazy, ProposalState, Lazy | None]] = [
        (0, lazy("Submitted"), P.SUBMITTED, lazy("Protocol number %(number)s.", number=number)),
        (
            1,
            lazy("Admissibility check"),
            P.IN_CHECK,
            lazy("The office looks whether everything that the call asks for is there."),
        ),
        (
            2,
            lazy("Evaluation"),
            P.UNDER_REVIEW,
            lazy("The commission scores the applications of the session."),
        ),
        (3, lazy("Ranking"), P.SELECTED, lazy("The ranking of the session is published.")),
        (CAMPAIGN_STEP, lazy("Crowdfunding campaign"), P.CAMPAIGNING, None),
        (5, lazy("Pact approved") if pact else lazy("Grant awarded"), P.AWARDED, None),
        (6, lazy("Project under way"), P.RUNNING, None),
    ]
    ended = ENDINGS.get(state)
    here = _NOW.get(state, _last_reached(reached))
    if not campaigns:
        all_steps = [s for s in all_steps if s[0] != CAMPAIGN_STEP]
        here += here == CAMPAIGN_STEP
    found: list[Step] = []
    for place, label, mark, text in all_steps:
        if ended is not None and place > here:
            break
        done = place < here or ended is not None
        shown = window if place == 0 and window is not None else None
        found.append(
            Step(
                label,
                "done" if done else "now" if place == here else "next",
                reached.get(mark.value) if done or place == here else None,
                shown or text,
            )
        )
    if ended is not None:
        found.append(Step(ended, "now", reached.get(state.value)))
    return found


def _last_reached(reached: Mapping[str, datetime]) -> int:
    return max((_NOW[P(s)] for s in reached if s in set(P) and P(s) in _NOW), default=0)
