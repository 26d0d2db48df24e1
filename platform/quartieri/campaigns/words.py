"""When a backer's money is taken, on which condition, and what becomes of it: one sentence each.

Said on the project's page, with the consent, in letters and on the pledge's own page, so that a
call's settings read the same everywhere.
"""

from __future__ import annotations

from quartieri.campaigns.models import Campaign, Pledge, PledgeCase
from quartieri.campaigns.queries import design_of, recorded_until
from quartieri.campaigns.rules import (
    DECIDED_AGAINST,
    UNDECIDED_CAMPAIGN,
    AskedBack,
    CampaignState,
    Place,
    PledgeChannel,
    PledgeState,
    Told,
    asked_back,
    next_wave,
    tell,
)
from quartieri.kit.clock import in_rome, last_day
from quartieri.kit.labels import Lazy, lazy, until
from quartieri.kit.money import Money
from quartieri.payments.words import refund_words_for


def when_charged(campaign: Campaign, *, now: bool) -> Lazy:
    """Say when money is taken and when it goes back; ``now``: the pledge is paid at once."""
    design = design_of(campaign)
    dates = _dates(campaign)
    if now and design.keeps_all:
        return lazy("You pay now. The project keeps what was given, also below its target.")
    if now:
        return lazy(
            "You pay now. If the target of %(target)s is not reached, you get everything back after"
            " %(end)s.",
            **dates,
        )
    if design.keeps_all:
        return lazy(
            "We charge your card on %(first)s, whether the target is reached or not. If your bank"
            " refuses, we try again until %(last)s.",
            **dates,
        )
    recorded = recorded_until(campaign)
    if recorded is not None and campaign.state is not CampaignState.COLLECTING:
        return lazy(
            "We charge your card from %(first)s on if %(target)s are promised by %(end)s; money"
            " received outside of this site by that end counts, and is recorded until %(until)s. If"
            " your bank refuses, we try again until %(last)s. If the target is missed, you are not"
            " charged.",
            until=last_day(recorded),
            **dates,
        )
    return lazy(
        "We charge your card on %(first)s if %(target)s are promised by %(end)s; if your bank"
        " refuses, we try again until %(last)s. If the target is missed, you are not charged.",
        **dates,
    )


def consent(campaign: Campaign, amount: Money, *, now: bool) -> Lazy:
    """Say what a backer agrees to: amount, condition, latest date."""
    design = design_of(campaign)
    dates = _dates(campaign) | {"amount": amount}
    if now and design.keeps_all:
        return lazy(
            "I agree to pay %(amount)s now. The project keeps it, also if the target of %(target)s"
            " is missed.",
            **dates,
        )
    if now:
        return lazy(
            "I agree to pay %(amount)s now. If less than %(target)s is collected by %(end)s, I get"
            " everything back.",
            **dates,
        )
    if design.keeps_all:
        return lazy(
            "I agree that %(amount)s are charged to my card after %(end)s, and on %(last)s at the"
            " latest. The project keeps it, also if the target of %(target)s is missed.",
            **dates,
        )
    return lazy(
        "I agree that %(amount)s are charged to my card only if %(target)s are promised to this"
        " project by %(end)s, and on %(last)s at the latest. If the target is missed I am not"
        " charged; if too little can be collected, I get everything back.",
        **dates,
    )


def once_paid(pledge: Pledge) -> Lazy:
    """Say what happens to money that was received, as long as nothing is decided."""
    campaign, design = pledge.campaign, design_of(pledge.campaign)
    if design.keeps_all:
        return lazy("The project keeps what was given, also below its target.")
    dates = _dates(campaign)
    if design.charged_at_once:
        return lazy(
            "If the target of %(target)s is not reached, you get everything back after %(end)s.",
            **dates,
        )
    return lazy(
        "When every payment is in, or on %(last)s at the latest, it is decided whether the target"
        " of %(target)s was really collected. If not, you get everything back.",
        **dates,
    )


