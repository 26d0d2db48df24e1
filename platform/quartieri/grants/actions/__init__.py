"""Binding, granting, paying and taking back."""

from quartieri.grants.actions.awarding import (
    change_iban,
    publish_grant_act,
    record_agreement,
    record_grant_act,
    record_legal_entity,
)
from quartieri.grants.actions.binding import adjust, propose, release, reserve
from quartieri.grants.actions.matching import release_match, reserve_match, room_to_grow
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
from quartieri.grants.actions.rounds import close_round, open_round

__all__ = [
    "adjust",
    "approve_disbursement",
    "approve_report",
    "cancel_disbursement",
    "change_iban",
    "close_round",
    "open_round",
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
    "release_match",
    "renounce",
    "renounce_selected",
    "reopen_report",
    "request_disbursement",
    "reserve",
    "reserve_match",
    "return_disbursement",
    "revoke",
    "room_to_grow",
    "write_off",
]
