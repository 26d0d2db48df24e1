"""Registering, signing in, the own account."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from quartieri.audit.actions import record
from quartieri.audit.rules import VISITOR, Actor, Role
from quartieri.db import db, get, writes
from quartieri.extensions import limiter, services
from quartieri.kit.answers import local_target, seeother
from quartieri.kit.errors import DomainError
from quartieri.kit.filters import say_filter
from quartieri.mail.actions import write
from quartieri.people import actions, links
from quartieri.people.access import (
    actor,
    current_now,
    owner,
    public,
    signed_in,
    signed_in_user,
)
from quartieri.people.forms import (
    AddressForm,
    NewPasswordForm,
    ProfileForm,
    RegisterForm,
    SignInForm,
)
from quartieri.people.letters_sent import forget, look_at_mail, written_to
from quartieri.people.models import Organisation, User
from quartieri.people.passwords import decoy, hashed, matches
from quartieri.people.queries import organisations_of, user_by_email
from quartieri.people.session import may_sign_in, session_of

bp = Blueprint("people", __name__)

Answer = str | Response | tuple[str, int]
DAY = 24 * 3600


@bp.get("/sign-in")
@public
def sign_in() -> Answer:
    """Show the sign-in form."""
    if signed_in_user() is not None:
        return seeother(local_target(request.args.get("next"), url_for("people.account")))
    return render_template("people/sign_in.html", form=SignInForm())


@bp.post("/sign-in")
@limiter.limit("10 per minute")
@writes
@public
def sign_in_submit() -> Answer:
    """Open a session; a wrong address and a wrong password read the same."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("people/sign_in.html", form=form), 422
    profile = services().settings.password_profile
    user = user_by_email(db.session(), form.email.data)
    fits = matches(user.password_hash if user else decoy(profile), form.password.data, profile)
    demo = services().settings.demo
    if user is None or not fits or not may_sign_in(user, demo=demo):
        _note_failure(user)
        form.form_errors.append(_("The address or the password is not right."))
        page = render_template("people/sign_in.html", form=form)
        return Response(page, status=200, mimetype="text/html")
    if user.confirmed_at is None:
        _send_confirmation(user)
        return look_at_mail(user.email)
    login_user(session_of(user), remember=form.remember.data)
    return seeother(local_target(request.args.get("next"), url_for("people.account")))


@bp.post("/sign-out")
@writes
@signed_in
def sign_out() -> Answer:
    """End this session."""
    logout_user()
    forget()
    flash(_("You are signed out."), "success")
    return seeother(url_for("web.home"))


@bp.get("/register")
@public
def register() -> Answer:
    """Show the form of a new account."""
    return render_template("people/register.html", form=RegisterForm())


@bp.post("/register")
@limiter.limit("10 per hour")
@writes
@public
def register_submit() -> Answer:
    """Add an account and write the letter with the link; the page never tells who has one."""
    form = RegisterForm()
    if not form.validate_on_submit():
        return render_template("people/register.html", form=form), 422
    user = actions.register(
        db.session(),
        email=form.email.data,
        name=form.name.data,
        password_hash=hashed(form.password.data, services().settings.password_profile),
        language=str(get_locale()),
        at=current_now(),
    )
    if user is None:
        _tell_known_address(form.email.data)
    else:
        _send_confirmation(user)
    return look_at_mail(form.email.data)


@bp.get("/look-at-your-mail")
@public
def check_mail() -> Answer:
    """Say where the letter went that a visitor just asked for."""
    email = written_to()
    if email is None:
        return seeother(url_for("people.sign_in"))
    return render_template("people/check_mail.html", email=email)


@bp.get("/confirm/<token>")
@public
def confirm(token: str) -> Answer:
    """Ask for one click: mail programs open links, and a GET changes nothing."""
    _user_of(token, "confirm-address", 7 * DAY)
    return render_template("people/confirm.html", token=token)


@bp.post("/confirm/<token>")
@writes
@public
def confirm_submit(token: str) -> Answer:
    """Confirm the address and open a session."""
    user = _user_of(token, "confirm-address", links.CONFIRM_DAYS * DAY)
    first = user.confirmed_at is None
    actions.confirm(db.session(), user, at=current_now())
    if not first:
        flash(_("Your address was confirmed already: sign in."), "info")
        return seeother(url_for("people.sign_in"))
    login_user(session_of(user))
    flash(_("Your address is confirmed. Welcome!"), "success")
    return seeother(url_for("people.account"))


@bp.get("/forgotten")
@public
def forgotten() -> Answer:
    """Show the form that asks for a link."""
    return render_template("people/forgotten.html", form=AddressForm())


