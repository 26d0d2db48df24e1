"""The identity of a call: its names, its texts, who answers for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quartieri.calls.design import CallDesign
from quartieri.calls.gaps import Gap, Step
from quartieri.calls.publication.texts import both
from quartieri.kit.labels import N_, lazy


def of_identity(design: CallDesign) -> Iterator[Gap]:
    """List what the identity lacks."""
    here = Step.IDENTITY
    yield from both(here, "title", N_("Title"), design.title)
    yield from both(here, "summary", N_("Summary"), design.summary)
    yield from both(here, "text", N_("Text of the notice"), design.text)
    if not design.office.strip():
        yield Gap(here, lazy("The office in charge is missing."), "office")
    if not design.contact.strip():
        yield Gap(here, lazy("The contact for questions is missing."), "contact")
    yield from both(here, "legal_basis", N_("Legal basis"), design.legal_basis)
    yield from both(here, "privacy_notice", N_("Privacy notice"), design.privacy_notice)
    yield from both(here, "terms", N_("Terms"), design.terms)
    yield from both(here, "consent", N_("Words of consent"), design.consent)


def of_documents(scans: Iterable[str]) -> Iterator[Gap]:
    """Warn of documents, by title, without a text layer and without a copy that has one."""
    for title in scans:
        yield Gap(
            Step.IDENTITY,
            lazy(
                "“%(title)s” has no text layer, and no accessible copy stands beside it.",
                title=title,
            ),
            "documents",
            blocking=False,
        )
