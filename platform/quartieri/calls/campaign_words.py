"""How a call's campaigns run, in plain words: for the editor, the public page, the rules sheet."""

from __future__ import annotations

from collections.abc import Iterator

from quartieri.calls.design import (
    Bearer,
    CampaignDesign,
    Collector,
    TargetCounts,
    TeamBacking,
)
from quartieri.calls.funding import percent
from quartieri.kit.labels import Lazy, lazy, until
from quartieri.kit.money import Money


def campaign_sentences(campaign: CampaignDesign, *, cards: bool) -> tuple[Lazy, ...]:
    """Say how a campaign runs, one sentence each; figures not stated yet (0) are left out.

    ``cards``: the site has a payment service; without one nothing is said of what it would do.
    """
    if campaign.is_elsewhere:
        return tuple(_elsewhere(campaign))
    if not cards:
        return tuple(_without_cards(campaign))
    return (
        *_collecting(campaign),
        *_dates(campaign),
        *_giving(campaign),
        *_afterwards(campaign),
        *_bearing(campaign),
    )


def _elsewhere(campaign: CampaignDesign) -> Iterator[Lazy]:
    yield lazy(
        "The crowd gives on %(name)s; this site shows what is reported from there, with its date.",
        name=campaign.venue_name or "…",
    )
    yield lazy("Success is decided on a final certificate that two officials have seen.")
    yield from _dates(campaign)
    yield from _rescoping(campaign)


def _without_cards(campaign: CampaignDesign) -> Iterator[Lazy]:
    yield from _mode(campaign)
    yield lazy(
        "This site takes no payments: an official records what arrives, and it counts once another"
        " has confirmed it."
    )
    if campaign.collected_by == Collector.PROPOSER:
        yield lazy("The proposer collects: people give to the receiving body.")
    else:
        yield lazy("The authority collects, in books apart from its own money.")
    yield from _dates(campaign)
    yield from _persons(campaign)
    yield from _recording(campaign)
    yield from _rescoping(campaign)


def _mode(campaign: CampaignDesign) -> Iterator[Lazy]:
    if campaign.keeps_all:
        yield lazy("Keep what you raise: what was given is kept also below the target.")
    else:
        yield lazy("All or nothing: the project gets nothing unless the target is reached in time.")


def _collecting(campaign: CampaignDesign) -> Iterator[Lazy]:
    yield from _mode(campaign)
    if not campaign.charged_at_once:
        yield lazy("A card is saved with the pledge and charged after the deadline only.")
    elif campaign.keeps_all:
        yield lazy("A card is charged at once.")
    else:
        yield lazy("A card is charged at once, and all is given back if the target is missed.")
    if campaign.target_counts == TargetCounts.NET:
        yield lazy("What counts is what backers gave, less the payment service's fees.")


def _dates(campaign: CampaignDesign) -> Iterator[Lazy]:
    for one in campaign.rounds:
        yield lazy(
            "Round %(name)s: from %(start)s to %(end)s.",
            name=one.label,
            start=one.starts_at,
            end=until(one.ends_at),
        )
    if campaign.days and not campaign.rounds:
        yield lazy("A campaign lasts %(days)s days.", days=campaign.days)


def _giving(campaign: CampaignDesign) -> Iterator[Lazy]:
    if campaign.pledge_min_cents and campaign.pledge_max_cents:
        yield lazy(
            "Each pledge is from %(least)s to %(most)s.",
            least=Money(campaign.pledge_min_cents),
            most=Money(campaign.pledge_max_cents),
        )
    yield from _persons(campaign)
    if campaign.cover_fees:
        yield lazy("Backers may add what the payment service is expected to keep.")
    if campaign.confirm_minutes:
        yield lazy(
            "A pledge begun before the deadline counts if it is confirmed within %(minutes)s"
            " minutes.",
            minutes=campaign.confirm_minutes,
        )


def _persons(campaign: CampaignDesign) -> Iterator[Lazy]:
    if campaign.person_cap_cents:
        yield lazy(
            "One person gives at most %(most)s to one project.",
            most=Money(campaign.person_cap_cents),
        )
    if not campaign.companies:
        yield lazy("Only persons may give, no companies.")
    if campaign.team_backing == TeamBacking.REFUSED:
        yield lazy("Those who propose a project may not back it.")
    elif campaign.team_backing == TeamBacking.WARNED:
        yield lazy("When those who propose a project back it, the office sees it.")


def _recording(campaign: CampaignDesign) -> Iterator[Lazy]:
    if campaign.offline_days:
        yield lazy(
            "Offline money received by the deadline counts if it is recorded and confirmed within"
            " %(days)s days after it; nothing is decided before.",
            days=campaign.offline_days,
        )


def _afterwards(campaign: CampaignDesign) -> Iterator[Lazy]:
    yield from _recording(campaign)
    if campaign.grace_days and not campaign.charged_at_once:
        yield lazy(
            "A charge that fails is tried again for %(days)s days.", days=campaign.grace_days
        )
        if campaign.top_up_in_grace:
            yield lazy("In those days others may still give, charged at once.")
    yield from _rescoping(campaign)


def _rescoping(campaign: CampaignDesign) -> Iterator[Lazy]:
    if campaign.rescope_share is not None:
        yield lazy(
            "Before its launch a project may change its cost by at most %(share)s %%, by an act.",
            share=percent(campaign.rescope_share),
        )


_FEES = {
    Bearer.AUTHORITY: lazy("Of a campaign that succeeds the authority bears the service's fees."),
    Bearer.PROPOSER: lazy("Of a campaign that succeeds the proposer bears the service's fees."),
    Bearer.BACKER: lazy(
        "Backers may add the payment service's fees; what they do not add the proposer bears."
    ),
}
_REFUNDS = {
    Bearer.AUTHORITY: lazy(
        "Backers get back all they gave; what the service keeps of that the authority bears."
    ),
    Bearer.PROPOSER: lazy(
        "Backers get back all they gave; what the service keeps of that the proposer bears."
    ),
    Bearer.BACKER: lazy("Backers get back what they gave, less what the payment service keeps."),
}
_DISPUTES = {
    Bearer.AUTHORITY: lazy("What a bank takes back in a dispute the authority bears."),
    Bearer.PROPOSER: lazy("What a bank takes back in a dispute the proposer bears."),
}


def _bearing(campaign: CampaignDesign) -> Iterator[Lazy]:
    if campaign.collected_by == Collector.PROPOSER:
        yield lazy("The proposer collects, through an account of its own at the payment service.")
    else:
        yield lazy(
            "The authority collects through its payment service, in books apart from its own money."
        )
    yield _FEES[Bearer(campaign.fees_borne_by)]
    yield _REFUNDS[Bearer(campaign.refunds_borne_by)]
    yield _DISPUTES[Bearer(campaign.disputes_borne_by)]
