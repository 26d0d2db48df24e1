"""Charging saved cards with the payer absent: prepare, create, confirm, cancel, read back.

Source of the steps: https://docs.stripe.com/payments/save-and-reuse ("charge the saved payment
method later") and ours: an intent is created unconfirmed and its id kept before it is confirmed,
so that a retry after the provider has forgotten the keys still cannot charge twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy.orm import Session

from quartieri.db import get, lock
from quartieri.gateways.payments import (
    AuthenticationRequiredError,
    CardDeclinedError,
    Intent,
    PaymentProvider,
    ProviderRefusedError,
    ProviderUnavailableError,
    Reference,
)
from quartieri.kit.errors import ConflictError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.payments import queries, rules
from quartieri.payments.actions.records import (
    MOST_READINGS,
    OvertakenError,
    Units,
    another_key,
    is_kept,
    keys,
    record_charge,
    reference,
    tell,
)
from quartieri.payments.models import PaymentCharge
from quartieri.payments.rules import ChargeStatus, NoCardError, PaymentFacts, split_subject


@dataclass(frozen=True, slots=True)
class Plan:
    """A charge as it was read, to be used outside of a transaction."""

    id: int
    about: Reference
    status: ChargeStatus
    hosted: bool
    amount: Money
    description: str
    customer: str | None
    method: str | None
    intent: str | None
    page: str | None
    attempt: int
    version: int

    @classmethod
    def of(cls, session: Session, row: PaymentCharge, *, at: datetime) -> Self:
        """Copy what is needed."""
        return cls._of(row, reference(session, row.subject, row.n, at=at))

    @classmethod
    def _of(cls, row: PaymentCharge, about: Reference) -> Self:
        return cls(
            id=row.id,
            about=about,
            status=row.status,
            hosted=row.hosted,
            amount=Money(row.amount_cents, row.currency),
            description=row.description,
            customer=row.customer_id,
            method=row.method_id,
            intent=row.intent_id,
            page=row.session_id,
            attempt=row.attempts,
            version=row.version,
        )

    def now(self, row: PaymentCharge) -> Self:
        """Copy what became of it since."""
        return self._of(row, self.about)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider said of a try: the intent, or the code with which it refused."""

    seen: int
    intent: Intent | None = None
    refused: str = ""


def prepare(
    session: Session, known: PaymentFacts, amount: Money, *, description: str, at: datetime
) -> Plan:
    """Write down that the subject's saved card is to be charged; the live charge if there is one.

    ``known`` are its facts in this unit of work. A new number is drawn only after the old charge
    reads back canceled. Raises NoCardError, and ConflictError if a live charge is about another
    amount or waits on the provider's page.
    """
    split_subject(known.subject)
    if known.live:
        live = get(session, PaymentCharge, known.charge_id)
        if (live.amount_cents, live.currency) != (amount.cents, amount.currency):
            raise ConflictError(lazy("Another charge for this is under way."))
        return Plan.of(session, live, at=at)
    if not known.has_card:
        raise NoCardError
    row = PaymentCharge(
        subject=known.subject,
        n=known.charge_number + 1,
        amount_cents=amount.cents,
        currency=amount.currency,
        description=description[:200],
        customer_id=known.customer,
        method_id=known.method,
        created_at=at,
        looked_at=at,
    )
    session.add(row)
    session.flush()
    return Plan.of(session, row, at=at)


def plan_of(session: Session, charge_id: int, *, at: datetime) -> Plan:
    """Give a charge as it stands."""
    return Plan.of(session, get(session, PaymentCharge, charge_id), at=at)


def charge(
    units: Units,
    provider: PaymentProvider,
    plan: Plan,
    *,
    at: datetime,
    settling: Units | None = None,
) -> ChargeStatus:
    """Create and confirm a charge, or go on where it was left; give its status.

    A charge that was declined is tried once more, with the newest saved card. One that is paid,
    canceled, processing or on a hosted page is left as it is. Raises ProviderUnavailableError:
    call again.

    ``settling`` opens the unit of work of the answer for an owner who acts on it right there, and
    is told by no job.
    """
    answer = _ask(units, provider, plan, at=at)
    with (settling or units)() as session:
        row = lock(session, PaymentCharge, plan.id)
        kept = _keep(session, row, answer, tells=settling is None, at=at)
        status = row.status
    return status if kept else refresh(units, provider, plan.id, at=at)


def _ask(units: Units, provider: PaymentProvider, plan: Plan, *, at: datetime) -> Answer | None:
    """Ask the provider; None where there is nothing to ask (any more)."""
    if plan.hosted or plan.status not in rules.CHARGEABLE:
        return None
    try:
        with another_key(units, PaymentCharge, plan.id, seen=plan.version):
            made = plan.intent or _create(provider, plan)
        plan, begun = _begin_attempt(units, plan, made, at=at)
        if plan.status is not ChargeStatus.ASKING or plan.intent is None or plan.method is None:
            return None
        key = keys(plan.about).confirm(plan.attempt)
        with _another_attempt(units, plan):
            intent = _confirm(provider, plan.intent, method=plan.method, key=key)
    except ProviderRefusedError as error:
        if error.code in rules.NOT_THE_CARD:
            raise
        return Answer(plan.version, refused=error.code)
    if intent is None or not begun:
        # a key that was used before gives the old answer: only the present counts
        intent = provider.read_intent(plan.intent)
    return Answer(plan.version, intent)


