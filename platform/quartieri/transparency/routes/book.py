"""The ledger: accounts and statements for the treasury, the chain of seals for everybody."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from quartieri.db import db
from quartieri.kit.numbers import in_rows, page_number
from quartieri.ledger.rules import (
    CampaignAccount,
    CustodyAccount,
    GrantAccount,
    LevelAccount,
    PoolAccount,
    PostingKind,
)
from quartieri.people.access import permit, public, scopes_with
from quartieri.people.rules import Permission
from quartieri.transparency import documents, queries
from quartieri.transparency.queries.book import AccountInScope, titles_of

bp = Blueprint("ledger", __name__)

Answer = str | Response
BATCHES = 500
"""Batches in one JSON answer."""
NAMES = {
    "level": LevelAccount,
    "pool": PoolAccount,
    "grant": GrantAccount,
    "campaign": CampaignAccount,
    "custody": CustodyAccount,
}
KINDS = {kind.value: kind for kind in PostingKind}


@bp.get("/manage/ledger")
@permit(Permission.LEDGER_READ)
def index() -> Answer:
    """List the accounts in scope with their balances, and say how far the seals have come."""
    words, sort = request.args.get("q", "").strip(), request.args.get("sort", "")
    found = queries.account_page(
        db.session(),
        scopes=scopes_with(Permission.LEDGER_READ),
        text=words,
        sort=sort,
        page=page_number(),
    )
    return render_template(
        "ledger/index.html",
        found=found,
        words=words,
        sort=sort,
        names=NAMES,
        status=queries.seal_status(db.session()),
    )


def load(code: str) -> AccountInScope:
    """Give an account by its name ("pool:3:available")."""
    return queries.account_by_code(db.session(), code)


@bp.get("/manage/ledger/<code>")
@permit(Permission.LEDGER_READ, load)
def account(found: AccountInScope) -> Answer:
    """Show an account's statement."""
    held = found.account
    return render_template(
        "ledger/account.html",
        account=held,
        part=held.holder.partition(":")[0],
        title=titles_of(db.session(), [held.holder]).get(held.holder, ""),
        balance=documents.euros(held.balance_cents),
        names=NAMES,
        kinds=KINDS,
        found=queries.statement_page(db.session(), held, page=page_number()),
    )


@bp.get("/money/seals")
@public
def seals() -> Answer:
    """Show the latest batches of seals, so that anyone can keep the chain."""
    return render_template(
        "ledger/seals.html",
        found=queries.seal_batches(db.session(), page=page_number()),
        status=queries.seal_status(db.session()),
    )


@bp.get("/money/seals.json")
@public
def seals_document() -> Answer:
    """Give batches in the chain's order; ``?after=`` goes on behind a number."""
    after = max(request.args.get("after", 0, in_rows), 0)
    rows = queries.batches_after(db.session(), after, size=BATCHES + 1)
    return jsonify(documents.seal_document(rows[:BATCHES], more=len(rows) > BATCHES))


@bp.get("/money/seals/<int:number>.json")
@public
def batch_document(number: int) -> Answer:
    """Give a batch with the public part of each movement in it and its leaf's hash."""
    batch, leaves = queries.batch_leaves(db.session(), number)
    return jsonify({**documents.batch_figures(batch), "leaves": leaves})
