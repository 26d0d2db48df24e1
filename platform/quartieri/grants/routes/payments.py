"""The payments of a grant: request, approve, order, pay."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.db import db, get, writes
from quartieri.grants import actions, queries
from quartieri.grants.forms import DisbursementForm, PaidForm, ReasonForm
from quartieri.grants.models import Disbursement, Grant
from quartieri.grants.routes.grants import load
from quartieri.grants.rules import DisbursementKind
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.kit.fields import Form
from quartieri.kit.money import Money
from quartieri.people.access import actor, current_now, permit
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
            actor=actor(grant),
            at=current_now(),
        )
    except DomainError as error:
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
    if not form.validate_on_submit():
        return _page(payment, form, "pay"), 422
    actions.pay_disbursement(
        db.session(),
        payment,
        reference=form.reference.data,
        actor=actor(payment),
        at=current_now(),
    )
    return _back(payment, _("The payment is booked: the beneficiary is told by mail."))


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
    if not form.validate_on_submit():
        return _page(payment, form, "return"), 422
    actions.return_disbursement(
        db.session(),
        payment,
        reason=form.reason.data,
        actor=actor(payment),
        at=current_now(),
    )
    return _back(payment, _("The returned payment is booked."))


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
    if not form.validate_on_submit():
        return _page(payment, form, "refuse"), 422
    actions.refuse_disbursement(
        db.session(),
        payment,
        reason=form.reason.data,
        actor=actor(payment),
        at=current_now(),
    )
    return _back(payment, _("The payment is refused."))
