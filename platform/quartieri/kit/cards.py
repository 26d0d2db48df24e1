"""The cards of a list: one that says the same as before is not drawn again.

A list shows a hundred, and a write changes one of them. What a card says hangs on its facts, the
language and the words of the moment alone, and these are what it is kept by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import flask_babel
from flask import current_app
from markupsafe import Markup

from quartieri.kit.formats import language
from quartieri.kit.labels import LabelEnum
from quartieri.kit.words import Shown, card_words, when_words

KEPT = 1000
"""Cards that a worker keeps: about a megabyte."""

Around = tuple[tuple[str, str], tuple[str, str], str]
"""What stands before and after a slug in a card's two addresses; the address of the drawings."""

BADGE = Markup('<b class="q-tone-{}">{}</b>')


def drawn_cards(
    shown: Iterable[Shown],
    now: datetime,
    around: Around,
    *,
    tones: Mapping[str, str],
    lang: str,
) -> Markup:
    """Draw the cards of projects one after the other (``kit/project_card.html``).

    ``tones`` are the looks of states by code; ``lang`` marks what people typed on a page in another
    language.
    """
    speech: Any = flask_babel.get_translations()
    locale = language()
    draw = _drawn.__wrapped__ if current_app.jinja_env.auto_reload else _drawn
    badges: dict[LabelEnum, Markup] = {}
    whens: dict[tuple[datetime | None, datetime | None], str] = {}
    parts = []
    for one in shown:
        state, times = one.state, (one.deadline, one.opens)
        if state not in badges:
            tone = tones.get(state.value, "plain")
            badges[state] = BADGE.format(tone, speech.ugettext(state.label))
        if times not in whens:
            whens[times] = when_words(one, now)
        parts.append(draw(one, (badges[state], whens[times]), (lang, locale), around))
    return Markup("").join(parts)


@lru_cache(maxsize=KEPT)
def _drawn(
    one: Shown, moment: tuple[Markup, str], speech: tuple[str, str], around: Around
) -> Markup:
    badge, when = moment
    card = card_words(one, *around, badge=badge, when=when)
    template = current_app.jinja_env.get_template("kit/project_card.html")
    return Markup(template.render(card=card, lang=speech[0]))  # noqa: S704 -- drawn with escaping
