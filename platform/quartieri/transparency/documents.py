"""JSON and CSV of open data: the shapes that outsiders rely on. docs/open-data.md names each field.

Sums are whole cents. ``null`` and an empty cell mean "not published" or "does not apply", never
zero. No natural person is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quartieri.calls.models import Call, HistoricalProject
from quartieri.kit.clock import in_rome
from quartieri.kit.money import Money
from quartieri.ledger.models import LedgerSealBatch
from quartieri.ledger.rules import GENESIS
from quartieri.programmes.rules import LevelFigures, PoolBalances
from quartieri.transparency.queries.register import GrantAct
from quartieri.transparency.queries.site import SiteCall, SiteMoney
from quartieri.transparency.rules import CallMoney, CrowdMoney, PastMoney, ProjectMoney

PROJECT_HEAD = (
    "call",
    "project",
    "title",
    "proposer",
    "state",
    "cost_cents",
    "target_cents",
    "promised_cents",
    "collected_cents",
    "owed_cents",
    "paid_out_cents",
    "refunded_cents",
    "fees_cents",
    "grant_state",
    "grant_reserved_cents",
    "grant_granted_cents",
    "grant_paid_cents",
    "grant_recovered_cents",
    "act_number",
    "act_dated",
    "as_of",
)
ACT_HEAD = (
    "act_number",
    "act_dated",
    "authority",
    "beneficiary",
    "beneficiary_tax_code",
    "amount_cents",
    "paid_cents",
    "legal_basis",
    "office",
    "official_in_charge",
    "how_chosen",
    "call",
    "session",
    "project",
    "project_url",
    "grant_state",
    "ended_by_act",
)
HOW = "public call, ranking by scores"


def stamp(now: datetime) -> str:
    """Give an instant as Rome's clocks show it, with its offset."""
    return in_rome(now).isoformat(timespec="seconds")


def pool_figures(balances: PoolBalances) -> dict[str, int]:
    """Give a pool's money, or the sum of several."""
    return {
        "allotted_cents": balances.endowment_cents,
        "available_cents": balances.available_cents,
        "reserved_cents": balances.reserved_cents,
        "committed_cents": balances.committed_cents,
        "disbursed_cents": balances.disbursed_cents,
        "recovered_cents": balances.recovered_cents,
        "put_back_cents": balances.put_back_cents,
    }


def crowd_figures(crowd: CrowdMoney) -> dict[str, int]:
    """Give crowd money."""
    return {
        "promised_cents": crowd.promised_cents,
        "collected_cents": crowd.collected_cents,
        "held_by_proposers_cents": crowd.held_cents,
        "owed_cents": crowd.owed_cents,
        "paid_out_cents": crowd.paid_out_cents,
        "refunded_cents": crowd.refunded_cents,
        "fees_cents": crowd.fees_cents,
    }


def project_figures(project: ProjectMoney) -> dict[str, Any]:
    """Give a project as everybody may read it: a campaign and an act only once they are public."""
    campaign = project.crowd if project.has_public_campaign else None
    act = project.public_act
    return {
        "project": project.slug,
        "title": project.title,
        "proposer": project.proposer,
        "state": project.state.value,
        "cost_cents": project.cost_cents,
        "target_cents": project.target_cents if campaign else None,
        "crowd": crowd_figures(campaign) if campaign else None,
        "grant": {
            "state": project.grant_state.value,
            "reserved_cents": project.reserved_cents,
            "granted_cents": project.granted_cents,
            "paid_cents": project.paid_cents,
            "recovered_cents": project.recovered_cents,
            "act_number": act,
            "act_dated": project.act_dated.isoformat() if act and project.act_dated else None,
        }
        if project.grant_state
        else None,
    }


def call_document(
    call: Call, money: CallMoney, projects: Sequence[ProjectMoney], now: datetime
) -> dict[str, Any]:
    """Give the money of a call."""
    return {
        "call": _call_head(call),
        "as_of": stamp(now),
        "currency": "EUR",
        "endowment_cents": money.endowment_cents,
        **pool_figures(money.balances),
        "levels": [
            {
                "kind": share.kind.value,
                "code": share.code,
                "title": {"it": share.title_it, "en": share.title_en},
                "above": [{"it": it, "en": en} for it, en in share.path],
                "share_cents": share.cents,
            }
            for share in money.shares
        ],
        "crowd": crowd_figures(money.crowd) if money.crowd else None,
        "projects": [project_figures(p) for p in projects],
    }


def past_document(
    call: Call, past: PastMoney, projects: Sequence[HistoricalProject], now: datetime
) -> dict[str, Any]:
    """Give what is known of a past edition; it stands outside of the ledger and of all totals."""
    return {
        "call": _call_head(call),
        "as_of": stamp(now),
        "currency": "EUR",
        "endowment_cents": past.endowment_cents,
        "granted_cents": past.granted_cents,
        "raised_cents": past.raised_cents,
        "sources": list(call.facts.get("sources") or ()),
        "projects": [
            {
                "title": p.title,
                "proposer": p.proposer or None,
                "cost_cents": p.cost_cents,
                "target_cents": p.target_cents,
                "raised_cents": p.raised_cents,
                "raised_at_least": p.raised_at_least,
                "grant_cents": p.grant_cents,
                "outcome": p.outcome or None,
                "source": p.source_url or None,
            }
            for p in projects
        ],
    }


def _call_head(call: Call) -> dict[str, Any]:
    return {
        "slug": call.slug,
        "title": {"it": call.title_it, "en": call.title_en},
        "authority": call.authority.name,
        "state": call.state.value,
        "historical": call.historical,
        "invented": call.invented,
    }


