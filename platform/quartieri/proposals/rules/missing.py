"""What an application still lacks, by the call's edition: pure, every problem at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from stdnum.it import codicefiscale

from quartieri.calls.design import ApplicationForm, CallDesign, Eligibility, FormPage
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import Lazy, lazy
from quartieri.proposals.rules.form.checks import Ask, answer_problems, too_long
from quartieri.proposals.rules.form.draft import answer_to, shown_in
from quartieri.proposals.rules.form.values import length
from quartieri.proposals.rules.parts import (
    DECLARATIONS,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    DeclarationsPart,
    Draft,
    Section,
    SectionState,
    SummaryPart,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend before submission: the page and the field where it is mended."""

    section: str
    """The key of the page: one that every application has, or a section of the call."""
    field: str
    """The key of the question, or the name of the field on a page of every application."""
    message: Lazy


def problems(
    draft: Draft, design: CallDesign, *, today: date, language: str = "it"
) -> list[Problem]:
    """List all that keeps an application from being submitted, in the order of the pages.

    What a condition hides is never asked for. ``today`` is the day in Rome (for the age of an
    organisation); ``language`` picks the words of the call's own questions.
    """
    form = design.form
    found = [Problem(Section.APPLICANT, f, m) for f, m in _applicant(draft, design, today)]
    found += [Problem(Section.SUMMARY, f, m) for f, m in _summary(draft)]
    for page in visible_pages(draft, form):
        for question in page.questions:
            ask = Ask(question, draft, design, language)
            sentences = answer_problems(ask, answer_to(draft, question))
            found += [Problem(page.section.key, question.key, m) for m in sentences]
    found += [Problem(Section.DECLARATIONS, f, m) for f, m in _declarations(draft, design)]
    return found


def visible_pages(draft: Draft, form: ApplicationForm) -> list[FormPage]:
    """Give the call's own pages with the questions that this draft's answers leave shown.

    A page of which nothing is shown is left out.
    """
    shown = shown_in(draft, form)
    pages = (
        FormPage(page.section, tuple(q for q in page.questions if q.key in shown))
        for page in form.pages
    )
    return [page for page in pages if page.questions]


def pages_of(draft: Draft, form: ApplicationForm) -> list[str]:
    """Give the keys of an application's pages, in the order in which they are filled in."""
    own = [page.section.key for page in visible_pages(draft, form)]
    first, last = [Section.APPLICANT, Section.SUMMARY], [Section.ATTACHMENTS, Section.DECLARATIONS]
    return [s.value for s in first] + own + [s.value for s in last]


def section_states(
    draft: Draft, form: ApplicationForm, found: list[Problem]
) -> Mapping[str, SectionState]:
    """Say how far each page is, given the problems of the draft."""
    wrong = {problem.section for problem in found}
    pages = {page.section.key: page for page in visible_pages(draft, form)}
    return {
        key: _state(draft, key, pages.get(key), wrong=key in wrong) for key in pages_of(draft, form)
    }


def _state(draft: Draft, key: str, page: FormPage | None, *, wrong: bool) -> SectionState:
    if key == Section.ATTACHMENTS:
        return SectionState.DONE if draft.attachments else SectionState.OPTIONAL
    if page is not None:
        untouched = all(answer_to(draft, q) in (None, "") for q in page.questions)
    else:
        untouched = getattr(draft, key) in (SummaryPart(), DeclarationsPart())
    if untouched:
        return SectionState.NOT_STARTED if wrong else SectionState.OPTIONAL
    return SectionState.TO_COMPLETE if wrong else SectionState.DONE


Found = Iterator[tuple[str, Lazy]]
"""The field and what it lacks."""


def _applicant(draft: Draft, design: CallDesign, today: date) -> Found:
    applicant, eligibility = draft.applicant, design.eligibility
    if not applicant.name.strip():
        yield "name", lazy("Write the name of who applies.")
    if eligibility.kinds and applicant.kind not in eligibility.kinds:
        yield (
            "kind",
            lazy("This call is not open to this kind of applicant: %(kind)s.", kind=applicant.kind),
        )
    if applicant.informal:
        return
    yield from (("tax_code", said) for said in _tax_code(applicant.tax_code))
    yield from (("founded_on", said) for said in _age(applicant.founded_on, eligibility, today))


def _age(founded_on: date | None, eligibility: Eligibility, today: date) -> Iterator[Lazy]:
    least, most = eligibility.min_organisation_age_years, eligibility.max_organisation_age_years
    if founded_on is None:
        if least is not None or most is not None:
            yield lazy("Say when the organisation was founded.")
        return
    if most is not None and _years_later(founded_on, most) < today:
        yield lazy(
            "This call is for organisations founded at most %(years)s years ago;"
            " yours dates from %(day)s.",
            years=most,
            day=founded_on,
        )
    if least is not None and _years_later(founded_on, least) > today:
        yield lazy(
            "This call is for organisations founded at least %(years)s years ago;"
            " yours dates from %(day)s.",
            years=least,
            day=founded_on,
        )


def _tax_code(code: str) -> Iterator[Lazy]:
    if not code.strip():
        yield lazy("Write the tax code (codice fiscale) of the organisation.")
    elif not codicefiscale.is_valid(code):
        yield lazy("The tax code %(code)s is not valid: look for a typing error.", code=code)


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def _summary(draft: Draft) -> Found:
    if not draft.summary.title.strip():
        yield "title", lazy("Give the project a title.")
    for said in too_long(length(draft.summary.title), TITLE_LIMIT, lazy("The title")):
        yield "title", said
    if not draft.summary.summary.strip():
        yield "summary", lazy("Sum the project up in a few sentences.")
    for said in too_long(length(draft.summary.summary), SUMMARY_LIMIT, lazy("The summary")):
        yield "summary", said


def _declarations(draft: Draft, design: CallDesign) -> Found:
    needed = [*DECLARATIONS, *(d.code for d in design.declarations if d.required)]
    missing = [key for key in needed if key not in draft.declarations.keys]
    if missing:
        own = missing[0] if missing[0] in DECLARATIONS else f"d_{missing[0]}"
        yield own, lazy("Read and tick every declaration.")


class IncompleteError(InvalidError):
    """An application was sent that still lacks something (422); ``problems`` says what."""

    def __init__(self, found: list[Problem]) -> None:
        """Keep the problems."""
        super().__init__(
            lazy("The application is not complete: %(number)s points to mend.", number=len(found))
        )
        self.problems = found
