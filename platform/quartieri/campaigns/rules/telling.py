"""What is said of a pledge in each of its states, by the state of its campaign: with dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from quartieri.campaigns.rules.campaign import DECIDED_AGAINST, DECIDED_FOR, CampaignState
from quartieri.campaigns.rules.pledge import PledgeState
from quartieri.kit.clock import in_rome, last_day
from quartieri.kit.labels import Lazy, lazy, until

C, L = CampaignState, PledgeState

RUNS = frozenset({C.DRAFT, C.IN_REVIEW, C.CHANGES_REQUESTED, C.SCHEDULED, C.LIVE})


@dataclass(frozen=True, slots=True)
class Place:
    """A pledge as it stands; ``when`` and ``once_paid`` are the call's words on the charge.

    ``seen``: the provider already says that its card is saved, or that it is paid. ``why`` is the
    bank's reason, also of a refund that is stuck. ``let_go``: its giver did not agree to a new end.
    ``by_hand``: the money came and goes back outside of the site.
    """

    state: PledgeState
    campaign: CampaignState
    when: Lazy
    once_paid: Lazy
    ends_at: datetime | None
    last_at: datetime | None
    at_once: bool = False
    succeeded: bool = False
    decided: bool = False
    seen: bool = False
    let_go: bool = False
    why: Lazy | None = None
    paid_at: datetime | None = None
    tried_at: datetime | None = None
    retry_at: datetime | None = None
    due_at: datetime | None = None
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One heading and one or two sentences."""

    heading: Lazy
    text: Lazy


def tell(one: Place) -> Told:
    """Say where a pledge stands, what happens next and when."""
    return _TELLING[one.state](one)


def _both(*parts: Lazy | None) -> Lazy:
    """Join sentences, leaving out those that are not there."""
    said = [part for part in parts if part is not None]
    whole = said[0]
    for part in said[1:]:
        whole = lazy("%(first)s %(then)s", first=whole, then=part)
    return whole


def _day(instant: datetime | None) -> date | None:
    return in_rome(instant).date() if instant is not None else None


def _last_day(deadline: datetime | None) -> date | None:
    return last_day(deadline) if deadline is not None else None


def _created(one: Place) -> Told:
    if one.at_once:
        if one.seen:
            return Told(
                lazy("Thank you: your payment went through"),
                lazy(
                    "The payment service says that it is paid. We are taking note of it: in a "
                    "moment your pledge counts."
                ),
            )
        text = lazy("Your payment is not finished yet, so your pledge does not count yet.")
        return Told(lazy("One step is missing"), _both(text, one.why))
    if one.seen:
        return Told(
            lazy("Thank you: your card is saved"),
            lazy(
                "The payment service says that your card is saved. We are taking note of it: in a "
                "moment your pledge counts."
            ),
        )
    text = lazy("Your card is not saved yet, so your pledge does not count yet.")
    return Told(lazy("One step is missing"), text)


def _confirmed(one: Place) -> Told:
    nothing = lazy("Nothing is charged now.")
    if one.campaign in RUNS:
        return Told(lazy("Thank you: your pledge counts"), _both(nothing, one.when))
    if one.campaign is C.SUSPENDED:
        paused = lazy("The campaign is suspended for now.")
        return Told(lazy("Thank you: your pledge counts"), _both(paused, nothing, one.when))
    if one.campaign is C.ENDED:
        ended = lazy("The campaign ended on %(end)s and is being counted.", end=until(one.ends_at))
        return Told(lazy("Your pledge counts"), _both(ended, one.when))
    if one.campaign is C.COLLECTING:
        return Told(
            lazy("Your card is about to be charged"),
            lazy(
                "The campaign has ended and the cards are being charged: yours by %(last)s at the "
                "latest.",
                last=_last_day(one.last_at),
            ),
        )
    return _never(one)


def _never(_one: Place) -> Told:
    return Told(
        lazy("You are not charged"),
        lazy("The campaign is over. Nothing was charged, and nothing will be."),
    )


def _charging(one: Place) -> Told:
    if one.at_once:
        return Told(
            lazy("Your bank is working on it"),
            lazy(
                "Your payment is on its way. Some banks take a few days; we write to you when it "
                "has arrived, or if it is refused."
            ),
        )
    return Told(
        lazy("Your card is being charged"),
        lazy(
            "We write to you when your bank has answered, on %(last)s at the latest.",
            last=_last_day(one.last_at),
        ),
    )


def _asked(one: Place) -> Told:
    if one.at_once:
        return _created(one)
    text = lazy(
        "Your bank wants you to confirm the payment yourself, by %(last)s. If you don't, your "
        "pledge is dropped and nothing is charged.",
        last=until(one.last_at),
    )
    return Told(lazy("Your bank asks for you"), _both(text, _tried(one)))