def project_rows(
    slug: str, projects: Sequence[ProjectMoney], now: datetime
) -> list[tuple[object, ...]]:
    """Give the rows under PROJECT_HEAD."""
    rows: list[tuple[object, ...]] = []
    for project in projects:
        shown = project_figures(project)
        crowd: Mapping[str, Any] = shown["crowd"] or {}
        grant: Mapping[str, Any] = shown["grant"] or {}
        rows.append(
            (
                slug,
                *(shown[k] for k in ("project", "title", "proposer", "state")),
                *(shown[k] for k in ("cost_cents", "target_cents")),
                *(crowd.get(k) for k in PROJECT_HEAD[7:13]),
                *(grant.get(k.removeprefix("grant_")) for k in PROJECT_HEAD[13:18]),
                *(grant.get(k) for k in PROJECT_HEAD[18:20]),
                stamp(now),
            )
        )
    return rows


def past_rows(
    slug: str, projects: Sequence[HistoricalProject], now: datetime
) -> list[tuple[object, ...]]:
    """Give a past edition's rows under PROJECT_HEAD; what nobody published stays empty."""
    return [
        (
            slug,
            None,
            p.title,
            p.proposer or None,
            p.outcome or None,
            p.cost_cents,
            p.target_cents,
            None,
            p.raised_cents,
            *(None,) * 6,
            p.grant_cents,
            *(None,) * 4,
            stamp(now),
        )
        for p in projects
    ]


def site_document(
    money: SiteMoney, calls: Sequence[SiteCall], past: Sequence[PastMoney], now: datetime
) -> dict[str, Any]:
    """Give the money of the whole site."""
    return {
        "as_of": stamp(now),
        "currency": "EUR",
        "totals": {
            "planned_cents": money.planned_cents,
            "spent_directly_cents": money.spent_cents,
            "not_allotted_cents": money.unallotted_cents,
            "calls": pool_figures(money.calls),
            "crowd": crowd_figures(money.crowd),
        },
        "programmes": [
            {"authority": tree.authority.name, "levels": [_level(d, f) for d, f in tree.levels]}
            for tree in money.trees
        ],
        "calls": [
            {
                "slug": call.slug,
                "title": {"it": call.title_it, "en": call.title_en},
                "authority": call.authority,
                "state": call.state.value,
                "invented": call.invented,
                **pool_figures(call.balances),
                "crowd": crowd_figures(call.crowd),
            }
            for call in calls
        ],
        "past_editions": [
            {
                "slug": one.slug,
                "title": {"it": one.title_it, "en": one.title_en},
                "authority": one.authority,
                "endowment_cents": one.endowment_cents,
                "raised_cents": one.raised_cents,
                "granted_cents": one.granted_cents,
            }
            for one in past
        ],
    }


def _level(depth: int, figures: LevelFigures) -> dict[str, Any]:
    return {
        "depth": depth,
        "kind": figures.kind.value,
        "code": figures.code,
        "title": {"it": figures.title_it, "en": figures.title_en},
        "description": {"it": figures.description_it, "en": figures.description_en},
        "office": figures.office,
        "planned_cents": figures.planned_cents,
        "allotted_cents": figures.allotted_cents,
        "spent_directly_cents": figures.spent_cents,
        "available_cents": figures.available_cents,
        "reserved_cents": figures.reserved_cents,
        "committed_cents": figures.committed_cents,
        "disbursed_cents": figures.disbursed_cents,
        "recovered_cents": figures.recovered_cents,
    }


def act_rows(
    acts: Sequence[GrantAct], urls: Mapping[str, str], language: str
) -> list[tuple[object, ...]]:
    """Give the rows under ACT_HEAD; ``urls`` maps a project's slug to its address."""
    return [
        (
            act.number,
            act.dated.isoformat(),
            act.authority,
            act.beneficiary,
            act.tax_code or None,
            act.amount_cents,
            act.paid_cents,
            act.legal_basis.get(language) or act.legal_basis.get("it"),
            act.office,
            act.responsible,
            HOW,
            act.call_slug,
            act.window,
            act.project,
            urls.get(act.project_slug) or None,
            act.state.value,
            act.ended_number,
        )
        for act in acts
    ]


def act_document(
    acts: Sequence[GrantAct], urls: Mapping[str, str], language: str, now: datetime
) -> dict[str, Any]:
    """Give the register of published grant acts."""
    return {
        "as_of": stamp(now),
        "currency": "EUR",
        "acts": [dict(zip(ACT_HEAD, row, strict=True)) for row in act_rows(acts, urls, language)],
    }


def batch_figures(batch: LedgerSealBatch) -> dict[str, Any]:
    """Give a batch of seals: all that binds it to the one before."""
    return {
        "number": batch.number,
        "first": batch.first,
        "last": batch.last,
        "merkle_root": batch.merkle_root,
        "previous_hash": batch.previous_hash,
        "chain_hash": batch.chain_hash,
        "day": in_rome(batch.sealed_at).date().isoformat(),
    }


def seal_document(batches: Sequence[LedgerSealBatch], *, more: bool) -> dict[str, Any]:
    """Give batches in the chain's order; ``next`` is the number to ask ``?after=`` with."""
    return {
        "genesis": GENESIS,
        "batches": [batch_figures(b) for b in batches],
        "next": batches[-1].number if batches and more else None,
    }


def euros(cents: int | None) -> Money | None:
    """Give cents as money, None where they are not published."""
    return None if cents is None else Money(cents)
