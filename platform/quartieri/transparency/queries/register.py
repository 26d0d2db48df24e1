"""The register of published grant acts (d.lgs. 33/2013, articles 26 and 27)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from quartieri.acts.models import Act
from quartieri.acts.rules import ActState
from quartieri.calls.design import CallDesign
from quartieri.calls.models import Call, CallEdition, Window
from quartieri.campaigns.models import Campaign
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState, public_tax_code
from quartieri.kit.labels import in_language
from quartieri.people.models import Authority
from quartieri.proposals.models import Proposal
from quartieri.transparency.queries.pages import Column, Found, order_by, rows_of

GRANT_ACT_SORTS: Mapping[str, Column] = {
    "dated": Act.dated.expression,
    "beneficiary": sa.func.lower(Grant.recipient_name),
    "amount": Grant.granted_cents.expression,
    "paid": Grant.paid_cents.expression,
    "call": sa.func.lower(Call.title_it),
}


@dataclass(frozen=True, slots=True)
class GrantAct:
    """One line of the register, with the fields that article 27 asks for; sums in cents.

    ``tax_code`` is empty for whoever is not a body: a person's code is never published.
    ``ended_number`` is the act that revoked the grant or noted its renunciation.
    """

    number: str
    dated: date
    act_id: int
    has_file: bool
    authority: str
    beneficiary: str
    tax_code: str
    amount_cents: int
    paid_cents: int
    legal_basis: Mapping[str, str]
    office: str
    responsible: str
    call_slug: str
    call_it: str
    call_en: str
    window: int | None
    project_slug: str
    project: str
    campaign: bool
    """Whether the project has a campaign's page."""
    state: GrantState
    ended_number: str | None

    def call(self, language: str) -> str:
        """Give the call's title in a language, or in the other one."""
        return in_language({"it": self.call_it, "en": self.call_en}, language)


def grant_act_page(
    session: Session, *, year: int | None = None, text: str = "", sort: str = "", page: int | None
) -> Found[GrantAct]:
    """List published grant acts, newest first or as sorted; ``page`` None gives all.

    Three queries. ``year`` is that of the act's date, ``text`` looks in beneficiary and project.
    """
    ended = aliased(Act)
    wanted = (
        sa.select(
            Act.number,
            Act.dated,
            Act.id.label("act_id"),
            Act.file_id,
            Act.office,
            Act.signer,
            Authority.name.label("authority"),
            Grant.recipient_name,
            Grant.recipient_tax_code,
            Grant.granted_cents,
            Grant.paid_cents,
            Grant.state,
            Proposal.edition_id,
            Proposal.slug.label("project_slug"),
            Proposal.title,
            Call.slug.label("call_slug"),
            Call.title_it,
            Call.title_en,
            Window.number.label("window"),
            Campaign.id.label("campaign_id"),
            ended.number.label("ended_number"),
        )
        .select_from(Grant)
        .join(Act, Act.id == Grant.act_id)
        .join(Authority, Authority.id == Act.authority_id)
        .join(Proposal, Proposal.id == Grant.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .outerjoin(Window, Window.id == Proposal.window_id)
        .outerjoin(Campaign, Campaign.proposal_id == Proposal.id)
        .outerjoin(ended, ended.id == Grant.closing_act_id)
        .where(Act.state == ActState.PUBLISHED)
    )
    if year is not None:
        wanted = wanted.where(Act.dated >= date(year, 1, 1), Act.dated <= date(year, 12, 31))
    if text.strip():
        words = text.strip()
        wanted = wanted.where(
            sa.or_(
                Grant.recipient_name.icontains(words, autoescape=True),
                Proposal.title.icontains(words, autoescape=True),
            )
        )
    order = order_by(GRANT_ACT_SORTS, sort or "-dated", Grant.id.desc())
    rows, number, total = rows_of(session, wanted, order, page)
    bases = _legal_bases(session, {row.edition_id for row in rows})
    return Found([_line(row, bases) for row in rows], number, total)


def _legal_bases(session: Session, edition_ids: set[int]) -> dict[int, Mapping[str, str]]:
    rows = session.execute(
        sa.select(CallEdition.id, CallEdition.design_json)
        .where(CallEdition.id.in_(sorted(edition_ids)))
        .order_by(CallEdition.id)
    )
    return {row.id: CallDesign.from_json(row.design_json).legal_basis for row in rows}


def _line(row: Any, bases: Mapping[int, Mapping[str, str]]) -> GrantAct:
    return GrantAct(
        number=row.number,
        dated=row.dated,
        act_id=row.act_id,
        has_file=row.file_id is not None,
        authority=row.authority,
        beneficiary=row.recipient_name,
        tax_code=public_tax_code(row.recipient_tax_code),
        amount_cents=row.granted_cents,
        paid_cents=row.paid_cents,
        legal_basis=bases.get(row.edition_id, {}),
        office=row.office,
        responsible=row.signer,
        call_slug=row.call_slug,
        call_it=row.title_it,
        call_en=row.title_en,
        window=row.window,
        project_slug=row.project_slug,
        project=row.title,
        campaign=row.campaign_id is not None,
        state=row.state,
        ended_number=row.ended_number,
    )


def years(session: Session) -> list[int]:
    """List the years in which grant acts were published, newest first."""
    row = session.execute(
        sa.select(sa.func.min(Act.dated).label("first"), sa.func.max(Act.dated).label("last"))
        .select_from(Grant)
        .join(Act, Act.id == Grant.act_id)
        .where(Act.state == ActState.PUBLISHED)
    ).one()
    span: tuple[date | None, date | None] = (row.first, row.last)
    return [] if None in span else list(range(row.last.year, row.first.year - 1, -1))
