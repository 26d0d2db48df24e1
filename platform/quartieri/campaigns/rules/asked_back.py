"""What is said to a backer whose bank asks a payment back, or decided on it, with dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from quartieri.campaigns.rules.cases import CaseState
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money


@dataclass(frozen=True, slots=True)
class AskedBack:
    """A dispute as its backer reads it.

    ``amount`` is what the bank asked back and ``left`` what still counts of the pledge; ``had``:
    the backer had the money from us already. ``counts``: the pledge stands as paid.
    ``open_campaign``: nothing is decided yet; ``failed``: it is, and everybody gets everything
    back; ``can_give``: the campaign takes pledges now. ``asks_only``: the bank took nothing.
    """

    state: CaseState
    asks_only: bool
    amount: Money
    left: Money
    opened_on: date
    closed_on: date | None
    due_on: date
    had: bool = False
    counts: bool = True
    open_campaign: bool = True
    failed: bool = False
    can_give: bool = False


def asked_back(one: AskedBack) -> tuple[Lazy, ...]:
    """Say what a bank asked or decided, what it means for the project, and what can be done."""
    if one.state is CaseState.WON:
        return tuple(_won(one))
    if one.state is CaseState.LOST:
        return tuple(_lost(one))
    return tuple(_open(one))


def _open(one: AskedBack) -> list[Lazy]:
    facts = {"amount": one.amount, "day": one.opened_on}
    decides = lazy(
        "The office answers your bank by %(due)s; your bank decides, which can take some months. We"
        " write to you then.",
        due=one.due_on,
    )
    if one.asks_only:
        return [
            lazy(
                "On %(day)s your bank asked us about %(amount)s of this payment. No money has moved"
                " and your pledge counts.",
                **facts,
            ),
            lazy(
                "If you know the payment, tell your bank so: that ends it. If you do not, tell the"
                " office and your bank."
            ),
            decides,
        ]
    if one.had:
        return [
            lazy(
                "On %(day)s your bank asked %(amount)s of this payment back for you, which you have"
                " from us already.",
                **facts,
            ),
            lazy("Please tell your bank that you have it, so that it is not given back twice."),
            decides,
        ]
    return [
        lazy(
            "On %(day)s your bank took %(amount)s of this payment back for you, until it decides.",
            **facts,
        ),
        _means(one),
        lazy(
            "If it was a mistake, or you did not recognise the name on your statement, tell your"
            " bank that the payment is good and ask it to end the dispute: then the money counts"
            " again. If you do want it back you need do nothing here."
        ),
        decides,
    ]


def _means(one: AskedBack) -> Lazy:
    """Say what it means for the project that money is held back or gone."""
    if one.open_campaign and one.left.cents:
        return lazy(
            "This part does not count towards the target; %(left)s still do.", left=one.left
        )
    if one.open_campaign:
        return lazy("It does not count towards the project's target any more.")
    return lazy("The result of the campaign stays as it was decided.")


def _won(one: AskedBack) -> list[Lazy]:
    if one.asks_only:
        return [
            lazy(
                "On %(day)s your bank ended its question about %(amount)s of this payment, without"
                " taking anything back.",
                day=one.closed_on,
                amount=one.amount,
            )
        ]
    said = [
        lazy(
            "On %(day)s your bank decided on %(amount)s of this payment: the payment stands.",
            day=one.closed_on,
            amount=one.amount,
        )
    ]
    if one.counts:
        said.append(lazy("The money is with the project again. You need do nothing."))
    return said


def _lost(one: AskedBack) -> list[Lazy]:
    said = [
        lazy(
            "On %(day)s your bank decided for you: it gave you %(amount)s of this payment back for"
            " good.",
            day=one.closed_on,
            amount=one.amount,
        )
    ]
    if one.had:
        return [
            *said,
            lazy("You had that money from us already: the office may ask you for it."),
        ]
    said.append(_means(one))
    if one.can_give:
        return [
            *said,
            lazy("If it was a mistake, you can give again on the project's page while it runs."),
        ]
    if one.failed:
        return said
    return [
        *said,
        lazy("If it was a mistake, tell the office how you want to give the money again."),
    ]
