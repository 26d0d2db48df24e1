"""A city of a given size, on a SQLite file with everything on (WAL, synchronous=FULL)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask

from quartieri.campaigns.models import Campaign, CampaignPage
from quartieri.campaigns.rules import CampaignState
from quartieri.db import unit_of_work, upgrade_database
from quartieri.proposals.models import Proposal, ProtocolEntry
from quartieri.proposals.rules import ProposalState
from quartieri.reviews.models import Assignment, Conflict
from quartieri.reviews.rules import AssignmentState, ConflictState
from tests.doubles import NOW, build_app
from tests.factories.calls import make_published_call
from tests.factories.people import make_organisation, make_user


@dataclass(frozen=True, slots=True)
class World:
    """The application and the addresses that are measured."""

    app: Flask
    url: str
    call_id: int
    project: str
    campaign_id: int


def build(folder: Path, *, proposals: int, campaigns: int) -> World:
    """Fill a new database: one call, its applications with a sheet each, live campaigns."""
    url = f"sqlite:///{folder / 'bench.sqlite3'}"
    app = build_app(url, folder)
    with app.app_context():
        upgrade_database()
        with unit_of_work() as session:
            call = make_published_call(session, campaigns=True)
            owner, reviewer = make_user(session), make_user(session)
            organisation = make_organisation(session, owner)
            window, edition = call.windows[0], call.editions[-1]
            rows = [
                Proposal(
                    slug=f"progetto-{n}",
                    call_id=call.id,
                    edition_id=edition.id,
                    window_id=window.id,
                    owner_id=owner.id,
                    organisation_id=organisation.id,
                    state=(
                        ProposalState.CAMPAIGNING if n < campaigns else ProposalState.UNDER_REVIEW
                    ),
                    title=f"Progetto di quartiere numero {n}",
                    summary="Un posto dove incontrarsi, imparare e riparare, aperto a tutti.",
                    answers={
                        q.key: "Una risposta di media lunghezza. " * 20
                        for q in edition.design.questions
                    },
                    place="Via Padova",
                    cost_cents=50_000_00,
                    crowd_cents=25_000_00,
                    created_at=NOW,
                    saved_at=NOW,
                    received_at=NOW + timedelta(seconds=n),
                )
                for n in range(proposals)
            ]
            session.add_all(rows)
            session.flush()
            session.add_all(
                ProtocolEntry(
                    authority_id=call.authority_id,
                    year=1999,
                    number=n + 1,
                    proposal_id=row.id,
                    revision=1,
                    received_at=NOW,
                )
                for n, row in enumerate(rows)
            )
            session.add_all(
                Assignment(
                    proposal_id=row.id,
                    user_id=reviewer.id,
                    state=AssignmentState.SUBMITTED,
                    total=(50 + n % 50) * 10**8,
                    assigned_at=NOW,
                    submitted_at=NOW,
                    conflict=Conflict(state=ConflictState.NONE),
                )
                for n, row in enumerate(rows)
            )
            live = [
                Campaign(
                    proposal_id=row.id,
                    slug=row.slug,
                    state=CampaignState.LIVE,
                    title=row.title,
                    summary=row.summary,
                    story="Una storia. " * 100,
                    story_html="<p>Una storia.</p>" * 100,
                    cost_cents=50_000_00,
                    target_cents=25_000_00,
                    starts_at=NOW - timedelta(days=10),
                    ends_at=NOW + timedelta(days=50),
                    grace_ends_at=NOW + timedelta(days=57),
                    promised_cents=(row.id * 100_00) % 30_000_00,
                    backers=row.id % 200,
                    page=CampaignPage(),
                )
                for row in rows[:campaigns]
            ]
            session.add_all(live)
            session.flush()
            first = live[0] if live else None
            project = f"/projects/{first.slug}" if first else ""
            return World(app, url, call.id, project, first.id if first else 0)
