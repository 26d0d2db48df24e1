"""Receipts: the PDF for its backer and for officials, and a campaign's list of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.campaigns import queries, words
from quartieri.campaigns.links import project_url
from quartieri.campaigns.models import Campaign, Receipt
from quartieri.campaigns.routes.blueprint import Answer, bp, linked, load
from quartieri.campaigns.rules import ReceiptKind, facts
from quartieri.db import db, get
from quartieri.kit.errors import NotFoundError
from quartieri.kit.filters import cents_filter, instant_filter, say_filter
from quartieri.kit.labels import lazy
from quartieri.kit.paper import typeset
from quartieri.kit.tables import csv_text
from quartieri.people.access import current_now, permit, public
from quartieri.people.rules import Permission

TEMPLATE = Path(__file__).parents[1] / "papers" / "receipt.typ"
KEPT = 64
COLUMNS = (
    "number",
    "kind",
    "voids",
    "issued_at",
    "recipient",
    "donor",
    "tax_code",
    "amount_cents",
    "pledge",
)


def load_receipt(receipt_id: int) -> Receipt:
    """Give a receipt by its id, for officials."""
    return get(db.session(), Receipt, receipt_id)


@bp.get("/pledges/<token>/receipts/<int:receipt_id>")
@public
def receipt(token: str, receipt_id: int) -> Response:
    """Give one of the papers of the pledge that a signed link opens."""
    found = linked(token)
    paper = next(
        (r for r in queries.receipts_of(db.session(), found.id) if r.id == receipt_id), None
    )
    if paper is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return _pdf(paper)


@bp.get("/manage/receipts/<int:receipt_id>")
@permit(Permission.PLEDGES_READ, load_receipt)
def manage_receipt(paper: Receipt) -> Response:
    """Give a paper to officials."""
    return _pdf(paper)


def _pdf(paper: Receipt) -> Response:
    """Draw a paper from what was kept of it; the same for ever."""
    told = paper.snapshot
    with force_locale(told["language"]):
        void = paper.kind is ReceiptKind.VOID
        title = (
            _("Void %(number)s", number=paper.shown)
            if void
            else _("Receipt %(number)s", number=paper.shown)
        )
        data = {
            **{key: told[key] for key in ("language", "recipient", "rows", "terms", "left")},
            "title": title,
            "told": _("What you were told"),
            "issued": _("Issued on %(at)s.", at=instant_filter(paper.issued_at)),
            "footer": project_url(paper.pledge.campaign),
        }
    return _drawn(data, f"{'void' if void else 'receipt'}-{paper.year}-{paper.number:06d}.pdf")


def _drawn(data: dict[str, Any], name: str) -> Response:
    response = Response(_made(json.dumps(data, sort_keys=True)), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=name)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.get("/pledges/<token>/paper")
@public
def pledge_paper(token: str) -> Response:
    """Give a pledge's summary in its own language, to print or to keep."""
    found = linked(token)
    campaign = found.campaign
    gift = queries.gift_of(campaign, found)
    if found.paid_at is None:
        gift = replace(gift, when=words.when_charged(campaign, now=found.charged_now))
    with force_locale(found.language):
        told = words.told(found)
        rows = [
            (_("Code"), found.code),
            (_("Project"), campaign.title),
            (_("Amount"), cents_filter(found.amount_cents)),
            (_("Of it for the fees"), cents_filter(found.cover_cents) if found.cover_cents else ""),
            (_("Reward"), found.reward.title if found.reward else ""),
            (_("Name"), found.company or found.name),
            (say_filter(told.heading), say_filter(told.text)),
            (_("What you agreed to"), found.consent),
        ]
        data = {
            "language": found.language,
            "title": _("Your pledge %(code)s", code=found.code),
            "recipient": campaign.proposal.organisation.name,
            "left": "",
            "rows": [[term, value] for term, value in rows if value],
            "told": _("Good to know"),
            "terms": [[say_filter(term), say_filter(value)] for term, value in facts(gift)],
            "issued": _("As of %(at)s.", at=instant_filter(current_now())),
            "footer": project_url(campaign),
        }
    return _drawn(data, f"{found.code}.pdf")


@lru_cache(maxsize=KEPT)
def _made(data: str) -> bytes:
    return typeset(TEMPLATE, json.loads(data))


@bp.get("/manage/campaigns/<int:campaign_id>/receipts")
@permit(Permission.PLEDGES_READ, load)
def receipts(campaign: Campaign) -> Answer:
    """List a campaign's receipts and what voided them."""
    found = queries.receipts_of_campaign(db.session(), campaign.id)
    return render_template("campaigns/receipts.html", campaign=campaign, receipts=found)


@bp.get("/manage/campaigns/<int:campaign_id>/receipts.csv")
@permit(Permission.PLEDGES_READ, load)
def receipts_csv(campaign: Campaign) -> Response:
    """Give the same as CSV."""
    found = queries.receipts_of_campaign(db.session(), campaign.id)
    response = Response(csv_text(COLUMNS, _rows(found)), mimetype="text/csv")
    name = f"{campaign.slug}-receipts.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _rows(found: list[Receipt]) -> Iterator[tuple[object, ...]]:
    for one in found:
        told = one.snapshot
        yield (
            one.shown,
            one.kind.value,
            told["voids"],
            one.issued_at.isoformat(),
            told["recipient"],
            told["donor"],
            told["tax_code"],
            one.amount_cents,
            told["code"],
        )