def _create(provider: PaymentProvider, plan: Plan) -> str:
    """Make the charge at the provider, unconfirmed; give its name there."""
    return provider.create_intent(
        customer=str(plan.customer),
        method=str(plan.method),
        amount=plan.amount,
        description=plan.description,
        reference=plan.about,
        key=keys(plan.about).charge(plan.version),
    ).id


@contextmanager
def _another_attempt(units: Units, plan: Plan) -> Iterator[None]:
    """Count the attempt on where the provider keeps its own fault under this one's key.

    An intent is paid once, however often it is confirmed.
    """
    try:
        yield
    except (ProviderUnavailableError, ProviderRefusedError) as error:
        if is_kept(error):
            with units() as session:
                row = lock(session, PaymentCharge, plan.id)
                if row.version == plan.version:
                    row.attempts += 1
                    row.version += 1
        raise


def _begin_attempt(units: Units, plan: Plan, made: str, *, at: datetime) -> tuple[Plan, bool]:
    """Commit to the intent and to one numbered try; tell whether it was begun here.

    A try that was begun and not ended is gone on with.
    """
    with units() as session:
        row = lock(session, PaymentCharge, plan.id)
        begins = row.status in rules.CHARGEABLE and row.status is not ChargeStatus.ASKING
        if begins:
            card = queries.saved_card(session, row.subject)
            if card is not None and card.customer == row.customer_id:
                row.method_id = card.method
            row.intent_id = row.intent_id or made
            row.status = ChargeStatus.ASKING
            row.attempts += 1
            row.looked_at = at
            row.version += 1
        return plan.now(row), begins


def _confirm(provider: PaymentProvider, intent: str, *, method: str, key: str) -> Intent | None:
    try:
        return provider.confirm_intent(intent, method=method, key=key)
    except (CardDeclinedError, AuthenticationRequiredError) as error:
        return error.intent


def _keep(
    session: Session, row: PaymentCharge, answer: Answer | None, *, tells: bool, at: datetime
) -> bool:
    """Write an answer down; False if something else was written since the try was begun."""
    if answer is None:
        return True
    if not answer.refused:
        return record_charge(session, row, answer.intent, seen=answer.seen, tells=tells, at=at)
    if row.version != answer.seen:
        return False
    # refused before it was made: the number is used up, the next one may have a better card
    never_made = row.status is ChargeStatus.PREPARED
    row.status = ChargeStatus.CANCELED if never_made else ChargeStatus.DECLINED
    row.error = answer.refused[:100]
    row.looked_at = at
    row.version += 1
    if tells:
        tell(session, row.subject, f"charge:{row.id}:{row.version}", at=at)
    return True


def cancel(
    units: Units, provider: PaymentProvider, charge_id: int, *, at: datetime
) -> ChargeStatus:
    """Give a charge up, its page too; CANCELED, or PAID (or PROCESSING) if it came too late."""
    with units() as session:
        row = lock(session, PaymentCharge, charge_id)
        plan = Plan.of(session, row, at=at)
        if plan.intent is None and plan.page is None and plan.status not in rules.FINAL:
            # whatever was perhaps created is not known here and so never confirmed nor shown
            row.status = ChargeStatus.CANCELED
            row.version += 1
            tell(session, row.subject, f"charge:{row.id}:{row.version}", at=at)
            return row.status
    if plan.status in rules.FINAL:
        return plan.status
    with another_key(units, PaymentCharge, charge_id, seen=plan.version):
        if plan.page is not None:
            provider.expire_checkout(plan.page, key=keys(plan.about).close_page(plan.version))
        elif plan.intent is not None:
            provider.cancel_intent(plan.intent, key=keys(plan.about).cancel(plan.version))
    return refresh(units, provider, charge_id, at=at)


def refresh(
    units: Units, provider: PaymentProvider, charge_id: int, *, at: datetime
) -> ChargeStatus:
    """Read a charge, its page and its refunds at the provider and write them down."""
    for _ in range(MOST_READINGS):
        with units() as session:
            row = lock(session, PaymentCharge, charge_id)
            plan = Plan.of(session, row, at=at)
            waits = any(one.status in rules.COMES_BACK for one in row.refunds)
        if plan.intent is None and plan.page is None:
            return plan.status
        page = provider.read_checkout(plan.page) if plan.page else None
        name = plan.intent or (page.intent if page else None)
        intent = provider.read_intent(name) if name else None
        returned = waits or (intent is not None and bool(intent.refunded))
        refunds = provider.list_refunds(name) if name and returned else None
        with units() as session:
            row = lock(session, PaymentCharge, charge_id)
            kept = record_charge(
                session,
                row,
                intent,
                page=page,
                refunds=refunds,
                seen=plan.version,
                at=at,
            )
            if kept:
                return row.status
    raise OvertakenError
