"""Our books against the provider's: repair what is only late, list what a person must decide.

A run takes the events that no message told of, then walks the provider's balance line by line. A
line that ours do not show is read again; only what still differs then becomes a case. A case that
agrees later is closed by the run that sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM, Actor
from quartieri.db import get, lock
from quartieri.gateways.payments import (
    Movement,
    MovementKind,
    PaymentProvider,
    ProviderRefusedError,
)
from quartieri.ledger.models import LedgerTransaction
from quartieri.logs import logger
from quartieri.payments import books, differences, queries
from quartieri.payments.actions import charges, disputes, messages
from quartieri.payments.actions.records import UNFIT, Units, concerns_all, set_mark, site, tell
from quartieri.payments.models import (
    PaymentCharge,
    PaymentDispute,
    PaymentMark,
    PaymentRefund,
    ReconciliationCase,
    ReconciliationRun,
)
from quartieri.payments.rules import CASE, CaseKind, CaseState, ReturnStatus

OVERLAP = timedelta(days=1)
"""Walked again each time: a line may be listed a little after its instant."""

FIRST = timedelta(days=29)
"""How far back the first run looks, as far as the provider's events go."""

PATIENCE = timedelta(days=1)
"""How long a fee may be unknown before a person looks."""

MOST_MESSAGES = 2_000

OF_DISPUTES = frozenset({MovementKind.DISPUTE, MovementKind.DISPUTE_REVERSED})


@dataclass(frozen=True, slots=True)
class Difference:
    """What the two books say of one thing, in cents."""

    kind: CaseKind
    key: str
    happened_at: datetime
    subject: str = ""
    source: str = ""
    here_cents: int | None = None
    there_cents: int | None = None


def begin(
    session: Session, *, since: datetime | None, asked_by: int | None, at: datetime
) -> ReconciliationRun:
    """Write down that a run begins; ``since`` None: where the last one ended, a day back.

    What waits for a decision is always walked again.
    """
    if since is None:
        mark = queries.mark(session, queries.MOVEMENTS)
        since = mark.at - OVERLAP if mark is not None else at - FIRST
        waiting = differences.oldest_open_case(session)
        since = min(since, waiting) if waiting is not None else since
    run = ReconciliationRun(asked_by=asked_by, since=since, started_at=at)
    session.add(run)
    session.flush()
    return run


def walk(units: Units, provider: PaymentProvider, run_id: int, *, at: datetime) -> dict[str, int]:
    """Do a run that was begun; give its counts. Cut off anywhere, another run does it again."""
    with units() as session:
        since = get(session, ReconciliationRun, run_id).since
    counts: Counter[str] = Counter(events=messages.reconcile(units, provider, at=at))
    with units() as session:
        waiting = [one.id for one in queries.unhandled(session, limit=MOST_MESSAGES)]
    for message_id in waiting:
        try:
            messages.handle(units, provider, message_id, at=at)
        except UNFIT as error:
            if concerns_all(error):
                raise
            logger().warning("payments.not_handled", message=message_id, why=str(error))
    listed = provider.list_movements(since)
    found: dict[str, Difference] = {}
    for movement in listed:
        counts[movement.kind.value] += 1
        difference = _look(units, provider, movement, counts, at=at)
        if difference is not None:
            found[difference.key] = difference
    with units() as session:
        for difference in (
            *_without_fee(session, at=at),
            *_unbooked(session, since, at=at),
            *_unbooked_disputes(session, since, at=at),
        ):
            found.setdefault(difference.key, difference)
    with units() as session:
        set_mark(session, queries.MOVEMENTS, at=at)
        lock(session, PaymentMark, queries.MOVEMENTS)  # one run after the other from here
        opened, closed = _record(session, run_id, since, found, at=at)
        counts.update(opened=opened, closed=closed)
        run = get(session, ReconciliationRun, run_id)
        run.ended_at, run.counts = at, dict(counts)
    return dict(counts)


def stop(session: Session, run_id: int, error: str, *, at: datetime) -> None:
    """Note that a run could not be ended."""
    run = get(session, ReconciliationRun, run_id)
    run.ended_at, run.error = at, error[:200]


