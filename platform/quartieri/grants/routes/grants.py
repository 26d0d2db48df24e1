"""A grant from reservation to report: list, page, act, agreement, legal entity, report."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.acts.actions import ActData
from quartieri.acts.forms import ActForm
from quartieri.acts.routes import PDF, kept_file, typed_act
from quartieri.acts.rules import ActState
from quartieri.calls.models import Call
from quartieri.db import db, get, writes
from quartieri.files.models import StoredFile
from quartieri.files.serving import send
from quartieri.grants import actions, queries
from quartieri.grants.forms import (
    AgreementForm,
    IbanForm,
    LegalEntityForm,
    PutBackForm,
    ReasonForm,
    RecoveryForm,
    ReportForm,
)
from quartieri.grants.models import Grant
from quartieri.grants.rules import (
    GrantState,
    what_next,
)
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, InvalidError
from quartieri.kit.fields import Form
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.kit.numbers import in_rows, page_number
from quartieri.people.access import actor, allowed, current_now, permit, scopes_with
from quartieri.people.rules import Permission
from quartieri.proposals.rules import ProposalState

bp = Blueprint("grants", __name__, url_prefix="/manage/grants")

Answer = str | Response | tuple[str, int]
Verb = Callable[[], None]
FORBIDDEN = 403
"""Refused to this person: the error page says so, and the refusal is kept."""


def load(grant_id: int) -> Grant:
    """Give a grant by its id."""
    return get(db.session(), Grant, grant_id)


def user_id(grant: Grant) -> int | None:
    """Give who acts on a grant."""
    return actor(grant).user_id


def page(grant: Grant, name: str = "", form: Form | None = None) -> str:
    """Draw a grant's page; a refused form takes the place of the fresh one."""
    asked = queries.asked_cents(db.session(), grant.id)
    recovered = Money(grant.recovered_cents - grant.put_back_cents)
    forms: dict[str, Form] = {
        "act": ActForm(formdata=None),
        "entity": LegalEntityForm(formdata=None),
        "agreement": AgreementForm(formdata=None, data={"iban": grant.recipient_iban}),
        "iban": IbanForm(formdata=None),
        "report": ReportForm(formdata=None, data={"final": Money(grant.granted_cents)}),
        "reopen": ReasonForm(formdata=None),
        "recovery": RecoveryForm(formdata=None),
        "put_back": PutBackForm(formdata=None, prefix="back-", data={"amount": recovered}),
        "write_off": ActForm(formdata=None, prefix="off-"),
        "take_back": ActForm(formdata=None, prefix="take-"),
        "renounce": ActForm(formdata=None, prefix="renounce-"),
    }
    if form is not None:
        forms[name] = form
    return render_template(
        "grants/show.html",
        grant=grant,
        forms=forms,
        opened=name,
        history=queries.grant_history(db.session(), grant),
        left=Money(grant.granted_cents - asked),
        waits_for_body=grant.waits_for_body,
        recovered=recovered,
        renounceable=grant.proposal.state is ProposalState.SELECTED
        and not grant.proposal.edition.design.has_campaigns,
        what_next=what_next(
            grant.state,
            proposed=grant.proposed_at is not None,
            waits_for_body=grant.waits_for_body,
            nothing_to_pay=grant.nothing_to_pay,
            no_money=grant.proposal.edition.design.money.no_money,
            act_published=grant.act is not None and grant.act.state is ActState.PUBLISHED,
        ),
    )


def submitted(grant: Grant, name: str, form: Form, verb: Verb, success: str) -> Answer:
    """Check a form, run one verb of the domain, say what happened; nothing typed is lost."""
    if not form.validate_on_submit():
        return page(grant, name, form), 422
    try:
        verb()
    except DomainError as error:
        if error.status == FORBIDDEN:
            raise
        db.session.rollback()
        form.say(error)
        return page(grant, name, form), error.status
    flash(success, "success")
    return seeother(url_for("grants.show", grant_id=grant.id))


def act_of(form: ActForm, grant: Grant) -> ActData:
    """Give the act that was typed."""
    return typed_act(form, user_id=user_id(grant))


def file_of(form: Form, name: str, grant: Grant) -> StoredFile:
    """Keep an uploaded PDF of a form; raise InvalidError where none was chosen."""
    stored = kept_file(form[name].data, user_id=user_id(grant), allowed=PDF)
    if stored is None:
        raise InvalidError(lazy("Choose the file."), field=name)
    return stored


