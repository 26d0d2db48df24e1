"""The editor of the application form: its sections and questions, one page each, and their order.

Every button works without scripts: it is a small form that names the version it was drawn for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from quartieri.calls import actions, arranging
from quartieri.calls.design import CallDesign, FormSection, Question, QuestionKind
from quartieri.calls.forms import AddQuestionForm, AddSectionForm, QuestionForm, SectionForm
from quartieri.calls.gaps import Step
from quartieri.calls.models import Call
from quartieri.calls.routes.blueprint import Answer, bp, draw, load, text_of
from quartieri.calls.rules import CallState
from quartieri.db import check_version, db, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import ConflictError, DomainError, IllegalMoveError
from quartieri.kit.filters import say_filter
from quartieri.kit.labels import lazy
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import Permission

Change = Callable[[CallDesign], CallDesign]
STEPS = {"up": -1, "down": 1}


def need_draft(call: Call) -> None:
    """Refuse to edit what is published (IllegalMoveError)."""
    if call.state is not CallState.DRAFT:
        raise IllegalMoveError(
            lazy("The call is published: it changes by act only, never in the editor.")
        )


def form_parts(call: Call) -> dict[str, Any]:
    """Give what the step of the application form shows besides the checklist."""
    design = call.design
    written = design.with_sections()
    number = {q.key: n for n, q in enumerate(written.questions, 1)}
    add = AddQuestionForm(formdata=None, data={"version": str(call.version)}, prefix="q")
    add.offer(_named(arranging.places_of(design)))
    return {
        "pages": written.own_form.pages,
        "number": number,
        "standard": not design.sections,
        "automatic": design.checklist[len(design.requirements) :],
        "add_question": add,
        "add_section": AddSectionForm(
            formdata=None, data={"version": str(call.version)}, prefix="s"
        ),
        "focus": request.args.get("focus", ""),
    }


def _named(sections: Iterable[FormSection]) -> list[tuple[str, str]]:
    return [(s.key, text_of(s.title) or s.key) for s in sections]


def _known(design: CallDesign) -> dict[str, Question]:
    return {q.key: q for q in design.questions}


def _version(typed: str | None) -> int:
    text = typed or ""
    return int(text) if text.isdecimal() else 0


def _save(call: Call, change: Change, version: int) -> None:
    """Change the draft's form on the version that the page was drawn for."""
    need_draft(call)
    check_version(call.version, version)
    design = change(call.design)
    actions.save_design(
        db.session(), call, design, version=version, actor=actor(call), at=current_now()
    )


def _back(call: Call, anchor: str = "", focus: str = "") -> Answer:
    return seeother(
        url_for(
            "calls.edit",
            call_id=call.id,
            step=Step.APPLICATION.value,
            focus=focus or None,
            _anchor=anchor or None,
        )
    )


def _try(call: Call, change: Change, done: str, *, anchor: str = "", focus: str = "") -> Answer:
    """Make a change that types nothing, and say that it is made."""
    refused = _refused(call, change, request.form.get("version"))
    if refused is not None:
        return refused
    flash(done, "success")
    return _back(call, anchor, focus)


def _refused(call: Call, change: Change, version: str | None, anchor: str = "") -> Answer | None:
    """Make a change; what it cannot be is said above the list. None once it is made."""
    try:
        _save(call, change, _version(version))
    except DomainError as error:
        db.session.rollback()
        flash(say_filter(error.message), "danger")
        return _back(call, anchor)
    return None


def _save_page(
    call: Call, form: QuestionForm | SectionForm, change: Change, page: Callable[..., str]
) -> Answer | None:
    """Save a page of the form, or draw it again with what was typed and why; None once saved."""
    if not form.validate_on_submit():
        return page(), 422
    try:
        _save(call, change, form.opened_on)
    except ConflictError as error:
        db.session.rollback()
        form.version.data = str(call.version)
        return page(conflict=error), error.status
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return page(), error.status
    return None


# -- questions -----------------------------------------------------------------------------------


def load_question(call_id: int, key: str) -> tuple[Call, Question]:
    """Give a call and a question of its form; NotFoundError."""
    call = load(call_id)
    return call, arranging.question_of(call.design, key)


