"""What flask-login keeps of an account."""

from __future__ import annotations

from flask_login import UserMixin
from sqlalchemy.orm import Session

from quartieri.people.models import User


class SessionUser(UserMixin):  # type: ignore[misc]
    """The account behind a session; the id holds the password's version, so old sessions end."""

    def __init__(self, user: User) -> None:
        """Wrap an account."""
        self.user = user
        self.id = f"{user.id}:{user.session_version}"

    @property
    def name(self) -> str:
        """The account's name, for the page's header."""
        return self.user.name


def session_of(user: User) -> SessionUser:
    """Wrap an account for flask-login."""
    return SessionUser(user)


def may_sign_in(user: User, *, demo: bool) -> bool:
    """Tell whether an account may be used: not disabled, and no demo account outside of a demo."""
    return user.disabled_at is None and (demo or not user.demo)


def load(session: Session, key: str, *, demo: bool) -> SessionUser | None:
    """Give the account of a session's key, or None if it may not be used or has a new password."""
    user_id, _, version = key.partition(":")
    if not user_id.isdecimal():
        return None
    user = session.get(User, int(user_id))
    if user is None or not may_sign_in(user, demo=demo) or str(user.session_version) != version:
        return None
    return SessionUser(user)
