"""What the templates need to show answers: who may read what, values, the words of conditions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext, ngettext

from quartieri.calls.design import (
    ApplicationForm,
    CallDesign,
    Condition,
    FileKind,
    FormPage,
    Op,
    Question,
    QuestionKind,
)
from quartieri.calls.design.form import read_question
from quartieri.kit.filters import cents_filter, day_filter
from quartieri.kit.formats import language
from quartieri.kit.labels import N_, in_language
from quartieri.people.rules import OrganisationKind
from quartieri.proposals.models import Attachment, Proposal
from quartieri.proposals.routes.blueprint import bp
from quartieri.proposals.rules import Draft, Problem, Section, answer_to, visible_pages
from quartieri.proposals.rules.form.onpage import hidden_from_reviewers, readable_pages
from quartieri.proposals.rules.form.values import Cell, cells_of

K = QuestionKind


@bp.app_template_global("file_kinds")
def file_kinds(question: Question) -> tuple[FileKind, ...]:
    """Give the kinds of file that a question takes."""
    return question.takes


@bp.app_template_global("readable_pages")
def pages_for(
    draft: Draft, design: CallDesign, *, reviewer: bool = False, nameless: bool = False
) -> list[FormPage]:
    """Give the call's pages with the questions that were asked and this reader may see."""

    def may_read(question: Question) -> bool:
        return not (reviewer and hidden_from_reviewers(question, nameless=nameless))

    return readable_pages(draft, design.form, may_read=may_read)


@bp.app_template_global("answer_to")
def answer_of(draft: Draft, question: Question) -> Any:
    """Give the value of an answer."""
    return answer_to(draft, question)


@bp.app_template_global("answer_cells")
def answer_cells(question: Question, design: CallDesign) -> tuple[Cell, ...]:
    """Give the columns of an answer in rows."""
    return cells_of(question, design.eligibility)


@bp.app_template_global("cell_label")
def cell_label(cell: Cell) -> str:
    """Give the words of a column in the reader's language."""
    if cell.text is None:
        return str(gettext(cell.label))
    return in_language(cell.text, language()) or cell.code


@bp.app_template_global("option_label")
def option_label(question: Question, code: str) -> str:
    """Give the words of a choice, or its code where the call no longer has it."""
    found = next((o for o in question.options if o.code == code), None)
    return (in_language(found.label, language()) if found else "") or code


@bp.app_template_global("as_day")
def as_day(text: str) -> date:
    """Give a stored day, for the filters that show it."""
    return date.fromisoformat(text)


@bp.app_template_global("files_for")
def files_for(proposal: Proposal, question: Question) -> list[Attachment]:
    """Give the files that answer a question."""
    return [a for a in proposal.attachments if a.question == question.key]


@bp.app_template_global("kept_question")
def kept_question(kept: Mapping[str, Any]) -> Question:
    """Give the question that an answer without a place belonged to."""
    return read_question(kept["question"], "")


@bp.app_template_global("organisation_kind")
def organisation_kind(code: str) -> str:
    """Give the words of a kind of organisation, or what was sent instead."""
    found = next((k for k in OrganisationKind if k.value == code), None)
    return code if found is None else str(gettext(found.label))


@bp.app_template_global("page_title")
def page_title(key: str, form: ApplicationForm) -> str:
    """Give the title of a page of an application."""
    page = form.page(key)
    if page is None:
        return str(gettext(Section(key).label))
    return in_language(page.section.title, language()) or key


@bp.app_template_global("page_hint")
def page_hint(key: str, form: ApplicationForm, draft: Draft) -> str:
    """Say what a page of the call holds, for the list of tasks."""
    pages = {page.section.key: page for page in visible_pages(draft, form)}
    number = sum(q.asks for q in pages[key].questions) if key in pages else 0
    return str(ngettext("%(num)d question.", "%(num)d questions.", number))


@bp.app_template_global("problem_anchor")
def problem_anchor(problem: Problem) -> str:
    """Give the id of the field where a problem is mended."""
    own = problem.section in set(Section)
    return problem.field if own else f"q_{problem.field}"


# -- conditions in words -----------------------------------------------------------------------


@bp.app_template_global("condition_words")
def condition_words(condition: Condition, form: ApplicationForm) -> str:
    """Say in words when a question is to be answered."""
    if condition.op.joins:
        parts = [condition_words(inner, form) for inner in condition.of]
        if condition.op is Op.NOT:
            return str(gettext("not: %(condition)s", condition=parts[0]))
        word = gettext("and") if condition.op is Op.ALL else gettext("or")
        inner = zip(condition.of, parts, strict=True)
        return f" {word} ".join(f"({text})" if one.op.joins else text for one, text in inner)
    question = form.by_key[condition.question]
    label = in_language(question.label, language()) or question.key
    if condition.op is Op.ANSWERED:
        return str(gettext("“%(question)s” is answered", question=label))
    value = _value_words(question, condition.value)
    return str(gettext(_TESTS[condition.op], question=label, value=value))


_TESTS: Mapping[Op, str] = {
    Op.IS: N_("“%(question)s” is %(value)s"),
    Op.HAS: N_("“%(question)s” includes %(value)s"),
    Op.LEAST: N_("“%(question)s” is at least %(value)s"),
    Op.MOST: N_("“%(question)s” is at most %(value)s"),
}


def _value_words(question: Question, value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(gettext("yes") if value else gettext("no"))
    if question.kind in {K.MONEY, K.BUDGET}:
        return str(cents_filter(int(Decimal(value))))
    if question.kind is K.DATE:
        return str(day_filter(as_day(value)))
    return f"“{option_label(question, value)}”" if question.kind.chosen else value
