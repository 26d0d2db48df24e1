"""States of grants and disbursements, and what has to be true before money moves."""

from __future__ import annotations

from stdnum import iban
from stdnum.it import codicefiscale, iva

from quartieri.audit.rules import Role
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, Lazy, lazy
from quartieri.kit.states import Machine, step


class GrantState(LabelEnum):
    """Where a grant stands."""

    RESERVED = "reserved", N_("Reserved")
    RELEASED = "released", N_("Released")
    GRANTED = "granted", N_("Granted by act")
    AGREED = "agreed", N_("Agreement signed")
    ACTIVE = "active", N_("Active")
    REPORTED = "reported", N_("Report approved")
    SETTLED = "settled", N_("Settled")
    RENOUNCED = "renounced", N_("Renounced")
    REVOKED = "revoked", N_("Revoked")
    RECOVERING = "recovering", N_("Being recovered")
    RECOVERED = "recovered", N_("Recovered")
    WRITTEN_OFF = "written_off", N_("Written off")
    CLOSED = "closed", N_("Closed")


G = GrantState
_OFFICER = (Role.OFFICER, Role.SYSTEM)
_MANAGER = (Role.CALL_MANAGER, Role.OFFICER, Role.SYSTEM)

GRANT = Machine(
    "grant",
    N_("grant"),
    GrantState,
    (
        step("grant", G.RESERVED, G.GRANTED, Role.OFFICER),
        step("release", G.RESERVED, G.RELEASED, *_MANAGER, Role.APPLICANT),
        step("agree", G.GRANTED, G.AGREED, *_OFFICER),
        step("activate", G.AGREED, G.ACTIVE, *_OFFICER, Role.TREASURER),
        step("approve_report", G.ACTIVE, G.REPORTED, *_OFFICER),
        step("reopen_report", G.REPORTED, G.ACTIVE, *_OFFICER),
        step("settle", G.REPORTED, G.SETTLED, *_OFFICER, Role.TREASURER),
        step("renounce", (G.GRANTED, G.AGREED, G.ACTIVE), G.RENOUNCED, *_MANAGER),
        step(
            "revoke",
            (G.GRANTED, G.AGREED, G.ACTIVE, G.REPORTED, G.SETTLED),
            G.REVOKED,
            *_MANAGER,
        ),
        step("recover", (G.RENOUNCED, G.REVOKED), G.RECOVERING, *_MANAGER, Role.TREASURER),
        step("close", (G.RENOUNCED, G.REVOKED), G.CLOSED, *_MANAGER),
        step("receive_recovery", G.RECOVERING, G.RECOVERED, Role.TREASURER),
        step("write_off", G.RECOVERING, G.WRITTEN_OFF, *_MANAGER),
    ),
)


class DisbursementKind(LabelEnum):
    """Which part of a grant is paid."""

    ADVANCE = "advance", N_("Advance")
    BALANCE = "balance", N_("Balance")


class DisbursementState(LabelEnum):
    """Where a payment stands."""

    REQUESTED = "requested", N_("Requested")
    APPROVED = "approved", N_("Approved")
    REFUSED = "refused", N_("Refused")
    CANCELLED = "cancelled", N_("Cancelled")
    ORDERED = "ordered", N_("Ordered")
    PAID = "paid", N_("Paid")
    RETURNED = "returned", N_("Returned by the bank")


D = DisbursementState

DEAD_PAYMENTS = frozenset({D.REFUSED, D.CANCELLED})
"""Nothing of such a payment counts against the grant any more."""

UNDER_WAY = frozenset({D.REQUESTED, D.APPROVED, D.ORDERED, D.RETURNED})
"""Asked for, neither paid nor given up."""

BODY_DIGITS = 11

REQUESTABLE = {
    DisbursementKind.ADVANCE: frozenset({G.AGREED, G.ACTIVE}),
    DisbursementKind.BALANCE: frozenset({G.REPORTED, G.SETTLED}),
}
"""In which states of the grant which part of it may be requested."""

