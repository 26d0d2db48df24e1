"""Drafting: the task list, one page each, documents, looking over, submitting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from quartieri.db import db, writes
from quartieri.extensions import services
from quartieri.files.actions import keep
from quartieri.files.serving import send
from quartieri.kit.answers import seeother
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import ConflictError, DomainError
from quartieri.kit.formats import language
from quartieri.people.access import current_now, owner, received_at
from quartieri.proposals import actions
from quartieri.proposals.forms import (
    DOCUMENT_KINDS,
    AttachmentForm,
    SectionForm,
    SubmitForm,
    build,
    read,
)
from quartieri.proposals.models import Proposal
from quartieri.proposals.queries import deadline_window, history
from quartieri.proposals.routes.blueprint import (
    Answer,
    attachment_of,
    bp,
    facts,
    load,
    me,
    nothing_here,
    session_name,
    view_arg,
)
from quartieri.proposals.rules import (
    WITHDRAWABLE_STATES,
    IncompleteError,
    Problem,
    ProposalState,
    Section,
    mark_of,
    problems,
    section_states,
)
from quartieri.proposals.rules.steps import steps


@dataclass(frozen=True, slots=True)
class Desk:
    """A draft and the page of it that is open."""

    proposal: Proposal
    section: Section

    @property
    def owner_id(self) -> int:
        """Whose draft it is."""
        return self.proposal.owner_id


def _desk(proposal_id: int, section: str) -> Desk:
    if section not in set(Section) or section == Section.ATTACHMENTS:
        raise nothing_here()
    return Desk(load(proposal_id), Section(section))


def _with_document(proposal_id: int, attachment_id: int) -> Proposal:
    del attachment_id  # looked up once the owner is known
    return load(proposal_id)


def _missing(known: dict[str, Any]) -> list[Problem]:
    today = in_rome(current_now()).date()
    return problems(known["draft"], known["design"], today=today, language=language())


@bp.get("/applications/<int:proposal_id>")
@owner(load)
def show(proposal: Proposal) -> Answer:
    """Show a draft as a list of tasks, a submitted application with where it stands."""
    if proposal.state is ProposalState.DRAFT:
        known = facts(proposal)
        missing = _missing(known)
        return render_template(
            "proposals/draft.html",
            **known,
            states=section_states(known["draft"], missing),
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
        ),
        can_withdraw=proposal.state in WITHDRAWABLE_STATES,
        can_replace=proposal.state is ProposalState.SUBMITTED
        and proposal.window is not None
        and current_now() <= proposal.window.closes_at,
    )


# -- one page of the draft ---------------------------------------------------------------------


@bp.get("/applications/<int:proposal_id>/edit/<section>")
@owner(_desk)
def edit(desk: Desk) -> Answer:
    """Show one page of a draft."""
    if desk.proposal.state is not ProposalState.DRAFT:
        return seeother(url_for("proposals.show", proposal_id=desk.proposal.id))
    known = facts(desk.proposal)
    return _section_page(desk, known, _form(desk, known))


@bp.post("/applications/<int:proposal_id>/edit/<section>")
@writes
@owner(_desk)
def save(desk: Desk) -> Answer:
    """Save one page of a draft; incomplete is welcome, unreadable is shown again as typed."""
    known = facts(desk.proposal)
    form = _form(desk, known)
    if not form.validate_on_submit():
        return _section_page(desk, known, form), 422
    part = read(form, desk.section, known["draft"])
    try:
        actions.save(
            db.session(),
            desk.proposal,
            part,
            seen=form.seen.data or None,
            actor=me(desk.proposal),
            at=current_now(),
        )
    except ConflictError as error:
        form.say(error)
        saved = known["draft"].part(desk.section)
        form.seen.data = mark_of(saved)
        return _section_page(desk, known, form, saved=saved), error.status
    except DomainError as error:
        form.say(error)
        return _section_page(desk, known, form), error.status
    flash(_("Saved."), "success")
    return seeother(_after_save(desk))


def _after_save(desk: Desk) -> str:
    number = desk.proposal.id
    if request.form.get("then") == "stay":
        return url_for("proposals.edit", proposal_id=number, section=desk.section.value)
    if request.form.get("then") == "next":
        order = list(Section)
        place = order.index(desk.section) + 1
        following = order[place] if place < len(order) else None
        if following is Section.ATTACHMENTS:
            return url_for("proposals.attachments", proposal_id=number)
        if following is not None:
            return url_for("proposals.edit", proposal_id=number, section=following.value)
        return url_for("proposals.review", proposal_id=number)
    return url_for("proposals.show", proposal_id=number)


def _form(desk: Desk, known: dict[str, Any]) -> SectionForm:
    return build(
        desk.section, known["draft"], known["design"], areas=known["areas"], language=language()
    )


def _section_page(
    desk: Desk, known: dict[str, Any], form: SectionForm, *, saved: object = None
) -> str:
    return render_template(
        "proposals/section.html",
        **known,
        section=desk.section,
        form=form,
        saved=saved,
        missing=[p for p in _missing(known) if p.section is desk.section],
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


def keep_upload(upload: FileStorage, *, user_id: int) -> Any:
    """Check and keep an uploaded document; raise InvalidError."""
    return keep(
        db.session(),
        services().storage,
        name=upload.filename or "",
        content=upload.read(),
        user_id=user_id,
        at=current_now(),
        most_bytes=services().settings.max_upload_bytes,
    )


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
        missing=_missing(known),
        window=deadline_window(db.session(), proposal.call_id, current_now()),
    )


@bp.post("/applications/<int:proposal_id>/discard")
@writes
@owner(load)
def discard(proposal: Proposal) -> Answer:
    """Throw a draft away."""
    actions.discard(db.session(), proposal, actor=me(proposal), at=current_now())
    flash(_("The draft is thrown away."), "success")
    return seeother(url_for("proposals.mine"))
