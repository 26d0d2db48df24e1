"""What a ranking says of each proposal."""

from __future__ import annotations

from enum import StrEnum

from quartieri.kit.labels import N_, LabelEnum


class Outcome(LabelEnum):
    """The outcome of an entry; a call with campaigns shows *funded* as admitted to crowdfunding."""

    FUNDED = "funded", N_("Admitted and funded")
    ELIGIBLE_UNFUNDED = "eligible_unfunded", N_("Admitted, not funded for lack of money")
    ADMITTED = "admitted", N_("Admitted to the next stage")
    NOT_ADMITTED = "not_admitted", N_("Not among those admitted to the next stage")
    NOT_ELIGIBLE = "not_eligible", N_("Below a minimum score")
    EXCLUDED = "excluded", N_("Not admissible")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


class ReasonCode(StrEnum):
    """Why an entry has its outcome or its amount."""

    BELOW_CRITERION = "below_criterion"
    BELOW_GROUP = "below_group"
    BELOW_GATE = "below_gate"
    BELOW_TOTAL = "below_total"
    NO_MONEY = "no_money"
    AFTER_STOP = "after_stop"
    NO_PLACE = "no_place"
    QUOTA_FULL = "quota_full"
    PART = "part"
    OFFERED = "offered"
    EXCLUDED = "excluded"
    WITHDRAWN = "withdrawn"
