"""Applications for tests: drafts, whole drafts, submitted ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls.models import Call
from quartieri.people.models import Organisation, User
from quartieri.proposals import actions
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import (
    DECLARATIONS,
    AnswersPart,
    BudgetPart,
    DeclarationsPart,
    LineFacts,
    MemberFacts,
    MoneyPart,
    Part,
    PartnerFacts,
    PlacePart,
    SummaryPart,
    TeamPart,
)
from tests.doubles import NOW
from tests.factories.calls import make_published_call
from tests.factories.people import actor_of, make_organisation, make_user


def whole_parts(call: Call, organisation: Organisation, **over: Any) -> dict[str, Part]:
    """Give parts that lack nothing in the calls of the tests: 20,000 € with a campaign or not."""
    campaigns = call.design.has_campaigns
    lead = PartnerFacts(
        organisation.name, organisation.kind, organisation.tax_code or "", lead=True
    )
    parts: dict[str, Part] = {
        "summary": SummaryPart("Orto in via Padova", "Un orto per tutti."),
        "story": AnswersPart({q.key: f"Risposta a {q.key}" for q in call.design.questions}),
        "place": PlacePart("Via Padova 100", None, 10),
        "team": TeamPart(
            (MemberFacts("Ada Neri", "Cura"), MemberFacts("Bea Viola", "Conti")), (lead,)
        ),
        "budget": BudgetPart((LineFacts("Terra", 15_000_00), LineFacts("Attrezzi", 5_000_00))),
        "money": MoneyPart(crowd_cents=10_000_00)
        if campaigns
        else MoneyPart(own_cents=2_000_00, requested_cents=18_000_00),
        "declarations": DeclarationsPart(frozenset(DECLARATIONS)),
    }
    return parts | over


def make_draft(
    session: Session,
    call: Call | None = None,
    *,
    owner: User | None = None,
    organisation: Organisation | None = None,
    whole: bool = True,
    at: datetime = NOW,
    **parts: Part,
) -> Proposal:
    """Add a draft that can be submitted (or, with ``whole=False``, an empty one)."""
    call = call or make_published_call(session)
    owner = owner or make_user(session)
    organisation = organisation or make_organisation(session, owner)
    who = actor_of(owner, Role.APPLICANT)
    proposal = actions.start(
        session, call, owner=owner, organisation=organisation, actor=who, at=at
    )
    kept = whole_parts(call, organisation, **parts) if whole else parts
    if kept:
        actions.save(session, proposal, *kept.values(), actor=who, at=at)
    return proposal


def submit(session: Session, proposal: Proposal, *, at: datetime = NOW) -> Proposal:
    """Submit a draft that lacks nothing."""
    who = actor_of(proposal.owner, Role.APPLICANT)
    actions.submit(session, proposal, received_at=at, actor=who, at=at)
    return proposal


def make_submitted(
    session: Session, call: Call | None = None, *, at: datetime = NOW, **over: Any
) -> Proposal:
    """Add an application that was submitted through the verbs."""
    return submit(session, make_draft(session, call, at=at, **over), at=at)
