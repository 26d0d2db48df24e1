"""What the applicant sees and what is frozen at submission."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from quartieri.audit.models import AuditEntry
from quartieri.calls.design import FormPage, QuestionKind
from quartieri.calls.models import Window
from quartieri.calls.rules import WindowState
from quartieri.people.models import Organisation
from quartieri.programmes.models import Area
from quartieri.proposals.models import IntegrationRequest, Proposal
from quartieri.proposals.rules import (
    CARRIED,
    AnswersPart,
    ApplicantPart,
    BudgetPart,
    DeclarationsPart,
    Draft,
    IntegrationState,
    LineFacts,
    MemberFacts,
    MoneyPart,
    Part,
    PartnerFacts,
    PlacePart,
    ProposalState,
    Section,
    SummaryPart,
    TeamPart,
    answer_to,
    answers_of,
    visible_pages,
)
from quartieri.proposals.rules.parts import plain


def applications_of(session: Session, user_id: int) -> list[Proposal]:
    """List a person's applications, the last saved first; discarded drafts are left out."""
    return list(
        session.scalars(
            sa.select(Proposal)
            .where(Proposal.owner_id == user_id, Proposal.state != ProposalState.DISCARDED)
            .options(
                joinedload(Proposal.call),
                joinedload(Proposal.organisation),
                joinedload(Proposal.window),
                selectinload(Proposal.protocol),
                selectinload(Proposal.integrations),
            )
            .order_by(Proposal.saved_at.desc(), Proposal.id.desc())
        )
    )


def drafts_for_call(session: Session, user_id: int, call_id: int) -> list[Proposal]:
    """List a person's open drafts for one call, the last saved first."""
    return list(
        session.scalars(
            sa.select(Proposal)
            .where(
                Proposal.owner_id == user_id,
                Proposal.call_id == call_id,
                Proposal.state == ProposalState.DRAFT,
            )
            .options(joinedload(Proposal.organisation))
            .order_by(Proposal.saved_at.desc(), Proposal.id.desc())
        )
    )


def areas_of(session: Session, authority_id: int) -> list[Area]:
    """List the areas of a city, by code; Milan's have nine, a small town none."""
    return list(
        session.scalars(
            sa.select(Area)
            .where(Area.authority_id == authority_id)
            .order_by(sa.func.length(Area.code), Area.code)
        )
    )


def window_for(session: Session, call_id: int, received_at: datetime) -> Window | None:
    """Give the window that was open when a request came in; both ends are inclusive.

    A window that is being checked already still takes what came in before its deadline: a
    submission begun in time is not lost by slowness after the click (product, invariant 5).
    """
    return session.scalars(
        sa.select(Window)
        .where(
            Window.call_id == call_id,
            Window.opens_at <= received_at,
            Window.closes_at >= received_at,
            sa.or_(Window.state.is_(None), Window.state == WindowState.CHECKING),
        )
        .order_by(Window.number)
    ).first()


def next_window(session: Session, call_id: int, now: datetime) -> Window | None:
    """Give the next window that has not opened yet."""
    return session.scalars(
        sa.select(Window)
        .where(Window.call_id == call_id, Window.opens_at > now, Window.state.is_(None))
        .order_by(Window.opens_at, Window.number)
    ).first()


def deadline_window(session: Session, call_id: int, now: datetime) -> Window | None:
    """Give the window that a draft aims at: the open one, else the next."""
    return window_for(session, call_id, now) or next_window(session, call_id, now)


def open_integration(session: Session, proposal_id: int) -> IntegrationRequest | None:
    """Give the integration request that waits for the applicant, if any."""
    return session.scalars(
        sa.select(IntegrationRequest)
        .where(
            IntegrationRequest.proposal_id == proposal_id,
            IntegrationRequest.state == IntegrationState.REQUESTED,
        )
        .order_by(IntegrationRequest.id)
    ).first()


def history(session: Session, proposal_id: int) -> dict[str, datetime]:
    """Give when each state was last reached, by the state's code."""
    entries = session.execute(
        sa.select(AuditEntry.after, AuditEntry.at)
        .where(AuditEntry.subject_kind == "proposal", AuditEntry.subject_id == proposal_id)
        .order_by(AuditEntry.id)
    )
    return {str(after["state"]): at for after, at in entries if after.get("state")}


# -- parts -------------------------------------------------------------------------------------


def applicant_part(organisation: Organisation) -> ApplicantPart:
    """Give what is known of who applies."""
    return ApplicantPart(
        kind=organisation.kind,
        name=organisation.name,
        tax_code=organisation.tax_code or "",
        seat=organisation.seat,
        founded_on=organisation.founded_on,
    )


