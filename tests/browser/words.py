"""The site's words: tests press buttons by their English message, the page shows the Italian."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from typing import Any

from quartieri.config import ROOT

CATALOGUE = ROOT / "platform/quartieri/web/translations/it/LC_MESSAGES/messages.mo"


@cache
def _catalogue() -> GNUTranslations:
    with CATALOGUE.open("rb") as file:
        return GNUTranslations(file)


def say(message: str, **given: Any) -> str:
    """Give a message in Italian, its placeholders filled in."""
    text = _catalogue().gettext(message)
    return text % given if given else text
