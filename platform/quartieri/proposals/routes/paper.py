"""A draft as a paper that can be signed: PDF/UA with every answer, as it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response
from flask_babel import gettext as _

from quartieri.calls.design import Question, QuestionKind
from quartieri.calls.design.automatic import SIGNATURE_PAGE
from quartieri.calls.sheet import PAPER
from quartieri.kit.filters import cents_filter, day_filter, instant_filter
from quartieri.kit.formats import language
from quartieri.kit.labels import in_language
from quartieri.kit.paper import typeset
from quartieri.people.access import owner
from quartieri.proposals.models import Proposal
from quartieri.proposals.routes.answers import (
    as_day,
    cell_label,
    files_for,
    option_label,
    organisation_kind,
)
from quartieri.proposals.routes.blueprint import bp, facts, load
from quartieri.proposals.rules import DECLARATIONS, Draft, answer_to, visible_pages
from quartieri.proposals.rules.form.values import Cell, cells_of, typed

K = QuestionKind
Pair = list[str]
"""What is asked, and the answer."""


@bp.app_template_global("signature_page")
def signature_page() -> str:
    """Give the key of the page on which the signed application is uploaded."""
    return SIGNATURE_PAGE


@bp.get("/applications/<int:proposal_id>/application.pdf")
@owner(load)
def paper(proposal: Proposal) -> Response:
    """Give the application as PDF, to be signed."""
    answer = Response(typeset(PAPER, _data(proposal)), mimetype="application/pdf")
    name = f"{_('application')}-{proposal.id}.pdf"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _data(proposal: Proposal) -> dict[str, Any]:
    known = facts(proposal)
    draft, title = known["draft"], known["call_title"]
    sections = [(_("Who applies"), list(_applicant(draft)))]
    for page in visible_pages(draft, known["form_pages"]):
        if page.section.key != SIGNATURE_PAGE:
            words = in_language(page.section.title, language()) or page.section.key
            asked = [q for q in page.questions if q.asks]
            sections.append((words, [_answer(q, proposal, known) for q in asked]))
    return {
        "title": proposal.title or _("Draft without a title"),
        "authority": proposal.call.authority.name,
        "summary": proposal.summary,
        "language": language(),
        "footer": title,
        "edition": _(
            "Application to the call “%(call)s”, as it was saved on %(when)s.",
            call=title,
            when=instant_filter(proposal.saved_at),
        ),
        "sections": [
            *({"title": t, "blocks": [{"kind": "facts", "items": f}]} for t, f in sections),
            {
                "title": _("Declarations"),
                "blocks": [{"kind": "list", "items": list(_declared(draft, known))}],
            },
            {"title": _("Signature"), "blocks": [{"kind": "facts", "items": _to_sign()}]},
        ],
    }


def _to_sign() -> list[Pair]:
    return [[_("Name and surname"), ""], [_("Date and signature"), ""]]


def _applicant(draft: Draft) -> Iterator[Pair]:
    applicant = draft.applicant
    yield [_("Name"), applicant.name]
    yield [_("What is it?"), organisation_kind(applicant.kind.value)]
    if applicant.tax_code:
        yield [_("Tax code"), applicant.tax_code]
    if applicant.seat:
        yield [_("Seat"), applicant.seat]
    if applicant.founded_on:
        yield [_("Founded on"), str(day_filter(applicant.founded_on))]


def _declared(draft: Draft, known: dict[str, Any]) -> Iterator[str]:
    for key, words in DECLARATIONS.items():
        if key in draft.declarations.keys:
            yield _(words)
    for one in known["design"].declarations:
        if one.code in draft.declarations.keys:
            yield in_language(one.text, language())


def _answer(question: Question, proposal: Proposal, known: dict[str, Any]) -> Pair:
    label = in_language(question.label, language()) or question.key
    value = answer_to(known["draft"], question)
    if question.kind is K.FILE:
        return [label, ", ".join(a.title or a.file.name for a in files_for(proposal, question))]
    return [label, _("No answer.") if value is None else _words(question, value, known)]


def _words(question: Question, value: Any, known: dict[str, Any]) -> str:
    kind = question.kind
    if kind is K.PLACE:
        months = value.get("months")
        parts = [value.get("place", ""), known["draft"].area_name]
        if months is not None:
            parts.append(_("%(months)s months", months=typed(months) or months))
        return ", ".join(part for part in parts if part)
    if kind is K.SOURCES:
        return "\n".join(_sources(question, value))
    if kind.rows:
        cells = cells_of(question, known["design"].eligibility)
        return "\n".join(_row(question, cells, row) for row in value)
    if kind is K.CHOICES:
        return ", ".join(option_label(question, code) for code in value)
    return _plain(question, kind, value)


def _sources(question: Question, value: Any) -> Iterator[str]:
    for code, cents in value.get("own", {}).items():
        name = option_label(question, code) if question.options else _("Own money")
        yield f"{name}: {_plain(question, K.MONEY, cents)}"
    for key, name in (("requested", _("Asked of the city")), ("crowd", _("From the crowd"))):
        if key in value:
            yield f"{name}: {_plain(question, K.MONEY, value[key])}"


def _row(question: Question, cells: tuple[Cell, ...], row: dict[str, Any]) -> str:
    shown = []
    for cell in cells:
        if (value := row.get(cell.code)) is None:
            continue
        kind = cell.code == "kind"
        text = organisation_kind(value) if kind else _plain(question, cell.kind, value)
        shown.append(f"{cell_label(cell)}: {text}")
    return " · ".join(shown)


def _plain(question: Question, kind: QuestionKind, value: Any) -> str:
    as_typed = typed(value)
    if as_typed is not None:
        return as_typed
    if kind is K.MONEY:
        return str(cents_filter(value))
    if kind is K.DATE:
        return str(day_filter(as_day(value)))
    if kind is K.CHOICE:
        return option_label(question, value)
    if kind is K.YES_NO:
        return str(_("Yes") if value else _("No"))
    return str(_("Accepted") if kind is K.DECLARATION else value)