PAYABLE = frozenset({G.AGREED, G.ACTIVE, G.REPORTED, G.SETTLED})
"""A payment that was approved may leave in these: settled, because the bank may send one back."""

TAKEN_BACK = frozenset({G.RENOUNCED, G.REVOKED, G.RECOVERING, G.RECOVERED, G.WRITTEN_OFF, G.CLOSED})
"""Revoked or renounced, whatever came after."""

NOT_GRANTED = frozenset({G.RESERVED, G.RELEASED})
"""No act has committed anything."""

DISBURSEMENT = Machine(
    "disbursement",
    N_("payment"),
    DisbursementState,
    (
        step("approve", D.REQUESTED, D.APPROVED, Role.CALL_MANAGER),
        step("refuse", D.REQUESTED, D.REFUSED, Role.CALL_MANAGER),
        step("cancel", (D.REQUESTED, D.APPROVED), D.CANCELLED, Role.OFFICER, Role.CALL_MANAGER),
        step("order", D.APPROVED, D.ORDERED, Role.TREASURER),
        step("pay", D.ORDERED, D.PAID, Role.TREASURER),
        step("return", (D.ORDERED, D.PAID), D.RETURNED, Role.TREASURER),
        step("order_again", D.RETURNED, D.ORDERED, Role.TREASURER),
        step(
            "cancel_returned",
            D.RETURNED,
            D.CANCELLED,
            Role.TREASURER,
            Role.OFFICER,
            Role.CALL_MANAGER,
        ),
    ),
)


def needs_legal_entity(*, informal: bool, recorded: bool, nothing_to_pay: bool = False) -> bool:
    """Tell whether an informal group still has to become a body that can be paid."""
    return informal and not recorded and not nothing_to_pay


def check_tax_code(text: str) -> str:
    """Give the tax code of a body (11 digits, d.P.R. 605/1973 art. 3), checked.

    Raises InvalidError, also for the code of a person (16 signs): a grant moves to a body.
    """
    bare = "".join(text.split()).upper()
    if iva.is_valid(bare):
        return bare
    if codicefiscale.is_valid(bare):
        raise InvalidError(
            lazy("This is a person's tax code: write the body's, of 11 digits."), field="tax_code"
        )
    raise InvalidError(
        lazy("This tax code is not right: look for a wrong digit."), field="tax_code"
    )


def public_tax_code(text: str) -> str:
    """Give a tax code that may be published, or "": a person's never is (d.lgs. 33/2013, 26.4)."""
    bare = text.strip()
    return bare if len(bare) == BODY_DIGITS and bare.isdigit() else ""


def check_iban(text: str) -> str:
    """Give an IBAN without spaces, checked (ISO 13616); raise InvalidError."""
    bare = "".join(text.split()).upper()
    if iban.is_valid(bare):
        return bare
    raise InvalidError(lazy("This IBAN is not right: look for a wrong digit."), field="iban")


def what_next(
    state: GrantState,
    *,
    proposed: bool,
    waits_for_body: bool,
    act_published: bool,
    nothing_to_pay: bool = False,
    no_money: bool = False,
) -> Lazy:
    """Say what a grant waits for, and who does it; ``nothing_to_pay``: its act is for 0 €.

    ``no_money``: the call gives none; what follows is a pact.
    """
    if no_money and state in _NEXT_OF_A_PACT:
        return _NEXT_OF_A_PACT[state]
    if nothing_to_pay and state in _NEXT_WITHOUT_MONEY:
        return _NEXT_WITHOUT_MONEY[state]
    if waits_for_body and state in {G.RESERVED, G.GRANTED, G.AGREED}:
        return lazy(
            "The applicant is an informal group: the grant stays reserved and no payment is "
            "possible until an act records the new body's tax code, statute and IBAN."
        )
    if state is G.RESERVED and not proposed:
        return lazy(
            "Reserved and conditional: the grant act is proposed when the campaign succeeds, and "
            "of a quadratic round when all campaigns of its session are decided."
        )
    if state is G.GRANTED and act_published:
        return lazy("An officer records the agreement (convenzione), once both have signed it.")
    return _NEXT[state]


