"""The picture and the documents of a call: adding, removing, and reading them."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _

from quartieri.acts.routes import kept_file
from quartieri.calls.actions.files import add_file, remove_file
from quartieri.calls.forms.files import CoverForm, DocumentForm
from quartieri.calls.gaps import Step
from quartieri.calls.models import Call, CallFile
from quartieri.calls.queries.files import file_by_id, files_of
from quartieri.calls.routes.blueprint import Answer, bp, draw, load
from quartieri.calls.routes.form_editor import need_draft
from quartieri.calls.rules import PUBLIC_CALL_STATES, CallFileKind
from quartieri.db import db, writes
from quartieri.extensions import services
from quartieri.files.rules import PICTURES
from quartieri.files.serving import YEAR, send
from quartieri.files.text_layer import has_text_layer
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, NotFoundError
from quartieri.kit.formats import language
from quartieri.kit.labels import lazy
from quartieri.people.access import actor, allowed, current_now, permit, public
from quartieri.people.rules import Permission

PDF = {"application/pdf"}


def load_file(file_id: int) -> CallFile:
    """Give a file of a call; NotFoundError."""
    return file_by_id(db.session(), file_id)


@bp.get("/calls/files/<int:file_id>")
@public
def call_file(file_id: int) -> Response:
    """Give a file of a published call to everyone, of a draft to its office."""
    file = load_file(file_id)
    shown = file.call.state in PUBLIC_CALL_STATES
    if not shown and not allowed(Permission.MANAGE_READ, file.call):
        raise NotFoundError(lazy("This file is not there."))
    response = send(file.file)
    if shown:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


@bp.get("/manage/calls/<int:call_id>/files")
@permit(Permission.CALL_EDIT, load)
def files(call: Call) -> Answer:
    """Show the picture and the documents of a draft."""
    need_draft(call)
    return _page(call)


@bp.post("/manage/calls/<int:call_id>/files/cover")
@writes
@permit(Permission.CALL_EDIT, load)
def add_cover(call: Call) -> Answer:
    """Put a picture on the call's page; the one before goes."""
    need_draft(call)
    form = CoverForm(prefix="c")
    if not form.validate_on_submit():
        return _page(call, cover=form), 422
    who = actor(call)
    try:
        stored = kept_file(form.file.data, user_id=who.user_id, allowed=PICTURES)
        if stored is not None:
            add_file(
                db.session(),
                call,
                stored,
                kind=CallFileKind.COVER,
                title_it=form.title_it.data,
                title_en=form.title_en.data,
                actor=who,
                at=current_now(),
            )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _page(call, cover=form), error.status
    flash(_("The picture is there."), "success")
    return seeother(url_for("calls.files", call_id=call.id))


@bp.post("/manage/calls/<int:call_id>/files/document")
@writes
@permit(Permission.CALL_EDIT, load)
def add_document(call: Call) -> Answer:
    """Add a document; one without a text layer warns whoever uploads it."""
    need_draft(call)
    form = _document_form(call)
    if not form.validate_on_submit():
        return _page(call, document=form), 422
    who = actor(call)
    content = form.file.data.read()
    form.file.data.seek(0)
    try:
        stored = kept_file(form.file.data, user_id=who.user_id, allowed=PDF)
        if stored is None:
            return _page(call, document=form), 422
        number = form.copy_of.data or ""
        added = add_file(
            db.session(),
            call,
            stored,
            kind=CallFileKind.DOCUMENT,
            title_it=form.title_it.data,
            title_en=form.title_en.data or "",
            readable=has_text_layer(content),
            copy_of=load_file(int(number)) if number.isdecimal() else None,
            actor=who,
            at=current_now(),
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _page(call, document=form), error.status
    if added.readable:
        flash(_("The document is there."), "success")
    else:
        flash(
            _(
                "The document is there, but it has no text layer: who listens to pages cannot read"
                " it. Add an accessible copy."
            ),
            "warning",
        )
    return seeother(url_for("calls.files", call_id=call.id))


@bp.post("/manage/call-files/<int:file_id>/remove")
@writes
@permit(Permission.CALL_EDIT, load_file)
def remove_call_file(file: CallFile) -> Answer:
    """Take a file off a draft."""
    call_id = file.call_id
    remove_file(db.session(), file, actor=actor(file), at=current_now())
    flash(_("The file is taken off."), "success")
    return seeother(url_for("calls.files", call_id=call_id))


def _document_form(call: Call, **given: Any) -> DocumentForm:
    form = DocumentForm(prefix="d", **given)
    found = files_of(db.session(), call.id)
    form.offer([(d.id, d.title(language())) for d, _copies in found.documents])
    return form


def _page(
    call: Call, *, cover: CoverForm | None = None, document: DocumentForm | None = None
) -> str:
    found = files_of(db.session(), call.id)
    return draw(
        "calls/files.html",
        call=call,
        found=found,
        cover=cover or CoverForm(prefix="c", formdata=None),
        document=document or _document_form(call, formdata=None),
        most=services().settings.max_upload_bytes // (1024 * 1024),
        step=Step.IDENTITY,
    )
