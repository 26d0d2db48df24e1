"""Calls for tests: a design that can be published, drafts, published calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor, Role
from quartieri.calls import actions
from quartieri.calls.actions.drafting import Dates
from quartieri.calls.design import (
    CallDesign,
    CampaignDesign,
    CriterionDesign,
    Eligibility,
    Evaluation,
    MoneyRules,
    Question,
    Requirement,
    SessionRules,
)
from quartieri.calls.funding import FundingKind, FundingRule
from quartieri.calls.models import Call
from quartieri.people.models import Authority
from quartieri.people.rules import OrganisationKind
from tests.factories.acts import act_data
from tests.factories.programmes import make_authority

AT = datetime(2025, 2, 1, 9, 0, tzinfo=UTC)
"""When calls of tests are drafted and published: two days before the tests' clock stands."""
OPENS = AT + timedelta(hours=1)
CLOSES = AT + timedelta(days=30)
MANAGER = Actor(None, "Responsabile", frozenset({Role.CALL_MANAGER}))


def both(text: str) -> dict[str, str]:
    """Give a text in both languages."""
    return {"it": text, "en": f"{text} (en)"}


def ready_design(*, campaigns: bool = True, **over: Any) -> CallDesign:
    """Give a design that lacks nothing: 50/50 with a campaign, or a direct grant."""
    rule = (
        FundingRule(
            FundingKind.FIXED_SHARE, Decimal("0.5"), Decimal("0.5"), grant_cap_cents=50_000_00
        )
        if campaigns
        else FundingRule(
            FundingKind.DIRECT,
            None,
            Decimal("0.9"),
            grant_min_cents=1_000_00,
            grant_cap_cents=30_000_00,
        )
    )
    design = CallDesign(
        title=both("Alleanze di prova"),
        summary=both("Un bando di prova"),
        text=both("## Scopo\n\nProvare."),
        office="Ufficio Bandi",
        contact="bandi@comune.example",
        legal_basis=both("Art. 12 L. 241/1990"),
        privacy_notice=both("I dati servono alla domanda."),
        terms=both("Chi partecipa accetta il bando."),
        consent=both("Acconsento all'uso dei miei dati per questo bando."),
        sessions=SessionRules(term_days=90, term_counts="working"),
        eligibility=Eligibility(
            kinds=(OrganisationKind.ASSOCIATION, OrganisationKind.INFORMAL_GROUP),
            min_group_members=2,
            alliance=True,
            cost_min_cents=1_000_00,
            cost_max_cents=100_000_00,
            months_max=12,
        ),
        questions=(
            Question("problem", both("Quale problema?"), limit=1000),
            Question("activities", both("Quali attività?"), limit=1000),
        ),
        requirements=(Requirement("applicant", both("Chi si candida può farlo")),),
        evaluation=Evaluation(
            criteria=(
                CriterionDesign("impact", both("Impatto"), Decimal(60)),
                CriterionDesign("quality", both("Qualità"), Decimal(40), minimum=Decimal(10)),
            ),
            minimum_total=Decimal(50),
            sheets=2,
            tie_break=("criterion:impact", "received", "protocol"),
            when_money_runs_out="skip",
        ),
        money=MoneyRules(rule=rule, advance_share=Decimal("0.5"), integration_days=10),
        campaign=(
            CampaignDesign(
                days=60,
                grace_days=7,
                pledge_min_cents=5_00,
                pledge_max_cents=5_000_00,
                confirm_minutes=60,
            )
            if campaigns
            else None
        ),
    )
    return replace(design, **over)


def make_call(
    session: Session,
    *,
    authority: Authority | None = None,
    design: CallDesign | None = None,
    windows: Sequence[Dates] = ((OPENS, CLOSES),),
    endowment_cents: int | None = 100_000_00,
    shares: Mapping[int, int] | None = None,
    actor: Actor = MANAGER,
    at: datetime = AT,
) -> Call:
    """Add a draft that lacks nothing: one session, 100,000 € outside of the programme's tree."""
    authority = authority or make_authority(session)
    call = actions.create_from_template(session, authority, "", actor=actor, at=at)
    actions.save_design(session, call, design or ready_design(), version=None, actor=actor, at=at)
    actions.set_windows(session, call, windows, actor=actor, at=at)
    actions.set_pool(
        session,
        call,
        endowment_cents=endowment_cents,
        shares=shares or {},
        actor=actor,
        at=at,
    )
    return call


def make_published_call(session: Session, *, campaigns: bool = True, **over: Any) -> Call:
    """Add a published call; its session opens one hour after ``at`` (open at the tests' NOW)."""
    over.setdefault("design", ready_design(campaigns=campaigns))
    call = make_call(session, **over)
    actions.publish(session, call, act_data(), actor=MANAGER, at=over.get("at", AT))
    return call
