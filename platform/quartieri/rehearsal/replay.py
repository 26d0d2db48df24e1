"""Replaying an edition through the domain's verbs, from publication to the granted euro.

The clock is set, the provider is in process. What the city never published and publication demands
gets a neutral invented value, and each such value is said in the report.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls import actions as calls
from quartieri.calls.design import (
    CallDesign,
    CampaignDesign,
    CriterionDesign,
    Eligibility,
    Evaluation,
    MoneyRules,
    Question,
    Requirement,
)
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.rules import next_wave
from quartieri.db import get, unit_of_work
from quartieri.grants import actions as grants
from quartieri.grants.queries import live_grant
from quartieri.kit.clock import SetClock
from quartieri.people import actions as people
from quartieri.people.models import Authority
from quartieri.people.rules import OrganisationKind
from quartieri.rehearsal.cast import engage_for_replay
from quartieri.rehearsal.crew import work_alone
from quartieri.rehearsal.crowd import pledge
from quartieri.rehearsal.document import (
    CampaignOutcome,
    Edition,
    ProjectRow,
    RowResult,
    Status,
)
from quartieri.rehearsal.stage import Application, Stage

NEUTRAL = {"it": "Non pubblicato (valore neutro)", "en": "Not published (neutral value)"}
SUMMARY = "Not published"
DAY = timedelta(days=1)
REPLAYED = "replay-"
"""How the addresses of replayed authorities and calls begin."""

INVENTED: tuple[str, ...] = tuple(
    """\
one criterion with 10 points, scored alike for every project by one reviewer: not published
no minimum score; ties broken by the time of submission, in the file's order: not published
no advance: the payment schedule was not published
one neutral question and requirement, neutral text, legal basis and privacy notice: not published
each applicant is an association with an invented tax code, each project lasts one month
every project has the same score, so that the ranking keeps the file's order
the ranking is published right after the deadline; campaigns start a day later, grace of seven days
every pledge is made by card on the campaign's first day, by an invented backer
each campaign page has a neutral story and a picture of one colour
the grant act is recorded right after the campaign has succeeded\
""".splitlines()
)
"""What publication and the verbs demand and the record does not hold."""


def replay(edition: Edition, clock: SetClock) -> dict[int, RowResult]:
    """Drive the edition's replayed rows through all verbs; keys of the result are row numbers.

    Runs in an application context whose clock is ``clock`` and whose database it may write to.
    """
    rows = edition.rows_of(Status.REPLAYED)
    if not rows or edition.rule is None or edition.endowment_cents is None:
        return {}
    published = edition.published_at or edition.windows[0].opens_at
    clock.set(published)
    with unit_of_work() as session:
        authority = _authority(session, str(edition.facts.get("authority") or "Replay"), published)
        cast = engage_for_replay(session, authority, at=published)
        authority_id = authority.id
    stage = Stage(cast, clock)
    call_id, window_id = _publish(stage, edition, authority_id)
    stage.go_to(edition.windows[0].opens_at + timedelta(seconds=1))
    applications = {row.number: _apply(stage, edition, call_id, row) for row in rows}
    stage.go_to(edition.windows[0].closes_at + timedelta(seconds=1))
    stage.start_checking(window_id)
    for proposal_id in applications.values():
        stage.check(proposal_id)
    same = dict.fromkeys(applications.values(), (Decimal(1),))
    stage.evaluate(window_id, ["chair"], same, comments=(SUMMARY,))
    stage.rank(window_id, "Replay of the ranking")
    _run_campaigns(stage, edition, rows, applications)
    return {row.number: _result(row, applications[row.number]) for row in rows}


def replay_authority_slug(name: str) -> str:
    """Name the authority that replays of one city belong to: never the city's own."""
    return REPLAYED + hashlib.sha256(name.encode()).hexdigest()[:12]


def _authority(session: Session, name: str, at: datetime) -> Authority:
    """Give the authority of earlier replays with this name, or a new one."""
    slug = replay_authority_slug(name)
    found = session.scalars(sa.select(Authority).where(Authority.slug == slug)).first()
    return found or people.add_authority(session, slug=slug, name=name, city=name, at=at)


def _publish(stage: Stage, edition: Edition, authority_id: int) -> tuple[int, int]:
    manager = stage.cast.actor("manager")
    with unit_of_work() as session:
        authority = get(session, Authority, authority_id)
        call = calls.create_from_template(
            session, authority, "", slug=REPLAYED + edition.id, actor=manager, at=stage.now
        )
        stage.series = f"R{call.id}/"  # another replay's acts have other numbers
        calls.save_design(
            session, call, design_of(edition), version=None, actor=manager, at=stage.now
        )
        first = edition.windows[0]
        opens_at = max(first.opens_at, stage.now)
        dates = [(opens_at, first.closes_at)]
        calls.set_windows(session, call, dates, actor=manager, at=stage.now)
        calls.set_pool(
            session,
            call,
            endowment_cents=edition.endowment_cents,
            shares={},
            actor=manager,
            at=stage.now,
        )
        calls.publish(session, call, stage.act("Replay"), actor=manager, at=stage.now)
        return call.id, call.windows[0].id


