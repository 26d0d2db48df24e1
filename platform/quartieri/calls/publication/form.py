"""The application form and the admissibility checklist."""

from __future__ import annotations

from collections.abc import Iterator

from quartieri.calls.design import CallDesign
from quartieri.calls.gaps import Gap, Step
from quartieri.calls.publication.texts import row
from quartieri.kit.labels import N_, lazy


def of_form(design: CallDesign) -> Iterator[Gap]:
    """List what the application form and the checklist lack."""
    here = Step.APPLICATION
    if not design.questions:
        yield Gap(here, lazy("The application form has no question."), "questions")
    for n, question in enumerate(design.questions):
        yield from row(here, f"questions-{n}-label", N_("Question %(n)s"), n, question.label)
    if not design.requirements:
        yield Gap(here, lazy("The checklist of the admissibility check is empty."), "requirements")
    for n, line in enumerate(design.requirements):
        yield from row(here, f"requirements-{n}-text", N_("Requirement %(n)s"), n, line.text)
