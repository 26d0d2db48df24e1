"""The words of a card, put together in one call: a list shows a hundred of them on one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import flask_babel

from quartieri.kit.drawing import Bar
from quartieri.kit.formats import format_money, format_relative, format_share, language
from quartieri.kit.labels import LabelEnum
from quartieri.kit.money import Money


@dataclass(frozen=True, slots=True)
class CardWords:
    """What a project's card says; "" for what it has nothing to say about."""

    state: str
    share: str
    raised: str
    threshold: str
    cost: str
    left: str


def card_words(
    bar: Bar | None,
    *,
    now: Callable[[], datetime],
    state: LabelEnum | None = None,
    threshold: Money | None = None,
    cost: Money | None = None,
    reached: bool = False,
    backers: int | None = None,
    deadline: datetime | None = None,
    opens: datetime | None = None,
) -> CardWords:
    """Say what a card shows, in the reader's language; the cost only where no bar shows it."""
    speech: Any = flask_babel.get_translations()
    _ = speech.ugettext
    locale = language()
    left = ""
    if deadline is not None:
        left = _("Ends %(when)s") % {"when": format_relative(deadline, now(), locale)}
    elif opens is not None:
        left = _("Starts %(when)s") % {"when": format_relative(opens, now(), locale)}
    if bar is None:
        raised = share = gap = ""
        price = (
            "" if cost is None else _("Cost: %(amount)s") % {"amount": format_money(cost, locale)}
        )
    else:
        price = ""
        raised = raised_words(speech, bar, backers, locale)
        gap = threshold_words(speech, bar, threshold, locale, reached=reached)
        if opens is not None and threshold is not None:
            # nobody could give yet: what matters is what it will take
            amount = format_money(threshold, locale)
            raised, gap = _("threshold of %(amount)s") % {"amount": amount}, ""
        share = share_words(speech, bar, locale) if threshold is not None else raised
    return CardWords(
        state=_(state.label) if state is not None else "",
        share=share,
        raised=raised,
        threshold=gap,
        cost=price,
        left=left,
    )


def raised_words(speech: Any, bar: Bar, backers: int | None, locale: str) -> str:
    """Say how much came together, and from how many people when that is known."""
    amount = format_money(bar.raised, locale)
    _, ngettext = speech.ugettext, speech.ungettext
    if backers is None:
        return str(_("%(amount)s raised") % {"amount": amount})
    text = ngettext("%(amount)s from %(num)s person", "%(amount)s from %(num)s people", backers)
    return str(text % {"amount": amount, "num": backers})


def threshold_words(
    speech: Any, bar: Bar, threshold: Money | None, locale: str, *, reached: bool
) -> str:
    """Say what the threshold still lacks, or that it was reached; "" without a threshold."""
    _ = speech.ugettext
    if threshold is None:
        return ""
    if reached or not bar.missing:
        text = _("threshold of %(amount)s reached")
        return str(text % {"amount": format_money(threshold, locale)})
    text = _("%(amount)s to go to the threshold")
    return str(text % {"amount": format_money(bar.missing, locale)})


def share_words(speech: Any, bar: Bar, locale: str) -> str:
    """Say the raised share of the threshold, in whole percent, rounded down."""
    _ = speech.ugettext
    share = format_share(Decimal(bar.hundredths) / 100, locale, decimals=0)
    return str(_("%(share)s of the threshold") % {"share": share})
