"""Receipts: how much stands receipted after what happened to a pledge's money."""

from __future__ import annotations

from quartieri.campaigns.rules.pledge import PledgeState
from quartieri.kit.labels import N_, LabelEnum


class ReceiptKind(LabelEnum):
    """What a numbered paper says."""

    RECEIPT = "receipt", N_("Receipt")
    VOID = "void", N_("Void of a receipt")


GONE = frozenset({PledgeState.REFUNDED, PledgeState.CHARGED_BACK, PledgeState.REVERSED})
"""Nothing of the money is here any more."""

ON_ITS_WAY = frozenset({PledgeState.REFUND_PENDING, PledgeState.REFUND_STUCK, PledgeState.DISPUTED})
"""What went back voids its part; what a bank sent back meanwhile is not receipted anew."""


def still_given(state: PledgeState, *, here_cents: int, standing_cents: int) -> int:
    """Say for how much receipts must stand, in cents.

    ``here_cents``: what was paid less what went back; ``standing_cents``: receipts less their
    voids so far. Asked again with what it gave, it gives the same: a repeated message issues
    nothing.
    """
    if state in GONE:
        return 0
    if state is PledgeState.PAID:
        return here_cents
    if state in ON_ITS_WAY:
        return min(here_cents, standing_cents)
    return standing_cents
