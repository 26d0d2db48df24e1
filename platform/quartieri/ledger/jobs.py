"""Sealing, every ten seconds; once a day through the whole book."""

from __future__ import annotations

from datetime import timedelta

from quartieri.db import unit_of_work
from quartieri.extensions import services
from quartieri.jobs.registry import handler
from quartieri.ledger import actions


@handler("ledger.seal", every=timedelta(seconds=10))
def seal() -> None:
    """Seal what was committed since; each batch is a short transaction of its own."""
    _seal(lookback=actions.SEAL_LOOKBACK)


@handler("ledger.sweep", every=timedelta(days=1))
def sweep() -> None:
    """Seal also what the frequent job no longer looks back to."""
    _seal(lookback=None)


def _seal(*, lookback: int | None) -> None:
    while True:
        with unit_of_work() as session:
            count = actions.seal(session, at=services().clock.now(), lookback=lookback)
        if count < actions.SEAL_LIMIT:
            return
