"""A rehearsal's commission: declarations, sheets and rankings, stage after stage."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from quartieri.calls.design import ImportedResult, WhenMoneyRunsOut
from quartieri.calls.design import Stage as Judged
from quartieri.calls.models import Window
from quartieri.db import get, unit_of_work
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import ProposalState
from quartieri.rehearsal.trial.notes import Phase, Rule, Trait
from quartieri.rehearsal.trial.offering import offer_the_rest
from quartieri.rehearsal.trial.play import DAY, OFFICE, Performance
from quartieri.rehearsal.trial.script import Invented
from quartieri.reviews import actions as reviews
from quartieri.reviews.models import Ranking, RankingEntry
from quartieri.reviews.ranking.outcomes import ReasonCode
from quartieri.reviews.ranking.sentences import Reason, Tie
from quartieri.reviews.rules import ConflictCause, Pair

COMMISSION = lazy("The commission")
COMMENTS = ("Valutazione di prova.",)
SEED = "rehearsal"
SPREAD = Decimal("0.02")
VOTERS = 500
WEEK = timedelta(days=7)
REASON_RULES = {
    ReasonCode.BELOW_CRITERION: Rule.MINIMUM_CRITERION,
    ReasonCode.BELOW_GROUP: Rule.MINIMUM_CRITERION,
    ReasonCode.BELOW_GATE: Rule.MINIMUM_CRITERION,
    ReasonCode.BELOW_TOTAL: Rule.MINIMUM_TOTAL,
    ReasonCode.NO_MONEY: Rule.MONEY_RUNS_OUT,
    ReasonCode.AFTER_STOP: Rule.MONEY_RUNS_OUT,
    ReasonCode.PART: Rule.MONEY_RUNS_OUT,
    ReasonCode.OFFERED: Rule.MONEY_RUNS_OUT,
    ReasonCode.NO_PLACE: Rule.PLACES,
    ReasonCode.QUOTA_FULL: Rule.PLACES,
    ReasonCode.EXCLUDED: Rule.REQUIREMENTS,
}


def time_for(show: Performance) -> timedelta:
    """Give how long a session takes from its deadline to its last answer, and some days more."""
    evaluation = show.copy.design.evaluation
    offers = evaluation.when_money_runs_out == WhenMoneyRunsOut.OFFER
    return (4 + 4 * offers + len(evaluation.run)) * WEEK


def judge(show: Performance) -> None:
    """Evaluate and rank, once or stage after stage; the last ranking reserves the money."""
    manager = show.stage.cast.actor("manager")
    show.stage.go_to(show.now + WEEK)
    with unit_of_work() as session:
        window = get(session, Window, show.window_id)
        reviews.open_evaluation(session, window, actor=manager, at=show.now)
    for judged in show.copy.design.evaluation.run:
        running = _under_review(show)
        if running:
            if judged.scored:
                _evaluate(show, judged, running)
            _import(show, judged, running)
            _rank(show, last=judged.last)
    offer_the_rest(show)


def _under_review(show: Performance) -> list[Invented]:
    with unit_of_work() as session:
        ids = set(
            session.scalars(
                sa.select(Proposal.id).where(Proposal.state == ProposalState.UNDER_REVIEW)
            )
        )
    return [one for one in show.here if show.made.get(one.key) in ids]


def _evaluate(show: Performance, judged: Judged, running: list[Invented]) -> None:
    """Assign, declare, score; in the first stage one reviewer abstains from one application."""
    stage, manager = show.stage, show.stage.cast.actor("manager")
    first, *rest = [f"reviewer{n + 1}" for n in range(judged.sheets + 1)]
    abstains = judged.number == 1
    usual = [first, *rest][: judged.sheets]
    panel = {one.key: usual for one in running}
    asked = dict(panel)
    if abstains:
        panel[running[0].key], asked[running[0].key] = rest, [first, *rest]
    elif running[0].trait is Trait.STRONG:
        panel[running[0].key] = asked[running[0].key] = rest
    with unit_of_work() as session:
        window = get(session, Window, show.window_id)
        pairs = [
            Pair(show.made[one.key], stage.cast.user(reviewer).id)
            for one in running
            for reviewer in asked[one.key]
        ]
        reviews.assign_many(session, window, pairs, actor=manager, at=stage.now)
    if abstains:
        _abstain(show, running[0], first)
    for one in running:
        _score(show, one, panel[one.key])
    text = lazy("%(sheets)s sheets are submitted for each application.", sheets=judged.sheets)
    show.note(Phase.EVALUATION, COMMISSION, text)


def _import(show: Performance, judged: Judged, running: list[Invented]) -> None:
    """Import the results that are made elsewhere: as good as each project's own sheets."""
    manager = show.stage.cast.actor("manager")
    for criterion in judged.imported:
        votes = criterion.result == ImportedResult.VOTES
        most = Decimal(VOTERS) if votes else criterion.maximum
        lines = ["protocol,votes" if votes else "protocol,points"]
        with unit_of_work() as session:
            window = get(session, Window, show.window_id)
            for one in running:
                number = get(session, Proposal, show.made[one.key]).protocol_number
                lines.append(f"{number},{int(most * one.scores)}")
            file = reviews.upload_result(
                session,
                window,
                criterion=criterion.code,
                name="result.csv",
                content="\n".join(lines).encode(),
                actor=manager,
                at=show.now,
            )
            act = show.stage.act("Risultato di prova")
            reviews.confirm_result(session, file, act, actor=manager, at=show.now)
        title = next((t for t in criterion.title.values() if t), criterion.code)
        text = lazy("The result of “%(title)s” is imported by act.", title=title)
        show.note(Phase.EVALUATION, OFFICE, text)