def design_of(edition: Edition) -> CallDesign:
    """Give the design of a call as the record knows it, with neutral values for the rest."""
    rule = edition.rule
    part = rule is not None and rule.part_funding
    title = {"it": edition.title[:200], "en": edition.title[:200]}
    return CallDesign(
        title=title,
        summary=NEUTRAL,
        text=NEUTRAL,
        office=str(edition.facts.get("authority") or SUMMARY),
        contact="replay@replay.invalid",
        legal_basis=NEUTRAL,
        privacy_notice=NEUTRAL,
        terms=NEUTRAL,
        consent=NEUTRAL,
        eligibility=Eligibility(kinds=(OrganisationKind.ASSOCIATION,)),
        questions=(Question("project", NEUTRAL),),
        requirements=(Requirement("papers", NEUTRAL),),
        evaluation=Evaluation(
            criteria=(CriterionDesign("merit", NEUTRAL, maximum=Decimal(10)),),
            minimum_total=Decimal(0),
            sheets=1,
            tie_break=("received", "protocol"),
            when_money_runs_out="part" if part else "skip",
        ),
        money=MoneyRules(rule=rule, advance_share=Decimal(0), integration_days=10),
        campaign=CampaignDesign(
            days=edition.campaign_days or 0,
            grace_days=7,
            pledge_min_cents=1,
            pledge_max_cents=10**13,
            confirm_minutes=60,
        ),
    )


def _apply(stage: Stage, edition: Edition, call_id: int, row: ProjectRow) -> int:
    """Apply for one row; the clock moves a second, so that the file's order breaks the ties."""
    cost, goal = row.cost_cents, row.goal_cents
    if cost is None or goal is None:
        raise ValueError(row.label)
    proposal_id = stage.apply(
        call_id,
        Application(
            title=row.project[:140],
            applicant=(row.proposer or SUMMARY)[:200],
            kind=OrganisationKind.ASSOCIATION,
            summary=SUMMARY,
            answers={"project": SUMMARY},
            place=(row.neighbourhood or SUMMARY)[:200],
            months=1,
            budget=[(SUMMARY, cost)],
            crowd_cents=goal,
        ),
    )
    stage.go_to(min(stage.now + timedelta(seconds=1), edition.windows[0].closes_at))
    return proposal_id


def _run_campaigns(
    stage: Stage, edition: Edition, rows: tuple[ProjectRow, ...], applications: dict[int, int]
) -> None:
    starts_at = stage.now + DAY
    admitted = {row.number: row for row in rows if _admitted(applications[row.number])}
    ids = {
        number: stage.launch(
            applications[number], starts_at=starts_at, story=SUMMARY, target_cents=row.goal_cents
        )
        for number, row in admitted.items()
    }
    stage.work = partial(work_alone, list(ids.values()))
    stage.go_to(starts_at)
    stage.work()
    for number, row in admitted.items():
        for n, cents in enumerate(row.pledges(), start=1):
            pledge(stage.now, ids[number], cents, email=f"backer-{number}-{n}@replay.invalid")
    stage.work()
    stage.go_to(starts_at + timedelta(days=edition.campaign_days or 0, seconds=1))
    stage.work()
    stage.go_to(next_wave(stage.now))
    stage.work()
    stage.go_to(stage.now + timedelta(days=8))
    stage.work()
    for number in admitted:
        _grant(stage, applications[number])
    stage.work()


def _admitted(proposal_id: int) -> bool:
    with unit_of_work() as session:
        return live_grant(session, proposal_id) is not None


def _grant(stage: Stage, proposal_id: int) -> None:
    """Record the grant act of a campaign that succeeded: only an officer's act commits."""
    with unit_of_work() as session:
        grant = live_grant(session, proposal_id)
        if grant is None or grant.proposed_at is None:
            return
        officer = stage.cast.actor("officer")
        grants.record_grant_act(
            session, grant, stage.act("Replay of the grant"), actor=officer, at=stage.now
        )


def _result(row: ProjectRow, proposal_id: int) -> RowResult:
    with unit_of_work() as session:
        campaign = session.scalars(
            sa.select(Campaign).where(Campaign.proposal_id == proposal_id)
        ).first()
        if campaign is None:
            return RowResult(None, 0, row.raised_cents, row.backers)
        grant = live_grant(session, proposal_id)
        outcome = CampaignOutcome.SUCCEEDED if campaign.succeeded else CampaignOutcome.FAILED
        return RowResult(
            outcome,
            grant.granted_cents if grant is not None else 0,
            campaign.decided_cents,
            None if row.backers is None else campaign.decided_backers,
        )
