"""To whom a visitor just had a letter written: kept in the session, never in an address.

The page that says it is fetched anew after the POST, so that reloading it sends nothing again.
"""

from __future__ import annotations

from flask import session, url_for
from werkzeug.wrappers import Response

from quartieri.kit.answers import seeother

KEY = "written_to"


def look_at_mail(email: str, page: str = "people.check_mail") -> Response:
    """Send a visitor on to the page that says where the letter went."""
    session[KEY] = email.strip()
    return seeother(url_for(page))


def written_to() -> str | None:
    """Give the address of the last letter of this session, as it was typed."""
    found = session.get(KEY)
    return found if isinstance(found, str) else None


def forget() -> None:
    """Forget the address, as when somebody signs out on a shared machine."""
    session.pop(KEY, None)
