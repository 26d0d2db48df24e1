"""States of an offer of help other than money."""

from __future__ import annotations

from quartieri.audit.rules import Role
from quartieri.kit.labels import N_, LabelEnum
from quartieri.kit.states import Machine, step


class OfferState(LabelEnum):
    """Where an offer stands."""

    OFFERED = "offered", N_("To be answered")
    ACCEPTED = "accepted", N_("Accepted")
    DECLINED = "declined", N_("Declined")
    RECEIVED = "received", N_("Received")


S = OfferState
_PROPOSER = (Role.APPLICANT,)

OFFER = Machine(
    "campaign_offer",
    N_("offer of help"),
    OfferState,
    (
        step("accept", S.OFFERED, S.ACCEPTED, *_PROPOSER),
        step("decline", (S.OFFERED, S.ACCEPTED), S.DECLINED, *_PROPOSER),
        step("receive", S.ACCEPTED, S.RECEIVED, *_PROPOSER),
    ),
)

PROMISED_HELP = frozenset({S.ACCEPTED, S.RECEIVED})
"""What counts as found of a need."""
