"""People and roles, for administrators."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.audit.rules import Role
from quartieri.db import db, get, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, HiddenError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.kit.numbers import page_number
from quartieri.people import actions
from quartieri.people.access import actor, current_now, permit, scopes_with
from quartieri.people.forms import RoleForm
from quartieri.people.models import RoleGrant, User
from quartieri.people.queries import authorities, people_page, reaches, roles_of_page
from quartieri.people.rules import Permission, Scope

bp = Blueprint("people_manage", __name__, url_prefix="/manage/people")

Answer = str | Response | tuple[str, int]


@bp.get("/")
@permit(Permission.PEOPLE_MANAGE)
def index() -> Answer:
    """List the accounts within reach with their roles there; find by name or address."""
    words = request.args.get("q", "").strip()
    only = "roles" in request.args
    number = page_number()
    found = people_page(
        db.session(),
        words=words,
        with_roles=only,
        page=number,
        at=current_now(),
        scopes=scopes_with(Permission.PEOPLE_MANAGE),
    )
    roles = roles_of_page(db.session(), found.users, at=current_now())
    return render_template(
        "people/manage_index.html",
        found=found,
        roles={i: [g for g in held if _manages(_of(g))] for i, held in roles.items()},
        words=words,
        only=only,
    )


@bp.get("/<int:user_id>")
@permit(Permission.PEOPLE_MANAGE)
def show(user_id: int) -> Answer:
    """Show an account's roles, present and past."""
    user = _reached(user_id)
    return _page(user, _form())


@bp.post("/<int:user_id>/roles")
@writes
@permit(Permission.PEOPLE_MANAGE)
def give(user_id: int) -> Answer:
    """Give a role."""
    user = _reached(user_id)
    form = _form()
    if not form.validate_on_submit():
        return _page(user, form), 422
    kind, _colon, number = form.scope.data.partition(":")
    scope = Scope(authority_id=int(number)) if kind == "authority" else Scope()
    try:
        actions.give_role(
            db.session(),
            user,
            Role(form.role.data),
            scope,
            until=form.until.instant(),
            actor=actor(),
            at=current_now(),
        )
    except DomainError as error:
        form.say(error)
        return _page(user, form), error.status
    flash(_("The role is given."), "success")
    return seeother(url_for("people_manage.show", user_id=user.id))


@bp.post("/roles/<int:grant_id>/end")
@writes
@permit(Permission.PEOPLE_MANAGE)
def end(grant_id: int) -> Answer:
    """End a role."""
    grant = get(db.session(), RoleGrant, grant_id)
    if not _manages(_of(grant)):
        raise NotYoursError(lazy("Your role does not allow this step."))
    actions.end_role(db.session(), grant, actor=actor(), at=current_now())
    flash(_("The role has ended."), "success")
    return seeother(url_for("people_manage.show", user_id=grant.user_id))


def _reached(user_id: int) -> User:
    """Give an account within reach, or the one whose whole address is in the page's address."""
    user = get(db.session(), User, user_id)
    scopes = scopes_with(Permission.PEOPLE_MANAGE)
    words = request.args.get("q", "")
    if scopes is not None and not reaches(db.session(), user, scopes, words):
        raise HiddenError(lazy("There is nothing at this address."))
    return user


def _of(grant: RoleGrant) -> Scope:
    return Scope(grant.authority_id, grant.call_id)


def _form() -> RoleForm:
    form = RoleForm()
    bodies = [a for a in authorities(db.session()) if _manages(Scope(authority_id=a.id))]
    everywhere = [("site:", _("The whole installation"))] if _manages(Scope()) else []
    form.offer([(f"authority:{a.id}", a.name) for a in bodies] + everywhere)
    return form


def _manages(scope: Scope) -> bool:
    """Tell whether the reader gives and ends roles in a scope: never in a wider one than held."""
    return any(
        held in {Scope(), Scope(scope.authority_id), scope}
        for held in scopes_with(Permission.PEOPLE_MANAGE) or [Scope()]
    )


def _page(user: User, form: RoleForm) -> str:
    return render_template(
        "people/manage_show.html",
        user=user,
        roles=[g for g in user.roles if _manages(_of(g))],
        words=request.args.get("q", ""),
        form=form,
        names={a.id: a.name for a in authorities(db.session())},
    )