@bp.post("/forgotten")
@limiter.limit("5 per hour")
@writes
@public
def forgotten_submit() -> Answer:
    """Write a letter with a link for a new password, if the address has an account."""
    form = AddressForm()
    if not form.validate_on_submit():
        return render_template("people/forgotten.html", form=form), 422
    user = user_by_email(db.session(), form.email.data)
    if user is not None and user.disabled_at is None:
        token = _sign("reset-password", f"{user.id}:{user.session_version}")
        write(
            db.session(),
            "people_reset",
            to=user.email,
            language=user.language,
            key=f"reset:{user.id}:{current_now().isoformat()}",
            at=current_now(),
            about=("user", user.id),
            name=user.name,
            url=_absolute(url_for("people.reset", token=token)),
        )
    return look_at_mail(form.email.data)


@bp.get("/new-password/<token>")
@public
def reset(token: str) -> Answer:
    """Show the form of a new password."""
    _user_of(token, "reset-password", links.RESET_HOURS * 3600)
    return render_template("people/reset.html", form=NewPasswordForm(), token=token)


@bp.post("/new-password/<token>")
@writes
@public
def reset_submit(token: str) -> Answer:
    """Keep the new password; every other session ends, and the link works once."""
    user = _user_of(token, "reset-password", links.RESET_HOURS * 3600)
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return render_template("people/reset.html", form=form, token=token), 422
    new = hashed(form.password.data, services().settings.password_profile)
    actions.set_password(db.session(), user, new, at=current_now())
    flash(_("The new password is kept. Sign in with it."), "success")
    return seeother(url_for("people.sign_in"))


@bp.get("/account")
@signed_in
def account() -> Answer:
    """Show the own account: profile, organisations, where to go on."""
    user = _present()
    form = ProfileForm(data={"name": user.name, "language": user.language})
    mine = organisations_of(db.session(), user.id)
    return render_template("people/account.html", form=form, user=user, organisations=mine)


@bp.post("/account")
@writes
@signed_in
def account_submit() -> Answer:
    """Keep the changed profile."""
    user = _present()
    form = ProfileForm()
    if not form.validate_on_submit():
        mine = organisations_of(db.session(), user.id)
        page = render_template("people/account.html", form=form, user=user, organisations=mine)
        return page, 422
    actions.change_profile(
        db.session(), user, name=form.name.data, language=form.language.data, at=current_now()
    )
    flash(_("Saved."), "success")
    return seeother(url_for("people.account"))


def _load_organisation(organisation_id: int) -> Organisation:
    return get(db.session(), Organisation, organisation_id)


@bp.post("/account/organisations/<int:organisation_id>/volunteer")
@writes
@owner(_load_organisation)
def say_volunteer(organisation: Organisation) -> Response:
    """Say that one's own body is a volunteer organisation (ODV), or is none."""
    says = request.form.get("volunteer") == "yes"
    try:
        actions.say_volunteer(
            db.session(), organisation, volunteer=says, actor=actor(), at=current_now()
        )
    except DomainError as error:
        flash(say_filter(error.message), "error")
        return seeother(url_for("people.account"))
    flash(_("Saved."), "success")
    return seeother(url_for("people.account"))


def _present() -> User:
    user = signed_in_user()
    if user is None:
        raise LookupError
    return user


def _absolute(path: str) -> str:
    return services().settings.base_url + path


def _sign(purpose: str, payload: str) -> str:
    return links.sign(services().settings.secret_key, purpose, payload)


def _user_of(token: str, purpose: str, seconds: int) -> User:
    """Give the account that a link is for; a link for an older password is not valid."""
    payload = links.read(services().settings.secret_key, purpose, token, seconds=seconds)
    user_id, _colon, version = payload.partition(":")
    user = get(db.session(), User, int(user_id))
    if purpose == "reset-password" and str(user.session_version) != version:
        links.refuse()
    return user


def _send_confirmation(user: User) -> None:
    now = current_now()
    token = _sign("confirm-address", f"{user.id}:{user.session_version}")
    write(
        db.session(),
        "people_confirm",
        to=user.email,
        language=user.language,
        key=f"confirm:{user.id}:{now:%Y%m%d%H}",
        at=now,
        about=("user", user.id),
        name=user.name,
        url=_absolute(url_for("people.confirm", token=token)),
    )


def _tell_known_address(email: str) -> None:
    user = user_by_email(db.session(), email)
    if user is None:
        return
    now = current_now()
    write(
        db.session(),
        "people_known",
        to=user.email,
        language=user.language,
        key=f"known:{user.id}:{now:%Y%m%d%H}",
        at=now,
        about=("user", user.id),
        name=user.name,
        url=_absolute(url_for("people.forgotten")),
    )


def _note_failure(user: User | None) -> None:
    """Keep a failed login: this request commits nothing else."""
    known = VISITOR if user is None else Actor(user.id, user.name, frozenset({Role.ACCOUNT}))
    record(
        db.session(),
        "sign_in_failed",
        "user",
        user.id if user else None,
        actor=known,
        at=current_now(),
        refused=True,
    )
