"""Deleting the personal data around campaigns that has had its time; sums and states stay.

What the books ask for is kept as long as they do: who paid, and the receipts, ten years.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign, Message, Offer, Pledge, Receipt, Report, Update
from quartieri.campaigns.rules import NEVER_CHARGED
from quartieri.kit.clock import in_rome
from quartieri.mail.actions import forget
from quartieri.mail.models import Letter

KEPT_AFTER_CAMPAIGN = timedelta(days=365)
"""How long after a campaign's end it is known who offered help, and who pledged unpaid."""
KEPT_AFTER_REPORT = timedelta(days=365)
"""How long after the decision the office knows who reported what."""
KEPT_FOR_REWARDS = timedelta(days=730)
"""How long after a campaign's end it is known where rewards go, and what was written to backers."""
BOOKS_YEARS = 10
"""How many whole years accounting records are kept (art. 2220 of the Italian Civil Code)."""
BATCH = 500

_NOBODY = {
    "name": "",
    "email": "",
    "mailbox": "",
    "company": "",
    "tax_code": "",
    "public_name": "",
    "message": "",
    "shipping_answer": "",
    "consent": "",
}


def _ended(model: type[Offer | Pledge | Update | Message], before: datetime) -> sa.Select[int]:
    """Select what belongs to campaigns that ended before an instant."""
    return (
        sa.select(model.id)
        .join(Campaign, Campaign.id == model.campaign_id)
        .where(Campaign.ends_at < before)
        .order_by(model.id)
        .limit(BATCH)
    )


def _ids(session: Session, found: sa.Select[int]) -> list[int]:
    return list(session.scalars(found))


def forget_offers(session: Session, *, at: datetime) -> int:
    """Delete who offered help, a year after the end; what was offered stays."""
    found = _ended(Offer, at - KEPT_AFTER_CAMPAIGN).where(Offer.email != "")
    ids = _ids(session, found)
    forget(session, "campaign_offer", ids)
    nobody = {"name": "", "email": "", "phone": "", "message": "", "answer": ""}
    session.execute(sa.update(Offer).where(Offer.id.in_(ids)).values(nobody))
    return len(ids)


def forget_reporters(session: Session, *, at: datetime) -> int:
    """Delete who reported and in which words, a year after the decision; reason and note stay."""
    found = (
        sa.select(Report.id)
        .where(
            Report.decided_at < at - KEPT_AFTER_REPORT,
            sa.or_(Report.email != "", Report.text != ""),
        )
        .order_by(Report.id)
        .limit(BATCH)
    )
    ids = _ids(session, found)
    forget(session, "campaign_report", ids)
    session.execute(sa.update(Report).where(Report.id.in_(ids)).values(email="", text=""))
    return len(ids)


def forget_unpaid(session: Session, *, at: datetime) -> int:
    """Delete who is behind pledges that never took money, a year after the campaign's end."""
    found = _ended(Pledge, at - KEPT_AFTER_CAMPAIGN).where(
        Pledge.state.in_(NEVER_CHARGED),
        Pledge.paid_at.is_(None),
        sa.or_(Pledge.email != "", Pledge.name != "", Pledge.consent != ""),
    )
    ids = _ids(session, found)
    forget(session, "pledge", ids)
    session.execute(sa.update(Pledge).where(Pledge.id.in_(ids)).values(_NOBODY))
    return len(ids)


def forget_parcels(session: Session, *, at: datetime) -> int:
    """Delete where rewards went, two years after a campaign's end."""
    found = _ended(Pledge, at - KEPT_FOR_REWARDS).where(Pledge.shipping_answer != "")
    ids = _ids(session, found)
    session.execute(sa.update(Pledge).where(Pledge.id.in_(ids)).values(shipping_answer=""))
    return len(ids)


def forget_payers(session: Session, *, at: datetime) -> int:
    """Delete who paid, also from the receipts, ten whole years after the year of the payment.

    Amounts, numbers and dates stay, so that the sums can still be followed.
    """
    first = datetime(in_rome(at).year - BOOKS_YEARS, 1, 1, tzinfo=UTC) - timedelta(days=1)
    found = (
        sa.select(Pledge.id)
        .where(Pledge.paid_at < first, sa.or_(Pledge.email != "", Pledge.name != ""))
        .order_by(Pledge.id)
        .limit(BATCH)
    )
    ids = _ids(session, found)
    for paper in session.scalars(sa.select(Receipt).where(Receipt.pledge_id.in_(ids))):
        told = paper.snapshot
        named = {told["donor"], told["tax_code"]} - {""}
        rows = [row for row in told["rows"] if row[1] not in named]
        paper.snapshot = told | {"donor": "", "tax_code": "", "rows": rows}
    session.flush()
    forget(session, "pledge", ids)
    session.execute(sa.update(Pledge).where(Pledge.id.in_(ids)).values(_NOBODY))
    return len(ids)


def forget_letters(session: Session, *, at: datetime) -> int:
    """Delete what was written to backers, two years after their campaign's end."""
    before = at - KEPT_FOR_REWARDS
    done = 0
    for kind, model in (
        ("pledge", Pledge),
        ("campaign_update", Update),
        ("campaign_message", Message),
    ):
        about = sa.select(Letter.subject_id).where(Letter.subject_kind == kind)
        ids = _ids(session, _ended(model, before).where(model.id.in_(about)))
        forget(session, kind, ids)
        done += len(ids)
    return done


FORGETTING = (
    forget_offers,
    forget_reporters,
    forget_unpaid,
    forget_parcels,
    forget_payers,
    forget_letters,
)
"""Each deletes a batch of what is due and says how much that was."""