def _tried(one: Place) -> Lazy | None:
    return lazy("The last try was on %(tried)s.", tried=one.tried_at) if one.tried_at else None


def _retry(one: Place) -> Told:
    again = lazy("We try again on %(day)s.", day=_day(one.retry_at)) if one.retry_at else None
    can = lazy(
        "Until %(last)s you can use another card, or pay here yourself.",
        last=until(one.last_at),
    )
    said = (one.why, _tried(one), again, can)
    return Told(lazy("Your card was refused"), _both(*filter(None, said)))


def _paid(one: Place) -> Told:
    received = lazy("We received your money on %(day)s.", day=_day(one.paid_at))
    if one.succeeded or one.campaign in DECIDED_FOR:
        then = lazy("The campaign succeeded: the project goes on.")
    elif one.decided or one.campaign in DECIDED_AGAINST:
        then = lazy("The campaign did not succeed: you get everything back.")
    else:
        then = one.once_paid
    return Told(lazy("Paid: thank you"), _both(received, then))


def _dropped(_one: Place) -> Told:
    return Told(
        lazy("You are not charged"),
        lazy("Your pledge could not be collected. Nothing was charged, and nothing will be."),
    )


def _expired(_one: Place) -> Told:
    return Told(
        lazy("This pledge was not finished in time"),
        lazy("Nothing is charged. While the campaign runs you can begin again."),
    )


def _refused(one: Place) -> Told:
    text = lazy("Nothing is charged. You can begin again with another card.")
    heading = lazy("Your bank did not accept the card")
    return Told(heading, _both(*filter(None, (one.why, text))))


def _cancelled(_one: Place) -> Told:
    return Told(
        lazy("Your pledge is cancelled"),
        lazy("Nothing is charged, and your card is forgotten."),
    )


def _released(one: Place) -> Told:
    if one.let_go:
        text = lazy(
            "The campaign was extended, and you did not agree to its new end: your pledge was let "
            "go. Nothing was charged, and nothing will be."
        )
        return Told(lazy("You are not charged"), text)
    return _never(one)


def _recorded(_one: Place) -> Told:
    return Told(
        lazy("Your money was recorded"),
        lazy("The office has recorded it. It counts as soon as another official confirms it."),
    )


def _rejected(_one: Place) -> Told:
    return Told(
        lazy("This money does not count"),
        lazy("The office could not confirm it. Ask the proposer, who was to receive it."),
    )


def _reversed(_one: Place) -> Told:
    return Told(
        lazy("This money does not count any more"),
        lazy("Two officials have reversed the record: it is not held for this project."),
    )


def _going_back(one: Place) -> Told:
    if one.by_hand:
        text = lazy("Whoever received it for the project hands it back to you.")
    else:
        text = lazy("It is on its way. It can take your bank five to ten days to show it.")
    if one.due_at is None:
        return Told(lazy("Your money goes back"), text)
    until = lazy(
        "If you do not have it by %(day)s, somebody of the office looks after it.",
        day=_last_day(one.due_at),
    )
    return Told(lazy("Your money goes back"), _both(text, until))


def _stuck(one: Place) -> Told:
    seen_to = lazy(
        "The treasury sees to it by %(day)s and writes to you.",
        day=_last_day(one.due_at),
    )
    return Told(lazy("Your refund did not arrive"), _both(one.why, seen_to))


def _refunded(_one: Place) -> Told:
    return Told(
        lazy("Your money went back"),
        lazy("On a card it can take your bank five to ten days to show it."),
    )


def _disputed(_one: Place) -> Told:
    return Told(
        lazy("Your bank disputes the payment"),
        lazy("The banks decide whether you get it back; that can take some months."),
    )


def _charged_back(_one: Place) -> Told:
    return Told(
        lazy("Your bank took the money back"),
        lazy("The dispute was decided for you: your pledge does not count any more."),
    )


_TELLING: Mapping[PledgeState, Callable[[Place], Told]] = {
    L.CREATED: _created,
    L.CONFIRMED: _confirmed,
    L.CHARGING: _charging,
    L.PROCESSING: _charging,
    L.ACTION_REQUIRED: _asked,
    L.RETRY_DUE: _retry,
    L.PAID: _paid,
    L.DROPPED: _dropped,
    L.EXPIRED: _expired,
    L.REFUSED: _refused,
    L.CANCELLED: _cancelled,
    L.RELEASED: _released,
    L.RECORDED: _recorded,
    L.REJECTED: _rejected,
    L.REVERSED: _reversed,
    L.REFUND_PENDING: _going_back,
    L.REFUNDED: _refunded,
    L.REFUND_STUCK: _stuck,
    L.DISPUTED: _disputed,
    L.CHARGED_BACK: _charged_back,
}
