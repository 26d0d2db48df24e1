"""What an end that was moved lets go: pledges that name it, whose backers agreed to no other.

``actions.extending`` does it, the forecast of the closing foretells it: both by what stands here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign, CampaignExtension, Pledge
from quartieri.campaigns.queries.gift import design_of
from quartieri.campaigns.queries.net import counts_net, fee_of
from quartieri.campaigns.queries.single import promised_by
from quartieri.campaigns.rules import AGREEABLE, UNPAID, CampaignState, PledgeChannel, PledgeState
from quartieri.kit.clock import is_late

LAPSES = frozenset({CampaignState.LIVE, CampaignState.SUSPENDED, CampaignState.ENDED})
"""A campaign in one of these may have an end that was moved and is yet to be acted on."""


def unknown_at(campaign: Campaign, end: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Say which pledges begun by an end nobody knows yet whether they count."""
    begun = (Pledge.campaign_id == campaign.id, Pledge.started_at <= end)
    return (*begun, Pledge.state.in_(UNPAID))


def condition_met(
    session: Session, campaign: Campaign, end: datetime, *, gone_cents: int = 0
) -> tuple[CampaignExtension, bool]:
    """Tell whether what was paid at once by an end that was moved stays, by its last extension.

    It does where the target was promised by then (less ``gone_cents``, let go since), or where the
    call keeps what is raised. What was decided once stays so.
    """
    extension = session.scalars(
        sa.select(CampaignExtension)
        .where(CampaignExtension.campaign_id == campaign.id, CampaignExtension.old_ends_at <= end)
        .order_by(CampaignExtension.old_ends_at.desc())
        .limit(1)
    ).one()
    if extension.kept is not None:
        return extension, extension.kept
    counted = promised_by(session, campaign, end) - gone_cents + campaign.city_cents
    return extension, design_of(campaign).keeps_all or counted >= campaign.target_cents


def next_lapse(session: Session, campaign: Campaign, end: datetime) -> datetime | None:
    """Give the next end that some pledge still names, after ``end`` and before the present one."""
    return session.scalar(
        sa.select(sa.func.min(Pledge.agreed_ends_at)).where(
            Pledge.campaign_id == campaign.id,
            Pledge.agreed_ends_at > end,
            Pledge.agreed_ends_at < campaign.ends_at,
            Pledge.state.in_(AGREEABLE),
        )
    )


def unmet(campaign: Campaign, end: datetime) -> sa.ColumnElement[bool]:
    """Say which payments name an end up to ``end``, but none at which their condition was met."""
    met = sa.select(CampaignExtension.old_ends_at).where(
        CampaignExtension.campaign_id == campaign.id, CampaignExtension.kept.is_(True)
    )
    return sa.and_(
        Pledge.campaign_id == campaign.id,
        Pledge.state == PledgeState.PAID,
        Pledge.channel != PledgeChannel.OFFLINE,
        Pledge.agreed_ends_at <= end,
        Pledge.agreed_ends_at.not_in(met),
    )


def unagreed(campaign: Campaign, end: datetime) -> sa.ColumnElement[bool]:
    """Say which promises name an end up to ``end``."""
    return sa.and_(
        Pledge.campaign_id == campaign.id,
        Pledge.state == PledgeState.CONFIRMED,
        Pledge.agreed_ends_at <= end,
    )


def waits_for_records(campaign: Campaign, end: datetime, *, now: datetime) -> bool:
    """Tell whether offline money received by an end may still be recorded and complete it."""
    return not is_late(now, design_of(campaign).recorded_until(end))


@dataclass(frozen=True, slots=True)
class LetGo:
    """Pledges that will be let go, and what they count for now; sums in cents.

    ``until``: the last of the ends that promises are let go for. ``paid_cents`` and
    ``paid_fees_cents`` are the part that is paid already and goes back.
    """

    number: int = 0
    cents: int = 0
    fees_cents: int = 0
    paid_cents: int = 0
    paid_fees_cents: int = 0
    until: datetime | None = None


def let_go(session: Session, campaign: Campaign, *, now: datetime) -> LetGo:
    """Foretell what the ends that were moved, and have passed by now, let go; nothing is written.

    Stops, as the closing does, at an end of which a payment is not known yet, or that offline money
    may still complete.
    """
    end, found = campaign.lapse_at, LetGo()
    before: sa.ColumnElement[bool] = sa.true()
    while end is not None and campaign.state in LAPSES and is_late(now, end):
        promised = _sums(session, campaign, sa.and_(unagreed(campaign, end), before))
        found = _with(replace(found, until=end), promised, paid=False)
        if session.scalar(sa.select(Pledge.id).where(*unknown_at(campaign, end)).limit(1)):
            break
        gone = found.cents - found.fees_cents
        extension, met = condition_met(session, campaign, end, gone_cents=gone)
        undecided = extension.kept is None and not met
        if undecided and waits_for_records(campaign, end, now=now):
            break
        if not met:
            payments = _sums(session, campaign, sa.and_(unmet(campaign, end), before))
            found = _with(found, payments, paid=True)
        before = Pledge.agreed_ends_at > end
        end = next_lapse(session, campaign, end)
    return found


Sums = tuple[int, int, int]
"""How many pledges, what is here of them, what the provider keeps of it; in cents."""


def _sums(session: Session, campaign: Campaign, which: sa.ColumnElement[bool]) -> Sums:
    design = design_of(campaign)
    fee = fee_of(design) if counts_net(design) else sa.literal(0)
    gone = Pledge.refunded_cents + Pledge.disputed_cents + Pledge.lost_cents
    number, cents, fees = session.execute(
        sa.select(sa.func.count(), sa.func.sum(Pledge.amount_cents - gone), sa.func.sum(fee)).where(
            which
        )
    ).one()
    return int(number), int(cents or 0), int(fees or 0)


def _with(found: LetGo, more: Sums, *, paid: bool) -> LetGo:
    number, cents, fees = more
    return replace(
        found,
        number=found.number + number,
        cents=found.cents + cents,
        fees_cents=found.fees_cents + fees,
        paid_cents=found.paid_cents + cents * paid,
        paid_fees_cents=found.paid_fees_cents + fees * paid,
    )
