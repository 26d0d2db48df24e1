"""Putting a backer's address right: asked on the pledge's page, confirmed from the new mailbox."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import gettext as _

from quartieri.audit.rules import Role
from quartieri.campaigns import actions
from quartieri.campaigns.actions.addresses import may_correct
from quartieri.campaigns.forms import CorrectionForm, NewAddressForm
from quartieri.campaigns.links import address_asked, pledge_token
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.routes.blueprint import Answer, bp, linked, load_pledge, submitted
from quartieri.campaigns.routes.money import draw_pledge
from quartieri.db import db, writes
from quartieri.extensions import limiter
from quartieri.kit.fields import Form
from quartieri.people.access import actor, current_now, permit, public, received_at
from quartieri.people.rules import Permission


def _draw(token: str, found: Pledge, form: Form) -> str:
    return render_template(
        "campaigns/pledge_address.html",
        token=token,
        pledge=found,
        form=form,
        late=not may_correct(found.campaign, found, received_at()),
    )


@bp.get("/pledges/<token>/address")
@public
def address(token: str) -> Answer:
    """Ask for the right address."""
    return _draw(token, linked(token), NewAddressForm(formdata=None))


@bp.post("/pledges/<token>/address")
@limiter.limit("5 per hour")
@writes
@public
def address_submit(token: str) -> Answer:
    """Write to the new address to be confirmed."""
    found, form = linked(token), NewAddressForm()
    return submitted(
        form,
        lambda: _draw(token, linked(token), form),
        lambda: actions.ask_address(
            db.session(),
            found,
            form.email.data,
            actor=actor(found, Role.BACKER),
            at=received_at(),
        ),
        _("We wrote to the new address: open the link in that letter within 7 days."),
        url_for("campaigns.pledge", token=token),
    )


@bp.get("/pledges/new-address/<asked>")
@public
def confirm_address(asked: str) -> Answer:
    """Ask whoever opens the letter's link to confirm: opening alone changes nothing."""
    return _draw_confirm(asked, Form(formdata=None))


def _draw_confirm(asked: str, form: Form) -> str:
    found, email = address_asked(db.session(), asked)
    return render_template("campaigns/address_confirm.html", pledge=found, email=email, form=form)


@bp.post("/pledges/new-address/<asked>")
@limiter.limit("20 per hour")
@writes
@public
def confirm_address_submit(asked: str) -> Answer:
    """Take the new address."""
    found, email = address_asked(db.session(), asked)
    form = Form()

    def verb() -> None:
        with db.session.begin_nested():
            who = actor(found, Role.BACKER)
            actions.confirm_address(db.session(), found, email, actor=who, at=current_now())

    return submitted(
        form,
        lambda: _draw_confirm(asked, form),
        verb,
        _("Your address is changed."),
        lambda: url_for("campaigns.pledge", token=pledge_token(found)),
    )


@bp.post("/manage/pledges/<int:pledge_id>/address")
@writes
@permit(Permission.PLEDGE_RECORD, load_pledge)
def correct_address(pledge: Pledge) -> Answer:
    """Put an address right whose letter came back."""
    form = CorrectionForm()

    def verb() -> None:
        with db.session.begin_nested():
            actions.correct_address(
                db.session(),
                pledge,
                form.email.data,
                reason=form.reason.data,
                actor=actor(pledge),
                at=current_now(),
            )

    return submitted(
        form,
        lambda: draw_pledge(pledge, "address", form),
        verb,
        _("The address is changed; both addresses are told."),
        url_for("campaigns.manage_pledge", pledge_id=pledge.id),
    )
