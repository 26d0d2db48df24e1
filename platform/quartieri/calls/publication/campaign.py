"""How campaigns run: what is not stated, and which settings cannot stand together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from quartieri.calls.design import Bearer, CallDesign, CampaignDesign, Round
from quartieri.calls.gaps import Gap, Step
from quartieri.kit.labels import Lazy, lazy

ONE = Decimal(1)


def of_campaign(design: CallDesign) -> Iterator[Gap]:
    """List what the campaigns' rules lack."""
    campaign = design.campaign
    if campaign is None:
        return
    if campaign.is_elsewhere:
        yield from _elsewhere(campaign)
    else:
        yield from _here(campaign)
        yield from _together(design, campaign)
    if not campaign.rounds and campaign.days < 1:
        yield _gap("days", lazy("State how many days a campaign lasts."))
    if campaign.rescope_share is not None and campaign.rescope_share > ONE:
        yield _gap("rescope_share", lazy("A share is at most 100 %."))
    yield from _rounds(campaign.rounds)


def _gap(field: str, sentence: Lazy, *, blocking: bool = True) -> Gap:
    return Gap(Step.MONEY, sentence, field, blocking=blocking)


def _elsewhere(campaign: CampaignDesign) -> Iterator[Gap]:
    if not campaign.venue_name:
        yield _gap("venue_name", lazy("Name the platform on which the campaigns run."))
    if not campaign.venue_url:
        yield _gap("venue_url", lazy("Give the address of the platform on which they run."))


def _here(campaign: CampaignDesign) -> Iterator[Gap]:
    for value, name, sentence in (
        (
            campaign.grace_days,
            "grace_days",
            lazy("State for how many days after the deadline charges are tried again."),
        ),
        (campaign.pledge_min_cents, "pledge_min_cents", lazy("State the smallest pledge.")),
        (campaign.pledge_max_cents, "pledge_max_cents", lazy("State the largest pledge.")),
        (
            campaign.confirm_minutes,
            "confirm_minutes",
            lazy("State within how many minutes a pledge must be confirmed after the deadline."),
        ),
    ):
        if value < 1:
            yield _gap(name, sentence)
    if 0 < campaign.pledge_max_cents < campaign.pledge_min_cents:
        yield _gap("pledge_max_cents", lazy("The largest pledge is below the smallest."))
    if 0 < campaign.person_cap_cents < campaign.pledge_min_cents:
        yield _gap(
            "person_cap_cents", lazy("What one person may give is below the smallest pledge.")
        )
    if campaign.fee_share >= ONE:
        yield _gap("fee_share", lazy("A fee is less than the whole charge."))
    if campaign.offline_days >= campaign.grace_days > 0:
        yield _gap(
            "offline_days",
            lazy(
                "Offline money is recorded for fewer days than charges are tried again: a target"
                " that it completes leaves them time."
            ),
        )
    if sum(campaign.retry_days) > campaign.grace_days > 0:
        yield _gap(
            "retry_days",
            lazy(
                "The tries of a refused charge take %(days)s days, longer than they may:"
                " the last ones never happen.",
                days=sum(campaign.retry_days),
            ),
            blocking=False,
        )


def _together(design: CallDesign, campaign: CampaignDesign) -> Iterator[Gap]:
    """List settings that cannot stand together, and pairs whose end may surprise."""
    if campaign.refunds_borne_by == Bearer.BACKER:
        yield _gap(
            "refunds_borne_by",
            lazy("Backers get back all that they gave: say who else bears what is kept of it."),
        )
    if campaign.disputes_borne_by == Bearer.BACKER:
        yield _gap(
            "disputes_borne_by", lazy("A bank's decision is no cost of its customer: say whose.")
        )
    if campaign.fees_borne_by == Bearer.BACKER:
        yield _gap(
            "fees_borne_by",
            lazy(
                "Nobody may be made to pay more for using a card (art. 3 d.lgs. 11/2010): say who"
                " bears the fees, and let backers choose to add them."
            ),
        )
    if campaign.top_up_in_grace and campaign.charged_at_once:
        yield _gap(
            "top_up_in_grace",
            lazy("Who pays at once is never charged later: there is nothing to top up."),
        )
    rule = design.money.rule
    if campaign.keeps_all and rule is not None and rule.kind.is_threshold:
        yield _gap(
            "mode",
            lazy(
                "A project below its target keeps what the crowd gave, gets no grant, and its"
                " application lapses."
            ),
            blocking=False,
        )


def _rounds(rounds: tuple[Round, ...]) -> Iterator[Gap]:
    for one in rounds:
        if not one.label:
            yield _gap("rounds", lazy("Give each round a name."))
        if one.ends_at - one.starts_at < timedelta(days=1):
            yield _gap("rounds", lazy("The round %(name)s is shorter than a day.", name=one.label))
    names = [one.label for one in rounds if one.label]
    if len(set(names)) < len(names):
        yield _gap("rounds", lazy("Two rounds have the same name."))
