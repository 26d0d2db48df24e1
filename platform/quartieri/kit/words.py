"""The words of cards and of the bar on them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

import flask_babel
from markupsafe import Markup

from quartieri.kit.drawing import Bar, pattern_of, pattern_svg, small_bar
from quartieri.kit.formats import format_cents, format_relative, format_share, language
from quartieri.kit.labels import LabelEnum
from quartieri.kit.money import Money

SUMMARY = 100
"""How many letters two lines of a wide card hold."""


class Shown(Protocol):
    """What a card is about: facts that do not change, so that a drawn card is kept by them.

    ``crowd_cents`` is None where there is no campaign to show.
    """

    def __hash__(self) -> int:
        """Equal facts make equal cards."""

    @property
    def slug(self) -> str:
        """Its place in addresses."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def summary(self) -> str:
        """Its summary, of any length."""

    @property
    def place(self) -> str:
        """Where it is."""

    @property
    def state(self) -> LabelEnum:
        """Where it stands."""

    @property
    def deadline(self) -> datetime | None:
        """Until when it can be backed."""

    @property
    def opens(self) -> datetime | None:
        """From when it can be backed, while that is to come."""

    @property
    def picture(self) -> int | None:
        """The number of its picture."""

    @property
    def theme(self) -> str | None:
        """What its pattern's hue goes by."""

    @property
    def cost_cents(self) -> int:
        """What it costs."""

    @property
    def crowd_cents(self) -> int | None:
        """What came together online."""

    @property
    def offline_cents(self) -> int:
        """What came together outside of the site."""

    @property
    def threshold_cents(self) -> int:
        """What must come together."""

    @property
    def match_cents(self) -> int:
        """What the city adds."""

    @property
    def match_counts(self) -> bool:
        """True where the city is one backer: what it adds counts toward the threshold."""

    @property
    def backers(self) -> int:
        """From how many people."""


class ProjectCard(NamedTuple):
    """A project's card, ready to be drawn; "" for what it has nothing to say about."""

    url: str
    title: str
    summary: str
    place: str
    badge: Markup
    picture: str
    pattern: Markup
    bar: Markup
    raised: str
    threshold: str
    cost: str
    left: str


def card_words(
    one: Shown,
    address: tuple[str, str],
    picture: tuple[str, str],
    patterns: str,
    *,
    badge: Markup,
    when: str,
) -> ProjectCard:
    """Put together what a card says, in the reader's language; the cost where no bar shows it.

    ``address`` and ``picture`` are what stands before and after the slug in these addresses;
    ``patterns`` is the address of the drawings that stand in for a picture; ``badge`` says where
    the project stands, ``when`` how long there is (``when_words``).
    """
    speech: Any = flask_babel.get_translations()
    _ = speech.ugettext
    locale = language()
    crowd = one.crowd_cents
    bar, raised, gap, price = Markup(), "", "", ""
    if crowd is None and one.cost_cents:
        price = _("Cost: %(amount)s") % {"amount": format_cents(one.cost_cents, locale)}
    elif crowd is not None:
        offline, target = one.offline_cents, one.threshold_cents
        total = crowd + offline
        counted = total + (one.match_cents if one.match_counts else 0)
        bar = small_bar(
            crowd,
            offline,
            target,
            one.cost_cents,
            one.match_cents,
            reached=counted >= target,
            counts=one.match_counts,
        )
        raised = raised_words(speech, format_cents(total, locale), one.backers)
        gap = threshold_words(speech, target, target - counted, locale)
        if one.opens is not None:
            # nobody could give yet: what matters is what it will take
            amount = format_cents(target, locale)
            raised, gap = _("target of %(amount)s") % {"amount": amount}, ""
    return ProjectCard(
        one.slug.join(address),
        one.title,
        shortened(one.summary),
        one.place,
        badge,
        "" if one.picture is None else f"{one.slug.join(picture)}?v={one.picture}",
        pattern_svg(patterns, *pattern_of(one.slug, one.theme)),
        bar,
        raised,
        gap,
        price,
        when,
    )


def when_words(one: Shown, now: datetime) -> str:
    """Say how long a project can still be backed, or from when; "" for neither."""
    speech: Any = flask_babel.get_translations()
    _, locale = speech.ugettext, language()
    if one.opens is not None and one.crowd_cents is not None:
        return str(_("Starts %(when)s") % {"when": format_relative(one.opens, now, locale)})
    if one.deadline is not None:
        ends = format_relative(one.deadline, now, locale, deadline=True)
        return str(_("Ends %(when)s") % {"when": ends})
    return ""


def shortened(text: str) -> str:
    """Cut a summary after a word to what two lines of a card can show."""
    if len(text) <= SUMMARY:
        return text
    return text[: SUMMARY - 1].rpartition(" ")[0].rstrip(",;:.") + " …"


class BarWords(NamedTuple):
    """What a project's bar says; ``threshold`` is "" without one."""

    share: str
    raised: str
    threshold: str


def bar_words(
    bar: Bar, threshold: Money | None, backers: int | None, *, reached: bool = False
) -> BarWords:
    """Say what a bar shows, in the reader's language."""
    speech: Any = flask_babel.get_translations()
    locale = language()
    raised = raised_words(speech, format_cents(bar.raised.cents, locale), backers)
    if threshold is None:
        return BarWords(raised, raised, "")
    missing = 0 if reached else bar.missing.cents
    return BarWords(
        share_words(speech, bar, locale),
        raised,
        threshold_words(speech, threshold.cents, missing, locale),
    )


def raised_words(speech: Any, amount: str, backers: int | None) -> str:
    """Say how much came together, and from how many people when that is known."""
    _, ngettext = speech.ugettext, speech.ungettext
    if backers is None:
        return str(_("%(amount)s raised") % {"amount": amount})
    text = ngettext("%(amount)s from %(num)s person", "%(amount)s from %(num)s people", backers)
    return str(text % {"amount": amount, "num": backers})


def threshold_words(speech: Any, threshold: int, missing: int, locale: str) -> str:
    """Say what the threshold still lacks, or that it was reached; sums in cents."""
    _ = speech.ugettext
    if missing <= 0:
        text = _("target of %(amount)s reached")
        return str(text % {"amount": format_cents(threshold, locale)})
    text = _("%(amount)s to go to the target")
    return str(text % {"amount": format_cents(missing, locale)})


def share_words(speech: Any, bar: Bar, locale: str) -> str:
    """Say the raised share of the threshold, in whole percent, rounded down."""
    _ = speech.ugettext
    share = format_share(Decimal(bar.hundredths) / 100, locale, decimals=0)
    return str(_("%(share)s of the target") % {"share": share})
