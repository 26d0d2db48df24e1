"""Calls as documents in the interface: out, in, copied, kept as templates; the public schema."""

from __future__ import annotations

from flask import Response, flash, url_for
from flask_babel import gettext as _

from quartieri.calls import actions, queries
from quartieri.calls.exchange import (
    MATCH_FORMAT,
    MOST_BYTES,
    Note,
    checked,
    schema_text,
    written,
)
from quartieri.calls.forms import ImportForm, KeepForm
from quartieri.calls.models import Call, KeptTemplate
from quartieri.calls.routes.blueprint import Answer, bp, draw, load
from quartieri.db import db, get, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.kit.filters import say_filter as say
from quartieri.people.access import actor, allowed, current_now, permit, public
from quartieri.people.models import Authority
from quartieri.people.queries import authorities
from quartieri.people.rules import Permission

JSON = "application/json"
SCHEMA = "application/schema+json"


@bp.get("/schemas/quartieri-call-1.schema.json")
@public
def call_schema() -> Response:
    """Give the JSON Schema of a call's document."""
    return Response(schema_text(), mimetype=SCHEMA)


@bp.get("/schemas/quartieri-match-1.schema.json")
@public
def match_schema() -> Response:
    """Give the JSON Schema of what ``match compute`` reads."""
    return Response(schema_text(MATCH_FORMAT), mimetype=SCHEMA)


@bp.get("/manage/calls/<int:call_id>/document")
@permit(Permission.MANAGE_READ, load)
def export(call: Call) -> Response:
    """Save a call as one document."""
    response = Response(written(queries.document_of(db.session(), call).to_json()), mimetype=JSON)
    response.headers.set("Content-Disposition", "attachment", filename=f"{call.slug}.json")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@bp.post("/manage/calls/<int:call_id>/duplicate")
@writes
@permit(Permission.CALL_EDIT, load)
def duplicate(call: Call) -> Answer:
    """Start a draft that says what a call says."""
    copy = actions.duplicate(db.session(), call, actor=actor(call.authority), at=current_now())
    flash(_("The copy is there, as a draft."), "success")
    return seeother(url_for("calls.edit", call_id=copy.id, step="identity"))


# -- in ----------------------------------------------------------------------------------------


@bp.get("/manage/calls/import")
@permit(Permission.CALL_EDIT)
def import_form() -> Answer:
    """Ask for a document."""
    return _import_page(_import_form())


@bp.post("/manage/calls/import")
@writes
@permit(Permission.CALL_EDIT)
def import_() -> Answer:
    """Start a draft from a document; with a fault, list them all and store nothing."""
    form = _import_form()
    if not form.validate_on_submit():
        return _import_page(form), 422
    document, faults = checked(form.file.data.stream.read(MOST_BYTES + 1))
    if document is None:
        return _import_page(form, faults), 422
    session = db.session()
    authority = get(session, Authority, int(form.authority.data))
    try:
        call = actions.import_document(
            session, authority, document, actor=actor(authority), at=current_now()
        )
        _faults, warnings = queries.against_city(session, authority.id, document)
    except actions.DocumentError as error:
        db.session.rollback()
        return _import_page(form, list(error.notes)), error.status
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _import_page(form), error.status
    flash(_("The draft is there. Fill in its steps; what is missing stands at the end."), "success")
    for note in warnings:
        flash(f"{note.pointer}: {say(note.message)}", "warning")
    return seeother(url_for("calls.edit", call_id=call.id, step="identity"))


def _import_form() -> ImportForm:
    form = ImportForm()
    mine = [a for a in authorities(db.session()) if allowed(Permission.CALL_EDIT, a)]
    form.authority.choices = [(str(a.id), a.name) for a in mine]
    return form


def _import_page(form: ImportForm, faults: list[Note] | None = None) -> str:
    return draw("calls/import.html", form=form, faults=faults or [])


# -- kept templates ----------------------------------------------------------------------------


def _kept(template_id: int) -> KeptTemplate:
    return queries.kept_template(db.session(), template_id)


@bp.get("/manage/calls/<int:call_id>/keep")
@permit(Permission.CALL_EDIT, load)
def keep_form(call: Call) -> Answer:
    """Ask for the template's name."""
    form = KeepForm(formdata=None, data={"name": call.title_it})
    return draw("calls/keep.html", call=call, form=form)


@bp.post("/manage/calls/<int:call_id>/keep")
@writes
@permit(Permission.CALL_EDIT, load)
def keep(call: Call) -> Answer:
    """Keep a call as a template of its authority."""
    form = KeepForm()
    if not form.validate_on_submit():
        return draw("calls/keep.html", call=call, form=form), 422
    try:
        actions.keep_template(
            db.session(), call, name=form.name.data, actor=actor(call), at=current_now()
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return draw("calls/keep.html", call=call, form=form), error.status
    flash(_("The template is kept: it stands among those that a new call starts from."), "success")
    return seeother(url_for("calls.manage", call_id=call.id))


@bp.post("/manage/call-templates/<int:template_id>/start")
@writes
@permit(Permission.CALL_EDIT, _kept)
def start_from_kept(kept: KeptTemplate) -> Answer:
    """Start a draft from a template that the authority keeps."""
    call = actions.create_from_kept(db.session(), kept, actor=actor(kept), at=current_now())
    flash(_("The draft is there. Fill in its steps; what is missing stands at the end."), "success")
    return seeother(url_for("calls.edit", call_id=call.id, step="identity"))


@bp.post("/manage/call-templates/<int:template_id>/delete")
@writes
@permit(Permission.CALL_EDIT, _kept)
def delete_kept(kept: KeptTemplate) -> Answer:
    """Delete a template; calls that were started from it stay."""
    actions.delete_template(db.session(), kept, actor=actor(kept), at=current_now())
    flash(_("The template is deleted."), "success")
    return seeother(url_for("calls.new"))
