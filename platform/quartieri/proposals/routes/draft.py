"""Drafting: the task list, documents, looking over, submitting."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.calls.design import Question
from quartieri.db import db, writes
from quartieri.files.serving import send
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.people.access import current_now, owner, received_at
from quartieri.proposals import actions
from quartieri.proposals.forms import DOCUMENT_KINDS, AttachmentForm, SubmitForm
from quartieri.proposals.models import Proposal
from quartieri.proposals.queries import deadline_window, history
from quartieri.proposals.routes.blueprint import (
    Answer,
    attachment_of,
    bp,
    facts,
    keep_upload,
    load,
    me,
    missing_in,
    session_name,
    view_arg,
)
from quartieri.proposals.rules import (
    CARRIED,
    WITHDRAWABLE_STATES,
    IncompleteError,
    ProposalState,
    answer_to,
    section_states,
    shown_in,
)
from quartieri.proposals.rules.steps import steps


def _with_document(proposal_id: int, attachment_id: int) -> Proposal:
    del attachment_id  # looked up once the owner is known
    return load(proposal_id)


@bp.get("/applications/<int:proposal_id>")
@owner(load)
def show(proposal: Proposal) -> Answer:
    """Show a draft as a list of tasks, a submitted application with where it stands."""
    if proposal.state is ProposalState.DRAFT:
        known = facts(proposal)
        missing = missing_in(known)
        return render_template(
            "proposals/draft.html",
            **known,
            states=section_states(known["draft"], known["form_pages"], missing),
            carried=proposal.answers.get(CARRIED),
            missing=missing,
            window=deadline_window(db.session(), proposal.call_id, current_now()),
        )
    return state_page(proposal)


def state_page(proposal: Proposal) -> str:
    """Draw where a submitted application stands."""
    known = facts(proposal)
    reached = history(db.session(), proposal.id)
    return render_template(
        "proposals/show.html",
        **known,
        steps=steps(
            proposal.state,
            reached,
            number=proposal.protocol_number,
            window=session_name(proposal),
            campaigns=known["design"].has_campaigns,
            pact=known["design"].money.no_money,
        ),
        can_withdraw=proposal.state in WITHDRAWABLE_STATES,
        can_replace=proposal.state is ProposalState.SUBMITTED
        and proposal.window is not None
        and current_now() <= proposal.window.closes_at,
    )


# -- documents ---------------------------------------------------------------------------------


@bp.get("/applications/<int:proposal_id>/documents")
@owner(load)
def attachments(proposal: Proposal) -> Answer:
    """Show a draft's documents."""
    if proposal.state is not ProposalState.DRAFT:
        return seeother(url_for("proposals.show", proposal_id=proposal.id))
    return _documents_page(proposal, AttachmentForm())


@bp.post("/applications/<int:proposal_id>/documents")
@writes
@owner(load)
def attach(proposal: Proposal) -> Answer:
    """Add a document to a draft."""
    form = AttachmentForm()
    if not form.validate_on_submit():
        return _documents_page(proposal, form), 422
    try:
        stored = keep_upload(form.file.data, user_id=proposal.owner_id)
        actions.attach(db.session(), proposal, stored, title=form.title.data, at=current_now())
    except DomainError as error:
        form.say(error)
        return _documents_page(proposal, form), error.status
    flash(_("The document is added."), "success")
    return seeother(url_for("proposals.attachments", proposal_id=proposal.id))


def _documents_page(proposal: Proposal, form: AttachmentForm) -> str:
    return render_template(
        "proposals/documents.html", **facts(proposal), form=form, accept=DOCUMENT_KINDS
    )


@bp.get("/applications/<int:proposal_id>/documents/<int:attachment_id>")
@owner(_with_document)
def document(proposal: Proposal) -> Response:
    """Give the applicant a document of the application."""
    return send(attachment_of(proposal, view_arg("attachment_id")).file)


@bp.post("/applications/<int:proposal_id>/documents/<int:attachment_id>/remove")
@writes
@owner(_with_document)
def detach(proposal: Proposal) -> Answer:
    """Take a document off a draft."""
    found = attachment_of(proposal, view_arg("attachment_id"))
    actions.detach(db.session(), found, proposal, at=current_now())
    flash(_("The document is taken off."), "success")
    return seeother(url_for("proposals.attachments", proposal_id=proposal.id))


# -- looking over and submitting ---------------------------------------------------------------


@bp.get("/applications/<int:proposal_id>/review")
@owner(load)
def review(proposal: Proposal) -> Answer:
    """Show the whole draft, what it lacks, and the button that submits it."""
    if proposal.state is not ProposalState.DRAFT:
        return seeother(url_for("proposals.show", proposal_id=proposal.id))
    return _review_page(proposal, SubmitForm(data={"version": str(proposal.version)}))


@bp.post("/applications/<int:proposal_id>/submit")
@writes
@owner(load)
def submit(proposal: Proposal) -> Answer:
    """Submit; what counts is when this request entered the application."""
    form = SubmitForm()
    if not form.validate_on_submit():
        return _review_page(proposal, form), 422
    try:
        entry = actions.submit(
            db.session(),
            proposal,
            received_at=received_at(),
            actor=me(proposal),
            at=current_now(),
            version=form.seen(),
        )
    except DomainError as error:
        if not isinstance(error, IncompleteError):
            form.say(error)
        form.version.data = str(proposal.version)
        return _review_page(proposal, form), error.status
    flash(
        _("Your application is submitted under number %(number)s.", number=entry.shown), "success"
    )
    return seeother(url_for("proposals.show", proposal_id=proposal.id))


def _review_page(proposal: Proposal, form: SubmitForm) -> str:
    known = facts(proposal)
    return render_template(
        "proposals/review.html",
        **known,
        form=form,
        missing=missing_in(known),
        hidden=_hidden(known),
        window=deadline_window(db.session(), proposal.call_id, current_now()),
    )


def _hidden(known: dict[str, Any]) -> list[Question]:
    """List the questions that are answered and hidden by other answers: they are not sent."""
    draft, form = known["draft"], known["form_pages"]
    shown = shown_in(draft, form)
    asked = (q for q in form.questions if q.asks and q.key not in shown)
    return [q for q in asked if answer_to(draft, q) is not None]


@bp.post("/applications/<int:proposal_id>/discard")
@writes
@owner(load)
def discard(proposal: Proposal) -> Answer:
    """Throw a draft away."""
    actions.discard(db.session(), proposal, actor=me(proposal), at=current_now())
    flash(_("The draft is thrown away."), "success")
    return seeother(url_for("proposals.mine"))