def draft_of(session: Session, proposal: Proposal, *, areas: Sequence[Area] | None = None) -> Draft:
    """Give an application as its rules see it."""
    if areas is None:
        areas = areas_of(session, proposal.call.authority_id)
    chosen = next((a for a in areas if a.id == proposal.area_id), None)
    return Draft(
        applicant=applicant_part(proposal.organisation),
        summary=SummaryPart(proposal.title, proposal.summary),
        answers={k: v for k, v in proposal.answers.items() if k != CARRIED},
        place=PlacePart(proposal.place, proposal.area_id, proposal.months),
        team=TeamPart(
            tuple(MemberFacts(m.name, m.role) for m in proposal.members),
            tuple(
                PartnerFacts(p.name, p.kind, p.tax_code, p.role, p.lead) for p in proposal.partners
            ),
        ),
        budget=BudgetPart(
            tuple(LineFacts(b.description, b.amount_cents, b.category) for b in proposal.budget)
        ),
        money=MoneyPart(proposal.own_cents, proposal.requested_cents, proposal.crowd_cents),
        declarations=DeclarationsPart(
            frozenset(k for k, given in proposal.declarations.items() if given)
        ),
        attachments=sum(not a.question for a in proposal.attachments),
        files=Counter(a.question for a in proposal.attachments if a.question),
        area_code=chosen.code if chosen else "",
        area_name=chosen.name_it if chosen else "",
        areas_exist=bool(areas),
    )


def part_of(session: Session, proposal: Proposal, section: str) -> Part | None:
    """Give what one page of an application holds; None for the documents, and for no page."""
    draft = draft_of(session, proposal)
    own: dict[str, Part] = {
        Section.APPLICANT: draft.applicant,
        Section.SUMMARY: draft.summary,
        Section.DECLARATIONS: draft.declarations,
    }
    page = proposal.edition.design.form.page(section)
    return own.get(section) if page is None else page_part(draft, page)


def page_part(draft: Draft, page: FormPage) -> AnswersPart:
    """Give the answers of one page of the call, by question; files are not among them."""
    asked = (q for q in page.questions if q.asks and q.kind is not QuestionKind.FILE)
    return AnswersPart({q.key: answer_to(draft, q) for q in asked})


def part_now(session: Session, proposal: Proposal, part: Part) -> Part:
    """Give what stands where a part is about to be written."""
    draft = draft_of(session, proposal)
    match part:
        case ApplicantPart():
            return draft.applicant
        case SummaryPart():
            return draft.summary
        case DeclarationsPart():
            return draft.declarations
        case AnswersPart(answers):
            now = answers_of(draft, proposal.edition.design.form)
            return AnswersPart({key: now.get(key) for key in answers})
    return part


def snapshot_content(session: Session, proposal: Proposal) -> dict[str, Any]:
    """Give the whole application as plain JSON values, to be frozen.

    ``answers`` holds what the applicant answered to the questions that were shown: an answer that
    a condition hides is left out, and so are the figures of what the call does not ask for.
    """
    draft = draft_of(session, proposal)
    pages = visible_pages(draft, proposal.edition.design.form)
    shown = [q for page in pages for q in page.questions if q.asks]
    kinds = {q.kind for q in shown}
    content: dict[str, Any] = {
        "applicant": plain(asdict(draft.applicant)),
        "summary": plain(asdict(draft.summary)),
        "declarations": plain(asdict(draft.declarations)),
        "answers": {
            q.key: value
            for q in shown
            if q.kind is not QuestionKind.FILE and (value := answer_to(draft, q)) is not None
        },
    }
    for name, part, fed_by in (
        ("place", draft.place, {QuestionKind.PLACE}),
        ("team", draft.team, {QuestionKind.MEMBERS, QuestionKind.PARTNERS}),
        ("budget", draft.budget, {QuestionKind.BUDGET}),
        ("money", draft.money, {QuestionKind.SOURCES}),
    ):
        if fed_by & kinds:
            content[name] = plain(asdict(part))
    keys = {"", *(q.key for q in shown)}
    content[Section.ATTACHMENTS.value] = [
        {
            "title": a.title,
            "name": a.file.name,
            "size": a.file.size,
            "sha256": a.file.sha256,
            "question": a.question,
        }
        for a in proposal.attachments
        if a.question in keys
    ]
    content["area"] = {"code": draft.area_code, "name": draft.area_name}
    content["cost_cents"] = proposal.cost_cents
    content["call"] = {
        "slug": proposal.call.slug,
        "edition": proposal.edition.number,
        "edition_sha256": proposal.edition.sha256,
        "window": proposal.window.number if proposal.window else None,
    }
    content["received_at"] = proposal.received_at.isoformat() if proposal.received_at else None
    content["integrations"] = [
        {
            "items": r.items,
            "answer": r.answer,
            "answered_at": r.answered_at.isoformat() if r.answered_at else None,
            "file_sha256": r.answer_file.sha256 if r.answer_file else None,
        }
        for r in proposal.integrations
        if r.state is IntegrationState.ANSWERED
    ]
    return content
