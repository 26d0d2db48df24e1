"""Who acts: roles and the actor."""

from __future__ import annotations

from dataclasses import dataclass

from quartieri.kit.labels import N_, LabelEnum


class Role(LabelEnum):
    """A role held for the installation, an authority or a call; the last four are never given."""

    ADMINISTRATOR = "administrator", N_("Administrator")
    CALL_MANAGER = "call_manager", N_("Call manager (responsabile del procedimento)")
    SIGNING_MANAGER = "signing_manager", N_("Signing manager (dirigente)")
    OFFICER = "officer", N_("Admissibility and grants officer")
    COMMISSION_CHAIR = "commission_chair", N_("Commission chair")
    COMMISSION_SECRETARY = "commission_secretary", N_("Commission secretary")
    COMMISSION_MEMBER = "commission_member", N_("Commission member")
    TREASURER = "treasurer", N_("Treasurer")
    AUDITOR = "auditor", N_("Auditor")
    TUTOR = "tutor", N_("Tutor of campaigns")
    APPLICANT = "applicant", N_("Applicant")
    BACKER = "backer", N_("Backer")
    ACCOUNT = "account", N_("Account holder")
    SYSTEM = "system", N_("The system")


GIVEN_ROLES = tuple(
    r for r in Role if r not in {Role.APPLICANT, Role.BACKER, Role.ACCOUNT, Role.SYSTEM}
)
"""Roles that an administrator can give."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with the roles held on the matter at hand."""

    user_id: int | None
    name: str
    roles: frozenset[Role]

    def holds(self, *roles: Role) -> bool:
        """Tell whether any of the roles is held."""
        return bool(self.roles.intersection(roles))

    def with_role(self, role: Role) -> Actor:
        """Give the same actor with one role more (an applicant on an own proposal)."""
        return Actor(self.user_id, self.name, self.roles | {role})


SYSTEM = Actor(None, "system", frozenset({Role.SYSTEM}))
"""The worker and the clock."""

VISITOR = Actor(None, "visitor", frozenset())
"""Somebody without an account."""
