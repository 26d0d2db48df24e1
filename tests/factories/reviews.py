"""A session under evaluation, with its commission, for tests of reviews and rankings."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.audit.rules import Actor, Role
from quartieri.calls.design import (
    CallDesign,
    CampaignDesign,
    CriterionDesign,
    Evaluation,
    MoneyRules,
)
from quartieri.calls.funding import FundingKind, FundingRule
from quartieri.calls.models import Call, CallEdition, Criterion, Window
from quartieri.calls.rules import CallState, WindowState
from quartieri.people.models import Authority, Organisation, RoleGrant, User
from quartieri.people.rules import OrganisationKind
from quartieri.programmes.models import EndowmentPool
from quartieri.proposals.models import Proposal, ProtocolEntry
from quartieri.proposals.rules import ProposalState
from quartieri.reviews import actions
from quartieri.reviews.models import Assignment
from quartieri.reviews.rules import Line
from tests.doubles import NOW
from tests.factories.programmes import make_authority, make_bound_pool

_numbers = itertools.count(1)
SCORES = {"quality": 7, "impact": 7}


def make_person(session: Session, name: str = "", **over: Any) -> User:
    """Add a confirmed account."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "email": f"persona{number}@example.org",
        "name": name or f"Persona {number}",
        "password_hash": "-",
        "created_at": NOW,
        "confirmed_at": NOW,
    }
    user = User(**(values | over))
    session.add(user)
    session.flush()
    return user


def give_role(session: Session, user: User, role: Role, call: Call) -> User:
    """Give a role on one call."""
    session.add(
        RoleGrant(
            user_id=user.id,
            role=role,
            authority_id=call.authority_id,
            call_id=call.id,
            since=NOW - timedelta(days=30),
        )
    )
    session.flush()
    return user


@dataclass
class Scene:
    """One window under evaluation and the people around it."""

    session: Session
    authority: Authority
    call: Call
    window: Window
    pool: EndowmentPool
    manager: User
    secretary: User
    head: User
    reviewers: list[User]
    proposals: list[Proposal] = field(default_factory=list)

    def actor(self, user: User) -> Actor:
        """Give the actor for one of the scene's officials."""
        roles = frozenset(g.role for g in user.roles) | {Role.ACCOUNT}
        return Actor(user.id, user.name, roles)

    @property
    def by(self) -> Actor:
        """The call manager."""
        return self.actor(self.manager)

    def apply(
        self, title: str = "", *, state: ProposalState | None = None, **over: Any
    ) -> Proposal:
        """Add an application that was received one minute after the last one."""
        proposal = make_received(
            self.session,
            self.window,
            title or f"Progetto {len(self.proposals) + 1}",
            NOW - timedelta(days=20) + timedelta(minutes=len(self.proposals)),
            state=state or ProposalState.UNDER_REVIEW,
            **over,
        )
        self.proposals.append(proposal)
        return proposal

    def sheet(
        self,
        proposal: Proposal,
        reviewer: User,
        points: Mapping[str, int | str] | None = None,
    ) -> Assignment:
        """Assign, declare no conflict, score and submit."""
        assignment = actions.assign(self.session, proposal, reviewer, actor=self.by, at=NOW)
        who = self.actor(reviewer)
        actions.declare_none(self.session, assignment, actor=who, at=NOW)
        actions.submit_scores(
            self.session,
            assignment,
            lines(points or SCORES),
            version=assignment.version,
            actor=who,
            at=NOW,
        )
        return assignment

    def score(self, proposal: Proposal, *totals: int) -> None:
        """Give one sheet for each total: half of it on each criterion."""
        for reviewer, total in zip(self.reviewers, totals, strict=False):
            half = Decimal(total) / 2
            self.sheet(proposal, reviewer, {"quality": str(half), "impact": str(half)})


def lines(points: Mapping[str, Any]) -> dict[str, Line]:
    """Give sheet lines with a comment each; None is a missing score."""
    return {
        code: Line(None if p is None else Decimal(str(p)), f"Perché {code}")
        for code, p in points.items()
    }


def act_data(number: str = "") -> ActData:
    """Give what an official types of an act."""
    return ActData(
        number=number or f"DD-{next(_numbers)}",
        dated=date(2025, 2, 3),
        office="Direzione Quartieri",
        signer="Dirigente",
    )


