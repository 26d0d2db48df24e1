"""Giving a selected project up before its grant act: what was reserved goes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.actions import record as record_act
from quartieri.acts.rules import ActKind
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.db import lock
from quartieri.grants import letters
from quartieri.grants.actions.binding import release
from quartieri.grants.models import Grant
from quartieri.grants.queries import live_grant
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL, ProposalState


def renounce_selected(
    session: Session,
    proposal: Proposal,
    *,
    reason: str,
    data: ActData | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Give up a selected project of a call without campaigns, before its grant act is signed.

    The applicant does it alone; the office takes note of it by act (``data``). A project with a
    campaign is given up by withdrawing that. Raises IllegalMoveError, InvalidError without an act.
    """
    proposal = lock(session, Proposal, proposal.id)
    if proposal.edition.design.has_campaigns:
        raise IllegalMoveError(lazy("This project has a campaign: withdraw that one."))
    if proposal.state is not ProposalState.SELECTED:
        raise IllegalMoveError(
            lazy("Only a selected project whose grant act is not signed yet is given up here.")
        )
    grant = live_grant(session, proposal.id)
    if grant is not None:
        grant = lock(session, Grant, grant.id)
    why, act = reason.strip(), None
    if not actor.holds(Role.APPLICANT):
        if data is None:
            raise InvalidError(lazy("The office takes note of a renunciation by act."))
        authority_id, kind = proposal.call.authority_id, ActKind.RENUNCIATION
        act = record_act(session, authority_id, kind, data, actor=actor, at=at)
        why = f"act {act.number}"
    facts: dict[str, Any] = {"act": act.id} if act is not None else {}
    move(session, proposal, PROPOSAL, "lapse", actor=actor, at=at, reason=why, **facts)
    if grant is not None:
        release(session, grant, reason="renounced in time", actor=actor, at=at)
    letters.renounced_in_time(session, proposal, act, at=at)
