"""The reviewer's desk: what there is to do, the declaration, the sheet beside the application."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.db import db, writes
from quartieri.files.serving import send
from quartieri.kit.answers import seeother
from quartieri.kit.errors import ConflictError, DomainError, NotFoundError
from quartieri.kit.fields import Form
from quartieri.kit.formats import language
from quartieri.kit.labels import lazy
from quartieri.people.access import actor, current_now, permit, signed_in_user
from quartieri.people.rules import Permission
from quartieri.proposals.queries import areas_of, draft_of
from quartieri.proposals.rules import plan
from quartieri.proposals.rules.form.onpage import hidden_from_reviewers
from quartieri.reviews import actions, queries
from quartieri.reviews.forms import ConflictForm, SheetForm, sheet_form
from quartieri.reviews.models import Assignment
from quartieri.reviews.rules import (
    ACTIVE,
    MAY_READ,
    AssignmentState,
    ConflictCause,
    ConflictState,
    Line,
)

bp = Blueprint("reviews", __name__, url_prefix="/reviews")

Answer = str | Response | tuple[str, int]


def mine(assignment_id: int, **_rest: int) -> Assignment:
    """Give one of the reader's own assignments; to others it does not exist."""
    user = signed_in_user()
    found = None if user is None else queries.own_assignment(db.session(), assignment_id, user.id)
    if found is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return found


@bp.get("")
@permit(Permission.REVIEW)
def desk() -> Answer:
    """List what the reviewer has to evaluate, window by window."""
    user = signed_in_user()
    found = [] if user is None else queries.desk(db.session(), user.id)
    return render_template("reviews/desk.html", desks=found)


@bp.get("/<int:assignment_id>")
@permit(Permission.REVIEW, mine)
def show(assignment: Assignment) -> Answer:
    """Show the declaration first; once there is no conflict, the application and its sheet."""
    if assignment.conflict.state not in MAY_READ or assignment.state not in ACTIVE:
        return _declaration(assignment, ConflictForm(formdata=None))
    return _sheet(assignment, _form(assignment))


def _declaration(assignment: Assignment, form: Form) -> str:
    return render_template(
        "reviews/declare.html",
        assignment=assignment,
        proposal=assignment.proposal,
        form=form,
        undeclared=assignment.conflict.state is ConflictState.UNDECLARED,
        blind=_notice(assignment).design.evaluation.blind,
        **_progress(assignment),
    )


def _notice(assignment: Assignment) -> queries.SheetNotice:
    window = assignment.proposal.window
    if window is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return queries.sheet_notice(db.session(), window, assignment.stage)


def _form(assignment: Assignment, lines: dict[str, Line] | None = None) -> SheetForm:
    kept = queries.current_lines(db.session(), assignment.id) if lines is None else lines
    notice = _notice(assignment)
    return sheet_form(
        notice.scored,
        notice.scales,
        kept,
        version=assignment.version,
        english=language() == "en",
    )


def _sheet(
    assignment: Assignment,
    form: SheetForm,
    *,
    conflict_form: Form | None = None,
    saved: dict[str, Line] | None = None,
) -> str:
    session, proposal = db.session(), assignment.proposal
    notice = _notice(assignment)
    evaluation = notice.design.evaluation
    writes = assignment.agreed or not evaluation.collegial
    draft = draft_of(session, proposal, areas=areas_of(session, proposal.call.authority_id))
    design = proposal.edition.design
    return render_template(
        "reviews/sheet.html",
        draft=draft,
        plan=plan(design.money.rule, proposal.cost_cents, draft.money),
        assignment=assignment,
        proposal=proposal,
        design=design,
        criteria=notice.scored,
        notice=notice,
        blind=evaluation.blind,
        writes=writes,
        form=form,
        conflict_form_data=conflict_form or ConflictForm(formdata=None),
        declaring=conflict_form is not None,
        saved=saved,
        editable=writes and assignment.state is not AssignmentState.SUBMITTED,
        others=queries.others_lines(session, assignment),
        **_progress(assignment),
    )


def _desk(assignment: Assignment) -> queries.Desk | None:
    many = queries.desk(db.session(), assignment.user_id)
    return next((d for d in many if d.window.id == assignment.proposal.window_id), None)


def _progress(assignment: Assignment) -> dict[str, Any]:
    found = _desk(assignment)
    if found is None:
        return {"desk": None, "place": 0, "upcoming": None}
    places = [line.assignment_id for line in found.lines]
    place = places.index(assignment.id) + 1 if assignment.id in places else 0
    return {"desk": found, "place": place, "upcoming": found.after(assignment.id)}


