"""Cases: what a payment needs a person for, and what that person should do."""

from __future__ import annotations

from datetime import datetime, timedelta

from quartieri.kit.labels import N_, LabelEnum, Lazy, lazy

SEEN_TO_WITHIN = timedelta(days=14)
"""By when somebody must have seen to a case that has no date of its own."""

WARNING_WITHIN = timedelta(days=2)
"""A refund avoids the dispute only if it is quick."""


class CaseKind(LabelEnum):
    """What a case is about."""

    DISPUTE = "dispute", N_("Dispute")
    WARNING = "warning", N_("Early fraud warning")
    REFUND = "refund", N_("Partial refund that failed")
    PART = "part", N_("Less was taken than pledged")
    BACK = "back", N_("Lost money that came back")


class CaseState(LabelEnum):
    """Where a case stands; disputes are opened and decided by the bank, the others by us."""

    OPEN = "open", N_("To be seen to")
    WON = "won", N_("Won")
    LOST = "lost", N_("Lost")
    DONE = "done", N_("Done")


class Withheld(LabelEnum):
    """Where the money of a dispute stands in the book."""

    NOTHING = "nothing", N_("Not taken")
    HELD = "held", N_("Taken back for now")
    GONE = "gone", N_("Taken back for good")


_TO_DO = {
    CaseKind.DISPUTE: lazy(
        "Answer at the payment service with what proves the gift (consent, receipt, letters), or"
        " accept the dispute. Do not give the money back as well."
    ),
    CaseKind.WARNING: lazy(
        "The bank says that the cardholder did not make this payment. Give it back now: that avoids"
        " a dispute and its fee. If you are sure that it is good, close the case and say why."
    ),
    CaseKind.REFUND: lazy(
        "The bank did not take this part back. Ask the backer for another way, pay it, and close"
        " the case with what proves it."
    ),
    CaseKind.PART: lazy(
        "The payment service took less than was pledged; the pledge counts for what came. Write to"
        " the backer if a reward depends on the whole sum, then close the case."
    ),
    CaseKind.BACK: lazy(
        "The bank took a lost dispute back: the money is here again. After a success it is owed to"
        " the proposer: pay it out. Otherwise it goes back to the backer by itself: see that it"
        " arrives. Tell the backer if a reward was given to somebody else, then close the case."
    ),
}


def to_do(kind: CaseKind) -> Lazy:
    """Say what is to be done about a case."""
    return _TO_DO[kind]


def due_at(kind: CaseKind, opened_at: datetime, due_by: datetime | None) -> datetime:
    """Say by when a case must be seen to: the bank's own date where it sets one."""
    if due_by is not None:
        return due_by
    return opened_at + (WARNING_WITHIN if kind is CaseKind.WARNING else SEEN_TO_WITHIN)
