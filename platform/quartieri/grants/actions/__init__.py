"""Binding, granting, paying and taking back."""

from quartieri.grants.actions.awarding import (
    change_iban,
    publish_grant_act,
    record_agreement,
    record_grant_act,
    record_legal_entity,
)
from quartieri.grants.actions.binding import propose, release, reserve
from quartieri.grants.actions.paying import (
    approve_disbursement,
    cancel_disbursement,
    order_disbursement,
    pay_disbursement,
    refuse_disbursement,
    request_disbursement,
    return_disbursement,
)
from quartieri.grants.actions.recovering import (
    put_back,
    record_recovery,
    renounce,
    revoke,
    write_off,
)
from quartieri.grants.actions.renouncing import renounce_selected
from quartieri.grants.actions.reporting import approve_report, reopen_report

__all__ = [
    "approve_disbursement",
    "approve_report",
    "cancel_disbursement",
    "change_iban",
    "order_disbursement",
    "pay_disbursement",
    "propose",
    "publish_grant_act",
    "put_back",
    "record_agreement",
    "record_grant_act",
    "record_legal_entity",
    "record_recovery",
    "refuse_disbursement",
    "release",
    "renounce",
    "renounce_selected",
    "reopen_report",
    "request_disbursement",
    "reserve",
    "return_disbursement",
    "revoke",
    "write_off",
]
