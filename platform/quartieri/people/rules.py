"""Kinds of organisation, permissions and which roles grant them, deeds that exclude each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from quartieri.audit.rules import Role
from quartieri.kit.errors import NotYoursError
from quartieri.kit.labels import N_, LabelEnum, Lazy, lazy


class OrganisationKind(LabelEnum):
    """What an applicant is, in the words of the calls."""

    INFORMAL_GROUP = "informal_group", N_("Informal group")
    ASSOCIATION = "association", N_("Association")
    THIRD_SECTOR = "third_sector", N_("Third-sector body (ETS)")
    SOCIAL_ENTERPRISE = "social_enterprise", N_("Social enterprise")
    BUSINESS = "business", N_("Micro, small or medium enterprise")
    OTHER_NON_PROFIT = "other_non_profit", N_("Other non-profit body")


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a permission is asked for: an authority and maybe one of its calls."""

    authority_id: int | None = None
    call_id: int | None = None


class Permission(StrEnum):
    """What an official may do; each route names one."""

    PEOPLE_MANAGE = "people.manage"
    AUDIT_READ = "audit.read"
    ACT_RECORD = "acts.record"
    PROGRAMME_EDIT = "programmes.edit"
    MANAGE_READ = "manage.read"
    RULES_TRY = "rules.try"
    CALL_EDIT = "calls.edit"
    CALL_PUBLISH = "calls.publish"
    MACHINE_ADMIT = "machines.admit"
    QUESTION_ANSWER = "calls.answer"
    MEETING_RUN = "meetings.run"
    PROPOSALS_READ = "proposals.read"
    PROPOSAL_CHECK = "proposals.check"
    PROPOSAL_DECIDE = "proposals.decide"
    WINDOW_RUN = "windows.run"
    REVIEW_ASSIGN = "reviews.assign"
    REVIEW_CLEAR = "reviews.clear"
    REVIEW = "reviews.review"
    RANK = "reviews.rank"
    CAMPAIGN_PREVIEW = "campaigns.preview"
    COMMENTS_READ = "comments.read"
    CAMPAIGN_COMMENT = "campaigns.comment"
    CAMPAIGN_APPROVE = "campaigns.approve"
    REPORTS_READ = "reports.read"
    REPORT_DECIDE = "reports.decide"
    PLEDGES_READ = "pledges.read"
    PLEDGE_RECORD = "pledges.record"
    PLEDGE_CONFIRM = "pledges.confirm"
    GRANT_RECORD = "grants.record"
    DISBURSEMENT_REQUEST = "disbursements.request"
    DISBURSEMENT_APPROVE = "disbursements.approve"
    DISBURSEMENT_PAY = "disbursements.pay"
    MONEY_READ = "money.read"
    BANK_READ = "bank.read"
    LEDGER_READ = "ledger.read"
    RECONCILIATION_READ = "reconciliation.read"
    RECONCILE = "reconciliation.run"
    LETTERS_SEE_TO = "letters.see_to"
    SITE_RUN = "site.run"


_OFFICIALS = frozenset(
    {
        Role.ADMINISTRATOR,
        Role.CALL_MANAGER,
        Role.SIGNING_MANAGER,
        Role.OFFICER,
        Role.COMMISSION_CHAIR,
        Role.COMMISSION_SECRETARY,
        Role.COMMISSION_MEMBER,
        Role.TREASURER,
        Role.AUDITOR,
    }
)
COMMISSION = frozenset({Role.COMMISSION_CHAIR, Role.COMMISSION_MEMBER})
"""Who evaluates: they declare before they read, and read at their own desk alone."""

