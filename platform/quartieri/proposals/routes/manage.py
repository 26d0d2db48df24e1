"""The officials' list, and the desk of the admissibility check."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.audit.queries import history as audit_history
from quartieri.calls.legal_clock import TermState
from quartieri.calls.models import Window
from quartieri.calls.queries.sessions import terms
from quartieri.calls.rules import WindowState
from quartieri.db import db, writes
from quartieri.files.serving import send
from quartieri.kit.answers import seeother
from quartieri.kit.clock import end_of_day, in_rome
from quartieri.kit.errors import ConflictError, DomainError, NotYoursError
from quartieri.kit.fields import Form
from quartieri.kit.formats import language
from quartieri.kit.numbers import in_rows, page_number
from quartieri.mail.queries import letters_about
from quartieri.people.access import actor, allowed, current_now, permit, scopes_with
from quartieri.people.rules import Permission
from quartieri.proposals import actions
from quartieri.proposals.forms import (
    ExcludeForm,
    IntegrationForm,
    ListForm,
    NoticeForm,
    checklist,
    read_checklist,
)
from quartieri.proposals.models import Proposal
from quartieri.proposals.queries import (
    SORTS,
    Filters,
    checks_of,
    filter_choices,
    list_page,
    undecided,
    windows_to_run,
)
from quartieri.proposals.routes.blueprint import (
    Answer,
    answer_file_of,
    attachment_of,
    bp,
    facts,
    load_for_office,
    view_arg,
)
from quartieri.proposals.rules import PRIVATE_STATES, ProposalState

WORDS_LIMIT = 200
WORKING = frozenset({WindowState.CHECKING, WindowState.EVALUATION, WindowState.PROVISIONAL})
"""While a session is in one of these its legal term runs."""


@bp.get("/manage/proposals")
@permit(Permission.PROPOSALS_READ)
def manage_index() -> Answer:
    """List the applications that were submitted, 50 a page, narrowed as the address says."""
    session = db.session()
    scopes = scopes_with(Permission.PROPOSALS_READ)
    filters = _filters()
    calls, windows = filter_choices(session, scopes)
    shown = [w for w in windows if filters.call_id is None or w.call_id == filters.call_id]
    found = list_page(session, filters, page=page_number(), language=language())
    to_run = windows_to_run([w for w in windows if w.id == filters.window_id], current_now())
    return render_template(
        "proposals/manage_index.html",
        found=found,
        filters=filters,
        form=_list_form(calls, shown),
        calls={c.id: c.title(language()) for c in calls},
        windows=shown,
        to_run=to_run,
        undecided=undecided(session, [w.id for w in to_run]),
        terms=_terms(shown),
    )


def _terms(shown: list[Window]) -> list[tuple[Window, TermState]]:
    """Give the legal term of the sessions on the list that are under way, in their order."""
    calls = {w.call_id: w.call for w in shown if w.state in WORKING}
    known = terms(db.session(), calls.values(), now=current_now())
    return [(w, known[w.id]) for w in shown if w.id in known]


def _filters() -> Filters:
    args = request.args
    state = args.get("state", "")
    lawful = {s.value for s in ProposalState if s not in PRIVATE_STATES}
    sort = args.get("sort", "-received")
    return Filters(
        scopes=scopes_with(Permission.PROPOSALS_READ),
        call_id=args.get("call", None, in_rows),
        window_id=args.get("window", None, in_rows),
        state=ProposalState(state) if state in lawful else None,
        words=args.get("q", "")[:WORDS_LIMIT],
        sort=sort if sort.removeprefix("-") in SORTS else "-received",
    )


def _list_form(calls: list[Any], windows: list[Any]) -> ListForm:
    form = ListForm(request.args)
    titles = {c.id: c.title(language()) for c in calls}
    form.call.choices = [("", _("All calls")), *((str(c.id), titles[c.id]) for c in calls)]
    form.window.choices = [
        ("", _("All sessions")),
        *(
            (
                str(w.id),
                _("%(call)s: session %(number)s", call=titles[w.call_id], number=w.number),
            )
            for w in windows
        ),
    ]
    form.state.choices = [
        ("", _("All states")),
        *((s.value, _(s.label)) for s in ProposalState if s not in PRIVATE_STATES),
    ]
    return form


# -- one application ---------------------------------------------------------------------------


@bp.get("/manage/proposals/<int:proposal_id>")
@permit(Permission.PROPOSALS_READ, load_for_office)
def manage_show(proposal: Proposal) -> Answer:
    """Show an application beside its checklist."""
    return _desk(proposal)


def _desk(proposal: Proposal, **forms: Any) -> str:
    session = db.session()
    known = facts(proposal)
    said = checks_of(session, proposal.id)
    design = known["design"]
    days = design.money.integration_days or 10
    due = in_rome(current_now()).date() + timedelta(days=days)
    mine = allowed(Permission.PROPOSAL_CHECK, proposal)
    return render_template(
        "proposals/manage_show.html",
        **known,
        said=said,
        unmet=[r for r in design.checklist if r.code not in said or said[r.code].outcome != "met"],
        may_check=mine,
        may_decide=allowed(Permission.PROPOSAL_DECIDE, proposal),
        check_form=forms.get("check")
        or checklist(design, said, version=proposal.version, language=language()),
        notice_form=forms.get("notice") or NoticeForm(formdata=None),
        exclude_form=forms.get("exclude") or ExcludeForm(formdata=None),
        integration_form=forms.get("integration")
        or IntegrationForm(formdata=None, data={"due": due}),
        conflict=forms.get("conflict"),
        letters=letters_about(session, "proposal", proposal.id),
        history=audit_history(session, "proposal", proposal.id),
    )


def _back(proposal: Proposal) -> Response:
    return seeother(url_for("proposals.manage_show", proposal_id=proposal.id))


def _submitted(
    proposal: Proposal, name: str, form: Form, verb: Callable[[], object], success: str
) -> Answer:
    """Check a form, run one verb of the domain, say what happened; nothing typed is lost."""
    if not form.validate_on_submit():
        return _desk(proposal, **{name: form}), 422
    try:
        verb()
    except NotYoursError:
        raise  # drawn and recorded as a refusal
    except DomainError as error:
        form.say(error)
        conflict = isinstance(error, ConflictError)
        if conflict:
            form["version"].data = str(proposal.version)
        return _desk(proposal, **{name: form}, conflict=conflict), error.status
    flash(success, "success")
    return _back(proposal)


@bp.post("/manage/proposals/<int:proposal_id>/start-check")
@writes
@permit(Permission.PROPOSAL_CHECK, load_for_office)
def start_check(proposal: Proposal) -> Answer:
    """Take one application into the check."""
    actions.start_check(db.session(), proposal, actor=actor(proposal), at=current_now())
    flash(_("The check has begun."), "success")
    return _back(proposal)


@bp.post("/manage/proposals/<int:proposal_id>/check")
@writes
@permit(Permission.PROPOSAL_CHECK, load_for_office)
def check(proposal: Proposal) -> Answer:
    """Keep the checklist; with the button "admit" admit the application, too."""
    design = proposal.edition.design
    form = checklist(design, {}, version=proposal.version, language=language())
    admits = request.form.get("then") == "admit"

    def verb() -> None:
        actions.record_check(
            db.session(),
            proposal,
            read_checklist(form, design),
            version=form.seen(),
            actor=actor(proposal),
            at=current_now(),
        )
        if admits:
            actions.admit(db.session(), proposal, actor=actor(proposal), at=current_now())

    admitted = _("The application is admitted; the applicant gets a letter.")
    success = admitted if admits else _("The checklist is saved.")
    return _submitted(proposal, "check", form, verb, success)


@bp.post("/manage/proposals/<int:proposal_id>/exclude")
@writes
@permit(Permission.PROPOSAL_CHECK, load_for_office)
def exclude(proposal: Proposal) -> Answer:
    """Exclude an application, with the reason."""
    form = ExcludeForm()

    def verb() -> None:
        actions.exclude(
            db.session(),
            proposal,
            reason=form.reason.data,
            actor=actor(proposal),
            at=current_now(),
        )

    success = _("The application is excluded; the applicant gets a letter.")
    return _submitted(proposal, "exclude", form, verb, success)


@bp.post("/manage/proposals/<int:proposal_id>/integration")
@writes
@permit(Permission.PROPOSAL_CHECK, load_for_office)
def request_integration(proposal: Proposal) -> Answer:
    """Ask the applicant for what is missing, until the end of a day in Rome."""
    form = IntegrationForm()

    def verb() -> None:
        actions.request_integration(
            db.session(),
            proposal,
            items=form.items.data,
            due_at=end_of_day(form.due.data),
            actor=actor(proposal),
            at=current_now(),
        )

    success = _("The applicant is asked for it by letter.")
    return _submitted(proposal, "integration", form, verb, success)


@bp.post("/manage/proposals/<int:proposal_id>/refusal-notice")
@writes
@permit(Permission.PROPOSAL_CHECK, load_for_office)
def notify_refusal(proposal: Proposal) -> Answer:
    """Give notice of a refusal with its reasons; the applicant has ten days to answer."""
    form = NoticeForm()

    def verb() -> None:
        actions.notify_refusal(
            db.session(),
            proposal,
            reasons=form.reasons.data,
            actor=actor(proposal),
            at=current_now(),
        )

    success = _("The applicant is told by letter, and has ten days to answer.")
    return _submitted(proposal, "notice", form, verb, success)


@bp.post("/manage/proposals/<int:proposal_id>/integration/cancel")
@writes
@permit(Permission.PROPOSAL_CHECK, load_for_office)
def cancel_integration(proposal: Proposal) -> Answer:
    """Take an integration request back."""
    actions.cancel_integration(
        db.session(),
        proposal,
        reason=request.form.get("reason", "")[:WORDS_LIMIT],
        actor=actor(proposal),
        at=current_now(),
    )
    flash(_("The request is taken back; the check goes on."), "success")
    return _back(proposal)


# -- documents ---------------------------------------------------------------------------------


def _with_document(proposal_id: int, attachment_id: int) -> Proposal:
    del attachment_id  # looked up once the permission is known
    return load_for_office(proposal_id)


def _with_request(proposal_id: int, request_id: int) -> Proposal:
    del request_id  # the same
    return load_for_office(proposal_id)


@bp.get("/manage/proposals/<int:proposal_id>/documents/<int:attachment_id>")
@permit(Permission.PROPOSALS_READ, _with_document)
def manage_document(proposal: Proposal) -> Response:
    """Give an official a document of an application."""
    return send(attachment_of(proposal, view_arg("attachment_id")).file)


@bp.get("/manage/proposals/<int:proposal_id>/integrations/<int:request_id>/file")
@permit(Permission.PROPOSALS_READ, _with_request)
def manage_answer_file(proposal: Proposal) -> Response:
    """Give an official the document of an answer."""
    stored = answer_file_of(proposal, view_arg("request_id")).answer_file
    assert stored is not None  # noqa: S101 -- answer_file_of says so
    return send(stored)