_NEXT: dict[GrantState, Lazy] = {
    G.RESERVED: lazy("An officer records the grant act (atto di concessione), once it is signed."),
    G.RELEASED: lazy("Nothing: what was reserved went back to the endowment."),
    G.GRANTED: lazy("An officer publishes the grant act: payments wait for that."),
    G.AGREED: lazy("An officer requests the advance; after the report, the balance."),
    G.ACTIVE: lazy("An officer requests advances, and approves the expense report at the end."),
    G.REPORTED: lazy("An officer requests the balance."),
    G.SETTLED: lazy("Nothing: all of it is paid."),
    G.RENOUNCED: lazy("What was paid is to be given back."),
    G.REVOKED: lazy("What was paid is to be given back."),
    G.RECOVERING: lazy("The treasurer records the money that comes back."),
    G.RECOVERED: lazy("Nothing: what was paid came back. An act may make it available again."),
    G.WRITTEN_OFF: lazy("Nothing: the rest was written off."),
    G.CLOSED: lazy("Nothing: it ended before any payment."),
}


_NEXT_WITHOUT_MONEY: dict[GrantState, Lazy] = {
    G.RESERVED: lazy(
        "By the call's rule the city adds nothing: the grant is 0 €, and nothing is reserved. "
        "An officer records the act that takes note of it; nothing will be paid."
    ),
    G.AGREED: lazy("The grant is 0 €: no payment is possible. An officer approves the report."),
    G.ACTIVE: lazy("The grant is 0 €: no payment is possible. An officer approves the report."),
}
"""The same for a grant of nothing: the crowd covered all, or the rule gave it nothing."""

_NEXT_OF_A_PACT: dict[GrantState, Lazy] = {
    G.RESERVED: lazy("An officer records the act that approves the pact, once it is signed."),
    G.RELEASED: lazy("Nothing: the pact was not made."),
    G.GRANTED: lazy("An officer publishes the act, and records the pact once both signed it."),
    G.AGREED: lazy("The pact runs. At its end an officer approves the report on it."),
    G.ACTIVE: lazy("The pact runs. At its end an officer approves the report on it."),
    G.SETTLED: lazy("Nothing: the pact is concluded."),
    G.RENOUNCED: lazy("Nothing: it was renounced."),
    G.REVOKED: lazy("Nothing: it was revoked."),
    G.CLOSED: lazy("Nothing: it was ended by act."),
}
"""The same in a call without money, whose outcome is a pact."""


VERBS: dict[str, str] = {
    "reserve": N_("reserved"),
    "propose": N_("grant act proposed"),
    "release": N_("released"),
    "grant": N_("grant act recorded"),
    "publish": N_("grant act published"),
    "move_to_legal_entity": N_("moved to the new legal entity"),
    "agree": N_("agreement recorded"),
    "activate": N_("first payment made"),
    "approve_report": N_("report approved"),
    "reopen_report": N_("report reopened"),
    "settle": N_("settled"),
    "renounce": N_("renunciation noted"),
    "revoke": N_("revoked"),
    "recover": N_("recovery begun"),
    "close": N_("closed, nothing to recover"),
    "record_recovery": N_("recovered money booked"),
    "receive_recovery": N_("wholly recovered"),
    "put_back": N_("recovered money made available again by act"),
    "write_off": N_("written off"),
    "change_iban": N_("IBAN changed"),
    "request": N_("payment requested"),
    "approve": N_("payment approved"),
    "refuse": N_("payment refused"),
    "cancel": N_("payment cancelled"),
    "cancel_returned": N_("payment cancelled"),
    "order": N_("payment ordered"),
    "order_again": N_("payment ordered again"),
    "pay": N_("paid"),
    "return": N_("payment returned by the bank"),
}
"""What the history of a grant calls each verb."""
