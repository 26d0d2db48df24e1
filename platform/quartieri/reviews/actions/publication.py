"""Publishing a ranking: the act, the states that follow, and the money that it binds."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.acts import actions as acts
from quartieri.acts.actions import ActData
from quartieri.acts.rules import ActKind
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.calls.actions.followers import News, tell
from quartieri.calls.funding import pool_at_ranking
from quartieri.calls.models import Window
from quartieri.calls.rules import WINDOW, WindowState
from quartieri.campaigns import actions as campaigns
from quartieri.db import lock
from quartieri.grants import actions as grants
from quartieri.grants.models import Grant
from quartieri.grants.queries import is_shared_out, live_grant
from quartieri.grants.rules import GrantState
from quartieri.jobs.actions import enqueue
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL, ProposalState
from quartieri.reviews import queries
from quartieri.reviews.actions.gates import close_gates, pass_gate, stopped
from quartieri.reviews.actions.rankings import IN_FORCE, collect, refuse_standing_still
from quartieri.reviews.models import Ranking, RankingEntry
from quartieri.reviews.queries.notice import edition_of
from quartieri.reviews.queries.waiting import list_acts, selected_by_list
from quartieri.reviews.rules import RANKING, ROUND_OVER, RankingOutcome, RankingState

P = ProposalState
RANKED_OUTCOMES = {
    RankingOutcome.FUNDED: P.SELECTED,
    RankingOutcome.ELIGIBLE_UNFUNDED: P.WAITING,
    RankingOutcome.NOT_ELIGIBLE: P.NOT_SELECTED,
}
FIRST = {P.SELECTED: "select", P.WAITING: "put_on_list", P.NOT_SELECTED: "not_select"}
CORRECTIONS = {
    (P.SELECTED, P.WAITING): "correct_to_waiting",
    (P.SELECTED, P.NOT_SELECTED): "correct_to_not_selected",
    (P.WAITING, P.NOT_SELECTED): "correct_to_not_selected",
    (P.NOT_SELECTED, P.WAITING): "correct_to_waiting",
    (P.NOT_SELECTED, P.SELECTED): "correct_to_selected",
    (P.WAITING, P.SELECTED): "scroll",
}
UNDER_WAY = frozenset({P.CAMPAIGNING, P.AWARDED, P.RUNNING, P.SUSPENDED, P.REPORTING, P.COMPLETED})


def publish_ranking(
    session: Session,
    ranking: Ranking,
    act_data: ActData,
    *,
    final: bool = True,
    actor: Actor,
    at: datetime,
) -> Ranking:
    """Publish a ranking by act, provisional or final; asked again it changes nothing.

    That of a stage before the last admits to the next one: whoever it does not admit stops there.
    The final one moves each application to its outcome, reserves each selected project's maximum
    grant (a page for its campaign is opened, or in a call without campaigns its grant act
    proposed), all in this transaction; a job that it leaves behind tells each applicant. A ranking
    that replaces a final one corrects it: what it takes is released before what it gives is
    reserved.

    Raises IllegalMoveError when it is not the present one, ConflictError when something changed
    since it was computed, PoolShortError when the pool can't hold it.
    """
    if not actor.holds(Role.CALL_MANAGER, Role.SYSTEM):
        raise NotYoursError(lazy("Your role does not allow this step."))
    window = lock(session, Window, ranking.window_id)
    lock(session, Ranking, ranking.id)
    wanted = RankingState.FINAL if final else RankingState.PROVISIONAL
    if ranking.state is wanted:
        return ranking
    refuse_standing_still(window)
    published = [
        r
        for r in queries.rankings_of(session, window.id)
        if r.state in IN_FORCE and r.id != ranking.id and r.stage == ranking.stage
    ]
    before = next((r for r in published if r.state is RankingState.FINAL), None)
    entries = _entries(session, ranking)
    design = edition_of(session, window).design
    gate = not queries.stage_of(design, ranking.stage).last
    _check(session, window, ranking, final=final, before=before, at=at)
    act = acts.record(
        session, window.call.authority_id, ActKind.RANKING, act_data, actor=actor, at=at
    )
    verb = "publish_final" if final else "publish_provisional"
    move(session, ranking, RANKING, verb, actor=actor, at=at, act=act.id)
    ranking.act_id = act.id
    ranking.published_at = at
    for old in published:
        move(session, old, RANKING, "supersede", actor=actor, at=at, by=ranking.number)
    again = not final and window.state_at(at) is WindowState.PROVISIONAL
    if before is None and not again and not gate:
        move(session, window, WINDOW, verb, actor=actor, at=at, state=window.state_at(at))
    if gate:
        pass_gate(session, window, ranking, entries, actor=actor, at=at)
    elif final:
        _settle(session, window, ranking, entries, actor=actor, at=at)
    else:
        for entry in entries:
            if entry.proposal.state is P.UNDER_REVIEW:
                verb_of = "stop_at_gate" if stopped(entry) else "rank"
                move(session, entry.proposal, PROPOSAL, verb_of, actor=actor, at=at, at_once=False)
            elif entry.proposal.state is P.STOPPED_AT_GATE and not stopped(entry):
                move(
                    session,
                    entry.proposal,
                    PROPOSAL,
                    "reopen_gate",
                    actor=actor,
                    at=at,
                    at_once=False,
                )
                move(session, entry.proposal, PROPOSAL, "rank", actor=actor, at=at, at_once=False)
    enqueue(
        session,
        "reviews.tell",
        {"ranking_id": ranking.id, "final": final, "corrected": before is not None, "after": 0},
        run_at=at,
        key=f"reviews.tell:{ranking.id}:{verb}",
    )
    tell(
        session,
        window.call,
        News.RANKED,
        occasion=f"ranking:{ranking.id}:{verb}",
        at=at,
        number=window.number,
        final=int(final),
    )
    session.flush()
    return ranking


def _check(
    session: Session,
    window: Window,
    ranking: Ranking,
    *,
    final: bool,
    before: Ranking | None,
    at: datetime,
) -> None:
    design = edition_of(session, window).design
    gate = not queries.stage_of(design, ranking.stage).last
    provisional = design.evaluation.provisional and not gate
    if any(one.is_offer and one.answer is None for one in list_acts(session, window.id)):
        raise IllegalMoveError(
            lazy("What is left is offered to an applicant: wait for the answer before correcting.")
        )
    if not final and (not provisional or before is not None):
        raise IllegalMoveError(lazy("This call has no provisional ranking: publish the final one."))
    if final and provisional and window.state_at(at) is WindowState.EVALUATION:
        raise IllegalMoveError(
            lazy("This call publishes a provisional ranking first, open to objections.")
        )
    seed = ranking.inputs["rules"]["draw_seed"]
    given = collect(session, window, stage=ranking.stage, seed=seed, at=at)
    if given.sha256() != ranking.inputs_sha256:
        raise ConflictError(
            lazy("Something changed since this ranking was computed: compute it again.")
        )


def _entries(session: Session, ranking: Ranking) -> list[RankingEntry]:
    """Give the lines in their order; the applications are locked first, by id."""
    ids = sa.select(RankingEntry.proposal_id).where(RankingEntry.ranking_id == ranking.id)
    session.scalars(
        sa.select(Proposal)
        .where(Proposal.id.in_(ids))
        .order_by(Proposal.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return list(
        session.scalars(
            sa.select(RankingEntry)
            .where(RankingEntry.ranking_id == ranking.id)
            .options(joinedload(RankingEntry.proposal))
            .order_by(RankingEntry.line)
        )
    )


def _settle(
    session: Session,
    window: Window,
    ranking: Ranking,
    entries: list[RankingEntry],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Move each application to its outcome; what is taken is released before more is reserved."""
    chosen = [e for e in entries if e.outcome in RANKED_OUTCOMES]
    # an act on the list stands by itself: a correction does not undo it
    listed = selected_by_list(session, window.id)
    chosen = [e for e in chosen if e.proposal_id not in listed]
    close_gates(session, window, actor=actor, at=at, but={e.proposal_id for e in chosen})
    live = _live_grants(session, window.id)
    why = f"ranking {ranking.number}"
    for entry in chosen:
        if entry.outcome is not RankingOutcome.FUNDED:
            _bring(session, entry, actor=actor, at=at)
            if entry.proposal_id in live and entry.proposal.state not in UNDER_WAY:
                grants.release(session, live[entry.proposal_id], reason=why, actor=actor, at=at)
    for entry in chosen:
        grant = live.get(entry.proposal_id)
        changed = grant is not None and grant.reserved_cents != entry.amount_cents
        if (
            entry.outcome is RankingOutcome.FUNDED
            and grant is not None
            and changed
            and entry.proposal.state is P.SELECTED
        ):
            grants.release(session, grant, reason=why, actor=actor, at=at)
    quotas = ranking.quotas
    for entry in chosen:
        if entry.outcome is RankingOutcome.FUNDED:
            _bring(session, entry, actor=actor, at=at)
            if entry.proposal.state is P.SELECTED:
                quota = quotas.get(entry.detail["key"], "")
                _bind(session, window, ranking, entry, quota=quota, actor=actor, at=at)
    if any(entry.outcome is RankingOutcome.FUNDED for entry in chosen):
        _open_round(session, window, actor=actor, at=at)


