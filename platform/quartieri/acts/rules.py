"""Kinds and states of acts."""

from __future__ import annotations

from quartieri.audit.rules import Role
from quartieri.kit.labels import N_, LabelEnum
from quartieri.kit.states import Machine, step


class ActKind(LabelEnum):
    """What an act decides."""

    PUBLICATION = "publication", N_("Publication of a call")
    RECTIFICATION = "rectification", N_("Rectification of a call")
    EXTENSION = "extension", N_("Extension of a deadline")
    APPOINTMENT = "appointment", N_("Appointment of the commission")
    RANKING = "ranking", N_("Approval of a ranking")
    SCROLLING = "scrolling", N_("Scrolling of a ranking")
    RESULT = "result", N_("Result of a vote or of an outside phase")
    GRANT = "grant", N_("Grant")
    LEGAL_ENTITY = "legal_entity", N_("Move of a grant to a new legal entity")
    REVOCATION = "revocation", N_("Revocation")
    BUDGET = "budget", N_("Budget change")
    REVIEW = "review", N_("Review of an exclusion")
    SUSPENSION = "suspension", N_("Suspension, resumption, cancellation or annulment")
    CONCLUSION = "conclusion", N_("Conclusion of a call")
    RENUNCIATION = "renunciation", N_("Renunciation")


class ActState(LabelEnum):
    """Where an act stands."""

    DRAFT = "draft", N_("Draft")
    SIGNED = "signed", N_("Signed")
    PUBLISHED = "published", N_("Published")
    REVOKED = "revoked", N_("Revoked")
    DISCARDED = "discarded", N_("Discarded")


_WHO = (Role.CALL_MANAGER, Role.SIGNING_MANAGER, Role.OFFICER, Role.SYSTEM)

ACT = Machine(
    "act",
    N_("act"),
    ActState,
    (
        step("sign", ActState.DRAFT, ActState.SIGNED, *_WHO),
        step("discard", ActState.DRAFT, ActState.DISCARDED, *_WHO),
        step("publish", ActState.SIGNED, ActState.PUBLISHED, *_WHO),
        step("revoke", (ActState.SIGNED, ActState.PUBLISHED), ActState.REVOKED, *_WHO),
    ),
)
