"""Every route with the permission that opens it: sorted, complete, and checked by a test.

A permission is ``public``, ``signed_in``, ``owner``, or one of people's permissions. Each writing
route is marked in the code by ``writes`` or ``writes_in_steps``.
"""

from __future__ import annotations

ROUTES: dict[str, str] = {
    "disbursements.approve": "disbursements.approve",
    "disbursements.new": "disbursements.request",
    "disbursements.order": "disbursements.pay",
    "disbursements.pay": "disbursements.pay",
    "disbursements.pay_form": "disbursements.pay",
    "disbursements.refuse": "disbursements.approve",
    "disbursements.refuse_form": "disbursements.approve",
    "disbursements.request_payment": "disbursements.request",
    "disbursements.return_form": "disbursements.pay",
    "disbursements.return_payment": "disbursements.pay",
    "grants.agreement": "grants.record",
    "grants.legal_entity": "grants.record",
    "grants.manage_index": "money.read",
    "grants.publish_act": "grants.record",
    "grants.record_act": "grants.record",
    "grants.recovery": "disbursements.pay",
    "grants.report": "grants.record",
    "grants.show": "money.read",
    "grants.take_back": "grants.record",
    "people.account": "signed_in",
    "people.account_submit": "signed_in",
    "people.confirm": "public",
    "people.confirm_submit": "public",
    "people.forgotten": "public",
    "people.forgotten_submit": "public",
    "people.register": "public",
    "people.register_submit": "public",
    "people.reset": "public",
    "people.reset_submit": "public",
    "people.sign_in": "public",
    "people.sign_in_submit": "public",
    "people.sign_out": "signed_in",
    "people_manage.end": "people.manage",
    "people_manage.give": "people.manage",
    "people_manage.index": "people.manage",
    "people_manage.show": "people.manage",
    "static": "public",
}
