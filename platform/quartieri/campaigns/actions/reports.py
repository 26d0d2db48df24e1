"""Reporting a campaign, and what the office makes of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.campaigns import around_letters as letters
from quartieri.campaigns.models import Campaign, Report
from quartieri.campaigns.rules import REPORT, ReportReason
from quartieri.db import lock


def report(
    session: Session,
    campaign: Campaign,
    *,
    reason: ReportReason,
    text: str,
    email: str,
    language: str,
    at: datetime,
) -> Report:
    """Keep a report for the office; whoever left an address is told that it arrived."""
    found = Report(
        campaign=campaign,
        reason=reason,
        text=text.strip(),
        email=email.strip().lower(),
        language=language,
        at=at,
    )
    session.add(found)
    session.flush()
    letters.report_received(session, found, at=at)
    return found


def decide_report(
    session: Session, found: Report, verb: str, *, note: str, actor: Actor, at: datetime
) -> None:
    """Say what was found and done ("act"), or why nothing is ("dismiss"); the reporter is told."""
    found = lock(session, Report, found.id)
    move(session, found, REPORT, verb, actor=actor, at=at, reason=note.strip())
    found.note, found.decided_at, found.decided_by = note.strip(), at, actor.user_id
    session.flush()
    letters.report_decided(session, found, at=at)
