"""Our books against the provider's: runs, and the differences that a person decides."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.audit.rules import Role
from quartieri.db import db, get, writes
from quartieri.jobs.actions import enqueue
from quartieri.kit.answers import seeother
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy
from quartieri.kit.numbers import page_number
from quartieri.payments import differences, jobs, queries
from quartieri.payments.actions import messages, reconciling
from quartieri.payments.forms import NoteForm
from quartieri.payments.models import ReconciliationCase
from quartieri.payments.rules import CaseState
from quartieri.people.access import actor, current_now, permit, signed_in_user
from quartieri.people.rules import Permission

bp = Blueprint("reconciliation", __name__, url_prefix="/manage/reconciliation")

NOTES = {
    messages.NOT_OURS: lazy("About something that this site did not make."),
    messages.WRONG_MODE: lazy("A test message on a site with real money, or the other way round."),
    messages.FOREIGN_ACCOUNT: lazy("Of another account."),
    messages.UNREADABLE: lazy("Signed, but not a message that this site can read."),
    messages.UNREADABLE_OBJECT: lazy("About something that is told in no shape known here."),
}


@bp.get("/")
@permit(Permission.RECONCILIATION_READ)
def index() -> str:
    """List the differences that wait, or those that were decided, and the last runs."""
    state = CaseState.CLOSED if request.args.get("state") == "closed" else CaseState.OPEN
    session, page = db.session(), page_number()
    total = differences.count_cases(session, state)
    return render_template(
        "payments/reconciliation.html",
        note_words=NOTES,
        cases=differences.cases(session, state, page=page),
        state=state,
        total=total,
        page=page,
        pages=-(-total // differences.PAGE) or 1,
        runs=differences.runs(session),
        noted=queries.noted(session, limit=20),
    )


@bp.post("/")
@writes
@permit(Permission.RECONCILE)
def reconcile() -> Response:
    """Have the worker reconcile now; asked twice while it waits it is done once."""
    if not jobs.takes_payments():
        raise IllegalMoveError(lazy("This site takes no payments."))
    user = signed_in_user()
    if user is not None:
        enqueue(
            db.session(),
            "payments.reconcile_for",
            {"user_id": user.id},
            run_at=current_now(),
            key="payments.reconcile_for",
        )
    flash(_("The reconciliation begins; its result stands here in a few minutes."), "success")
    return seeother(url_for(".index"))


def _draw(case: ReconciliationCase, form: NoteForm) -> str:
    return render_template("payments/difference.html", case=case, form=form)


def _case(case_id: int) -> ReconciliationCase:
    return get(db.session(), ReconciliationCase, case_id)


@bp.get("/<int:case_id>")
@permit(Permission.RECONCILIATION_READ)
def case(case_id: int) -> str:
    """Show one difference with what both sides say."""
    return _draw(_case(case_id), NoteForm(formdata=None))


@bp.post("/<int:case_id>/owner")
@writes
@permit(Permission.RECONCILE)
def take_over(case_id: int) -> Response:
    """See to it oneself."""
    reconciling.take_over(db.session(), _case(case_id), actor=actor(None, Role.TREASURER))
    return seeother(url_for(".case", case_id=case_id))


@bp.post("/<int:case_id>")
@writes
@permit(Permission.RECONCILE)
def decide(case_id: int) -> Response | tuple[str, int]:
    """Decide a difference, or take the decision back: both with a note."""
    found, form = _case(case_id), NoteForm()
    if not form.validate_on_submit():
        return _draw(found, form), 422
    verb = reconciling.close if found.state is CaseState.OPEN else reconciling.reopen
    by = actor(None, Role.TREASURER)
    verb(db.session(), found, note=form.note.data, actor=by, at=current_now())
    return seeother(url_for(".index"))
