"""What is told of a gift before paying and on its receipt, from the call and the campaign."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import joinedload, load_only

from quartieri.calls.design import Bearer, CampaignDesign, Collector
from quartieri.calls.models import CallEdition
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import Gift, OfflineMeans, PledgeChannel, Prices
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money
from quartieri.proposals.models import Proposal

WITH_DESIGN = joinedload(Campaign.proposal, innerjoin=True).options(
    load_only(
        Proposal.call_id,
        Proposal.edition_id,
        Proposal.window_id,
        Proposal.owner_id,
        Proposal.organisation_id,
    ),
    joinedload(Proposal.edition, innerjoin=True).defer(CallEdition.design_json),
)
"""Reads with a campaign what never changes of its application, and the call's design.

What may change is read when it is asked for: whoever locks the campaign does not lock that.
"""


def design_of(campaign: Campaign) -> CampaignDesign:
    """Give how the campaign's call runs campaigns."""
    design = campaign.proposal.edition.design.campaign
    if design is None:
        raise IllegalMoveError(lazy("This call has no campaigns."))
    return design


def prices_of(design: CampaignDesign) -> Prices:
    """Give the call's price list of the payment service."""
    return Prices(design.fee_share, design.fee_fixed_cents)


def offers_cover(design: CampaignDesign) -> bool:
    """Tell whether a backer may choose to add what the fees take: a choice, never a surcharge.

    Art. 62 (4) Directive (EU) 2015/2366, art. 3 (4) d.lgs. 11/2010: record 0058.
    """
    return design.cover_fees or design.fees_borne_by == Bearer.BACKER


def cover_for(design: CampaignDesign, gift_cents: int, *, wanted: bool) -> int:
    """Say what is added to a gift for the fees, in cents, by the backer's choice."""
    return prices_of(design).cover(gift_cents) if wanted and offers_cover(design) else 0


def gift_for(
    campaign: Campaign,
    *,
    amount_cents: int,
    cover_cents: int,
    when: Lazy,
    reward: bool,
    company: bool = False,
) -> Gift:
    """Give the facts of a gift that somebody is about to make; the code can still be typed."""
    design, proposal = design_of(campaign), campaign.proposal
    by_authority = design.collected_by == Collector.AUTHORITY
    return Gift(
        amount=Money(amount_cents),
        cover=Money(cover_cents),
        fee=Money(prices_of(design).fee(amount_cents)),
        bearer=design.fees_borne_by,
        recipient=proposal.organisation.name,
        kind=proposal.organisation.kind,
        volunteer=proposal.organisation.volunteer,
        collector=proposal.call.authority.name if by_authority else "",
        when=when,
        reward=reward,
        by_company=company,
        to_come=True,
        companies=design.companies,
    )


def gift_of(campaign: Campaign, pledge: Pledge) -> Gift:
    """Give the facts of a gift that was received."""
    day = in_rome(pledge.paid_at).date() if pledge.paid_at is not None else None
    gift = gift_for(
        campaign,
        amount_cents=pledge.amount_cents,
        cover_cents=pledge.cover_cents,
        when=lazy("Received on %(day)s.", day=day),
        reward=pledge.reward_id is not None,
        company=bool(pledge.company),
    )
    card = pledge.channel is PledgeChannel.CARD
    return replace(
        gift,
        named=bool(pledge.tax_code),
        to_come=False,
        card=card,
        traceable=pledge.means is not OfflineMeans.CASH,
    )
