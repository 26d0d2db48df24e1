"""The stepped editor of a draft, the checklist at its end, and publication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import abort, flash, url_for
from flask_babel import gettext as _

from quartieri.acts.forms import ActForm
from quartieri.calls import actions, queries
from quartieri.calls.actions.sessions import set_endowments
from quartieri.calls.design.automatic import automatic_declarations
from quartieri.calls.evaluating import evaluation_sentences
from quartieri.calls.forms import (
    ChecklistForm,
    EvaluationForm,
    IdentityForm,
    MoneyForm,
    StepForm,
    WhoForm,
    WindowsForm,
    deciding,
)
from quartieri.calls.gaps import NotReadyError, Step
from quartieri.calls.models import Call
from quartieri.calls.routes.blueprint import (
    Answer,
    act_of,
    bp,
    draw,
    load,
    money_sentences,
    text_of,
)
from quartieri.calls.routes.form_editor import form_parts, need_draft
from quartieri.calls.rules import CALL
from quartieri.calls.shipped import notice_of
from quartieri.db import check_version, db, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import ConflictError, DomainError
from quartieri.kit.formats import language
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import OrganisationKind, Permission
from quartieri.programmes import queries as programmes
from quartieri.programmes.models import EndowmentPool
from quartieri.programmes.rules import LevelFigures

STEPS = tuple(Step)


def _load(call_id: int, step: str) -> tuple[Call, Step]:
    if step not in set(Step):
        abort(404)
    return load(call_id), Step(step)


# -- forms of the steps ------------------------------------------------------------------------


def _identity(call: Call, **given: Any) -> StepForm:
    return IdentityForm(data=IdentityForm.data_of(call.design), **given)


def _windows(call: Call, **given: Any) -> StepForm:
    form = WindowsForm(data=WindowsForm.data_of(call.design, call.windows), **given)
    form.offer()
    return form


def _who(call: Call, **given: Any) -> StepForm:
    form = WhoForm(data=WhoForm.data_of(call.design), **given)
    areas = programmes.areas(db.session(), call.authority_id)
    known = {a.code for a in areas}
    # an area that the city does not have is offered too, so that it can be unticked
    who = call.design.eligibility
    named = dict.fromkeys((*who.allowed_areas, *who.excluded_areas))
    strange = [c for c in named if c not in known]
    form.offer(
        [(k.value, _(k.label)) for k in OrganisationKind],
        [*((a.code, a.name_it) for a in areas), *((c, c) for c in strange)],
    )
    return form


def _application(call: Call, **given: Any) -> StepForm:
    return ChecklistForm(data=ChecklistForm.data_of(call.design), **given)


def _evaluation(call: Call, **given: Any) -> StepForm:
    form = EvaluationForm(data=EvaluationForm.data_of(call.design), **given)
    form.offer(call.design, language())
    return form


def _money(call: Call, **given: Any) -> StepForm:
    session = db.session()
    pool = session.get_one(EndowmentPool, call.pool_id)
    shares = programmes.shares_of(session, pool.id)
    form = MoneyForm(data=MoneyForm.data_of(call.design, pool.endowment_cents, shares), **given)
    form.offer(_indented(programmes.tree(session, call.authority_id)))
    return form


def _indented(levels: list[LevelFigures], depth: int = 0) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for level in (one for one in levels if not one.unknown):
        found.append((str(level.id), f"{'— ' * depth}{level.code} {level.title(language())}"))
        found += _indented(level.children, depth + 1)
    return found


FORMS: dict[Step, Callable[..., StepForm]] = {
    Step.IDENTITY: _identity,
    Step.WINDOWS: _windows,
    Step.WHO: _who,
    Step.APPLICATION: _application,
    Step.EVALUATION: _evaluation,
    Step.MONEY: _money,
}

TEMPLATES: dict[Step, str] = {
    Step.IDENTITY: "calls/edit_identity.html",
    Step.WINDOWS: "calls/edit_windows.html",
    Step.WHO: "calls/edit_who.html",
    Step.APPLICATION: "calls/edit_application.html",
    Step.EVALUATION: "calls/edit_evaluation.html",
    Step.MONEY: "calls/edit_money.html",
}


# -- editing -----------------------------------------------------------------------------------


@bp.get("/manage/calls/<int:call_id>/edit/<step>")
@permit(Permission.CALL_EDIT, _load)
def edit(call: Call, step: Step) -> Answer:
    """Show a step."""
    need_draft(call)
    return _page(call, step, FORMS[step](call))


@bp.post("/manage/calls/<int:call_id>/edit/<step>")
@writes
@permit(Permission.CALL_EDIT, _load)
def save(call: Call, step: Step) -> Answer:
    """Save a step; what was typed is kept whatever happens."""
    need_draft(call)
    form = FORMS[step](call)
    if not form.validate_on_submit():
        return _page(call, step, form), 422
    try:
        check_version(call.version, form.opened_on)
        _save(call, form)
    except ConflictError as error:
        db.session.rollback()
        return _page(call, step, form, conflict=error), error.status
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _page(call, step, form), error.status
    flash(_("Saved."), "success")
    following = STEPS.index(step) + 1
    if following < len(STEPS):
        return seeother(url_for("calls.edit", call_id=call.id, step=STEPS[following].value))
    return seeother(url_for("calls.review", call_id=call.id))


def _save(call: Call, form: StepForm) -> None:
    session, who, now = db.session(), actor(call), current_now()
    design = form.apply(call.design)
    if isinstance(form, WindowsForm):
        actions.set_windows(session, call, form.dates(), version=form.opened_on, actor=who, at=now)
        set_endowments(session, call, form.endowments(), actor=who, at=now)
        actions.save_design(session, call, design, version=None, actor=who, at=now)
        return
    if isinstance(form, MoneyForm):
        actions.set_pool(
            session,
            call,
            endowment_cents=form.endowment.data.cents if form.endowment.data else None,
            shares=form.levels(),
            version=form.opened_on,
            actor=who,
            at=now,
        )
        actions.save_design(session, call, design, version=None, actor=who, at=now)
        return
    actions.save_design(session, call, design, version=form.opened_on, actor=who, at=now)


def _page(call: Call, step: Step, form: StepForm, *, conflict: ConflictError | None = None) -> str:
    gaps = queries.gaps(db.session(), call, now=current_now(), language=language())
    saved = _differences(form, FORMS[step](call, formdata=None)) if conflict else []
    if conflict or not form.is_submitted():
        form.version.data = str(call.version)
    return draw(
        TEMPLATES[step],
        call=call,
        step=step,
        steps=[(s, sum(g.where is s and g.blocking for g in gaps)) for s in STEPS],
        form=form,
        conflict=conflict,
        saved=saved,
        notice=notice_of(call.design.template),
        copy_for=queries.rectification_of_draft(db.session(), call),
        **_beside(call, step),
    )


def _beside(call: Call, step: Step) -> dict[str, Any]:
    """Give what a step shows beside its form, as it is saved."""
    if step is Step.WHO:
        return {"automatic": automatic_declarations(call.design.eligibility)}
    if step is Step.APPLICATION:
        return form_parts(call)
    if step is Step.MONEY:
        return {"sentences": money_sentences(call.design)}
    if step is Step.EVALUATION:
        return {
            "areas": programmes.areas(db.session(), call.authority_id),
            "deciding": deciding(call.design),
            "sentences": evaluation_sentences(call.design, text_of),
        }
    return {}


def _differences(typed: StepForm, saved: StepForm) -> list[tuple[str, Any]]:
    """List what is saved now where it is not what was typed: (label, saved value)."""
    found = []
    for field in saved:
        if field.name in {"version", "csrf_token"}:
            continue
        now, mine = field.data, cast(Any, typed)[field.name].data
        if isinstance(now, list) and now and isinstance(now[0], dict):
            now, mine = _filled(now), _filled(mine)
            if now != mine:
                rows = ["; ".join(str(v) for v in r.values() if v) for r in now]
                found.append((str(field.label.text), rows))
        elif (now or None) != (mine or None):
            found.append((str(field.label.text), [str(now if now is not None else "–")]))
    return found


def _filled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [r for r in rows if any(v for k, v in r.items() if k != "csrf_token")]


# -- publication -------------------------------------------------------------------------------


@bp.get("/manage/calls/<int:call_id>/review")
@permit(Permission.CALL_EDIT, load)
def review(call: Call) -> Answer:
    """List what is missing, each with its place; with nothing missing, ask for the act."""
    need_draft(call)
    copy_for = queries.rectification_of_draft(db.session(), call)
    if copy_for is not None:
        return seeother(url_for("calls.rectification", rectification_id=copy_for.id))
    return _review(call, ActForm(formdata=None, data={"office": call.design.office}))


@bp.post("/manage/calls/<int:call_id>/publish")
@writes
@permit(Permission.CALL_PUBLISH, load)
def publish(call: Call) -> Answer:
    """Publish by act."""
    CALL.find("publish", call.state)
    form = ActForm()
    if not form.validate_on_submit():
        return _review(call, form), 422
    try:
        actions.publish(db.session(), call, act_of(form, call), actor=actor(call), at=current_now())
    except NotReadyError as error:
        db.session.rollback()
        return _review(call, form), error.status
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _review(call, form), error.status
    flash(_("The call is published. Its rules are frozen as edition 1."), "success")
    return seeother(url_for("calls.manage", call_id=call.id))


def _review(call: Call, form: ActForm) -> str:
    session = db.session()
    gaps = queries.gaps(session, call, now=current_now(), language=language())
    return draw(
        "calls/review.html",
        call=call,
        steps=[(s, [g for g in gaps if g.where is s]) for s in STEPS],
        counts=[(s, sum(g.where is s and g.blocking for g in gaps)) for s in STEPS],
        blocked=any(g.blocking for g in gaps),
        pool=queries.pool_draft(session, call, language()),
        form=form,
    )


@bp.post("/manage/calls/<int:call_id>/discard")
@writes
@permit(Permission.CALL_EDIT, load)
def discard(call: Call) -> Answer:
    """Put a draft away."""
    actions.discard(db.session(), call, actor=actor(call), at=current_now())
    flash(_("The draft is discarded."), "success")
    return seeother(url_for("calls.manage_index"))
