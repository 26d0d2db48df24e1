"""Telling the applicant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.extensions import services
from quartieri.mail.actions import write
from quartieri.proposals.models import Proposal


def tell(
    session: Session,
    proposal: Proposal,
    template: str,
    *,
    occasion: str | int,
    at: datetime,
    **values: Any,
) -> None:
    """Write a letter to the applicant, once for each occasion, in the applicant's language."""
    base = services().settings.base_url
    owner = proposal.owner
    write(
        session,
        f"proposal_{template}",
        to=owner.email,
        language=owner.language,
        key=f"proposal-{template}:{proposal.id}:{occasion}",
        at=at,
        about=("proposal", proposal.id),
        name=owner.name,
        proposal=proposal,
        call_title=proposal.call.title(owner.language),
        number=proposal.protocol_number,
        window=proposal.window,
        several_windows=len(proposal.call.windows) > 1,
        link=f"{base}/applications/{proposal.id}",
        contact=proposal.edition.design.contact or proposal.call.authority.contact,
        **values,
    )
