"""What a rehearsal leaves: a document of plain JSON values, its sentences still translatable."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.models import Call
from quartieri.campaigns.models import Campaign
from quartieri.db import get, unit_of_work
from quartieri.grants.models import Grant
from quartieri.kit.labels import Lazy
from quartieri.mail.models import Letter
from quartieri.programmes.queries import pool_balances
from quartieri.proposals.models import Proposal
from quartieri.rehearsal.trial.notes import Rule, rules_of
from quartieri.rehearsal.trial.play import Performance
from quartieri.rehearsal.trial.script import Invented
from quartieri.rehearsal.trial.words import packed


def report(show: Performance, seed: int) -> dict[str, Any]:
    """Tell what happened, which rules fired, what each person got by mail, what it would cost.

    Amounts in cents, instants in ISO 8601 (UTC), sentences as ``trial.words`` packs them.
    """
    with unit_of_work() as session:
        letters = _letters(session)
        return {
            "seed": seed,
            "notes": [
                {
                    "at": note.at.isoformat(),
                    "phase": note.phase.value,
                    "who": packed(note.who) if isinstance(note.who, Lazy) else note.who,
                    "text": packed(note.text),
                    "rule": note.rule.value if note.rule else None,
                }
                for note in show.book.notes
            ],
            "rules": _rules(show),
            "people": [_person(session, show, one, letters) for one in show.people],
            "office": _others(show, letters),
            "money": _money(session, show),
        }


def _rules(show: Performance) -> list[dict[str, Any]]:
    fired = show.book.fired()
    known = rules_of(show.copy.design)
    return [
        {"rule": rule.value, "fired": fired.get(rule, 0)}
        for rule in Rule
        if rule in known or rule in fired
    ]


def _letters(session: Session) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for letter in session.scalars(sa.select(Letter).order_by(Letter.written_at, Letter.id)):
        found.setdefault(letter.to, []).append(
            {
                "at": letter.written_at.isoformat(),
                "subject": letter.subject,
                "text": letter.text,
            }
        )
    return found


def _person(
    session: Session,
    show: Performance,
    one: Invented,
    letters: dict[str, list[dict[str, str]]],
) -> dict[str, Any]:
    """Tell one applicant's story: what they were there for, how it ended, their letters."""
    row = session.scalars(
        sa.select(Proposal).where(Proposal.owner_id == show.stage.cast.user(one.key).id)
    ).first()
    campaign = grant = None
    if row is not None:
        campaign = session.scalars(
            sa.select(Campaign).where(Campaign.proposal_id == row.id)
        ).first()
        grant = session.scalars(sa.select(Grant).where(Grant.proposal_id == row.id)).first()
    return {
        "name": one.person,
        "project": one.application.title,
        "trait": one.trait.value,
        "state": row.state.value if row is not None else None,
        "protocol": row.protocol_number if row is not None and row.protocol else None,
        "cost_cents": sum(line[1] for line in one.application.budget),
        "target_cents": campaign.target_cents if campaign is not None else None,
        "raised_cents": campaign.decided_cents if campaign is not None else None,
        "grant_cents": grant.granted_cents if grant is not None else 0,
        "letters": letters.get(one.email, []),
        "backers": _backers(one, letters),
    }


def _backers(one: Invented, letters: dict[str, list[dict[str, str]]]) -> list[dict[str, str]]:
    """Give the letters of one backer of each kind: they are alike within a campaign."""
    shown: dict[str, dict[str, str]] = {}
    for address, many in letters.items():
        if address.startswith(f"{one.key}-"):
            for letter in many:
                shown.setdefault(letter["subject"], letter)
    return list(shown.values())


def _others(show: Performance, letters: dict[str, list[dict[str, str]]]) -> list[dict[str, Any]]:
    """Give what officials and reviewers got, by name."""
    crowd = tuple(f"{one.key}-" for one in show.people)
    applicants = {one.email for one in show.people}
    names = {user.email: user.name for user in show.stage.cast.users()}
    return [
        {"name": names.get(address, address), "letters": many}
        for address, many in letters.items()
        if address not in applicants and not address.startswith(crowd)
    ]


def _money(session: Session, show: Performance) -> dict[str, int]:
    call = get(session, Call, show.call_id)
    pool = pool_balances(session, call.pool_id) if call.pool_id else None
    campaigns = list(session.scalars(sa.select(Campaign)))
    return {
        "endowment_cents": show.copy.endowment_cents,
        "asked_cents": sum(
            session.scalars(
                sa.select(Proposal.requested_cents).where(Proposal.received_at.is_not(None))
            )
        ),
        "granted_cents": sum(session.scalars(sa.select(Grant.granted_cents))),
        "disbursed_cents": pool.disbursed_cents if pool else 0,
        "available_cents": pool.available_cents if pool else 0,
        "crowd_cents": sum(c.decided_cents or 0 for c in campaigns if c.succeeded),
        "succeeded": sum(c.succeeded for c in campaigns),
        "campaigns": len(campaigns),
    }