@bp.post("/manage/calls/<int:call_id>/form/questions")
@writes
@permit(Permission.CALL_EDIT, load)
def add_question(call: Call) -> Answer:
    """Add a question and open its page."""
    need_draft(call)
    form = AddQuestionForm(prefix="q")
    form.offer(_named(arranging.places_of(call.design)))
    if not form.validate_on_submit():
        flash(_("Write what you ask, and choose its kind and section."), "danger")
        return _back(call, "add-question")
    made: list[str] = []

    def change(design: CallDesign) -> CallDesign:
        words = form.label.data.strip()
        design, key = arranging.new_question(
            design, QuestionKind(form.kind.data), form.section.data, {"it": words}
        )
        made.append(key)
        return design

    refused = _refused(call, change, form.version.data, "add-question")
    if refused is not None:
        return refused
    return seeother(url_for("calls.question_edit", call_id=call.id, key=made[0]))


@bp.get("/manage/calls/<int:call_id>/form/questions/<key>")
@permit(Permission.CALL_EDIT, load_question)
def question_edit(call: Call, question: Question) -> Answer:
    """Show a question."""
    need_draft(call)
    return _question_page(call, question, _question_form(call, question))


@bp.post("/manage/calls/<int:call_id>/form/questions/<key>")
@writes
@permit(Permission.CALL_EDIT, load_question)
def question_save(call: Call, question: Question) -> Answer:
    """Save a question; one whose kind changed is shown again with what the new kind uses."""
    need_draft(call)
    form = _question_form(call, question)
    refused = _save_page(
        call,
        form,
        lambda design: arranging.change_question(design, question.key, form.apply_to(question)),
        partial(_question_page, call, question, form),
    )
    if refused is not None:
        return refused
    flash(_("Saved."), "success")
    if form.kind.data != question.kind or "stay" in request.form:
        return seeother(url_for("calls.question_edit", call_id=call.id, key=question.key))
    return _back(call, f"question-{question.key}", f"question-{question.key}")


def _question_form(call: Call, question: Question) -> QuestionForm:
    design = call.design.with_sections()
    form = QuestionForm(data=QuestionForm.data_of(question, _known(design)))
    form.offer(design, question.key, _named(design.sections))
    return form


def _question_page(
    call: Call, question: Question, form: QuestionForm, *, conflict: ConflictError | None = None
) -> str:
    if not form.is_submitted():
        form.version.data = str(call.version)
    kind = form.kind.data if form.is_submitted() else question.kind.value
    return draw(
        "calls/form_question.html",
        call=call,
        question=question,
        kind=QuestionKind(kind) if kind in set(QuestionKind) else question.kind,
        form=form,
        conflict=conflict,
    )


@bp.post("/manage/calls/<int:call_id>/form/questions/<key>/<any(up, down):way>")
@writes
@permit(Permission.CALL_EDIT, lambda call_id, key, way: (*load_question(call_id, key), way))
def question_move(call: Call, question: Question, way: str) -> Answer:
    """Move a question one place up or down; the button that was pressed keeps the focus."""
    name = text_of(question.label) or question.key
    here = f"question-{question.key}"
    return _try(
        call,
        lambda design: arranging.move_question(design, question.key, STEPS[way]),
        _moved(way, name),
        anchor=here,
        focus=f"{way}-{here}",
    )


@bp.post("/manage/calls/<int:call_id>/form/questions/<key>/duplicate")
@writes
@permit(Permission.CALL_EDIT, load_question)
def question_duplicate(call: Call, question: Question) -> Answer:
    """Put a copy after a question."""
    name = text_of(question.label) or question.key
    return _try(
        call,
        lambda design: arranging.duplicate_question(design, question.key)[0],
        _("There is a copy after it: %(name)s", name=name),
        anchor=f"question-{question.key}",
    )


@bp.post("/manage/calls/<int:call_id>/form/questions/<key>/delete")
@writes
@permit(Permission.CALL_EDIT, load_question)
def question_delete(call: Call, question: Question) -> Answer:
    """Take a question out."""
    return _try(
        call,
        lambda design: arranging.remove_question(design, question.key),
        _("Deleted: %(name)s", name=text_of(question.label) or question.key),
        anchor="questions",
    )


