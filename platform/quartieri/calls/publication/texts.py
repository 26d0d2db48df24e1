"""What is asked of a text in each language."""

from __future__ import annotations

from collections.abc import Iterator

from quartieri.calls.design import LANGUAGES, Text
from quartieri.calls.gaps import Gap, Step
from quartieri.kit.labels import N_, Lazy, lazy

LANGUAGE_NAMES = {"it": N_("Italian"), "en": N_("English")}


def both(where: Step, name: str, what: str, text: Text) -> Iterator[Gap]:
    """Ask for a text in each language; the place is a field of the step."""
    for language in LANGUAGES:
        if not text.get(language, "").strip():
            yield Gap(
                where,
                lazy(
                    "%(what)s: the text in %(language)s is missing.",
                    what=Lazy(what),
                    language=Lazy(LANGUAGE_NAMES[language]),
                ),
                f"{name}_{language}",
            )


def row(where: Step, name: str, what: str, n: int, text: Text) -> Iterator[Gap]:
    """Ask for a text in each language in the ``n``-th row of a list (from 0)."""
    for language in LANGUAGES:
        if not text.get(language, "").strip():
            yield Gap(
                where,
                lazy(
                    "%(what)s: the text in %(language)s is missing.",
                    what=lazy(what, n=n + 1),
                    language=Lazy(LANGUAGE_NAMES[language]),
                ),
                f"{name}_{language}",
            )
