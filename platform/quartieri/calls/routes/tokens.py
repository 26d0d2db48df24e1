"""Access for programs: given for one call, its secret shown once, taken back at any time."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, session, url_for
from flask_babel import gettext as _

from quartieri.calls.actions import tokens as actions
from quartieri.calls.forms.tokens import TokenForm
from quartieri.calls.models import ApiToken, Call
from quartieri.calls.queries.tokens import tokens_of
from quartieri.calls.routes.blueprint import Answer, bp, draw, load
from quartieri.db import db, get, writes
from quartieri.kit.answers import seeother
from quartieri.kit.clock import in_rome, rome
from quartieri.kit.errors import DomainError
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import Permission

FRESH = "fresh_token"
"""Where the browser's own cookie carries a new secret to the page that shows it."""
YEAR = timedelta(days=365)


def _load(token_id: int) -> ApiToken:
    return get(db.session(), ApiToken, token_id)


@bp.get("/manage/calls/<int:call_id>/tokens")
@permit(Permission.MACHINE_ADMIT, load)
def tokens(call: Call) -> Answer:
    """List a call's tokens; the secret of a new one is shown now and never again."""
    form = TokenForm(formdata=None, data={"until": in_rome(current_now() + YEAR).date()})
    return _draw(call, form)


def _draw(call: Call, form: TokenForm) -> str:
    secret = session.pop(FRESH, "")
    found = tokens_of(db.session(), call.id)
    return draw("calls/tokens.html", call=call, form=form, tokens=found, secret=secret)


@bp.post("/manage/calls/<int:call_id>/tokens")
@writes
@permit(Permission.MACHINE_ADMIT, load)
def make_token(call: Call) -> Answer:
    """Give a program access."""
    form = TokenForm()
    if not form.validate_on_submit():
        return _draw(call, form), 422
    try:
        _token, secret = actions.make_token(
            db.session(),
            call,
            label=form.label.data,
            until=rome(form.until.data + timedelta(days=1)),
            actor=actor(call),
            at=current_now(),
        )
    except DomainError as error:
        form.say(error)
        return _draw(call, form), error.status
    session[FRESH] = secret
    return seeother(url_for("calls.tokens", call_id=call.id))


@bp.post("/manage/tokens/<int:token_id>/revoke")
@writes
@permit(Permission.MACHINE_ADMIT, _load)
def revoke_token(token: ApiToken) -> Answer:
    """Take a program's access back."""
    actions.revoke_token(db.session(), token, actor=actor(token), at=current_now())
    flash(_("The access is taken back: nothing comes in through it any more."), "success")
    return seeother(url_for("calls.tokens", call_id=token.call_id))