def _moved(way: str, name: str) -> str:
    text = _("Moved up: %(name)s", name=name)
    return str(text if way == "up" else _("Moved down: %(name)s", name=name))


# -- sections ------------------------------------------------------------------------------------


def load_section(call_id: int, key: str) -> tuple[Call, FormSection]:
    """Give a call and a section of its form; NotFoundError."""
    call = load(call_id)
    return call, arranging.section_of(call.design, key)


@bp.post("/manage/calls/<int:call_id>/form/sections")
@writes
@permit(Permission.CALL_EDIT, load)
def add_section(call: Call) -> Answer:
    """Add a section at the end."""
    need_draft(call)
    form = AddSectionForm(prefix="s")
    if not form.validate_on_submit():
        flash(_("Write the title of the section."), "danger")
        return _back(call, "add-section")
    words = form.title.data.strip()
    refused = _refused(
        call,
        lambda d: arranging.new_section(d, {"it": words})[0],
        form.version.data,
        "add-section",
    )
    if refused is not None:
        return refused
    flash(_("The section stands at the end."), "success")
    return _back(call, "add-section")


@bp.get("/manage/calls/<int:call_id>/form/sections/<key>")
@permit(Permission.CALL_EDIT, load_section)
def section_edit(call: Call, section: FormSection) -> Answer:
    """Show a section."""
    need_draft(call)
    return _section_page(call, section, _section_form(call, section))


@bp.post("/manage/calls/<int:call_id>/form/sections/<key>")
@writes
@permit(Permission.CALL_EDIT, load_section)
def section_save(call: Call, section: FormSection) -> Answer:
    """Save a section."""
    need_draft(call)
    form = _section_form(call, section)
    refused = _save_page(
        call,
        form,
        lambda design: arranging.change_section(design, section.key, form.apply_to(section)),
        partial(_section_page, call, section, form),
    )
    if refused is not None:
        return refused
    flash(_("Saved."), "success")
    return _back(call, f"section-{section.key}")


def _section_form(call: Call, section: FormSection) -> SectionForm:
    design = call.design.with_sections()
    form = SectionForm(data=SectionForm.data_of(section, _known(design)))
    form.offer(design, section.key)
    return form


def _section_page(
    call: Call, section: FormSection, form: SectionForm, *, conflict: ConflictError | None = None
) -> str:
    if not form.is_submitted():
        form.version.data = str(call.version)
    return draw("calls/form_section.html", call=call, section=section, form=form, conflict=conflict)


@bp.post("/manage/calls/<int:call_id>/form/sections/<key>/<any(up, down):way>")
@writes
@permit(Permission.CALL_EDIT, lambda call_id, key, way: (*load_section(call_id, key), way))
def section_move(call: Call, section: FormSection, way: str) -> Answer:
    """Move a section, with its questions, one place up or down."""
    here = f"section-{section.key}"
    return _try(
        call,
        lambda design: arranging.move_section(design, section.key, STEPS[way]),
        _moved(way, text_of(section.title) or section.key),
        anchor=here,
        focus=f"{way}-{here}",
    )


@bp.post("/manage/calls/<int:call_id>/form/sections/<key>/delete")
@writes
@permit(Permission.CALL_EDIT, load_section)
def section_delete(call: Call, section: FormSection) -> Answer:
    """Take an empty section out."""
    return _try(
        call,
        lambda design: arranging.remove_section(design, section.key),
        _("Deleted: %(name)s", name=text_of(section.title) or section.key),
        anchor="questions",
    )


@bp.post("/manage/calls/<int:call_id>/form/order")
@writes
@permit(Permission.CALL_EDIT, load)
def form_order(call: Call) -> Answer:
    """Take the order that was dragged: ``order`` is "section:question", in reading order."""
    order: dict[str, list[str]] = {s.key: [] for s in call.design.with_sections().sections}
    for pair in request.form.getlist("order"):
        section, _colon, question = pair.partition(":")
        order.setdefault(section, []).append(question)
    moved = request.form.get("moved", "")
    return _try(
        call,
        lambda d: arranging.arrange(d, order),
        _("The new order is saved."),
        anchor=f"question-{moved}" if moved else "questions",
    )
