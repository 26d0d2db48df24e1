"""The sandbox's payment page: what the provider's own page would be, with outcomes to choose.

It exists only where the sandbox is the provider, which the production profile refuses.
"""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.db import unit_of_work, writes_in_steps
from quartieri.extensions import services
from quartieri.gateways.sandbox.cards import Choice
from quartieri.gateways.sandbox.checkout import Step
from quartieri.gateways.sandbox.desk import Mode, RefusedError
from quartieri.gateways.sandbox.engine import Page, Sandbox
from quartieri.kit.answers import seeother
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.payments import jobs
from quartieri.payments.forms import OutcomeForm
from quartieri.people.access import public

bp = Blueprint("sandbox", __name__, url_prefix="/sandbox/checkout")


def _found(session: str) -> tuple[Sandbox, Page]:
    box = jobs.sandbox()
    page = box.page(session) if box is not None else None
    if box is None or page is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return box, page


def _form(page: Page) -> OutcomeForm:
    form = OutcomeForm()
    form.offer(Choice.offered(saving=page.amount_cents is None), page.mode)
    return form


def _draw(page: Page, form: OutcomeForm) -> str:
    amount = None if page.amount_cents is None else Money(page.amount_cents)
    return render_template("sandbox/checkout.html", page=page, amount=amount, form=form)


@bp.get("/<session>")
@public
def page(session: str) -> str:
    """Show the payment page, or the bank's question while it is open."""
    _box, found = _found(session)
    if found.asks_second_factor:
        return render_template("sandbox/second_factor.html", page=found)
    return _draw(found, _form(found))


@bp.post("/<session>")
@writes_in_steps
@public
def submit(session: str) -> Response | tuple[str, int]:
    """Do what was chosen."""
    box, found = _found(session)
    form = _form(found)
    if not form.validate_on_submit():
        return _draw(found, form), 422
    choice = Choice(form.outcome.data)
    try:
        box.choose_page_mode(session, Mode(form.mode.data))
        if choice is Choice.RUNS_OUT:
            box.run_out(session)
            step = Step.OVER
        else:
            step = box.submit(session, choice.number)
    except RefusedError:
        return seeother(url_for(".page", session=session))
    return _go_on(found, step)


@bp.post("/<session>/answer")
@writes_in_steps
@public
def answer(session: str) -> Response:
    """Answer the bank's question: approve, or refuse."""
    box, found = _found(session)
    try:
        step = box.answer(session, approve=request.form.get("answer") == "approve")
    except RefusedError:
        return seeother(url_for(".page", session=session))
    return _go_on(found, step)


def _go_on(found: Page, step: Step) -> Response:
    with unit_of_work() as session:
        jobs.deliver_soon(session, at=services().clock.now())
    if step is Step.DONE:
        return seeother(found.success_url)
    if step is Step.OVER:
        return seeother(found.cancel_url)
    if step is Step.DECLINED:
        flash(_("The card was declined. You can choose again, or go back."), "warning")
    return seeother(url_for(".page", session=found.id))
