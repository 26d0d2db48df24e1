"""A grant with the people around it, for tests of grants and of the public money."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.acts.models import Act
from quartieri.audit.rules import Actor, Role
from quartieri.calls.models import Call
from quartieri.files.models import StoredFile
from quartieri.grants import actions
from quartieri.grants.models import Disbursement, Grant
from quartieri.grants.rules import DisbursementKind
from quartieri.mail.models import Letter
from quartieri.people.models import RoleGrant, User
from quartieri.people.rules import OrganisationKind
from quartieri.programmes import queries as programmes
from quartieri.programmes.rules import PoolBalances
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import ProposalState
from tests.doubles import NOW
from tests.factories.acts import act_data
from tests.factories.calls import make_published_call
from tests.factories.people import actor_of, make_official, make_organisation, make_user
from tests.factories.proposals import make_submitted

_numbers = itertools.count(1)
AWARDED = datetime(2025, 2, 10, 9, 0, tzinfo=UTC)
IBAN = "IT60X0542811101000000123456"
OTHER_IBAN = "DE89370400440532013000"
BODY_CODE = "97103880585"
PERSON_CODE = "RSSMRA85T10A562S"
SYSTEM = Actor(None, "system", frozenset({Role.SYSTEM}))
ADVANCE, BALANCE = DisbursementKind.ADVANCE, DisbursementKind.BALANCE


def make_stored_file(session: Session, **over: Any) -> StoredFile:
    """Add a kept PDF (its bytes are nowhere)."""
    values: dict[str, Any] = {
        "name": "atto.pdf",
        "media_type": "application/pdf",
        "size": 12,
        "sha256": f"{next(_numbers):064x}",
        "uploaded_at": NOW,
    }
    stored = StoredFile(**(values | over))
    session.add(stored)
    session.flush()
    return stored


@dataclass
class GrantScene:
    """One selected project of a published call, its grant, and the three people who pay."""

    session: Session
    call: Call
    proposal: Proposal
    grant: Grant
    officer: User
    manager: User
    treasurer: User
    auditor: User
    at: datetime = AWARDED

    def actor(self, user: User) -> Actor:
        """Give one of the officials as who acts."""
        return actor_of(user)

    @property
    def pool_id(self) -> int:
        """The endowment that the grant draws on."""
        return self.grant.pool_id

    def money(self) -> PoolBalances:
        """Give the endowment's money now."""
        return programmes.pool_balances(self.session, self.pool_id)

    def sums(self) -> tuple[int, int, int, int]:
        """Give what is available, reserved, committed and disbursed, in cents."""
        found = self.money()
        return (
            found.available_cents,
            found.reserved_cents,
            found.committed_cents,
            found.disbursed_cents,
        )

    def letters(self) -> list[str]:
        """Give the occasions of the letters to the applicant, in their order."""
        rows = self.session.scalars(sa.select(Letter).order_by(Letter.id))
        return [r.key.split(":")[0] for r in rows if r.to == self.proposal.owner.email]

    def give_back(self, payment: Disbursement) -> None:
        """Record that the bank sent a payment back."""
        actions.return_disbursement(
            self.session,
            payment,
            reason="Conto chiuso",
            actor=self.actor(self.treasurer),
            at=self.at,
        )

    def recover(self, cents: int, reference: str, *, by: User | None = None) -> None:
        """Book money that came back."""
        who = self.actor(by or self.treasurer)
        actions.record_recovery(
            self.session, self.grant, cents=cents, reference=reference, actor=who, at=self.at
        )

    def official(self, *roles: Role) -> User:
        """Add somebody who holds several roles on the call."""
        user = make_official(self.session, roles[0], self.call.scope)
        for role in roles[1:]:
            self.session.add(
                RoleGrant(
                    user_id=user.id,
                    role=role,
                    authority_id=self.call.authority_id,
                    call_id=self.call.id,
                    since=NOW,
                )
            )
        self.session.flush()
        self.session.refresh(user)
        return user

    def grant_act(self, *, by: User | None = None, **over: Any) -> Act:
        """Record the signed grant act."""
        data = act_data(**({"dated": date(2025, 2, 10)} | over))
        who = self.actor(by or self.officer)
        return actions.record_grant_act(self.session, self.grant, data, actor=who, at=self.at)

    def publish(self) -> None:
        """Publish the grant act."""
        who = self.actor(self.officer)
        actions.publish_grant_act(self.session, self.grant, actor=who, at=self.at)

    def agree(self, *, iban: str = IBAN, signed_on: date = date(2025, 2, 10)) -> None:
        """Record the signed agreement."""
        actions.record_agreement(
            self.session,
            self.grant,
            signed_on=signed_on,
            file=make_stored_file(self.session),
            iban=iban,
            actor=self.actor(self.officer),
            at=self.at,
        )

    def ready(self) -> GrantScene:
        """Bring the grant to where an advance can be requested."""
        self.grant_act()
        self.publish()
        self.agree()
        return self

    def request(
        self,
        cents: int,
        kind: DisbursementKind = ADVANCE,
        *,
        by: User | None = None,
        token: str | None = None,
    ) -> Disbursement:
        """Request a payment."""
        return actions.request_disbursement(
            self.session,
            self.grant,
            kind=kind,
            cents=cents,
            token=token,
            actor=self.actor(by or self.officer),
            at=self.at,
        )

    def approve(self, payment: Disbursement, *, by: User | None = None) -> None:
        """Approve a payment."""
        who = self.actor(by or self.manager)
        actions.approve_disbursement(self.session, payment, actor=who, at=self.at)

    def order(self, payment: Disbursement, *, by: User | None = None) -> None:
        """Order a payment at the bank."""
        who = self.actor(by or self.treasurer)
        actions.order_disbursement(self.session, payment, actor=who, at=self.at)

    def settle(
        self, payment: Disbursement, *, by: User | None = None, reference: str = "M1"
    ) -> None:
        """Record a payment as paid."""
        who = self.actor(by or self.treasurer)
        actions.pay_disbursement(self.session, payment, reference=reference, actor=who, at=self.at)

    def pay(self, cents: int, kind: DisbursementKind = ADVANCE) -> Disbursement:
        """Request, approve, order and pay."""
        payment = self.request(cents, kind)
        self.approve(payment)
        self.order(payment)
        self.settle(payment)
        return payment

    def report(self, final_cents: int, *, act: bool = False) -> None:
        """Approve the expense report."""
        actions.approve_report(
            self.session,
            self.grant,
            final_cents=final_cents,
            act=act_data(dated=date(2025, 2, 10)) if act else None,
            actor=self.actor(self.officer),
            at=self.at,
        )

    def revoke(self) -> None:
        """Revoke the grant by act."""
        actions.revoke(
            self.session,
            self.grant,
            act_data(dated=date(2025, 2, 10)),
            actor=self.actor(self.officer),
            at=self.at,
        )

    def move_to_body(self, **over: Any) -> Act:
        """Record by act the body that the informal group became."""
        values: dict[str, Any] = {
            "name": "APS Via Padova",
            "tax_code": BODY_CODE,
            "iban": IBAN,
            "statute": make_stored_file(self.session),
        }
        return actions.record_legal_entity(
            self.session,
            self.grant,
            act_data(dated=date(2025, 2, 10)),
            **(values | over),
            actor=self.actor(self.officer),
            at=self.at,
        )


