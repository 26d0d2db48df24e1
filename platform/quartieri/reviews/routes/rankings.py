"""The call manager's ranking page: progress, computing, putting aside, publishing by act."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.acts.forms import ActForm
from quartieri.acts.routes import typed_act
from quartieri.calls.design import CallDesign, Stage
from quartieri.calls.models import Window
from quartieri.db import db, get, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.kit.labels import Lazy
from quartieri.kit.money import Money
from quartieri.kit.numbers import in_rows
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import Permission
from quartieri.reviews import actions, queries
from quartieri.reviews.actions.rankings import IN_FORCE
from quartieri.reviews.forms import ComputeForm
from quartieri.reviews.models import Ranking
from quartieri.reviews.routes.office import load_window
from quartieri.reviews.routes.shown import ranking_page
from quartieri.reviews.rules import RankingState

bp = Blueprint("rankings_manage", __name__, url_prefix="/manage")

Answer = str | Response | tuple[str, int]


def load(ranking_id: int) -> Ranking:
    """Give a ranking by its id."""
    return get(db.session(), Ranking, ranking_id)


@bp.get("/windows/<int:window_id>/ranking")
@permit(Permission.RANK, load_window)
def window(window: Window) -> Answer:
    """Show how far the evaluation is, and the ranking as computed."""
    return _page(window)


def _page(
    window: Window,
    *,
    form: ActForm | None = None,
    compute_form: ComputeForm | None = None,
    problem: Lazy | None = None,
) -> str:
    session = db.session()
    many = queries.rankings_of(session, window.id)
    number = request.args.get("number", None, in_rows)
    shown = next((r for r in many if r.number == number), many[0] if many else None)
    design = queries.edition_of(session, window).design
    present = queries.stage_of(design, window.stage)
    missing = [p for p in queries.progress(session, window.id) if not p.complete]
    return render_template(
        "reviews/manage_ranking.html",
        window=window,
        design=design,
        rankings=many,
        missing=missing,
        not_ready=queries.not_ready(session, window.id),
        count=queries.progress_count(session, window.id),
        waiting=queries.waiting_for(
            session, [p.proposal_id for p in missing[:50]], stage=present.number
        ),
        present=present,
        every_stage=design.evaluation.run,
        gate=shown is not None and not queries.stage_of(design, shown.stage).last,
        earlier=_earlier(design, many, present),
        compute_form=compute_form or ComputeForm(formdata=None),
        draws="draw" in design.evaluation.tie_break,
        held=queries.drawn_seed(session, window.id, present.number),
        available=Money(queries.pool_available(session, window)),
        form=form or ActForm(formdata=None),
        problem=problem,
        publishable=shown is not None
        and shown.state in {RankingState.COMPUTED, RankingState.PROVISIONAL}
        and shown is many[0],
        **(ranking_page(session, shown, office=True) if shown else {"ranking": None}),
    )


def _earlier(design: CallDesign, many: list[Ranking], present: Stage) -> Stage | None:
    """Give the stage before the present one, as long as its gate can be corrected."""
    begun = any(r.stage == present.number and r.state in IN_FORCE for r in many)
    if present.number == 1 or begun:
        return None
    return queries.stage_of(design, present.number - 1)


@bp.post("/windows/<int:window_id>/ranking")
@writes
@permit(Permission.RANK, load_window)
def compute(window: Window) -> Answer:
    """Compute the ranking anew, under a new number; ``?stage=`` corrects the gate before."""
    form = ComputeForm()
    if not form.validate_on_submit():
        return _page(window, compute_form=form), 422
    try:
        ranking = actions.compute_ranking(
            db.session(),
            window,
            stage=request.args.get("stage", None, in_rows),
            seed=form.seed.data or "",
            actor=actor(window),
            at=current_now(),
        )
    except DomainError as error:
        if error.field:
            form.say(error)
        problem = None if error.field else error.message
        return _page(window, compute_form=form, problem=problem), error.status
    flash(
        _("Ranking no. %(number)s is computed; nobody else sees it yet.", number=ranking.number),
        "success",
    )
    return seeother(url_for("rankings_manage.window", window_id=window.id))


@bp.post("/rankings/<int:ranking_id>/discard")
@writes
@permit(Permission.RANK, load)
def discard(ranking: Ranking) -> Answer:
    """Put a computed ranking aside."""
    try:
        actions.discard_ranking(db.session(), ranking, actor=actor(ranking), at=current_now())
    except DomainError as error:
        return _page(ranking.window, problem=error.message), error.status
    flash(_("Ranking no. %(number)s is put aside.", number=ranking.number), "success")
    return seeother(url_for("rankings_manage.window", window_id=ranking.window_id))


@bp.post("/rankings/<int:ranking_id>/publish")
@writes
@permit(Permission.RANK, load)
def publish(ranking: Ranking) -> Answer:
    """Publish a ranking by act: provisional or final."""
    form = ActForm()
    if not form.validate_on_submit():
        return _page(ranking.window, form=form), 422
    final = request.form.get("then") != "provisional"
    session, who, now = db.session(), actor(ranking), current_now()
    try:
        act = typed_act(form, user_id=who.user_id)
        actions.publish_ranking(session, ranking, act, final=final, actor=who, at=now)
    except DomainError as error:
        form.say(error)
        return _page(ranking.window, form=form), error.status
    if final:
        flash(_("The final ranking is published; each applicant gets a letter."), "success")
    else:
        flash(_("The provisional ranking is published; each applicant gets a letter."), "success")
    return seeother(url_for("rankings_manage.window", window_id=ranking.window_id))
