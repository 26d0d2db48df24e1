"""Who may open a route: the decorators, the actor of a request, the injected now.

Each route carries exactly one of ``public``, ``signed_in``, ``owner``, ``permit`` or, for programs,
``calls.bearer.machine``; a house test lists them all. The permission is checked on the object that
the route is about.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from flask import g, request
from flask_login import current_user

from quartieri.audit.rules import VISITOR, Actor, Role
from quartieri.db import db
from quartieri.extensions import login_manager, services
from quartieri.kit.errors import DomainError, HiddenError, NotFoundError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.people.models import RoleGrant, User
from quartieri.people.queries import authority_ids, grants_of, roles_in
from quartieri.people.rules import GRANTS, SITE_WIDE, Permission, Scope, grants

View = TypeVar("View", bound=Callable[..., Any])


class Scoped(Protocol):
    """Anything that knows where permissions on it are looked up."""

    @property
    def scope(self) -> Scope:
        """Its authority and call."""


def current_now() -> datetime:
    """Give the injected clock's instant, the same one during a whole request."""
    if "now" not in g:
        g.now = services().clock.now()
    return cast(datetime, g.now)


def received_at() -> datetime:
    """Give when this request entered the outermost layer, before its body was read."""
    stamp = request.environ.get("quartieri.stamp")
    clock = services().clock
    return clock.now() if stamp is None else clock.at(stamp)


def signed_in_user() -> User | None:
    """Give the account of this request's session, or None."""
    if not current_user.is_authenticated:
        return None
    return cast(User, current_user._get_current_object().user)  # noqa: SLF001 -- flask-login's proxy


def _held() -> list[RoleGrant]:
    user = signed_in_user()
    if user is None:
        return []
    if "held" not in g:
        g.held = grants_of(db.session(), user.id, at=current_now())
    return cast(list[RoleGrant], g.held)


def actor(thing: Scoped | None = None, *more: Role) -> Actor:
    """Give who acts on ``thing``, with the roles held there and ``more`` (applicant, backer)."""
    user = signed_in_user()
    if user is None:
        return Actor(VISITOR.user_id, VISITOR.name, frozenset(more))
    scope = thing.scope if thing is not None else Scope()
    roles = roles_in(_held(), scope) | {Role.ACCOUNT, *more}
    return Actor(user.id, user.name, roles)


def allowed(permission: Permission | str, thing: Scoped | None = None) -> bool:
    """Tell whether this request's account may do something on ``thing`` (or anywhere, if None).

    What all authorities share asks for roles that cover every one of them.
    """
    asked = Permission(permission)
    if asked in SITE_WIDE:
        return _everywhere(asked)
    if thing is None:
        return any(held.role in GRANTS[asked] for held in _held())
    return grants(actor(thing).roles, asked)


def _everywhere(asked: Permission) -> bool:
    whole = {h.authority_id for h in _held() if h.role in GRANTS[asked] and h.call_id is None}
    if not whole or None in whole:
        return bool(whole)
    if "authorities" not in g:
        g.authorities = authority_ids(db.session())
    return bool(g.authorities <= whole)


def official() -> bool:
    """Tell whether this request's account holds any role at all."""
    return bool(_held())


def marked(view: View, permission: str) -> View:
    """Say on a view who may open it, for the list of all routes."""
    view.permission = permission  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Let anybody in; what is shown must be public."""
    return marked(view, "public")


def signed_in(view: View) -> View:
    """Let in whoever has an account; others sign in first."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if signed_in_user() is None:
            return login_manager.unauthorized()
        return view(*args, **kwargs)

    return cast(View, marked(wrapped, "signed_in"))


def owner(load: Callable[..., Any]) -> Callable[[View], View]:
    """Let in the owner of what ``load`` gives; to others it does not exist (404).

    ``load`` takes the route's arguments; its result has ``owner_id`` and is passed to the view.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(**kwargs: Any) -> Any:
            user = signed_in_user()
            if user is None:
                return login_manager.unauthorized()
            thing = load(**kwargs)
            if thing.owner_id != user.id:
                raise NotFoundError(lazy("There is nothing at this address."))
            return view(thing)

        return cast(View, marked(wrapped, "owner"))

    return decorate


def permit(
    permission: Permission, load: Callable[..., Any] | None = None
) -> Callable[[View], View]:
    """Let in whoever holds ``permission`` on what ``load`` gives, which is passed to the view.

    Without ``load`` the permission must be held somewhere, and the view lists only what is in
    scope.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(**kwargs: Any) -> Any:
            if signed_in_user() is None:
                return login_manager.unauthorized()
            if not allowed(permission):  # before anything is looked up: nothing tells what exists
                raise NotYoursError(lazy("Your role does not allow this page."))
            if load is None:
                return view(**kwargs)
            thing = load(**kwargs)
            target = thing[0] if isinstance(thing, tuple) else thing
            if not allowed(permission, target):
                raise _refusal(target)
            return view(*thing) if isinstance(thing, tuple) else view(thing)

        return cast(View, marked(wrapped, str(permission)))

    return decorate


def _refusal(thing: Scoped) -> DomainError:
    """Refuse (403) where it is known that the thing exists; else it does not exist here (404).

    It is known to whoever holds any role on it, and to everyone where it is public.
    """
    known = getattr(thing, "is_public", False) or roles_in(_held(), thing.scope)
    if known:
        return NotYoursError(lazy("Your role does not allow this page."))
    return HiddenError(lazy("There is nothing at this address."))


def scopes_with(permission: Permission) -> list[Scope] | None:
    """Give the scopes in which this account holds a permission; None means everywhere."""
    found = [h for h in _held() if h.role in GRANTS[permission]]
    if any(h.authority_id is None and h.call_id is None for h in found):
        return None
    return [Scope(h.authority_id, h.call_id) for h in found]
