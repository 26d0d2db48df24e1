"""Following a call by email: asking, confirming, and one click to leave (RFC 8058)."""

from __future__ import annotations

from flask import flash, url_for
from flask_babel import gettext as _

from quartieri.calls import queries
from quartieri.calls.actions import followers
from quartieri.calls.forms.public import FollowForm
from quartieri.calls.models import Call, Follower
from quartieri.calls.queries.questions import follower_by_code
from quartieri.calls.routes.blueprint import Answer, bp, draw
from quartieri.db import db, writes
from quartieri.extensions import csrf, limiter
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, NotFoundError
from quartieri.kit.formats import language
from quartieri.people.access import current_now, public, signed_in_user
from quartieri.people.letters_sent import look_at_mail


def own_address(email: str) -> bool:
    """Tell whether an address is that of the account that is signed in, and so confirmed."""
    user = signed_in_user()
    return (
        user is not None and user.confirmed_at is not None and user.email == email.strip().lower()
    )


def known_address() -> dict[str, str]:
    """Give what a form can fill in of whoever is signed in."""
    user = signed_in_user()
    return {} if user is None else {"email": user.email, "name": user.name}


@bp.get("/calls/<slug>/follow")
@public
def follow(slug: str) -> Answer:
    """Ask for an address."""
    call = queries.public_call(db.session(), slug)
    return draw("calls/follow.html", call=call, form=FollowForm(data=known_address()))


@bp.post("/calls/<slug>/follow")
@limiter.limit("10 per hour")
@writes
@public
def follow_submit(slug: str) -> Answer:
    """Write the letter that asks for a confirmation; the page never tells who follows already."""
    call = queries.public_call(db.session(), slug)
    form = FollowForm()
    if not form.validate_on_submit():
        return draw("calls/follow.html", call=call, form=form), 422
    email, own = form.email.data, own_address(form.email.data)
    try:
        followers.follow(
            db.session(), call, email=email, language=language(), at=current_now(), own=own
        )
    except DomainError as error:
        form.say(error)
        return draw("calls/follow.html", call=call, form=form), error.status
    if own:
        flash(_("You follow this call: we write to you when something happens."), "success")
        return seeother(url_for("calls.show", slug=call.slug))
    return look_at_mail(email)


@bp.get("/calls/follow/<code>")
@public
def follow_link(code: str) -> Answer:
    """Ask for one click: mail programs open links, and a GET changes nothing."""
    follower = follower_by_code(db.session(), code)
    return draw("calls/follow_link.html", follower=follower, call=follower.call)


@bp.post("/calls/follow/<code>")
@writes
@public
def follow_confirm(code: str) -> Answer:
    """Note that the address is its owner's."""
    follower = followers.confirm_follower(
        db.session(), follower_by_code(db.session(), code), at=current_now()
    )
    flash(_("You follow this call: we write to you when something happens."), "success")
    return seeother(url_for("calls.show", slug=follower.call.slug))


@bp.get("/calls/unsubscribe/<code>")
@public
def unsubscribe(code: str) -> Answer:
    """Offer the one button that ends the letters; an address that left already reads so."""
    follower = _follower(code)
    return draw("calls/unsubscribe.html", call=follower.call if follower else None, code=code)


@bp.post("/calls/unsubscribe/<code>")
@csrf.exempt  # type: ignore[untyped-decorator] # Flask-WTF publishes no types
@writes
@public
def unsubscribe_submit(code: str) -> Answer:
    """End the letters, at once and for whoever holds the code: also a mail program's POST.

    RFC 8058, section 3.1: the POST carries no cookie and no token, and asks nothing more.
    """
    follower = _follower(code)
    call: Call | None = follower.call if follower else None
    if follower is not None:
        followers.unfollow(db.session(), follower)
    return draw("calls/unsubscribe.html", call=None, left=call, code=code)


def _follower(code: str) -> Follower | None:
    try:
        return follower_by_code(db.session(), code)
    except NotFoundError:
        return None
