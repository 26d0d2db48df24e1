"""The sandbox's desk: what banks and the provider's own pages do, for whoever runs the site."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.db import unit_of_work, writes_in_steps
from quartieri.extensions import services
from quartieri.gateways.sandbox.counter import Deed, Paper
from quartieri.gateways.sandbox.desk import Mode, RefusedError
from quartieri.gateways.sandbox.engine import Sandbox
from quartieri.kit.answers import seeother
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.payments import jobs
from quartieri.payments.forms import DeedForm
from quartieri.people.access import permit
from quartieri.people.rules import Permission

bp = Blueprint("sandbox_desk", __name__, url_prefix="/sandbox/payments")


def _box() -> Sandbox:
    box = jobs.sandbox()
    if box is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return box


def _paper(intent: str) -> Paper:
    found = _box().payment(intent)
    if found is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return found


def _about(paper: Paper) -> str:
    """Say what was paid; the provider knows its number alone."""
    kind, _sep, number = paper.about.partition(":")
    return _("Pledge no. %(number)s", number=number) if kind == "pledge" else paper.about or "–"


def _draw(paper: Paper, form: DeedForm) -> str:
    return render_template("sandbox/payment.html", paper=paper, about=_about, form=form)


@bp.get("/")
@permit(Permission.SITE_RUN)
def index() -> str:
    """List the newest payments."""
    return render_template("sandbox/payments.html", papers=_box().payments(), about=_about)


@bp.get("/<intent>")
@permit(Permission.SITE_RUN)
def show(intent: str) -> str:
    """Show a payment with what can happen to it."""
    paper = _paper(intent)
    form = DeedForm(formdata=None)
    form.offer(paper)
    return _draw(paper, form)


@bp.post("/<intent>")
@writes_in_steps
@permit(Permission.SITE_RUN)
def do(intent: str) -> Response | tuple[str, int]:
    """Let something happen, with messages as was chosen."""
    paper, form = _paper(intent), DeedForm()
    form.offer(paper)
    if not form.validate_on_submit():
        return _draw(paper, form), 422
    box = _box()
    box.choose_mode(intent, Mode(form.mode.data))
    if form.deed.data:
        try:
            box.do(intent, Deed(form.deed.data), form.amount.cents if form.amount.data else None)
        except RefusedError:
            flash(_("This cannot happen to this payment now, or not for this amount."), "warning")
            return seeother(url_for(".show", intent=intent))
        with unit_of_work() as session:
            jobs.deliver_soon(session, at=services().clock.now())
    flash(_("It has happened at the provider."), "success")
    return seeother(url_for(".show", intent=intent))