def _look(
    units: Units,
    provider: PaymentProvider,
    movement: Movement,
    counts: Counter[str],
    *,
    at: datetime,
) -> Difference | None:
    """Compare one line of the balance; where it differs read the charge again, and compare anew."""
    if movement.intent is None:
        return None
    with units() as session:
        charge = _charge(session, movement.intent)
        charge_id = charge.id if charge is not None else None
        difference = _compare(session, charge, movement) if charge is not None else None
        own = site(session, at=at)
    if charge_id is None:
        return _foreign(provider, movement, own)
    if difference is None:
        return None
    try:
        charges.refresh(units, provider, charge_id, at=at)
        if movement.kind in OF_DISPUTES:
            disputes.refresh(units, provider, charge_id, at=at)
    except UNFIT as error:
        if concerns_all(error):
            raise
        logger().warning("payments.not_read", about=difference.subject, why=str(error))
    with units() as session:
        charge = lock(session, PaymentCharge, charge_id)
        difference = _compare(session, charge, movement)
        if difference is None:
            counts["repaired"] += 1
        elif difference.kind is CaseKind.NOT_BOOKED:
            tell(session, charge.subject, f"books:{charge.id}:{charge.version}", at=at)
    return difference


def _charge(session: Session, intent: str) -> PaymentCharge | None:
    return session.scalar(sa.select(PaymentCharge).where(PaymentCharge.intent_id == intent))


def _compare(session: Session, charge: PaymentCharge, movement: Movement) -> Difference | None:
    """Give what differs, or None. Payouts and the provider's own fees belong to no charge."""
    there = movement.amount.cents
    if movement.kind is MovementKind.CHARGE:
        return _compare_charge(session, charge, movement)
    if movement.kind in {MovementKind.REFUND, MovementKind.REFUND_FAILED}:
        refund = session.scalar(
            sa.select(PaymentRefund).where(PaymentRefund.provider_id == movement.source)
        )
        here = None if refund is None else _shown(refund, movement.kind)
        if here == there:
            return None
        return _difference(CaseKind.REFUND, movement, charge, here, there)
    if movement.kind in OF_DISPUTES:
        return _compare_dispute(session, charge, movement)
    return None


def _compare_dispute(
    session: Session, charge: PaymentCharge, movement: Movement
) -> Difference | None:
    """Give a dispute that is not known here, or one whose money came back and is held here."""
    dispute = session.scalar(
        sa.select(PaymentDispute).where(PaymentDispute.provider_id == movement.source)
    )
    back = movement.kind is MovementKind.DISPUTE_REVERSED
    if dispute is not None and not (back and dispute.taken_cents):
        return None
    here = -dispute.taken_cents if dispute is not None else None
    return _difference(CaseKind.DISPUTE, movement, charge, here, movement.amount.cents)


def _shown(refund: PaymentRefund, kind: MovementKind) -> int | None:
    """Give the line that a refund of ours asks for; one came back only if it failed."""
    if kind is MovementKind.REFUND:
        return -refund.amount_cents
    return refund.amount_cents if refund.status is ReturnStatus.FAILED else None


def _compare_charge(
    session: Session, charge: PaymentCharge, movement: Movement
) -> Difference | None:
    here, there, fee = charge.received_cents, movement.amount.cents, movement.fee.cents
    if here != there:
        return _difference(CaseKind.AMOUNT, movement, charge, here, there)
    if charge.fee_cents != fee:
        return _difference(CaseKind.FEE, movement, charge, charge.fee_cents, fee)
    booked = sa.select(LedgerTransaction.id).where(
        LedgerTransaction.key == f"{charge.subject}:charge"
    )
    if session.scalar(booked) is None:
        return _difference(CaseKind.NOT_BOOKED, movement, charge, None, there)
    return None


def _difference(
    kind: CaseKind, movement: Movement, charge: PaymentCharge, here: int | None, there: int
) -> Difference:
    return Difference(
        kind,
        f"{kind.value}:{movement.id}",
        movement.created,
        subject=charge.subject,
        source=movement.source,
        here_cents=here,
        there_cents=there,
    )


def _foreign(provider: PaymentProvider, movement: Movement, own: str) -> Difference | None:
    """Money of a charge that is not kept here: of another installation, or nobody's."""
    try:
        about = provider.read_intent(str(movement.intent)).reference
    except ProviderRefusedError:
        about = None
    if about is not None and about.site != own:
        return None
    return Difference(
        CaseKind.NO_PLEDGE,
        f"{CaseKind.NO_PLEDGE.value}:{movement.id}",
        movement.created,
        subject=about.subject if about is not None else "",
        source=movement.source,
        there_cents=movement.amount.cents,
    )


