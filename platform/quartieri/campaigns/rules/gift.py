"""What a backer must know before paying, and what the receipt says again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quartieri.calls.design import Bearer
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money
from quartieri.people.rules import OrganisationKind

TRADERS = frozenset({OrganisationKind.BUSINESS, OrganisationKind.SOCIAL_ENTERPRISE})
"""Who may sell goods as a business: a buyer's right of withdrawal stands against these."""


RELIEF_LIMIT_CENTS = 30_000_00
"""Of a person's gifts of one year, so much counts for what comes off the tax (art. 83 (1))."""


@dataclass(frozen=True, slots=True)
class Gift:
    """One gift as its facts are told; ``kind`` is what the recipient applied as.

    ``collector``: the authority that collects for the recipient; "" where it comes to it at once.
    ``when`` says when it is charged, or was. ``fee`` is an estimate, borne by a ``Bearer``.
    """

    amount: Money
    cover: Money
    fee: Money
    bearer: str
    recipient: str
    kind: OrganisationKind
    collector: str
    when: Lazy
    reward: bool = False
    by_company: bool = False
    named: bool = False
    """The giver gave a fiscal code or VAT number."""
    to_come: bool = False
    """It is about to be given: a code can still be typed."""
    companies: bool = False
    """The call takes gifts of companies too."""
    card: bool = True
    """It comes through the payment service, which keeps a fee."""
    volunteer: bool = False
    """The recipient says that it is a volunteer organisation (ODV)."""
    traceable: bool = True
    """By card, bank or post: cash leaves no trace."""


Fact = tuple[Lazy, Lazy]


def facts(gift: Gift) -> Iterator[Fact]:
    """Give what there is to know, as questions and answers, in the order in which one asks."""
    yield lazy("Who receives the money"), _recipient(gift)
    yield lazy("When it is charged"), gift.when
    if gift.card:
        yield lazy("Fees"), _fees(gift)
    yield lazy("If the project is cut or revoked"), _if_stopped(gift)
    yield lazy("Tax relief"), relief(gift)[1]
    if gift.reward:
        yield lazy("Right of withdrawal on the thank-you"), _withdrawal(gift)


def _recipient(gift: Gift) -> Lazy:
    values = {"name": gift.recipient, "kind": lazy(gift.kind.label)}
    if not gift.collector:
        return lazy("%(name)s (%(kind)s), into its own account.", **values)
    return lazy(
        "%(name)s (%(kind)s). %(collector)s collects for it, apart from its own money.",
        collector=gift.collector,
        **values,
    )


def _fees(gift: Gift) -> Lazy:
    if gift.cover.cents:
        return lazy(
            "The payment service keeps about %(fee)s. You add %(cover)s for it: about %(net)s "
            "reach the project.",
            fee=gift.fee,
            cover=gift.cover,
            net=gift.amount - gift.fee,
        )
    if gift.bearer == Bearer.AUTHORITY:
        return lazy(
            "The payment service keeps about %(fee)s, which the authority bears.", fee=gift.fee
        )
    return lazy(
        "The payment service keeps about %(fee)s: about %(net)s reach the project.",
        fee=gift.fee,
        net=gift.amount - gift.fee,
    )


def _if_stopped(gift: Gift) -> Lazy:
    return lazy(
        "If the campaign is withdrawn or cancelled, nothing is charged and what was charged goes "
        "back to you. After its success the money is %(name)s's, for this project alone: if the "
        "project is cut down or its grant is revoked, the authority takes back its own grant; "
        "what the crowd gave is accounted for on the project's page, and what was not paid out "
        "yet can be given back to you.",
        name=gift.recipient,
    )


def relief(gift: Gift) -> tuple[bool, Lazy]:
    """Tell whether a gift gives tax relief, and why (art. 83 Codice del Terzo settore).

    Of a person's gift 30 % come off the tax, 35 % where it goes to a volunteer organisation. Only
    for a gift to a third-sector body, never to a company or a group; only with the giver's fiscal
    code and traceable money; a reward of value lessens it.
    """
    values = {"name": gift.recipient, "kind": lazy(gift.kind.label)}
    if gift.kind is not OrganisationKind.THIRD_SECTOR:
        return False, lazy(
            "None: %(name)s applied as: %(kind)s, and only gifts to third-sector bodies (ETS) may "
            "be deducted.",
            **values,
        )
    if not gift.traceable:
        return False, lazy(
            "None: only money that can be traced (card, bank, post) may be deducted, cash never.",
            **values,
        )
    if not gift.named and not gift.to_come:
        return False, lazy(
            "Only with your fiscal code on the receipt: %(name)s applied as a third-sector body "
            "(ETS).",
            **values,
        )
    said = _ets_relief(gift, values | {"most": Money(RELIEF_LIMIT_CENTS)})
    if gift.to_come and gift.companies:
        said = lazy("%(said)s A company may deduct it up to 10 %% of its income.", said=said)
    if gift.reward:
        said = lazy(
            "%(said)s Only the part beyond the value of your thank-you counts as a gift.", said=said
        )
    if gift.to_come and not gift.named:
        said = lazy(
            "%(said)s The receipt must carry your fiscal code for that: write it above.", said=said
        )
    return True, said


def _ets_relief(gift: Gift, values: dict[str, object]) -> Lazy:
    if gift.by_company:
        return lazy(
            "The company may deduct its gift to %(name)s, a third-sector body (ETS), up to 10 %% "
            "of its income (art. 83 Codice del Terzo settore).",
            **values,
        )
    if gift.volunteer:
        return lazy(
            "You may deduct your gift to %(name)s, a volunteer organisation (ODV): 35 %% of it "
            "from your tax (of %(most)s a year at most), or all of it from up to 10 %% of your "
            "income, not both (art. 83 Codice del Terzo settore).",
            **values,
        )
    return lazy(
        "You may deduct your gift to %(name)s, a third-sector body (ETS): 30 %% of it from your "
        "tax (of %(most)s a year at most), or all of it from up to 10 %% of your income, not both "
        "(art. 83 Codice del Terzo settore).",
        **values,
    )


def _withdrawal(gift: Gift) -> Lazy:
    if gift.kind in TRADERS:
        return lazy(
            "%(name)s promises it, not the authority. If it is goods, you may withdraw within 14 "
            "days of having it, without a reason (art. 52 Codice del consumo).",
            name=gift.recipient,
        )
    return lazy(
        "%(name)s promises it, not the authority. It is thanks for a gift and not a sale: there is "
        "no right of withdrawal once the gift is charged.",
        name=gift.recipient,
    )