def _bring(session: Session, entry: RankingEntry, *, actor: Actor, at: datetime) -> None:
    proposal, wanted = entry.proposal, RANKED_OUTCOMES[entry.outcome]
    if proposal.state is P.STOPPED_AT_GATE and not stopped(entry):
        move(session, proposal, PROPOSAL, "reopen_gate", actor=actor, at=at, at_once=False)
    if proposal.state is P.UNDER_REVIEW:
        verb = "stop_at_gate" if stopped(entry) else "rank"
        move(session, proposal, PROPOSAL, verb, actor=actor, at=at, at_once=False)
    if proposal.state is P.STOPPED_AT_GATE:
        move(session, proposal, PROPOSAL, "not_select", actor=actor, at=at, at_once=False)
        return
    if proposal.state is P.RANKED:
        move(session, proposal, PROPOSAL, FIRST[wanted], actor=actor, at=at, at_once=False)
        return
    if proposal.state in UNDER_WAY and wanted is not P.SELECTED:
        raise IllegalMoveError(
            lazy(
                "%(title)s is under way: a correction can't take its grant. "
                "Revoke or exclude it by act first.",
                title=proposal.title,
            )
        )
    correction = CORRECTIONS.get((proposal.state, wanted))
    if correction is not None:
        move(
            session, proposal, PROPOSAL, correction, actor=actor, at=at, reason="corrected ranking"
        )


