"""The office's pages: who evaluates what, how far it is, declarations that wait."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.calls.models import Window
from quartieri.calls.rules import WindowState
from quartieri.db import db, get, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, InvalidError, NotFoundError
from quartieri.kit.fields import Form
from quartieri.kit.labels import lazy
from quartieri.kit.numbers import in_rows, page_number
from quartieri.people.access import actor, allowed, current_now, permit, scopes_with
from quartieri.people.models import User
from quartieri.people.rules import Permission
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import ProposalState
from quartieri.reviews import actions, queries
from quartieri.reviews.actions.rankings import RANKABLE
from quartieri.reviews.forms import AssignForm, ReasonForm, ShareForm
from quartieri.reviews.models import Assignment
from quartieri.reviews.rules import ConflictState, Pair, share_out

bp = Blueprint("reviews_manage", __name__, url_prefix="/manage")

Answer = str | Response | tuple[str, int]
SIZES = (50, 250)


def load_window(window_id: int) -> Window:
    """Give a window by its id."""
    return get(db.session(), Window, window_id)


def load_proposal(proposal_id: int) -> Proposal:
    """Give an application that belongs to a window; a draft does not exist for officials."""
    found = get(db.session(), Proposal, proposal_id)
    if found.window_id is None or found.state in {ProposalState.DRAFT, ProposalState.DISCARDED}:
        raise NotFoundError(lazy("There is nothing at this address."))
    return found


def load_assignment(assignment_id: int) -> Assignment:
    """Give an assignment by its id."""
    return get(db.session(), Assignment, assignment_id)


@bp.get("/reviews")
@permit(Permission.REVIEW_ASSIGN)
def index() -> Answer:
    """List the windows whose applications are evaluated, with their progress."""
    session = db.session()
    windows = queries.windows_at_work(session, scopes_with(Permission.REVIEW_ASSIGN))
    return render_template(
        "reviews/manage_index.html",
        windows=[(w, queries.progress_count(session, w.id)) for w in windows],
    )


@bp.get("/windows/<int:window_id>/reviews")
@permit(Permission.REVIEW_ASSIGN, load_window)
def window(window: Window) -> Answer:
    """Show who evaluates what in a window, and how far it is."""
    return _window(window)


def _window(window: Window, problem: DomainError | None = None) -> str:
    session = db.session()
    page = page_number()
    size = request.args.get("size", SIZES[0], in_rows)
    size = size if size in SIZES else SIZES[0]
    sort = request.args.get("sort", "protocol")
    sort = sort if sort.lstrip("-") in queries.SORTS else "protocol"
    rows = queries.progress(session, window.id, sort=sort, page=page, size=size)
    count = queries.progress_count(session, window.id)
    members = queries.commission(session, window.scope, at=current_now())
    form = ShareForm(formdata=request.args if "each" in request.args else None)
    design = queries.edition_of(session, window).design
    stage = queries.stage_of(design, window.stage)
    form.offer(len(members), stage.sheets)
    each = request.args.get("each")
    plan = _plan(window, members, each) if each else None
    return render_template(
        "reviews/manage_window.html",
        window=window,
        rows=rows,
        assigned=queries.waiting_for(session, [r.proposal_id for r in rows], stage=stage.number),
        stage=stage,
        stages=len(design.evaluation.run),
        collegial=design.evaluation.collegial,
        count=count,
        pages=-(-count.applications // size),
        page=page,
        sort=sort,
        members=members,
        form=form,
        each=each,
        plan=plan,
        loads=Counter(p.user_id for p in plan or ()),
        problem=problem.message if problem else None,
        not_ready=queries.not_ready(session, window.id),
        can_open=window.state_at(current_now()) in RANKABLE | {WindowState.CHECKING},
        can_rank=allowed(Permission.RANK, window),
    )


def _plan(window: Window, members: list[User], each: str) -> list[Pair]:
    """Work out who would get which application; the same for the preview and for the deed."""
    session = db.session()
    open_ones = [
        row.proposal_id
        for row in queries.progress(session, window.id)
        if row.state is ProposalState.UNDER_REVIEW
    ]
    active, ended = queries.pairs(session, window)
    barred = queries.participants(session, open_ones, members)
    number = int(each) if each.isdigit() else None
    return share_out(
        open_ones,
        [m.id for m in members],
        active,
        [*ended, *barred],
        each=number,
    )


@bp.post("/windows/<int:window_id>/reviews/open")
@writes
@permit(Permission.REVIEW_ASSIGN, load_window)
def open_evaluation(window: Window) -> Answer:
    """Take the admissible applications under evaluation."""
    try:
        number = actions.open_evaluation(
            db.session(), window, actor=actor(window), at=current_now()
        )
    except DomainError as error:
        return _window(window, error), error.status
    flash(_("%(number)s applications are under evaluation now.", number=number), "success")
    return seeother(url_for("reviews_manage.window", window_id=window.id))


@bp.post("/windows/<int:window_id>/reviews/share")
@writes
@permit(Permission.REVIEW_ASSIGN, load_window)
def share(window: Window) -> Answer:
    """Share the applications out, as the preview showed."""
    session = db.session()
    members = queries.commission(session, window.scope, at=current_now())
    plan = _plan(window, members, request.form.get("each", "all"))
    try:
        made = actions.assign_many(session, window, plan, actor=actor(window), at=current_now())
    except DomainError as error:
        return _window(window, error), error.status
    flash(
        _("%(number)s assignments made; each reviewer got one letter.", number=len(made)),
        "success",
    )
    return seeother(url_for("reviews_manage.window", window_id=window.id))


@bp.get("/applications/<int:proposal_id>/reviews")
@permit(Permission.REVIEW_ASSIGN, load_proposal)
def proposal(proposal: Proposal) -> Answer:
    """Show one application's reviewers, and their sheets once all are in."""
    return _proposal(proposal)


