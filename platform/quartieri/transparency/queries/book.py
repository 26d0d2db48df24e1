"""Accounts and statements of the ledger, for the treasury; each only in its reader's scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.models import Call
from quartieri.campaigns.models import Campaign
from quartieri.grants.models import Grant
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.ledger import queries as ledger
from quartieri.ledger.models import LedgerAccount, LedgerEntry, LedgerSeal, LedgerTransaction
from quartieri.people.rules import Scope
from quartieri.programmes.models import EndowmentPool, ProgrammeLevel
from quartieri.proposals.models import Proposal
from quartieri.transparency.queries.pages import Column, Found, campaign_holder, order_by, rows_of

ACCOUNT_SORTS: Mapping[str, Column] = {
    "holder": LedgerAccount.holder.expression,
    "kind": LedgerAccount.kind.expression,
    "balance": LedgerAccount.balance_cents.expression,
}


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account with its balance and what its holder is called ("" where nothing is known)."""

    code: str
    holder: str
    kind: str
    book: str
    balance: Money
    title: str

    @property
    def part(self) -> str:
        """The kind of holder: level, pool, grant, campaign or custody."""
        return self.holder.partition(":")[0]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of a statement with what the movement is about and the number of its seal."""

    line: ledger.Line
    about: str
    act: int | None
    seal: int | None

    @property
    def day(self) -> date:
        """Rome's day of the movement."""
        return self.line.day


class AccountInScope:
    """An account as permissions see it: the authority, and maybe the call, that it belongs to."""

    def __init__(self, account: LedgerAccount, scope: Scope) -> None:
        """Keep the account and its scope."""
        self.account = account
        self.scope = scope


def account_page(
    session: Session,
    *,
    scopes: Sequence[Scope] | None,
    text: str = "",
    sort: str = "",
    page: int = 1,
) -> Found[AccountRow]:
    """List the accounts in ``scopes`` (None: all) by book and holder, or as sorted.

    Six queries. ``text`` looks in the accounts' names and in the holders' titles.
    """
    wanted = sa.select(
        LedgerAccount.code,
        LedgerAccount.holder,
        LedgerAccount.kind,
        LedgerAccount.book,
        LedgerAccount.balance_cents,
        LedgerAccount.currency,
    )
    if scopes is not None:
        wanted = wanted.where(sa.or_(sa.false(), *(_in_scope(s) for s in scopes)))
    if text.strip():
        wanted = wanted.where(_named(text.strip()))
    rows, number, total = rows_of(
        session, wanted, order_by(ACCOUNT_SORTS, sort, LedgerAccount.id.expression), page
    )
    titles = titles_of(session, {row.holder for row in rows})
    found = [
        AccountRow(
            row.code,
            row.holder,
            row.kind,
            row.book,
            Money(int(row.balance_cents), row.currency),
            titles.get(row.holder, ""),
        )
        for row in rows
    ]
    return Found(found, number, total)


def _in_scope(scope: Scope) -> sa.ColumnElement[bool]:
    campaigns = (
        sa.select(campaign_holder())
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
    )
    if scope.call_id is None:
        mine = campaigns.where(Call.authority_id == scope.authority_id)
        return sa.or_(
            LedgerAccount.book == f"authority:{scope.authority_id}",
            LedgerAccount.holder.in_(mine),
        )
    pool = sa.select(sa.literal("pool:") + sa.cast(Call.pool_id, sa.String)).where(
        Call.id == scope.call_id
    )
    mine = campaigns.where(Call.id == scope.call_id)
    granted = (
        sa.select(sa.literal("grant:") + sa.cast(Grant.id, sa.String))
        .join(Proposal, Proposal.id == Grant.proposal_id)
        .where(Proposal.call_id == scope.call_id)
    )
    return sa.or_(*(LedgerAccount.holder.in_(own) for own in (pool, mine, granted)))


