"""What the payment service keeps of what was promised, where a target counts what is left."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.design import CampaignDesign, TargetCounts
from quartieri.calls.models import CallEdition
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries.gift import design_of
from quartieri.campaigns.rules import COLLECTED, PROMISED, UNPAID, PledgeChannel

MILLION = 1_000_000
Nets = tuple[tuple[str, CampaignDesign], ...]
"""Editions that count net: their checksums and how they run campaigns."""


def counts_net(design: CampaignDesign) -> bool:
    """Tell whether a call's target counts what the fees leave."""
    return design.target_counts == TargetCounts.NET


def nets_of(session: Session, call_id: int) -> Nets:
    """Give the editions of a call that count net."""
    found = session.scalars(sa.select(CallEdition).where(CallEdition.call_id == call_id))
    designs = ((edition.sha256, edition.design.campaign) for edition in found)
    return tuple((key, one) for key, one in designs if one is not None and counts_net(one))


def fees_column(nets: Nets) -> sa.ColumnElement[Any]:
    """Give the column of a list with what an undecided campaign is charged, in cents; 0 in others.

    The prices are the calls' own: a branch for each edition that counts net.
    """
    undecided = Campaign.decided_cents.is_(None)
    return sa.case(
        *(
            (
                sa.and_(CallEdition.sha256 == sa.literal(checksum), undecided),
                sa.select(sa.func.coalesce(sa.func.sum(fee_of(design)), 0))
                .where(Pledge.campaign_id == Campaign.id, promised())
                .correlate(Campaign)
                .scalar_subquery(),
            )
            for checksum, design in nets
        ),
        else_=0,
    ).label("fees")


def kept_fees(session: Session, campaign: Campaign) -> int:
    """Add up what the provider keeps of what was promised, or of what was decided on, in cents.

    0 in a call whose target counts gross, where nobody asks.
    """
    design = design_of(campaign)
    if not counts_net(design):
        return 0
    counted = promised() if campaign.decided_at is None else Pledge.state.in_(COLLECTED)
    fees = sa.select(sa.func.sum(fee_of(design))).where(Pledge.campaign_id == campaign.id, counted)
    return int(session.scalar(fees) or 0)


def promised() -> sa.ColumnElement[bool]:
    """Say that a pledge counts as promised; ``is_promised`` says the same of one that was read."""
    unpaid = sa.and_(Pledge.charged_now, Pledge.state.in_(UNPAID))
    return sa.and_(Pledge.state.in_(PROMISED), sa.not_(unpaid))


def fee_of(design: CampaignDesign) -> sa.ColumnElement[int]:
    """Give what the provider keeps of a pledge: as it is known, else by the call's price list.

    The same estimate as ``Prices.fee``, added up by the database: the share in millionths.
    """
    share = Pledge.amount_cents * int(design.fee_share * MILLION) + MILLION // 2
    return sa.case(
        (Pledge.channel != PledgeChannel.CARD, 0),
        (Pledge.fee_cents.is_not(None), Pledge.fee_cents),
        else_=share // MILLION + design.fee_fixed_cents,
    )
