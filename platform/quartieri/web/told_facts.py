"""What the facts of the audit log are called, and how their values are said to people."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import flask_babel

from quartieri.acts.rules import ActKind
from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import Role
from quartieri.campaigns.rules import PagePart
from quartieri.grants.rules import DisbursementKind
from quartieri.kit.filters import cents_filter, short_deadline_filter, short_instant_filter
from quartieri.kit.labels import N_, LabelEnum
from quartieri.ledger.rules import (
    CampaignAccount,
    CustodyAccount,
    GrantAccount,
    LevelAccount,
    PoolAccount,
)
from quartieri.people.rules import OrganisationKind
from quartieri.programmes.rules import LevelKind
from quartieri.proposals.rules import CheckOutcome, IntegrationKind
from quartieri.web.words import STATES

FACTS: dict[str, str] = {
    "about": N_("About"),
    "act": N_("Act"),
    "again": N_("Sent again as letter"),
    "agreed": N_("Agreed sheet"),
    "amount": N_("Amount"),
    "amount_cents": N_("Amount"),
    "answer": N_("Answer"),
    "asked_cents": N_("Asked of the city"),
    "at_once": N_("At once"),
    "attempt": N_("Attempt"),
    "attended": N_("Present"),
    "authority": N_("Authority"),
    "backers": N_("Backers"),
    "bound": N_("Bound to the call"),
    "budget_cents": N_("Budget"),
    "by": N_("By"),
    "call": N_("Call"),
    "calls": N_("Calls"),
    "campaign": N_("Campaign"),
    "capacity": N_("Places"),
    "claim": N_("Reimbursement"),
    "closes_at": N_("Deadline"),
    "code": N_("Code"),
    "collected": N_("Collected"),
    "comment": N_("Comment"),
    "consent": N_("Consent"),
    "contact": N_("Contact"),
    "cost": N_("Cost"),
    "cost_cents": N_("Cost"),
    "criterion": N_("Criterion"),
    "dated": N_("Date"),
    "deadlines_stop": N_("Deadlines stand still"),
    "description": N_("Description"),
    "document": N_("Document"),
    "due_at": N_("Due"),
    "edition": N_("Edition"),
    "email": N_("Email"),
    "endowment_cents": N_("Endowment"),
    "endowments": N_("Endowments"),
    "ends_at": N_("End"),
    "evaluation": N_("Evaluation"),
    "failure": N_("Error of the mail server"),
    "file": N_("File"),
    "final": N_("Final"),
    "grant": N_("Grant"),
    "granted": N_("Granted"),
    "iban": N_("IBAN"),
    "id": N_("Number"),
    "in_call": N_("Provided for by the call"),
    "inputs_sha256": N_("Fingerprint of what was ranked"),
    "integration": N_("Integration request"),
    "kept_apart": N_("Answers kept apart"),
    "kind": N_("Kind"),
    "legal_basis": N_("Legal basis"),
    "link": N_("Link"),
    "lost": N_("Lost"),
    "method": N_("Method"),
    "minimum": N_("From"),
    "money": N_("Money"),
    "name": N_("Name"),
    "note": N_("Note"),
    "number": N_("Number"),
    "offered": N_("Offered"),
    "office": N_("Office"),
    "opens_at": N_("Opening"),
    "organisation": N_("Organisation"),
    "outcome": N_("Outcome"),
    "outside_url": N_("Page at the other platform"),
    "own_cents": N_("Own money"),
    "owner": N_("Followed by"),
    "part": N_("Part"),
    "path": N_("Address"),
    "payout": N_("Payout"),
    "place": N_("Place"),
    "places": N_("Places"),
    "points": N_("Points"),
    "privacy_notice": N_("Privacy notice"),
    "projects": N_("Projects"),
    "promised": N_("Promised"),
    "proposal": N_("Application"),
    "protocol": N_("Protocol number"),
    "published": N_("Published"),
    "put_back": N_("Put back by act"),
    "raised": N_("Raised"),
    "receipt": N_("Receipt"),
    "recipient": N_("Recipient"),
    "recovered": N_("Recovered"),
    "rectification": N_("Rectification"),
    "reference": N_("Reference"),
    "rehearsal": N_("Rehearsal"),
    "released": N_("Released"),
    "replaces": N_("Replaces"),
    "requirement": N_("Requirement"),
    "reserved": N_("Reserved"),
    "result_sha256": N_("Fingerprint of the result"),
    "reviewer": N_("Reviewer"),
    "revision": N_("Revision"),
    "reward": N_("Reward"),
    "role": N_("Role"),
    "seed": N_("Seed"),
    "sessions": N_("Sessions"),
    "sha256": N_("Fingerprint"),
    "shares": N_("Shares"),
    "signed_on": N_("Signed on"),
    "slug": N_("Address"),
    "source": N_("Source"),
    "sources": N_("Sources"),
    "stage": N_("Stage"),
    "starts_at": N_("Start"),
    "state": N_("State"),
    "stock": N_("Available"),
    "target": N_("Target"),
    "target_cents": N_("Target"),
    "tax_code": N_("Tax code"),
    "team": N_("From the team"),
    "template": N_("Template"),
    "terms": N_("Terms of participation"),
    "text": N_("Text"),
    "title": N_("Title"),
    "unmet": N_("Requirements not met"),
    "unpaid": N_("Not paid"),
    "until": N_("Until"),
    "update": N_("Update"),
    "version": N_("Version"),
    "window": N_("Session"),
    "windows": N_("Sessions"),
}
"""By the name that the log keeps; a test holds it against what the actions write."""

SUMS = frozenset(
    {
        "amount",
        "collected",
        "cost",
        "granted",
        "lost",
        "minimum",
        "offered",
        "promised",
        "put_back",
        "raised",
        "recovered",
        "released",
        "reserved",
        "target",
        "unpaid",
    }
)
"""Facts that are sums in cents, beside those whose name says so."""

DEADLINES = frozenset({"closes_at", "due_at", "ends_at", "until"})

HOLDERS: dict[str, tuple[str, type[LabelEnum]]] = {
    "level": (N_("Programme level %(number)s"), LevelAccount),
    "pool": (N_("Endowment %(number)s"), PoolAccount),
    "campaign": (N_("Campaign %(number)s"), CampaignAccount),
    "grant": (N_("Trust account %(number)s"), GrantAccount),
    "custody": (N_("Trust account %(number)s"), CustodyAccount),
}
"""Whose an account of the ledger is, and what its accounts are called."""

ACCOUNT = re.compile(rf"({'|'.join(HOLDERS)}):(\d+):([a-z_]+)")

CODES: dict[tuple[str, str], type[LabelEnum]] = {
    ("act", "kind"): ActKind,
    ("campaign", "part"): PagePart,
    ("disbursement", "kind"): DisbursementKind,
    ("integration_request", "kind"): IntegrationKind,
    ("organisation", "kind"): OrganisationKind,
    ("programme_level", "kind"): LevelKind,
    ("proposal", "outcome"): CheckOutcome,
    ("user", "role"): Role,
}
"""The codes behind a fact, by the kind of thing; its states are in ``words.STATES``."""


def values(entry: AuditEntry, side: str) -> list[tuple[str, str]]:
    """List what stood before or after, for people: states by name, sums in euros, dates as dates.

    ``side``: "before" or "after". A name without words stands as it is in the log.
    """
    known: dict[str, Any] = getattr(entry, side) or {}
    return [(_name(key), _value(entry.subject_kind, key, value)) for key, value in known.items()]


def _name(key: str) -> str:
    gettext: Any = flask_babel.gettext
    account = ACCOUNT.fullmatch(key)
    if account is None:
        return str(gettext(FACTS[key])) if key in FACTS else key
    holder, accounts = HOLDERS[account[1]]
    kind = next((str(gettext(a.label)) for a in accounts if str(a) == account[3]), account[3])
    return f"{gettext(holder, number=account[2])}, {kind}"


def _value(kind: str, key: str, value: object) -> str:
    gettext: Any = flask_babel.gettext
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(gettext("Yes") if value else gettext("No"))
    if isinstance(value, int):
        is_sum = key in SUMS or key.endswith("_cents") or ACCOUNT.fullmatch(key)
        return cents_filter(value) if is_sum else str(value)
    codes = STATES.get(kind) if key == "state" else CODES.get((kind, key))
    member = next((m for m in codes or () if str(m) == value), None)
    if member is not None:
        return str(gettext(member.label))
    return _instant(key, value) if key.endswith("_at") or key == "until" else str(value)


def _instant(key: str, value: object) -> str:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return short_deadline_filter(instant) if key in DEADLINES else short_instant_filter(instant)
