"""Numbered receipts: issued when money came, voided by a paper of their own when it went back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import SYSTEM
from quartieri.campaigns import letters
from quartieri.campaigns.models import Campaign, Pledge, Receipt, ReceiptCounter
from quartieri.campaigns.queries import gift_of, receipts_of, recipient_of
from quartieri.campaigns.rules import PLEDGE, PledgeChannel, ReceiptKind, facts, still_given
from quartieri.db import insertion
from quartieri.kit.clock import in_rome
from quartieri.kit.filters import money_cents_filter as exact
from quartieri.kit.filters import say_filter as say
from quartieri.kit.formats import format_day, language
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money


def follow(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Issue what a pledge's money asks for now: a receipt, or what voids one. Both are locked.

    Called last in the transaction that booked the money: the numbers have no gaps, and their
    lock comes after every other. Where nothing changed nothing is issued.
    """
    if pledge.paid_at is None:
        return
    issued = receipts_of(session, pledge.id)
    standing = _standing(issued)
    wanted = still_given(
        pledge.state,
        here_cents=pledge.amount_cents - pledge.refunded_cents - pledge.lost_cents,
        standing_cents=sum(standing.values()),
    )
    missing = wanted - sum(standing.values())
    if missing > 0:
        paper = _issue(session, campaign, pledge, missing, at=at)
        letters.receipt(session, campaign, pledge, paper, at=at)
    for receipt in reversed(issued):
        part = min(-missing, standing.get(receipt.id, 0))
        if part > 0:
            missing += part
            _issue(session, campaign, pledge, part, voids=receipt, at=at)


def _standing(issued: list[Receipt]) -> dict[int, int]:
    """Give what still stands of each receipt, in cents."""
    standing = {r.id: r.amount_cents for r in issued if r.kind is ReceiptKind.RECEIPT}
    for void in issued:
        if void.voids_id is not None:
            standing[void.voids_id] -= void.amount_cents
    return standing


def _issue(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    amount_cents: int,
    *,
    voids: Receipt | None = None,
    at: datetime,
) -> Receipt:
    organisation = recipient_of(session, campaign)
    year = in_rome(at).year
    with force_locale(pledge.language):
        snapshot = _snapshot(campaign, pledge, amount_cents, voids, at)
    session.flush()
    receipt = Receipt(
        organisation_id=organisation.id,
        year=year,
        number=_draw(session, organisation.id, year),
        kind=ReceiptKind.VOID if voids else ReceiptKind.RECEIPT,
        pledge_id=pledge.id,
        voids_id=voids.id if voids else None,
        amount_cents=amount_cents,
        issued_at=at,
        snapshot=snapshot,
    )
    session.add(receipt)
    session.flush()
    record(
        session,
        "void_receipt" if voids else "issue_receipt",
        PLEDGE.name,
        pledge.id,
        actor=SYSTEM,
        at=at,
        after={"receipt": receipt.shown, "amount": amount_cents},
    )
    return receipt


def _draw(session: Session, organisation_id: int, year: int) -> int:
    """Raise the counter and give its new value, in one statement that locks its row."""
    statement = (
        insertion(session, ReceiptCounter)
        .values(organisation_id=organisation_id, year=year, last=1)
        .on_conflict_do_update(
            index_elements=[ReceiptCounter.organisation_id, ReceiptCounter.year],
            set_={"last": ReceiptCounter.last + 1},
        )
        .returning(ReceiptCounter.last)
    )
    return session.execute(statement).scalar_one()


def _snapshot(
    campaign: Campaign, pledge: Pledge, cents: int, voids: Receipt | None, at: datetime
) -> dict[str, Any]:
    """Write down all that the paper says, in the backer's language; only the number is missing."""
    organisation = campaign.proposal.organisation
    rows: list[tuple[Lazy, Lazy | str]] = [
        (lazy("Recipient"), organisation.name),
        (lazy("Its fiscal code"), organisation.tax_code or ""),
        (lazy("Its seat"), organisation.seat),
        (lazy("Received from"), pledge.company or pledge.name),
        (lazy("Fiscal code or VAT number"), pledge.tax_code),
        (lazy("Amount"), exact(Money(cents))),
        (lazy("For the project"), campaign.title),
        (lazy("Means"), _means(pledge)),
        (lazy("Code of the pledge"), pledge.code),
    ]
    if voids is None:
        received = format_day(in_rome(pledge.paid_at or at).date(), language())
        rows.insert(5, (lazy("Received on"), received))
        if pledge.cover_cents:
            cover = exact(Money(pledge.cover_cents))
            rows.insert(7, (lazy("Added for the fees, within the amount"), cover))
        if pledge.reward is not None:
            rows.append((lazy("Reward"), pledge.reward.title))
    terms = [] if voids else [*facts(gift_of(campaign, pledge))]
    return {
        "language": pledge.language,
        "donor": pledge.company or pledge.name,
        "tax_code": pledge.tax_code,
        "recipient": organisation.name,
        "project": campaign.title,
        "code": pledge.code,
        "rows": [[say(term), say(value)] for term, value in rows if value],
        "terms": [[say(question), say(answer)] for question, answer in terms],
        "voids": voids.shown if voids else "",
        "left": _left(voids, cents) if voids else "",
    }


def _means(pledge: Pledge) -> Lazy:
    if pledge.channel is PledgeChannel.CARD:
        return lazy("Payment by card or another electronic means")
    return lazy("Received outside of the site: %(means)s", means=pledge.means or pledge.channel)


def _left(voids: Receipt, cents: int) -> str:
    """Say what went back, and of which receipt."""
    return say(
        lazy(
            "%(amount)s went back: the receipt %(number)s of %(whole)s is void for as much.",
            amount=exact(Money(cents)),
            number=voids.shown,
            whole=exact(Money(voids.amount_cents)),
        )
    )