def make_grant_scene(
    session: Session,
    *,
    call: Call | None = None,
    cents: int = 10_000_00,
    informal: bool = False,
    proposed: bool = True,
    campaigns: bool = False,
    **over: Any,
) -> GrantScene:
    """Add a selected project with its reserved grant; ``proposed``: the act may be signed."""
    call = call or make_published_call(session, campaigns=campaigns)
    owner = make_user(session)
    kind = OrganisationKind.INFORMAL_GROUP if informal else OrganisationKind.ASSOCIATION
    values: dict[str, Any] = {"kind": kind} | over
    organisation = make_organisation(session, owner, **values)
    proposal = make_submitted(session, call, owner=owner, organisation=organisation)
    proposal.state = ProposalState.SELECTED
    session.flush()
    assert call.pool_id is not None
    grant = actions.reserve(
        session,
        proposal,
        pool_id=call.pool_id,
        cents=cents,
        key=f"grant:proposal:{proposal.id}",
        actor=SYSTEM,
        at=AWARDED,
    )
    if proposed:
        actions.propose(session, grant, computed_cents=cents, actor=SYSTEM, at=AWARDED)

    def official(role: Role) -> User:
        return make_official(session, role, call.scope)

    return GrantScene(
        session,
        call,
        proposal,
        grant,
        officer=official(Role.OFFICER),
        manager=official(Role.CALL_MANAGER),
        treasurer=official(Role.TREASURER),
        auditor=official(Role.AUDITOR),
    )
