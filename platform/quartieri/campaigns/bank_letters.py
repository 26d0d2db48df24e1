"""Letters about what banks say of payments: disputes, and payments that came only in part."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.campaigns import words
from quartieri.campaigns.letters import to_backer
from quartieri.campaigns.links import office_pledge_url
from quartieri.campaigns.models import Campaign, Pledge, PledgeCase
from quartieri.campaigns.queries import acts_at_stake, receipts_of
from quartieri.campaigns.rules.cases import CaseState, to_do
from quartieri.kit.money import Money
from quartieri.mail.actions import write
from quartieri.payments.words import dispute_words_for

OCCASIONS = {
    CaseState.OPEN: "disputed",
    CaseState.WON: "dispute_won",
    CaseState.LOST: "dispute_lost",
}


def disputed(session: Session, campaign: Campaign, case: PledgeCase, *, at: datetime) -> None:
    """Tell a backer that the bank asks a payment back, or how it decided; each movement once."""
    to_backer(
        session,
        OCCASIONS[case.state],
        campaign,
        case.pledge,
        at=at,
        times=f"{case.id}:{case.moves}",
        said=words.disputed(case),
        voids=bool(case.part_cents and receipts_of(session, case.pledge_id)),
        asks_only=case.asks_only,
        contact=campaign.proposal.edition.design.contact,
    )


def taken_in_part(
    session: Session, campaign: Campaign, pledge: Pledge, missing_cents: int, *, at: datetime
) -> None:
    """Tell a backer that the payment service took less than was pledged."""
    to_backer(
        session,
        "taken_in_part",
        campaign,
        pledge,
        at=at,
        said=words.taken_in_part(pledge, missing_cents),
        missing=Money(missing_cents),
        reward=pledge.reward.title if pledge.reward is not None else "",
        contact=campaign.proposal.edition.design.contact,
    )


def case_opened(session: Session, campaign: Campaign, case: PledgeCase, *, at: datetime) -> None:
    """Tell whoever sees to a case that it is there, what to do and by when."""
    _to_owner(session, "opened", campaign, case, at=at, to_do=to_do(case.kind))


def case_decided(session: Session, campaign: Campaign, case: PledgeCase, *, at: datetime) -> None:
    """Tell whoever sees to a dispute how the bank decided it."""
    proposal_id = campaign.proposal_id
    granted = proposal_id in acts_at_stake(session, [proposal_id])
    _to_owner(session, "decided", campaign, case, at=at, granted=granted)


def _to_owner(
    session: Session,
    occasion: str,
    campaign: Campaign,
    case: PledgeCase,
    *,
    at: datetime,
    **more: Any,
) -> None:
    owner = case.owner
    if owner is None:
        return
    write(
        session,
        f"case_{occasion}",
        to=owner.email,
        language=owner.language,
        key=f"case-{occasion}:{case.id}:{case.state.value}:{case.moves}",
        at=at,
        about=("campaign", campaign.id),
        name=owner.name,
        title=campaign.title,
        case=case,
        code=case.pledge.code,
        amount=Money(case.amount_cents),
        bank_says=dispute_words_for(case.reason) if case.reason else None,
        url=office_pledge_url(case.pledge),
        **more,
    )
