"""How many applications one applicant may have in a session."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.models import Window
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy
from quartieri.people.models import Organisation
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import ProposalState

GONE = (
    ProposalState.DRAFT,
    ProposalState.DISCARDED,
    ProposalState.SUPERSEDED,
    ProposalState.WITHDRAWN,
)
"""What does not count: a draft, and what the applicant took back or replaced."""


def refuse_too_many(session: Session, proposal: Proposal, window: Window, most: int | None) -> None:
    """Refuse one application more than a call allows each applicant in a session (InvalidError).

    An applicant is known by its tax code, a group without one by its entry. The window is locked
    by whoever submits, so that two at once are counted one after the other.
    """
    if most is None:
        return
    organisation = proposal.organisation
    same = Proposal.organisation_id == organisation.id
    if organisation.tax_code:
        same = sa.or_(same, Organisation.tax_code == organisation.tax_code)
    replaced = proposal.replaces_id if proposal.replaces_id is not None else proposal.id
    count = session.scalar(
        sa.select(sa.func.count(Proposal.id))
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .where(
            Proposal.window_id == window.id,
            Proposal.state.not_in(GONE),
            Proposal.id.not_in([proposal.id, replaced]),
            same,
        )
    )
    if (count or 0) >= most:
        raise InvalidError(
            lazy(
                "In this call one applicant has at most %(most)s applications in a session: you"
                " have sent %(count)s. Withdraw one, or wait for the next session.",
                most=most,
                count=count or 0,
            )
        )