def make_design(
    *,
    campaigns: bool = False,
    no_money: bool = False,
    rule: FundingRule | None = None,
    **evaluation: Any,
) -> CallDesign:
    """Give a whole design: two criteria of 10 points, direct grants up to 20,000 €, or none."""
    values: dict[str, Any] = {
        "criteria": (
            CriterionDesign("quality", {"it": "Qualità", "en": "Quality"}, Decimal(10)),
            CriterionDesign(
                "impact",
                {"it": "Impatto", "en": "Impact"},
                Decimal(10),
                guidance={"it": "Chi ne ha beneficio?", "en": "Who benefits?"},
            ),
        ),
        "sheets": 1,
        "minimum_total": Decimal(10),
        "tie_break": ("criterion:quality", "received", "protocol"),
        "when_money_runs_out": "stop",
    }
    rule = rule or FundingRule(
        FundingKind.FIXED_SHARE if campaigns else FundingKind.DIRECT,
        Decimal("0.4") if campaigns else None,
        Decimal("0.6") if campaigns else None,
        grant_cap_cents=20_000_00,
    )
    return CallDesign(
        title={"it": "Bando di prova", "en": "Test call"},
        contact="bandi@example.org",
        evaluation=Evaluation(**(values | evaluation)),
        money=MoneyRules(no_money=True) if no_money else MoneyRules(rule=rule),
        campaign=CampaignDesign() if campaigns else None,
    )


def make_scene(
    session: Session,
    *,
    endowment_cents: int = 40_000_00,
    reviewers: int = 2,
    pool: EndowmentPool | None = None,
    state: WindowState = WindowState.EVALUATION,
    campaigns: bool = False,
    no_money: bool = False,
    **evaluation: Any,
) -> Scene:
    """Add a published call with one window under evaluation, its officials and commission."""
    if pool is None:
        authority = make_authority(session)
        pool = make_bound_pool(session, authority_id=authority.id, endowment_cents=endowment_cents)
    else:
        authority = session.get_one(Authority, pool.authority_id)
    design = make_design(campaigns=campaigns, no_money=no_money, **evaluation)
    call = Call(
        authority_id=authority.id,
        slug=f"bando-{next(_numbers)}",
        state=CallState.PUBLISHED,
        design_json=design.to_json(),
        title_it="Bando di prova",
        title_en="Test call",
        pool_id=pool.id,
        created_at=NOW,
        published_at=NOW - timedelta(days=60),
    )
    session.add(call)
    session.flush()
    window = Window(
        call_id=call.id,
        number=1,
        opens_at=NOW - timedelta(days=60),
        closes_at=NOW - timedelta(days=10),
        state=state,
    )
    edition = CallEdition(
        call_id=call.id,
        number=1,
        design_json=design.to_json(),
        sha256=design.sha256(),
        published_at=NOW - timedelta(days=60),
    )
    session.add_all([window, edition])
    session.flush()
    for position, one in enumerate(design.evaluation.criteria, start=1):
        session.add(
            Criterion(
                edition_id=edition.id,
                code=one.code,
                position=position,
                title_it=one.title["it"],
                title_en=one.title["en"],
                guidance_it=one.guidance.get("it", ""),
                guidance_en=one.guidance.get("en", ""),
                maximum=one.maximum,
                weight=one.weight,
                minimum=one.minimum,
            )
        )
    session.flush()

    def official(name: str, role: Role) -> User:
        return give_role(session, make_person(session, name), role, call)

    return Scene(
        session,
        authority,
        call,
        window,
        pool,
        manager=official("Maria Responsabile", Role.CALL_MANAGER),
        secretary=official("Sergio Segretario", Role.COMMISSION_SECRETARY),
        head=official("Dina Dirigente", Role.SIGNING_MANAGER),
        reviewers=[
            official(f"Commissario {chr(65 + n)}", Role.COMMISSION_MEMBER) for n in range(reviewers)
        ],
    )


def make_received(
    session: Session,
    window: Window,
    title: str,
    received_at: datetime,
    *,
    state: ProposalState = ProposalState.UNDER_REVIEW,
    owner: User | None = None,
    organisation: Organisation | None = None,
    **over: Any,
) -> Proposal:
    """Add an application with its line in the register."""
    number = next(_numbers)
    owner = owner or make_person(session, f"Proponente Segreto {number}")
    if organisation is None:
        organisation = Organisation(
            kind=OrganisationKind.ASSOCIATION,
            name=f"Associazione {number}",
            owner_id=owner.id,
            created_at=NOW,
        )
        session.add(organisation)
        session.flush()
    values: dict[str, Any] = {
        "slug": f"progetto-{number}",
        "call_id": window.call_id,
        "edition_id": window.call.editions[-1].id,
        "window_id": window.id,
        "owner_id": owner.id,
        "organisation_id": organisation.id,
        "state": state,
        "revision": 1,
        "title": title,
        "summary": f"In breve: {title}",
        "cost_cents": 20_000_00,
        "requested_cents": 15_000_00,
        "created_at": received_at,
        "saved_at": received_at,
        "received_at": received_at,
    }
    proposal = Proposal(**(values | over))
    session.add(proposal)
    session.flush()
    session.add(
        ProtocolEntry(
            authority_id=window.call.authority_id,
            year=received_at.year,
            number=number,
            proposal_id=proposal.id,
            revision=1,
            received_at=received_at,
        )
    )
    session.flush()
    return proposal