def _score(show: Performance, one: Invented, panel: list[str]) -> None:
    stage, proposal_id = show.stage, show.made[one.key]
    if show.copy.design.evaluation.collegial:
        with unit_of_work() as session:
            for reviewer in panel:
                sheet = stage.sheet(session, proposal_id, reviewer)
                actor = stage.cast.actor(reviewer)
                reviews.declare_none(session, sheet, actor=actor, at=stage.now)
        stage.score(proposal_id, "secretary", one.scores, COMMENTS, agreed=True)
        return
    for n, reviewer in enumerate(panel):
        # reviewers differ a little, around what the script says; a tie is exact
        spread = Decimal(0) if one.trait in {Trait.TIED, Trait.GOOD} else n % 3 * SPREAD
        stage.score(proposal_id, reviewer, max(one.scores - spread, Decimal(0)), COMMENTS)


def _abstain(show: Performance, one: Invented, reviewer: str) -> None:
    stage = show.stage
    actor = stage.cast.actor(reviewer)
    with unit_of_work() as session:
        reviews.declare_conflict(
            session,
            stage.sheet(session, show.made[one.key], reviewer),
            cause=ConflictCause.ACQUAINTANCE,
            reason="Conosco chi propone.",
            abstain=True,
            actor=actor,
            at=stage.now,
        )
    show.note(
        Phase.EVALUATION,
        actor.name,
        lazy("Knows the applicant of “%(title)s” and abstains.", title=one.application.title),
        Rule.CONFLICT,
    )


def _rank(show: Performance, *, last: bool) -> None:
    """Compute the ranking and publish it by act, after a provisional one where the call says so."""
    stage, evaluation = show.stage, show.copy.design.evaluation
    stage.go_to(stage.now + WEEK)
    provisional = last and evaluation.provisional
    seed = SEED if "draw" in evaluation.tie_break else ""
    ranking_id = stage.rank(
        show.window_id, "Graduatoria di prova", final=not provisional, seed=seed
    )
    if provisional:
        text = lazy("The provisional ranking is published; objections are possible.")
        show.note(Phase.RANKING, OFFICE, text, Rule.PROVISIONAL)
        stage.go_to(stage.now + 10 * DAY)
        stage.make_final(ranking_id, "Graduatoria definitiva di prova")
    if not last:
        text = lazy("The ranking of a stage is published: it says who goes on.")
        show.note(Phase.RANKING, OFFICE, text, Rule.STAGES)
    _read_ranking(show)


def _read_ranking(show: Performance) -> None:
    persons = {proposal: one.person for one in show.here if (proposal := show.made.get(one.key))}
    with unit_of_work() as session:
        ranking = session.scalars(
            sa.select(Ranking)
            .where(Ranking.window_id == show.window_id)
            .order_by(Ranking.number.desc())
        ).first()
        entries = ranking.entries if ranking is not None else []
        names = {c.code: c.title.get("it", c.code) for c in show.copy.design.evaluation.criteria}
        for entry in entries:
            _note_entry(show, entry, persons.get(entry.proposal_id, ""), names)


def _note_entry(show: Performance, row: RankingEntry, person: str, names: dict[str, str]) -> None:
    who = person or row.proposal.organisation.name
    show.note(
        Phase.RANKING,
        who,
        lazy(
            "%(outcome)s: %(amount)s reserved, %(points)s points.",
            outcome=Lazy(row.outcome.label),
            amount=Money(row.amount_cents),
            points=row.total or Decimal(0),
        ),
    )
    for document in row.detail["reasons"]:
        reason = Reason.from_json(document)
        show.note(Phase.RANKING, who, reason.sentence(names), REASON_RULES.get(reason.code))
    if row.detail["tie"] is not None:
        tie = Tie(row.detail["tie"]["with"], row.detail["tie"]["by"])
        show.note(Phase.RANKING, who, tie.sentence(names), Rule.TIE_BREAK)
