"""Whether the database has what this version of the site needs."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.config import ROOT

UPGRADE = "flask --app app db upgrade"


@cache
def newest() -> str:
    """Give the number of the newest migration."""
    return max(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))


def is_behind(session: Session) -> bool:
    """Tell whether migrations are missing in the database.

    One that is ahead, as while a new version is put in place, is not behind. Raises what the
    driver raises when the database does not answer.
    """
    if not sa.inspect(session.connection()).has_table("alembic_version"):
        return True
    found = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found is None or str(found) < newest()
