"""What the home page says of calls and money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.models import Call
from quartieri.calls.queries.lists import public_calls
from quartieri.calls.rules import PUBLIC_CALL_STATES, CallPhase
from quartieri.kit.money import Money
from quartieri.ledger.models import LedgerAccount
from quartieri.programmes import queries as programmes

CALLS_SHOWN = 6
CROWD_KINDS = (
    *("collected", "payable", "paid_out", "held"),
    *("fees", "fees_due", "disputes_due", "disputed", "loss", "authority"),
)
"""Where the crowd's money has come to (see ``ledger.rules.chart``): gross, fees included."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The money at a glance; past editions stay outside."""

    endowment: Money
    granted: Money
    raised: Money
    calls: int


def home(session: Session, now: datetime) -> dict[str, Any]:
    """Give the calls open now, those that open soon, and the money at a glance.

    Seven queries, whatever there is: ``open_calls`` and ``coming_calls`` (rows, at most six),
    ``figures``.
    """
    return {
        "open_calls": public_calls(session, now=now, phase=CallPhase.OPEN, size=CALLS_SHOWN).rows,
        "coming_calls": public_calls(
            session, now=now, phase=CallPhase.COMING, size=CALLS_SHOWN
        ).rows,
        "figures": _figures(session),
    }


def _figures(session: Session) -> Figures:
    pools = session.execute(
        sa.select(Call.id, Call.pool_id)
        .where(Call.state.in_(PUBLIC_CALL_STATES), sa.not_(Call.historical))
        .order_by(Call.id)
    ).all()
    money = programmes.pools_total(session, [p.pool_id for p in pools if p.pool_id is not None])
    raised = session.scalar(
        sa.select(sa.func.sum(LedgerAccount.balance_cents)).where(
            LedgerAccount.holder.startswith("campaign:"), LedgerAccount.kind.in_(CROWD_KINDS)
        )
    )
    return Figures(
        endowment=Money(money.endowment_cents),
        granted=Money(money.committed_cents + money.disbursed_cents),
        raised=Money(int(raised or 0)),
        calls=len(pools),
    )