@bp.post("/<int:assignment_id>/no-conflict")
@writes
@permit(Permission.REVIEW, mine)
def declare_none(assignment: Assignment) -> Answer:
    """Declare that there is no conflict: the application opens."""
    actions.declare_none(db.session(), assignment, actor=actor(assignment), at=current_now())
    return seeother(url_for("reviews.show", assignment_id=assignment.id))


@bp.post("/<int:assignment_id>/conflict")
@writes
@permit(Permission.REVIEW, mine)
def declare(assignment: Assignment) -> Answer:
    """Declare a conflict: abstain, or ask the head of office."""
    form = ConflictForm()
    if not form.validate_on_submit():
        return _again(assignment, form), 422
    try:
        actions.declare_conflict(
            db.session(),
            assignment,
            cause=ConflictCause(form.cause.data),
            reason=form.reason.data,
            abstain=form.what.data == "abstain",
            actor=actor(assignment),
            at=current_now(),
        )
    except DomainError as error:
        form.say(error)
        return _again(assignment, form), error.status
    if form.what.data == "abstain":
        flash(_("You abstain from this application: another person evaluates it."), "success")
    else:
        flash(_("Your declaration is with the head of office, who decides."), "success")
    return seeother(url_for("reviews.desk"))


def _again(assignment: Assignment, form: Form) -> str:
    if assignment.conflict.state in MAY_READ and assignment.state in ACTIVE:
        return _sheet(assignment, _form(assignment), conflict_form=form)
    return _declaration(assignment, form)


@bp.post("/<int:assignment_id>/sheet")
@writes
@permit(Permission.REVIEW, mine)
def score(assignment: Assignment) -> Answer:
    """Save the sheet as a draft, or submit it; what was typed is never lost."""
    if assignment.conflict.state not in MAY_READ or assignment.state not in ACTIVE:
        return _declaration(assignment, ConflictForm(formdata=None)), 409
    form = _form(assignment, {})
    submitting = request.form.get("then") == "submit"
    readable = form.validate_on_submit()
    if submitting and form.missing():
        readable = False
    if not readable:
        return _sheet(assignment, form), 422
    verb = actions.submit_scores if submitting else actions.save_scores
    try:
        verb(
            db.session(),
            assignment,
            form.lines(),
            version=form.expected,
            actor=actor(assignment),
            at=current_now(),
        )
    except DomainError as error:
        form.say(error)
        saved = None
        if isinstance(error, ConflictError):
            form.version.data = str(assignment.version)
            saved = queries.current_lines(db.session(), assignment.id)
        return _sheet(assignment, form, saved=saved), error.status
    return seeother(_after(assignment, submitted=submitting))


def _after(assignment: Assignment, *, submitted: bool) -> str:
    if not submitted:
        flash(_("Draft saved. It doesn't count until you submit it."), "success")
        return url_for("reviews.show", assignment_id=assignment.id)
    flash(_("Sheet submitted: %(title)s", title=assignment.proposal.title), "success")
    found = _desk(assignment)
    upcoming = found.after(assignment.id) if found else None
    if upcoming is None:
        return url_for("reviews.desk")
    return url_for("reviews.show", assignment_id=upcoming)


@bp.get("/<int:assignment_id>/files/<int:attachment_id>")
@permit(Permission.REVIEW, mine)
def attachment(assignment: Assignment) -> Answer:
    """Give a document of the application to its reviewer, after the declaration."""
    wanted = (request.view_args or {}).get("attachment_id")
    readable = assignment.conflict.state in MAY_READ and assignment.state in ACTIVE
    nameless = _notice(assignment).design.evaluation.blind
    found = next((a for a in assignment.proposal.attachments if a.id == wanted), None)
    if not readable or found is None or _hidden(assignment, found.question, nameless=nameless):
        raise NotFoundError(lazy("There is nothing at this address."))
    answer = send(found.file)
    if nameless:
        kind = found.file.media_type.rpartition("/")[2]
        name = f"document-{found.id}.{kind}"
        answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _hidden(assignment: Assignment, key: str, *, nameless: bool) -> bool:
    """Say whether a file is hidden from reviewers; in a blind call also what answers nothing."""
    question = assignment.proposal.edition.design.form.by_key.get(key)
    if question is None:
        return nameless
    return hidden_from_reviewers(question, nameless=nameless)