@bp.get("/")
@permit(Permission.MONEY_READ)
def manage_index() -> Answer:
    """List the grants in scope."""
    code = request.args.get("state", "")
    state = GrantState(code) if code in set(GrantState) else None
    call_id = request.args.get("call", None, in_rows)
    call = db.session().get(Call, call_id) if call_id is not None else None
    if call is not None and not allowed(Permission.MONEY_READ, call):
        call = None
    words = request.args.get("q", "").strip()
    sort = request.args.get("sort", "")
    found = queries.grant_page(
        db.session(),
        scopes=scopes_with(Permission.MONEY_READ),
        call_id=call_id,
        state=state,
        text=words,
        sort=sort,
        page=page_number(),
    )
    return render_template(
        "grants/index.html",
        found=found,
        states=tuple(GrantState),
        state=state,
        call=call,
        words=words,
        sort=sort,
    )


@bp.get("/<int:grant_id>")
@permit(Permission.MONEY_READ, load)
def show(grant: Grant) -> Answer:
    """Show a grant: what is bound, what comes next, who did what."""
    return page(grant)


@bp.get("/<int:grant_id>/files/<any(agreement, statute):which>")
@permit(Permission.BANK_READ, lambda grant_id, which: (load(grant_id), which))
def document(grant: Grant, which: str) -> Answer:
    """Give the signed agreement, or the statute of the body that a group became."""
    key = grant.agreement_file_id if which == "agreement" else grant.recipient_statute_file_id
    stored = get(db.session(), StoredFile, key or 0)
    return send(stored)


@bp.post("/<int:grant_id>/act")
@writes
@permit(Permission.GRANT_RECORD, load)
def record_act(grant: Grant) -> Answer:
    """Record the signed grant act: this commits."""
    form = ActForm()

    def verb() -> None:
        actions.record_grant_act(
            db.session(), grant, act_of(form, grant), actor=actor(grant), at=current_now()
        )

    return submitted(grant, "act", form, verb, _("The grant is committed. Now publish the act."))


@bp.post("/<int:grant_id>/act/publish")
@writes
@permit(Permission.GRANT_RECORD, load)
def publish_act(grant: Grant) -> Answer:
    """Publish the grant act."""
    actions.publish_grant_act(db.session(), grant, actor=actor(grant), at=current_now())
    flash(_("The act is published."), "success")
    return seeother(url_for("grants.show", grant_id=grant.id))


@bp.post("/<int:grant_id>/legal-entity")
@writes
@permit(Permission.GRANT_RECORD, load)
def legal_entity(grant: Grant) -> Answer:
    """Record the body that an informal group became."""
    form = LegalEntityForm()

    def verb() -> None:
        actions.record_legal_entity(
            db.session(),
            grant,
            act_of(form, grant),
            name=form.name.data,
            tax_code=form.tax_code.data,
            iban=form.iban.data,
            statute=file_of(form, "statute", grant),
            actor=actor(grant),
            at=current_now(),
        )

    return submitted(grant, "entity", form, verb, _("The grant belongs to the new body."))


@bp.post("/<int:grant_id>/agreement")
@writes
@permit(Permission.GRANT_RECORD, load)
def agreement(grant: Grant) -> Answer:
    """Record the signed agreement."""
    form = AgreementForm()

    def verb() -> None:
        actions.record_agreement(
            db.session(),
            grant,
            signed_on=form.signed_on.data,
            file=file_of(form, "agreement", grant),
            iban=form.iban.data or "",
            actor=actor(grant),
            at=current_now(),
        )

    return submitted(grant, "agreement", form, verb, _("The agreement is recorded."))


@bp.post("/<int:grant_id>/iban")
@writes
@permit(Permission.GRANT_RECORD, load)
def change_iban(grant: Grant) -> Answer:
    """Record another account of the recipient."""
    form = IbanForm()

    def verb() -> None:
        actions.change_iban(
            db.session(), grant, iban=form.iban.data, actor=actor(grant), at=current_now()
        )

    return submitted(grant, "iban", form, verb, _("The new IBAN is recorded."))


@bp.post("/<int:grant_id>/report")
@writes
@permit(Permission.GRANT_RECORD, load)
def report(grant: Grant) -> Answer:
    """Approve the expense report."""
    form = ReportForm()

    def verb() -> None:
        act = None
        if form.has_act:
            number, office, signer = form.number.data, form.office.data, form.signer.data
            upload, by = form.file.data, user_id(grant)
            file = kept_file(upload, user_id=by, allowed=PDF, public=True)
            act = ActData(number, form.dated.data, office, signer, file=file)
        actions.approve_report(
            db.session(),
            grant,
            final_cents=form.final.cents,
            act=act,
            actor=actor(grant),
            at=current_now(),
        )

    return submitted(grant, "report", form, verb, _("The report is approved."))


@bp.post("/<int:grant_id>/report/reopen")
@writes
@permit(Permission.GRANT_RECORD, load)
def reopen_report(grant: Grant) -> Answer:
    """Open the approved report again, with the reason."""
    form = ReasonForm()

    def verb() -> None:
        reason, who, at = form.reason.data, actor(grant), current_now()
        actions.reopen_report(db.session(), grant, reason=reason, actor=who, at=at)

    return submitted(grant, "reopen", form, verb, _("The report is open again."))
