"""Looking at a subject's payment as it is at the provider now: for the page after paying."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.gateways.payments import PaymentProvider
from quartieri.payments import queries, rules
from quartieri.payments.actions import charges, setups
from quartieri.payments.actions.records import Units
from quartieri.payments.rules import CardStatus, ChargeStatus


@dataclass(frozen=True, slots=True)
class Present:
    """What the provider says now; None where nothing was asked of it. ``error`` is a code."""

    card: CardStatus | None = None
    charge: ChargeStatus | None = None
    error: str = ""


def present(session: Session, provider: PaymentProvider, subject: str) -> Present:
    """Read the newest page of a subject at the provider and write nothing.

    A live charge comes before the saving of a card. Raises ProviderUnavailableError.
    """
    charge = queries.live_charge(session, subject)
    if charge is not None and (charge.session_id or charge.intent_id):
        page = provider.read_checkout(charge.session_id) if charge.session_id else None
        name = charge.intent_id or (page.intent if page else None)
        intent = provider.read_intent(name) if name else None
        status = rules.next_status(charge.status, rules.charge_status(intent, page))
        return Present(charge=status, error=intent.error if intent else "")
    setup = queries.newest_setup(session, subject)
    if setup is None or setup.session_id is None:
        return Present(card=setup.status if setup else None)
    page = provider.read_checkout(setup.session_id)
    card = provider.read_setup(page.setup) if page.setup else None
    return Present(card=rules.card_status(page, card), error=card.error if card else "")


def again(units: Units, provider: PaymentProvider, subject: str, *, at: datetime) -> None:
    """Read all of a subject that is not settled and write it down: "check again" on its page."""
    with units() as session:
        open_setups = [
            row.id for row in queries.setups(session, subject) if row.status is CardStatus.OPEN
        ]
        charge = queries.live_charge(session, subject)
        charge_id = charge.id if charge is not None else None
    for setup_id in open_setups:
        setups.refresh(units, provider, setup_id, at=at)
    if charge_id is not None:
        charges.refresh(units, provider, charge_id, at=at)