def _without_fee(session: Session, *, at: datetime) -> Iterator[Difference]:
    for charge in differences.without_fee(session, before=at - PATIENCE):
        yield Difference(
            CaseKind.FEE,
            f"{CaseKind.FEE.value}:charge:{charge.id}",
            charge.paid_at or charge.created_at,
            subject=charge.subject,
            source=charge.intent_id or "",
            here_cents=charge.received_cents,
        )


def _unbooked(session: Session, since: datetime, *, at: datetime) -> Iterator[Difference]:
    """Give what went back for a day or more and is not in the ledger, subject by subject."""
    went = books.returned_between(session, since - PATIENCE, at - PATIENCE)
    if not went:
        return
    booked = books.booked_since(session, min(first_at for _cents, first_at in went.values()))
    for subject, (cents, first_at) in went.items():
        here = booked.get(subject, 0)
        if here < cents:
            yield Difference(
                CaseKind.REFUND,
                f"{CaseKind.REFUND.value}:booked:{subject}",
                first_at,
                subject=subject,
                here_cents=-here,
                there_cents=-cents,
            )


def _unbooked_disputes(session: Session, since: datetime, *, at: datetime) -> Iterator[Difference]:
    """Give what banks hold or took for good for a day or more that the ledger says otherwise of."""
    said = books.disputed_between(session, since - PATIENCE, at - PATIENCE)
    if not said:
        return
    booked = books.disputes_booked(session, min(one.first_at for one in said.values()))
    for subject, one in said.items():
        for account, there in one.cents.items():
            here = booked.get(subject, {}).get(account, 0)
            if here != there:
                yield Difference(
                    CaseKind.DISPUTE,
                    f"{CaseKind.DISPUTE.value}:{account}:{subject}",
                    one.first_at,
                    subject=subject,
                    here_cents=-here,
                    there_cents=-there,
                )


def _record(
    session: Session,
    run_id: int,
    since: datetime,
    found: dict[str, Difference],
    *,
    at: datetime,
) -> tuple[int, int]:
    """Open a case for each new difference, close those that agree now; give how many of each.

    What agreed and differs again is opened again; what a person decided stays decided.
    """
    known = {
        case.key: case
        for case in session.scalars(
            sa.select(ReconciliationCase).where(
                sa.or_(
                    ReconciliationCase.key.in_(found), ReconciliationCase.state == CaseState.OPEN
                )
            )
        )
    }
    opened = closed = 0
    for key, one in found.items():
        case = known.pop(key, None)
        if case is None:
            case = ReconciliationCase(key=key, kind=one.kind, opened_at=at)
            session.add(case)
            opened += 1
        elif case.state is CaseState.CLOSED and not case.note:
            case.closed_at = None
            reason = "the books differ again"
            move(session, case, CASE, "reopen", actor=SYSTEM, at=at, reason=reason)
            opened += 1
        case.run_id, case.happened_at = run_id, one.happened_at
        case.subject, case.source = one.subject, one.source
        case.here_cents, case.there_cents = one.here_cents, one.there_cents
    session.flush()
    for case in known.values():
        if case.happened_at >= since:
            case.run_id = run_id
            _close(session, case, actor=SYSTEM, note="", at=at)
            closed += 1
    return opened, closed


# -- what a person does ------------------------------------------------------------------------


def take_over(session: Session, case: ReconciliationCase, *, actor: Actor) -> None:
    """See to a difference oneself."""
    lock(session, ReconciliationCase, case.id).owner_id = actor.user_id


def close(
    session: Session, case: ReconciliationCase, *, note: str, actor: Actor, at: datetime
) -> None:
    """Decide a difference, with the reason in words."""
    row = lock(session, ReconciliationCase, case.id)
    row.owner_id = row.owner_id or actor.user_id
    _close(session, row, actor=actor, note=note, at=at)


def _close(
    session: Session, case: ReconciliationCase, *, actor: Actor, note: str, at: datetime
) -> None:
    case.note, case.closed_at = note, at
    move(session, case, CASE, "close", actor=actor, at=at, reason=note or "the books agree")


def reopen(
    session: Session, case: ReconciliationCase, *, note: str, actor: Actor, at: datetime
) -> None:
    """Take a decision back, with the reason in words."""
    row = lock(session, ReconciliationCase, case.id)
    row.note, row.closed_at = note, None
    move(session, row, CASE, "reopen", actor=actor, at=at, reason=note)
