"""States of grants and disbursements."""

from __future__ import annotations

from stdnum import iban
from stdnum.it import codicefiscale, iva

from quartieri.audit.rules import Role
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, lazy
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
        step("cancel_returned", D.RETURNED, D.CANCELLED, Role.TREASURER, Role.CALL_MANAGER),
    ),
)


def needs_legal_entity(*, informal: bool, recorded: bool) -> bool:
    """Tell whether an informal group still has to become a body that can be paid."""
    return informal and not recorded


def check_tax_code(text: str) -> str:
    """Give a body's tax code (11 digits) or a person's (16 signs), checked; raise InvalidError."""
    bare = "".join(text.split()).upper()
    if iva.is_valid(bare) or codicefiscale.is_valid(bare):
        return bare
    raise InvalidError(
        lazy("This tax code is not right: look for a wrong digit."), field="tax_code"
    )


def check_iban(text: str) -> str:
    """Give an IBAN without spaces, checked (ISO 13616); raise InvalidError."""
    bare = "".join(text.split()).upper()
    if iban.is_valid(bare):
        return bare
    raise InvalidError(lazy("This IBAN is not right: look for a wrong digit."), field="iban")
