"""After submission: withdraw, replace, answer an integration request."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.db import db, writes
from quartieri.files.serving import send
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.people.access import current_now, owner, received_at
from quartieri.proposals import actions
from quartieri.proposals.forms import DOCUMENT_KINDS, AnswerForm
from quartieri.proposals.models import IntegrationRequest, Proposal
from quartieri.proposals.queries import open_integration
from quartieri.proposals.routes.blueprint import (
    Answer,
    answer_file_of,
    bp,
    keep_upload,
    load,
    me,
    view_arg,
)
from quartieri.proposals.routes.pages import Unlocking
from quartieri.proposals.rules import unlocked_questions

REASON_LIMIT = 1000


def _with_request(proposal_id: int, request_id: int) -> Proposal:
    del request_id  # looked up once the owner is known
    return load(proposal_id)


@bp.post("/applications/<int:proposal_id>/withdraw")
@writes
@owner(load)
def withdraw(proposal: Proposal) -> Answer:
    """Withdraw an application."""
    actions.withdraw(
        db.session(),
        proposal,
        actor=me(proposal),
        at=current_now(),
        reason=request.form.get("reason", "")[:REASON_LIMIT].strip(),
    )
    flash(_("Your application is withdrawn."), "success")
    return seeother(url_for("proposals.show", proposal_id=proposal.id))


@bp.post("/applications/<int:proposal_id>/replace")
@writes
@owner(load)
def replace(proposal: Proposal) -> Answer:
    """Start a copy that replaces a submitted application once it is submitted itself."""
    copy = actions.reopen(db.session(), proposal, actor=me(proposal), at=current_now())
    flash(_("This is a copy. The submitted application stands until you submit this one."), "info")
    return seeother(url_for("proposals.show", proposal_id=copy.id))


@bp.get("/applications/<int:proposal_id>/integration")
@owner(load)
def integration(proposal: Proposal) -> Answer:
    """Show what is asked for, until when, and the form of the answer."""
    asked = open_integration(db.session(), proposal.id)
    if asked is None:
        return seeother(url_for("proposals.show", proposal_id=proposal.id))
    return _page(asked, AnswerForm(), _unlocking(proposal, asked))


@bp.post("/applications/<int:proposal_id>/integration")
@writes
@owner(load)
def answer(proposal: Proposal) -> Answer:
    """Send the answer; what counts is when this request entered the application."""
    asked = open_integration(db.session(), proposal.id)
    if asked is None:
        flash(_("No answer is waited for any more."), "info")
        return seeother(url_for("proposals.show", proposal_id=proposal.id))
    form, unlocking = AnswerForm(), _unlocking(proposal, asked)
    if not form.validate_on_submit():
        return _page(asked, form, unlocking), 422
    try:
        stored = keep_upload(form.file.data, user_id=proposal.owner_id) if form.file.data else None
        entry = actions.answer_integration(
            db.session(),
            asked,
            text=form.text.data,
            file=stored,
            unlocked=unlocking.read(),
            received_at=received_at(),
            actor=me(proposal),
            at=current_now(),
        )
    except DomainError as error:
        (unlocking.form if error.field in unlocking.form else form).say(error)
        return _page(asked, form, unlocking), error.status
    flash(_("Your answer is registered under number %(number)s.", number=entry.shown), "success")
    return seeother(url_for("proposals.show", proposal_id=proposal.id))


@bp.get("/applications/<int:proposal_id>/integrations/<int:request_id>/file")
@owner(_with_request)
def answer_file(proposal: Proposal) -> Response:
    """Give the applicant the document of an answer."""
    stored = answer_file_of(proposal, view_arg("request_id")).answer_file
    assert stored is not None  # noqa: S101 -- answer_file_of says so
    return send(stored)


def _unlocking(proposal: Proposal, asked: IntegrationRequest) -> Unlocking:
    """Give what an integration unlocks; a notice before a refusal unlocks nothing."""
    if asked.is_notice:
        return Unlocking(proposal, lambda _draft, _form: [])
    return Unlocking(proposal, unlocked_questions)


def _page(asked: IntegrationRequest, form: AnswerForm, unlocking: Unlocking) -> str:
    return render_template(
        "proposals/integration.html",
        **unlocking.known,
        asked=asked,
        late=current_now() > asked.due_at,
        form=form,
        unlocked=unlocking.asked,
        unlocked_form=unlocking.form,
        accept=DOCUMENT_KINDS,
    )