def _named(words: str) -> sa.ColumnElement[bool]:
    def holders(part: str, key: Any, title: Any) -> sa.Select[str]:
        return sa.select(sa.literal(f"{part}:") + sa.cast(key, sa.String)).where(
            title.icontains(words, autoescape=True)
        )

    return sa.or_(
        LedgerAccount.code.icontains(words, autoescape=True),
        LedgerAccount.holder.in_(holders("pool", EndowmentPool.id, EndowmentPool.title)),
        LedgerAccount.holder.in_(holders("level", ProgrammeLevel.id, ProgrammeLevel.title_it)),
        LedgerAccount.holder.in_(holders("campaign", Campaign.id, Campaign.title)),
        LedgerAccount.holder.in_(
            holders("grant", Grant.id, Proposal.title).join(
                Proposal, Proposal.id == Grant.proposal_id
            )
        ),
    )


def titles_of(session: Session, holders: Iterable[str]) -> dict[str, str]:
    """Give what holders ("pool:3") are called, in one query for each kind."""
    wanted: dict[str, list[int]] = {"level": [], "pool": [], "grant": [], "campaign": []}
    for holder in holders:
        part, _colon, number = holder.partition(":")
        if part in wanted:
            wanted[part].append(int(number))
    found: dict[str, str] = {}
    sources: tuple[tuple[str, Any, Any], ...] = (
        ("level", ProgrammeLevel.id, ProgrammeLevel.title_it),
        ("pool", EndowmentPool.id, EndowmentPool.title),
        ("grant", Grant.id, Proposal.title),
        ("campaign", Campaign.id, Campaign.title),
    )
    for part, key, title in sources:
        named = sa.select(key, title).where(key.in_(wanted[part])).order_by(key)
        if part == "grant":
            named = named.join(Proposal, Proposal.id == Grant.proposal_id)
        rows = session.execute(named)
        found |= {f"{part}:{number}": name for number, name in rows}
    return found


def account_by_code(session: Session, code: str) -> AccountInScope:
    """Give an account with the scope that it belongs to; raise NotFoundError."""
    account = session.scalars(
        sa.select(LedgerAccount).where(LedgerAccount.code == code)
    ).one_or_none()
    if account is None:
        raise NotFoundError(lazy("There is no account of this name."))
    return AccountInScope(account, _scope(session, account))


def _scope(session: Session, account: LedgerAccount) -> Scope:
    part, _colon, number = account.holder.partition(":")
    if part == "grant":
        grant = session.get(Grant, int(number))
        return grant.scope if grant else Scope()
    if part == "campaign":
        campaign = session.get(Campaign, int(number))
        return campaign.scope if campaign else Scope()
    kind, _colon, authority = account.book.partition(":")
    if kind != "authority":
        return Scope()
    call_id = None
    if part == "pool":
        call_id = session.scalar(
            sa.select(Call.id).where(Call.pool_id == int(number)).order_by(Call.id).limit(1)
        )
    return Scope(authority_id=int(authority), call_id=call_id)


def statement_page(session: Session, account: LedgerAccount, *, page: int) -> Found[StatementLine]:
    """List an account's movements, newest first, with the balance after each; four queries."""
    number = max(page, 1)
    own = sa.or_(
        LedgerEntry.debit_account_id == account.id, LedgerEntry.credit_account_id == account.id
    )
    total = session.scalar(sa.select(sa.func.count(LedgerEntry.id)).where(own)) or 0
    lines = ledger.statement(session, account.code, page=number)
    facts = {
        row.id: row
        for row in session.execute(
            sa.select(LedgerTransaction.id, LedgerTransaction.public, LedgerSeal.number)
            .outerjoin(LedgerSeal, LedgerSeal.transaction_id == LedgerTransaction.id)
            .where(LedgerTransaction.id.in_([line.transaction_id for line in lines]))
            .order_by(LedgerTransaction.id)
        )
    }
    rows = []
    for line in lines:
        fact = facts[line.transaction_id]
        about = str(fact.public.get("about", ""))
        rows.append(StatementLine(line, about, fact.public.get("act"), fact.number))
    return Found(rows, number, total)
