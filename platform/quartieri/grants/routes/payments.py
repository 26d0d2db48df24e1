"""The payments of a grant: request, approve, order, pay, and what can go wrong between."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.db import db, get, writes
from quartieri.grants import actions, queries
from quartieri.grants.forms import DisbursementForm, PaidForm, ReasonForm
from quartieri.grants.models import Disbursement, Grant
from quartieri.grants.routes.grants import FORBIDDEN, load
from quartieri.grants.rules import UNDER_WAY, DisbursementKind, DisbursementState
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.kit.fields import Form
from quartieri.kit.money import Money
from quartieri.kit.numbers import page_number
from quartieri.people.access import actor, current_now, permit, scopes_with
from quartieri.people.rules import Permission

bp = Blueprint("disbursements", __name__, url_prefix="/manage")

Answer = str | Response | tuple[str, int]


def load_payment(disbursement_id: int) -> Disbursement:
    """Give a payment by its id."""
    return get(db.session(), Disbursement, disbursement_id)


def _request_form() -> DisbursementForm:
    form = DisbursementForm()
    form.offer({kind: _(kind.label) for kind in DisbursementKind})
    return form


def _request_page(grant: Grant, form: Form) -> str:
    left = Money(grant.granted_cents - queries.asked_cents(db.session(), grant.id))
    return render_template("grants/request.html", grant=grant, form=form, left=left)


def _page(payment: Disbursement, form: Form, verb: str) -> str:
    return render_template(
        "grants/payment.html", payment=payment, grant=payment.grant, form=form, verb=verb
    )


def _back(payment: Disbursement, message: str) -> Response:
    flash(message, "success")
    return seeother(url_for("grants.show", grant_id=payment.grant_id) + "#payments")


def _submitted(
    payment: Disbursement, form: Form, verb: str, run: Callable[[], None], message: str
) -> Answer:
    if not form.validate_on_submit():
        return _page(payment, form, verb), 422
    try:
        run()
    except DomainError as error:
        if error.status == FORBIDDEN:
            raise
        db.session.rollback()
        form.say(error)
        return _page(payment, form, verb), error.status
    return _back(payment, message)


@bp.get("/payments")
@permit(Permission.MONEY_READ)
def index() -> Answer:
    """List the payments in scope: those under way, or all, or those in one state."""
    code = request.args.get("state", "")
    states = frozenset({DisbursementState(code)}) if code in set(DisbursementState) else None
    if not code:
        states = UNDER_WAY
    words, sort = request.args.get("q", "").strip(), request.args.get("sort", "")
    found = queries.payment_page(
        db.session(),
        scopes=scopes_with(Permission.MONEY_READ),
        states=states,
        text=words,
        sort=sort,
        page=page_number(),
    )
    return render_template(
        "grants/payments.html",
        found=found,
        states=tuple(DisbursementState),
        code=code,
        words=words,
        sort=sort,
    )


@bp.get("/grants/<int:grant_id>/payments/new")
@permit(Permission.DISBURSEMENT_REQUEST, load)
def new(grant: Grant) -> Answer:
    """Show the form of a payment to request."""
    return _request_page(grant, _request_form())


@bp.post("/grants/<int:grant_id>/payments/new")
@writes
@permit(Permission.DISBURSEMENT_REQUEST, load)
def request_payment(grant: Grant) -> Answer:
    """Request a payment."""
    form = _request_form()
    if not form.validate_on_submit():
        return _request_page(grant, form), 422
    try:
        payment = actions.request_disbursement(
            db.session(),
            grant,
            kind=DisbursementKind(form.kind.data),
            cents=form.amount.cents,
            note=form.note.data or "",
            token=form.token.data or None,
            actor=actor(grant),
            at=current_now(),
        )
    except DomainError as error:
        if error.status == FORBIDDEN:
            raise
        db.session.rollback()
        form.say(error)
        return _request_page(grant, form), error.status
    return _back(payment, _("The payment is requested. A manager approves it."))


@bp.post("/payments/<int:disbursement_id>/approve")
@writes
@permit(Permission.DISBURSEMENT_APPROVE, load_payment)
def approve(payment: Disbursement) -> Answer:
    """Approve a payment."""
    actions.approve_disbursement(db.session(), payment, actor=actor(payment), at=current_now())
    return _back(payment, _("The payment is approved. The treasurer orders it."))


@bp.post("/payments/<int:disbursement_id>/order")
@writes
@permit(Permission.DISBURSEMENT_PAY, load_payment)
def order(payment: Disbursement) -> Answer:
    """Order a payment at the bank."""
    actions.order_disbursement(db.session(), payment, actor=actor(payment), at=current_now())
    return _back(payment, _("The payment is ordered."))


@bp.get("/payments/<int:disbursement_id>/pay")
@permit(Permission.DISBURSEMENT_PAY, load_payment)
def pay_form(payment: Disbursement) -> Answer:
    """Ask for the bank's reference."""
    return _page(payment, PaidForm(), "pay")