def _bind(
    session: Session,
    window: Window,
    ranking: Ranking,
    entry: RankingEntry,
    *,
    quota: str,
    actor: Actor,
    at: datetime,
) -> None:
    pool_id = window.call.pool_id
    if pool_id is None:
        raise InvalidError(lazy("The call has no endowment."))
    if is_shared_out(session, window.id) and live_grant(session, entry.proposal_id) is None:
        raise IllegalMoveError(ROUND_OVER)
    grant = grants.reserve(
        session,
        entry.proposal,
        pool_id=pool_id,
        cents=entry.amount_cents,
        key=f"ranking:{ranking.id}:proposal:{entry.proposal_id}",
        list_code=entry.detail.get("list_code") or "",
        quota_code=quota,
        actor=actor,
        at=at,
    )
    if edition_of(session, window).design.has_campaigns:
        campaigns.open_draft(session, entry.proposal, actor=actor, at=at)
    else:
        grants.propose(session, grant, computed_cents=entry.amount_cents, actor=actor, at=at)


def _open_round(session: Session, window: Window, *, actor: Actor, at: datetime) -> None:
    """Reserve the whole pool of a quadratic round once, for all that the ranking selects."""
    rule, pool_id = edition_of(session, window).design.money.rule, window.call.pool_id
    if rule is None or rule.quadratic is None or pool_id is None:
        return
    cents = pool_at_ranking(rule, queries.pool_available(session, window))
    grants.open_round(session, window, pool_id=pool_id, cents=cents, actor=actor, at=at)


def _live_grants(session: Session, window_id: int) -> dict[int, Grant]:
    rows = session.scalars(
        sa.select(Grant)
        .join(Proposal, Proposal.id == Grant.proposal_id)
        .where(Proposal.window_id == window_id, Grant.state == GrantState.RESERVED)
        .order_by(Grant.id)
    )
    return {grant.proposal_id: grant for grant in rows}