GRANTS: Mapping[Permission, frozenset[Role]] = {
    Permission.PEOPLE_MANAGE: frozenset({Role.ADMINISTRATOR}),
    Permission.AUDIT_READ: frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    Permission.ACT_RECORD: frozenset({Role.CALL_MANAGER, Role.SIGNING_MANAGER, Role.OFFICER}),
    Permission.PROGRAMME_EDIT: frozenset({Role.CALL_MANAGER}),
    Permission.MANAGE_READ: _OFFICIALS,
    Permission.RULES_TRY: frozenset({Role.CALL_MANAGER, Role.AUDITOR}),
    Permission.CALL_EDIT: frozenset({Role.CALL_MANAGER}),
    Permission.CALL_PUBLISH: frozenset({Role.CALL_MANAGER}),
    Permission.MACHINE_ADMIT: frozenset({Role.CALL_MANAGER}),
    Permission.QUESTION_ANSWER: frozenset({Role.CALL_MANAGER, Role.OFFICER}),
    Permission.MEETING_RUN: frozenset({Role.CALL_MANAGER, Role.OFFICER}),
    Permission.PROPOSALS_READ: frozenset(
        {Role.CALL_MANAGER, Role.SIGNING_MANAGER, Role.OFFICER, Role.AUDITOR}
    ),
    Permission.PROPOSAL_CHECK: frozenset({Role.OFFICER}),
    Permission.PROPOSAL_DECIDE: frozenset({Role.CALL_MANAGER}),
    Permission.WINDOW_RUN: frozenset({Role.OFFICER, Role.CALL_MANAGER}),
    Permission.REVIEW_ASSIGN: frozenset({Role.CALL_MANAGER, Role.COMMISSION_SECRETARY}),
    Permission.REVIEW_CLEAR: frozenset({Role.SIGNING_MANAGER}),
    Permission.REVIEW: COMMISSION | {Role.COMMISSION_SECRETARY},
    Permission.RANK: frozenset({Role.CALL_MANAGER}),
    Permission.CAMPAIGN_PREVIEW: _OFFICIALS | {Role.TUTOR},
    Permission.COMMENTS_READ: frozenset(
        {Role.TUTOR, Role.OFFICER, Role.CALL_MANAGER, Role.AUDITOR}
    ),
    Permission.CAMPAIGN_COMMENT: frozenset({Role.TUTOR, Role.OFFICER, Role.CALL_MANAGER}),
    Permission.CAMPAIGN_APPROVE: frozenset({Role.CALL_MANAGER}),
    Permission.REPORTS_READ: frozenset({Role.OFFICER, Role.CALL_MANAGER, Role.AUDITOR}),
    Permission.REPORT_DECIDE: frozenset({Role.OFFICER, Role.CALL_MANAGER}),
    Permission.PLEDGES_READ: frozenset(
        {Role.OFFICER, Role.CALL_MANAGER, Role.TREASURER, Role.AUDITOR}
    ),
    Permission.PLEDGE_RECORD: frozenset({Role.OFFICER, Role.CALL_MANAGER}),
    Permission.PLEDGE_CONFIRM: frozenset({Role.OFFICER, Role.CALL_MANAGER, Role.TREASURER}),
    Permission.GRANT_RECORD: frozenset({Role.OFFICER}),
    Permission.DISBURSEMENT_REQUEST: frozenset({Role.OFFICER}),
    Permission.DISBURSEMENT_APPROVE: frozenset({Role.CALL_MANAGER}),
    Permission.DISBURSEMENT_PAY: frozenset({Role.TREASURER}),
    Permission.MONEY_READ: _OFFICIALS,
    Permission.BANK_READ: frozenset(
        {
            Role.CALL_MANAGER,
            Role.SIGNING_MANAGER,
            Role.OFFICER,
            Role.TREASURER,
            Role.AUDITOR,
        }
    ),
    Permission.LEDGER_READ: frozenset({Role.TREASURER, Role.AUDITOR, Role.CALL_MANAGER}),
    Permission.LETTERS_SEE_TO: frozenset({Role.OFFICER, Role.CALL_MANAGER}),
    Permission.RECONCILIATION_READ: frozenset({Role.TREASURER, Role.AUDITOR}),
    Permission.RECONCILE: frozenset({Role.TREASURER}),
    Permission.SITE_RUN: frozenset({Role.ADMINISTRATOR}),
}
"""Deny unless a role that stands here is held on the object's scope."""

SITE_WIDE = frozenset({Permission.RECONCILIATION_READ, Permission.RECONCILE, Permission.SITE_RUN})
"""What is shared by all authorities: only roles that cover every one of them count."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Two deeds on one matter that one person may not both do."""

    matter: str
    first: str
    then: str
    why: Lazy


EXCLUSIONS: tuple[Exclusion, ...] = (
    Exclusion(
        "disbursement",
        "request",
        "approve",
        lazy("Who requested a payment cannot approve it: another person must."),
    ),
    Exclusion(
        "disbursement",
        "request",
        "pay",
        lazy("Who requested a payment cannot order or pay it: another person must."),
    ),
    Exclusion(
        "disbursement",
        "approve",
        "pay",
        lazy("Who approved a payment cannot order or pay it: another person must."),
    ),
    Exclusion(
        "offline_pledge",
        "record",
        "confirm",
        lazy("Who recorded an offline pledge cannot confirm it: another person must."),
    ),
    Exclusion(
        "offline_reversal",
        "ask",
        "confirm",
        lazy("Who asked for a reversal cannot confirm it: another person must."),
    ),
    Exclusion(
        "certificate",
        "record",
        "confirm",
        lazy("Who recorded the certificate cannot confirm it: another person must."),
    ),
    Exclusion(
        "collection",
        "file",
        "confirm",
        lazy("Who wrote down who receives the money cannot confirm it: another person must."),
    ),
    Exclusion(
        "proposal",
        "apply",
        "check",
        lazy("You take part in this application, so another person must check it."),
    ),
    Exclusion(
        "proposal",
        "apply",
        "review",
        lazy("You take part in this application, so you cannot evaluate it."),
    ),
    Exclusion(
        "window",
        "score",
        "pledge",
        lazy("You evaluated applications in this session, so you cannot back its projects."),
    ),
)
"""Who does one thing on a matter may not do the other (product: separation of duties)."""


def refuse_excluded(
    matter: str, deed: str, user_id: int | None, done: Mapping[str, int | None]
) -> None:
    """Refuse ``deed`` to whoever did an excluding one; ``done`` maps earlier deeds to user ids.

    Raises NotYoursError. Somebody without an account never matches.
    """
    if user_id is None:
        return
    for line in EXCLUSIONS:
        if line.matter != matter:
            continue
        for one, other in ((line.first, line.then), (line.then, line.first)):
            if deed == other and done.get(one) == user_id:
                raise NotYoursError(line.why)


def grants(roles: frozenset[Role], permission: Permission) -> bool:
    """Tell whether any of the roles grants the permission."""
    return not roles.isdisjoint(GRANTS[permission])
