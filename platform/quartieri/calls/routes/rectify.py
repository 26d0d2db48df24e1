"""Changing a published call by act, and what its editions changed, for everybody."""

from __future__ import annotations

from functools import partial

from flask import flash, url_for
from flask_babel import gettext as _

from quartieri.calls import actions, queries
from quartieri.calls.changes_shown import shown
from quartieri.calls.forms import RectificationForm
from quartieri.calls.gaps import NotReadyError
from quartieri.calls.models import Call, Rectification
from quartieri.calls.rectifying import Change, RefusedChangesError
from quartieri.calls.routes.blueprint import Answer, act_of, bp, draw, load
from quartieri.calls.rules import RectificationState
from quartieri.db import db, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.kit.formats import language
from quartieri.people.access import actor, current_now, permit, public
from quartieri.people.rules import Permission


def _load(rectification_id: int) -> Rectification:
    return queries.rectification_by_id(db.session(), rectification_id)


@bp.post("/manage/calls/<int:call_id>/rectify")
@writes
@permit(Permission.CALL_EDIT, load)
def rectify(call: Call) -> Answer:
    """Begin a rectification on a copy of the call, or go on with the one that is being written."""
    found = actions.begin_rectification(db.session(), call, actor=actor(call), at=current_now())
    return seeother(url_for("calls.edit", call_id=found.draft_id, step="identity"))


@bp.get("/manage/rectifications/<int:rectification_id>")
@permit(Permission.CALL_EDIT, _load)
def rectification(found: Rectification) -> Answer:
    """Show what would change, before and after, what keeps it from that, and ask for the act."""
    if found.state is not RectificationState.DRAFT:
        return seeother(url_for("calls.manage", call_id=found.call_id))
    form = RectificationForm(formdata=None, data={"office": found.call.design.office})
    return _page(found, form)


@bp.post("/manage/rectifications/<int:rectification_id>/publish")
@writes
@permit(Permission.CALL_PUBLISH, _load)
def publish_rectification(found: Rectification) -> Answer:
    """Publish the change by act."""
    form = RectificationForm()
    if not form.validate_on_submit():
        return _page(found, form), 422
    try:
        edition = actions.publish_rectification(
            db.session(),
            found,
            act_of(form, found.call),
            reason=form.reason(),
            actor=actor(found),
            at=current_now(),
        )
    except (NotReadyError, RefusedChangesError) as error:
        db.session.rollback()
        return _page(found, form), error.status
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _page(found, form), error.status
    flash(_("The call is rectified: edition %(number)s.", number=edition.number), "success")
    return seeother(url_for("calls.manage", call_id=found.call_id))


@bp.post("/manage/rectifications/<int:rectification_id>/discard")
@writes
@permit(Permission.CALL_EDIT, _load)
def discard_rectification(found: Rectification) -> Answer:
    """Put the change away: the call stays as it is."""
    actions.discard_rectification(db.session(), found, actor=actor(found), at=current_now())
    flash(_("The rectification is discarded: the call stays as it is."), "success")
    return seeother(url_for("calls.manage", call_id=found.call_id))


def _page(found: Rectification, form: RectificationForm) -> str:
    plan = queries.plan(db.session(), found, now=current_now())
    after, before = plan.after.design, plan.before.design
    said = partial(shown, language=language())
    return draw(
        "calls/rectification.html",
        call=found.call,
        found=found,
        plan=plan,
        changes=[said(c, after, before) for c in plan.changes],
        refused=[
            (said(Change(r.place, None, None), after, before).way, r.why) for r in plan.refusals
        ],
        form=form,
    )


@bp.get("/calls/<slug>/editions")
@public
def editions(slug: str) -> Answer:
    """Show every edition of a call with its act, and what each changed, before and after."""
    session = db.session()
    call = queries.public_call(session, slug)
    history = queries.rectifications(session, call)
    designs = [e.design for e in reversed(call.editions)]
    return draw(
        "calls/editions.html",
        call=call,
        first=call.editions[0] if call.editions else None,
        history=[
            (
                found,
                [shown(Change.from_json(c), *designs, language=language()) for c in found.changes],
            )
            for found in history
        ],
    )
