"""Letters about a backer's address: the new one confirms, the old one is told without a link."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.campaigns.letters import to_backer
from quartieri.campaigns.links import address_url
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import masked
from quartieri.mail.actions import write


def asked_key(pledge: Pledge) -> str:
    """Give how the keys of the letters begin that ask a new address of a pledge to be confirmed."""
    return f"pledge-address:{pledge.id}:"


def asked(
    session: Session, campaign: Campaign, pledge: Pledge, email: str, *, at: datetime
) -> None:
    """Ask a new address to be confirmed; whoever has it may be a stranger: no name, no amount."""
    write(
        session,
        "pledge_address",
        to=email,
        language=pledge.language,
        key=f"{asked_key(pledge)}{digest_of(email)}:{at.isoformat()}",
        at=at,
        about=("pledge", pledge.id),
        title=campaign.title,
        code=pledge.code,
        url=address_url(pledge, email),
    )


def changed(
    session: Session, campaign: Campaign, pledge: Pledge, before: str, *, at: datetime
) -> None:
    """Tell the old address, and then the new one, that a pledge's letters go elsewhere now."""
    if before:
        write(
            session,
            "pledge_address_old",
            to=before,
            language=pledge.language,
            key=f"pledge-address-old:{pledge.id}:{at.isoformat()}",
            at=at,
            about=("pledge", pledge.id),
            title=campaign.title,
            code=pledge.code,
            email=masked(pledge.email),
            contact=campaign.proposal.edition.design.contact,
        )
    to_backer(session, "address_new", campaign, pledge, at=at, times=at.isoformat())


def digest_of(email: str) -> str:
    """Give what tells an address apart in a key, where the address itself must not stand."""
    return hashlib.sha256(email.encode()).hexdigest()[:20]
