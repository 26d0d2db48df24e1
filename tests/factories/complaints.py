"""What a payer's bank says of a pledge's charge, by the sandbox: disputes and warnings."""

from __future__ import annotations

import json

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.gateways.sandbox import charges, complaints
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.payments.models import PaymentCharge


def intent_of(session: Session, pledge_id: int) -> str | None:
    """Give the intent with which a pledge was paid, by its name at the provider."""
    return session.scalar(
        sa.select(PaymentCharge.intent_id).where(
            PaymentCharge.subject == f"pledge:{pledge_id}", PaymentCharge.received_cents > 0
        )
    )


def dispute(
    provider: SandboxProvider, intent: str, cents: int | None = None, *, inquiry: bool = False
) -> None:
    """Let the bank dispute the charge of an intent, or a part of it."""
    box = provider.sandbox
    with box._unit():
        charge = next(c for c in box._desk.store.children("charge", intent) if c["paid"])
        complaints.open_dispute(box._desk, charge, cents or charge["amount"], inquiry=inquiry)


def decide(provider: SandboxProvider, intent: str, *, won: bool) -> None:
    """Let the bank decide the newest dispute of a charge."""
    box = provider.sandbox
    with box._unit():
        found = box._desk.store.children("dispute", intent)
        complaints.close_dispute(box._desk, found[-1], won=won)


def withdraw(provider: SandboxProvider, subject: str) -> None:
    """Cancel a subject's payment in the provider's own dashboard, though the bank is at work."""
    box = provider.sandbox
    with box._unit():
        rows = box._desk.store._run("SELECT doc FROM object WHERE kind = 'payment_intent'")
        found = [json.loads(row[0]) for row in rows.fetchall()]
        [intent] = [one for one in found if one["metadata"].get("subject") == subject]
        charges.withdraw(box._desk, intent)


def refund(provider: SandboxProvider, intent: str, cents: int, key: str) -> None:
    """Give money back in the provider's own dashboard."""
    provider.sandbox.request(
        "POST", "/v1/refunds", {"payment_intent": intent, "amount": cents}, key
    )


def disputed_intents(provider: SandboxProvider) -> list[str]:
    """List the intents that a bank disputed, also those whose card does so by itself."""
    store = provider.sandbox._desk.store
    with store.unit():
        rows = store._run("SELECT doc FROM object WHERE kind = 'dispute'").fetchall()
    return sorted({json.loads(row[0])["payment_intent"] for row in rows})