@bp.post("/payments/<int:disbursement_id>/pay")
@writes
@permit(Permission.DISBURSEMENT_PAY, load_payment)
def pay(payment: Disbursement) -> Answer:
    """Record that the bank paid."""
    form = PaidForm()

    def run() -> None:
        reference = form.reference.data
        who, at = actor(payment), current_now()
        actions.pay_disbursement(db.session(), payment, reference=reference, actor=who, at=at)

    message = _("The payment is booked: the beneficiary is told by mail.")
    return _submitted(payment, form, "pay", run, message)


@bp.get("/payments/<int:disbursement_id>/return")
@permit(Permission.DISBURSEMENT_PAY, load_payment)
def return_form(payment: Disbursement) -> Answer:
    """Ask why the bank sent it back."""
    return _page(payment, ReasonForm(), "return")


@bp.post("/payments/<int:disbursement_id>/return")
@writes
@permit(Permission.DISBURSEMENT_PAY, load_payment)
def return_payment(payment: Disbursement) -> Answer:
    """Record that the bank sent the payment back."""
    form = ReasonForm()

    def run() -> None:
        reason, who, at = form.reason.data, actor(payment), current_now()
        actions.return_disbursement(db.session(), payment, reason=reason, actor=who, at=at)

    return _submitted(payment, form, "return", run, _("The returned payment is booked."))


@bp.get("/payments/<int:disbursement_id>/refuse")
@permit(Permission.DISBURSEMENT_APPROVE, load_payment)
def refuse_form(payment: Disbursement) -> Answer:
    """Ask why a payment is refused."""
    return _page(payment, ReasonForm(), "refuse")


@bp.post("/payments/<int:disbursement_id>/refuse")
@writes
@permit(Permission.DISBURSEMENT_APPROVE, load_payment)
def refuse(payment: Disbursement) -> Answer:
    """Refuse a payment, with the reason."""
    form = ReasonForm()

    def run() -> None:
        reason, who, at = form.reason.data, actor(payment), current_now()
        actions.refuse_disbursement(db.session(), payment, reason=reason, actor=who, at=at)

    return _submitted(payment, form, "refuse", run, _("The payment is refused."))


@bp.get("/payments/<int:disbursement_id>/cancel")
@permit(Permission.DISBURSEMENT_REQUEST, load_payment)
def cancel_form(payment: Disbursement) -> Answer:
    """Ask why a payment is given up."""
    return _page(payment, ReasonForm(), "cancel")


@bp.post("/payments/<int:disbursement_id>/cancel")
@writes
@permit(Permission.DISBURSEMENT_REQUEST, load_payment)
def cancel(payment: Disbursement) -> Answer:
    """Give a payment up before it is ordered, or after the bank sent it back."""
    form = ReasonForm()

    def run() -> None:
        reason, who, at = form.reason.data, actor(payment), current_now()
        actions.cancel_disbursement(db.session(), payment, reason=reason, actor=who, at=at)

    return _submitted(payment, form, "cancel", run, _("The payment is cancelled."))
