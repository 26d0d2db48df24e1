"""Importing results that were not made here: the file, what it would do, the act that confirms."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for

from quartieri.acts.forms import ActForm
from quartieri.calls.models import Window
from quartieri.db import db, get, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.kit.labels import lazy
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import Permission
from quartieri.reviews import actions, queries
from quartieri.reviews.forms import ResultForm
from quartieri.reviews.models import ImportedFile
from quartieri.reviews.queries.imported import imported_files, preview
from quartieri.reviews.routes.decisions import Answer, by_act
from quartieri.reviews.routes.office import load_window
from quartieri.reviews.routes.shown import words

bp = Blueprint("results", __name__, url_prefix="/manage")


def load(file_id: int) -> ImportedFile:
    """Give a file by its id."""
    return get(db.session(), ImportedFile, file_id)


@bp.get("/windows/<int:window_id>/results")
@permit(Permission.RANK, load_window)
def index(window: Window) -> Answer:
    """Show which results are imported, and ask for the file of another."""
    return _page(window)


def _page(window: Window, form: ResultForm | None = None) -> str:
    session = db.session()
    design = queries.edition_of(session, window).design
    stage = queries.stage_of(design, window.stage)
    form = form or ResultForm(formdata=None)
    form.criterion.choices = [(c.code, words(c.title) or c.code) for c in stage.imported]
    return render_template(
        "reviews/results.html",
        window=window,
        stage=stage,
        stages=design.evaluation.run,
        titles={c.code: words(c.title) or c.code for c in design.evaluation.criteria},
        files=imported_files(session, window.id),
        form=form,
    )


@bp.post("/windows/<int:window_id>/results")
@writes
@permit(Permission.RANK, load_window)
def upload(window: Window) -> Answer:
    """Keep a file and show what it would do."""
    session, form = db.session(), ResultForm()
    stage = queries.stage_of(queries.edition_of(session, window).design, window.stage)
    form.criterion.choices = [(c.code, words(c.title) or c.code) for c in stage.imported]
    if not form.validate_on_submit():
        return _page(window, form), 422
    sent = form.file.data
    try:
        file = actions.upload_result(
            session,
            window,
            criterion=form.criterion.data,
            name=sent.filename or "",
            content=sent.read(),
            actor=actor(window),
            at=current_now(),
        )
    except DomainError as error:
        form.say(error)
        return _page(window, form), error.status
    return seeother(url_for("results.show", file_id=file.id))


@bp.get("/results/<int:file_id>")
@permit(Permission.RANK, load)
def show(file: ImportedFile) -> Answer:
    """Show what a file says line by line, what is wrong with it, and what would follow."""
    return _file_page(file, ActForm(formdata=None))


def _file_page(file: ImportedFile, form: ActForm) -> str:
    return render_template(
        "reviews/result.html",
        file=file,
        window=file.window,
        found=preview(db.session(), file),
        form=form,
    )


@bp.post("/results/<int:file_id>/confirm")
@writes
@permit(Permission.RANK, load)
def confirm(file: ImportedFile) -> Answer:
    """Confirm a file by act: its points count from now on."""
    form, who, now = ActForm(), actor(file), current_now()
    return by_act(
        form,
        lambda act: actions.confirm_result(db.session(), file, act, actor=who, at=now),
        lambda: _file_page(file, form),
        lazy("The result is imported: the ranking counts it."),
        url_for("results.index", window_id=file.window_id),
    )


@bp.get("/results/<int:file_id>/file")
@permit(Permission.RANK, load)
def document(file: ImportedFile) -> Response:
    """Give the file as it came."""
    answer = Response(file.content.encode(), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"result-{file.id}.csv")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