def told(pledge: Pledge, *, seen: bool = False, why: Lazy | None = None) -> Told:
    """Say where a pledge stands and what happens next, with dates.

    ``seen``: the provider says already that its card is saved or that it is paid; ``why`` is the
    bank's reason for a refused charge.
    """
    campaign, stuck = pledge.campaign, pledge.state is PledgeState.REFUND_STUCK
    return tell(
        Place(
            state=pledge.state,
            campaign=campaign.state,
            when=when_charged(campaign, now=pledge.charged_now),
            once_paid=once_paid(pledge),
            ends_at=campaign.ends_at,
            last_at=campaign.grace_ends_at,
            at_once=pledge.charged_now,
            succeeded=campaign.succeeded,
            decided=campaign.decided_at is not None,
            seen=seen,
            let_go=_was_moved(pledge),
            why=refund_words_for(pledge.refund_error) if stuck else why,
            paid_at=pledge.paid_at,
            tried_at=pledge.tried_at,
            retry_at=pledge.retry_at,
            due_at=pledge.refund_due_at,
            by_hand=pledge.channel is PledgeChannel.OFFLINE,
        )
    )


def why_back(pledge: Pledge) -> Lazy | None:
    """Say why a pledge's money goes back; None where that is no matter of its campaign."""
    campaign = pledge.campaign
    if _was_moved(pledge):
        return lazy("The campaign was extended, and you did not agree to its new end.")
    if campaign.succeeded or campaign.state not in DECIDED_AGAINST | {CampaignState.SETTLED}:
        return None
    if campaign.decided_at is None:
        return lazy("The campaign was stopped.")
    return lazy(
        "The campaign did not collect its target of %(target)s.",
        target=Money(campaign.target_cents),
    )


def disputed(case: PledgeCase) -> tuple[Lazy, ...]:
    """Say what a backer's bank asked or decided, what it means and what the backer can do."""
    pledge, closed_at = case.pledge, case.closed_at
    campaign = pledge.campaign
    return asked_back(
        AskedBack(
            state=case.state,
            asks_only=case.asks_only,
            amount=Money(case.amount_cents),
            left=Money(pledge.kept_cents),
            opened_on=in_rome(case.opened_at).date(),
            closed_on=in_rome(closed_at).date() if closed_at is not None else None,
            due_on=last_day(case.due_at),
            had=bool(case.from_cost_cents) and not case.part_cents,
            counts=pledge.state is PledgeState.PAID and bool(case.part_cents),
            open_campaign=campaign.state in UNDECIDED_CAMPAIGN,
            failed=campaign.state not in UNDECIDED_CAMPAIGN and not campaign.succeeded,
            can_give=campaign.state is CampaignState.LIVE,
        )
    )


def taken_in_part(pledge: Pledge, missing_cents: int) -> Lazy:
    """Say that the payment service took less than was pledged, and what that means."""
    return lazy(
        "You pledged %(whole)s; the payment service took only %(taken)s. Your pledge counts for"
        " what it took, your receipt names that sum, and nothing more is charged.",
        whole=Money(pledge.amount_cents + missing_cents),
        taken=Money(pledge.amount_cents),
    )


def _was_moved(pledge: Pledge) -> bool:
    """Tell whether the end lies later than its backer agreed to."""
    old_end, end = pledge.agreed_ends_at, pledge.campaign.ends_at
    return old_end is not None and end is not None and old_end < end


def _dates(campaign: Campaign) -> dict[str, object]:
    topped_up = campaign.state is CampaignState.COLLECTING
    last, end = campaign.grace_ends_at, campaign.ends_at
    return {
        "target": Money(campaign.target_cents),
        "end": until(last if topped_up else end),
        "first": in_rome(next_wave(end)).date() if end is not None else end,
        "last": last_day(last) if last is not None else last,
    }
