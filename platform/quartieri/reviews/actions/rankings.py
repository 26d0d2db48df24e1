"""Computing a window's ranking, and putting one aside."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.calls.models import Window
from quartieri.calls.rules import CallState, WindowState
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError, InvalidError, NotYoursError
from quartieri.kit.labels import Lazy, lazy
from quartieri.reviews import queries
from quartieri.reviews.models import Ranking, RankingEntry
from quartieri.reviews.queries.imported import missing_results
from quartieri.reviews.ranking import RankingInput, rank
from quartieri.reviews.rules import LIST_OVER, RANKING, RankingOutcome, RankingState

RANKABLE = frozenset(
    {WindowState.EVALUATION, WindowState.PROVISIONAL, WindowState.FINAL, WindowState.RUNNING}
)


def refuse_standing_still(window: Window) -> None:
    """Refuse while the call is suspended, or is not running at all (IllegalMoveError)."""
    if window.call.state is not CallState.PUBLISHED:
        raise IllegalMoveError(lazy("The call is not running: its sessions stand still."))


IN_FORCE = frozenset({RankingState.PROVISIONAL, RankingState.FINAL})


def collect(
    session: Session, window: Window, *, stage: int, seed: str | None, at: datetime
) -> RankingInput:
    """Collect a stage's inputs, or refuse with what is missing.

    A correction of a final ranking has the money that this one had. Raises IllegalMoveError when
    the evaluation has not begun, a check has not ended, or a sheet or decision is missing.
    """
    if window.state_at(at) not in RANKABLE:
        raise IllegalMoveError(lazy("This session is not under evaluation."))
    waiting = queries.not_ready(session, window.id)
    if waiting:
        raise IllegalMoveError(
            lazy(
                "%(count)s applications are not under evaluation yet, first: %(title)s.",
                count=len(waiting),
                title=waiting[0].title,
            )
        )
    judged = queries.stage_of(queries.edition_of(session, window).design, stage)
    missing = missing_results(session, window, judged)
    if missing:
        raise IllegalMoveError(
            lazy(
                "A result is not imported yet: %(criterion)s.",
                criterion=Lazy(next((t for t in missing[0].title.values() if t), missing[0].code)),
            )
        )
    unfinished = [p for p in queries.progress(session, window.id, stage=stage) if not p.complete]
    unfinished = unfinished if judged.scored else []
    if unfinished:
        raise IllegalMoveError(
            lazy(
                "Sheets or decisions are missing for %(count)s applications:"
                " %(list)s. A missing score is not a zero.",
                count=len(unfinished),
                list=", ".join(p.protocol for p in unfinished[:10])
                + (" …" if len(unfinished) > 10 else ""),  # noqa: PLR2004 -- ten are named above
            )
        )
    final = queries.latest_final(session, window.id, stage)
    given = queries.ranking_input(
        session,
        window,
        stage=stage,
        seed=seed,
        endowment_cents=final.endowment_cents if final else None,
    )
    if not given.candidates:
        raise IllegalMoveError(lazy("There is no application to rank in this session."))
    return given


def compute_ranking(
    session: Session,
    window: Window,
    *,
    stage: int | None = None,
    seed: str = "",
    actor: Actor,
    at: datetime,
) -> Ranking:
    """Compute the ranking of a stage from its sheets, under a new number; nothing else changes.

    ``stage`` None: the one under way; the one before it, for a correction, as long as nothing is
    published of this one. ``seed`` is that of the public draw, where the call names one; once used
    it stands. An earlier ranking that was never published is put aside. Raises what :func:`collect`
    raises, NotRankableError (too few sheets), UnresolvedTieError (the written rules leave a tie)
    and InvalidError (another stage, another seed).
    """
    if not actor.holds(Role.CALL_MANAGER, Role.SYSTEM):
        raise NotYoursError(lazy("Your role does not allow this step."))
    lock(session, Window, window.id)
    refuse_standing_still(window)
    earlier = queries.rankings_of(session, window.id)
    if any(r.state is RankingState.EXPIRED for r in earlier):
        raise IllegalMoveError(LIST_OVER)
    number = _stage(session, window, earlier, stage)
    given = collect(session, window, stage=number, seed=_seed(session, window, number, seed), at=at)
    result = rank(given)
    ids = queries.evaluated(session, window.id, number)
    for old in earlier:
        if old.state is RankingState.COMPUTED:
            move(session, old, RANKING, "discard", actor=actor, at=at, reason="recomputed")
    published = [r for r in earlier if r.state in IN_FORCE and r.stage == number]
    ranking = Ranking(
        window_id=window.id,
        number=max((r.number for r in earlier), default=0) + 1,
        stage=number,
        state=RankingState.COMPUTED,
        inputs=given.to_json(),
        inputs_sha256=given.sha256(),
        result_sha256=result.sha256(),
        endowment_cents=given.endowment_cents,
        replaces_id=published[0].id if published else None,
        computed_at=at,
        computed_by=actor.user_id,
    )
    session.add(ranking)
    session.flush()
    details = result.to_json()["entries"]
    session.execute(
        sa.insert(RankingEntry),
        [
            {
                "ranking_id": ranking.id,
                "line": line,
                "position": entry.position,
                "proposal_id": ids[entry.key],
                "total": entry.shown_score,
                "outcome": RankingOutcome(entry.outcome.value),
                "amount_cents": entry.amount_cents,
                "detail": detail,
            }
            for line, (entry, detail) in enumerate(
                zip(result.entries, details, strict=True), start=1
            )
        ],
    )
    record(
        session,
        "compute",
        RANKING.name,
        ranking.id,
        actor=actor,
        at=at,
        after={
            "state": ranking.state,
            "number": ranking.number,
            "stage": ranking.stage,
            "inputs_sha256": ranking.inputs_sha256,
            "result_sha256": ranking.result_sha256,
        },
    )
    return ranking


def _stage(session: Session, window: Window, earlier: list[Ranking], asked: int | None) -> int:
    design = queries.edition_of(session, window).design
    present = queries.stage_of(design, window.stage).number
    begun = any(r.stage == present and r.state in IN_FORCE for r in earlier)
    if asked in {None, present} or (asked == present - 1 and not begun):
        return asked or present
    raise InvalidError(lazy("The ranking of this stage can't be computed now."))


def _seed(session: Session, window: Window, stage: int, typed: str) -> str | None:
    """Give the draw's seed: the first that was used, so that nobody draws twice."""
    given = typed.strip()
    design = queries.edition_of(session, window).design
    if "draw" not in design.evaluation.tie_break:
        if given:
            raise InvalidError(lazy("This call has no public draw."), field="seed")
        return None
    held = queries.drawn_seed(session, window.id, stage)
    if held is not None and given not in {"", held}:
        raise InvalidError(
            lazy("The draw was held already, with the seed %(seed)s.", seed=held), field="seed"
        )
    return held or given or None


def discard_ranking(session: Session, ranking: Ranking, *, actor: Actor, at: datetime) -> None:
    """Put aside a ranking that was not published; its number is not used again."""
    lock(session, Window, ranking.window_id)
    lock(session, Ranking, ranking.id)
    move(session, ranking, RANKING, "discard", actor=actor, at=at)