def _proposal(
    proposal: Proposal,
    *,
    form: Form | None = None,
    about: int = 0,
    verb: str = "",
) -> str:
    session = db.session()
    window = get(session, Window, proposal.window_id)
    stage = request.args.get("stage", window.stage, in_rows)
    notice = queries.sheet_notice(session, window, stage)
    found = queries.waiting_for(session, [proposal.id], stage=notice.stage.number)
    assignments = found.get(proposal.id, [])
    complete = queries.is_complete(assignments)
    taken = {a.user_id for a in assignments}
    members = queries.commission(session, window.scope, at=current_now())
    barred = {p.user_id for p in queries.participants(session, [proposal.id], members)}
    assign_form = form if isinstance(form, AssignForm) else AssignForm(formdata=None)
    assign_form.reviewer.choices = [
        (m.id, m.name) for m in members if m.id not in taken and m.id not in barred
    ]
    return render_template(
        "reviews/manage_proposal.html",
        proposal=proposal,
        window=window,
        assignments=assignments,
        complete=complete,
        sheets=queries.sheets_of(session, proposal.id, stage=notice.stage.number)
        if complete
        else [],
        criteria=notice.scored,
        stage=notice.stage,
        stages=notice.design.evaluation.run,
        barred=[m for m in members if m.id in barred],
        assign_form=assign_form,
        reason_form=form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
        about=about,
        verb=verb,
    )


@bp.post("/applications/<int:proposal_id>/reviews")
@writes
@permit(Permission.REVIEW_ASSIGN, load_proposal)
def assign(proposal: Proposal) -> Answer:
    """Give the application to one more reviewer."""
    session, form = db.session(), AssignForm()
    members = queries.commission(session, proposal.scope, at=current_now())
    form.reviewer.choices = [(m.id, m.name) for m in members]
    if not form.validate_on_submit():
        return _proposal(proposal, form=form), 422
    try:
        reviewer = next(m for m in members if m.id == form.reviewer.data)
        actions.assign(session, proposal, reviewer, actor=actor(proposal), at=current_now())
    except DomainError as error:
        form.say(error)
        return _proposal(proposal, form=form), error.status
    flash(_("%(name)s evaluates this application.", name=reviewer.name), "success")
    return seeother(url_for("reviews_manage.proposal", proposal_id=proposal.id))


@bp.post("/assignments/<int:assignment_id>/cancel")
@writes
@permit(Permission.REVIEW_ASSIGN, load_assignment)
def cancel(assignment: Assignment) -> Answer:
    """Take the application from a reviewer who has not submitted."""
    return _with_reason(assignment, "cancel", _("Assignment cancelled."))


@bp.post("/assignments/<int:assignment_id>/reopen")
@writes
@permit(Permission.REVIEW_ASSIGN, load_assignment)
def reopen(assignment: Assignment) -> Answer:
    """Give a submitted sheet back to its reviewer."""
    return _with_reason(assignment, "reopen", _("Sheet reopened; the reviewer was told why."))


def _with_reason(assignment: Assignment, verb: str, said: str) -> Answer:
    form = ReasonForm()
    proposal = assignment.proposal
    if not form.validate_on_submit():
        return _proposal(proposal, form=form, about=assignment.id, verb=verb), 422
    run = actions.cancel if verb == "cancel" else actions.reopen
    try:
        run(
            db.session(),
            assignment,
            reason=form.reason.data,
            actor=actor(assignment),
            at=current_now(),
        )
    except DomainError as error:
        form.say(error)
        return _proposal(proposal, form=form, about=assignment.id, verb=verb), error.status
    flash(said, "success")
    return seeother(url_for("reviews_manage.proposal", proposal_id=proposal.id))


# -- the head of office ------------------------------------------------------------------------


@bp.get("/conflicts")
@permit(Permission.REVIEW_CLEAR)
def conflicts() -> Answer:
    """List the declarations of conflict that wait for a decision."""
    return _conflicts()


def _conflicts(form: Form | None = None, about: int = 0) -> str:
    scopes = scopes_with(Permission.REVIEW_CLEAR)
    return render_template(
        "reviews/conflicts.html",
        declared=queries.declared_conflicts(db.session(), scopes),
        form=form or ReasonForm(formdata=None),
        about=about,
    )


@bp.post("/conflicts/<int:assignment_id>")
@writes
@permit(Permission.REVIEW_CLEAR, load_assignment)
def decide(assignment: Assignment) -> Answer:
    """Decide that the reviewer may go on, or must abstain."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _conflicts(form, assignment.id), 422
    cleared = request.form.get("then") == "clear"
    try:
        if assignment.conflict.state is not ConflictState.DECLARED:
            raise InvalidError(lazy("This declaration was decided already."))
        verb = actions.clear if cleared else actions.uphold
        verb(
            db.session(),
            assignment,
            reason=form.reason.data,
            actor=actor(assignment),
            at=current_now(),
        )
    except DomainError as error:
        form.say(error)
        return _conflicts(form, assignment.id), error.status
    name = assignment.reviewer.name
    if cleared:
        flash(_("%(name)s goes on with the evaluation.", name=name), "success")
    else:
        flash(_("%(name)s abstains.", name=name), "success")
    return seeother(url_for("reviews_manage.conflicts"))
