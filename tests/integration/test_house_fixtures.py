"""The fixtures keep their promise: what one test writes, the next never sees."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import ReadOnlyError, unit_of_work
from quartieri.people.models import User
from tests.conftest import SiteClient
from tests.doubles import NOW


def somebody(address: str) -> User:
    return User(email=address, name="Ada", password_hash="x", created_at=NOW, confirmed_at=NOW)


def add_and_regret() -> None:
    message = "changed my mind"
    with unit_of_work() as own:
        own.add(somebody("bea@example.org"))
        own.flush()
        raise ValueError(message)


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_writes_is_gone_in_the_next(session: Session, turn: int) -> None:
    assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 0
    session.add(somebody("ada@example.org"))
    session.commit()
    with unit_of_work() as own:
        own.add(somebody(f"turn{turn}@example.org"))
    assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 2


def test_a_refused_unit_of_work_leaves_what_came_before(session: Session) -> None:
    session.add(somebody("ada@example.org"))
    session.commit()
    with pytest.raises(ValueError, match="changed my mind"):
        add_and_regret()
    assert session.scalars(sa.select(User.email)).all() == ["ada@example.org"]


def test_a_session_that_only_reads_refuses_to_write(session: Session) -> None:
    session.info["writing"] = False
    session.add(somebody("ada@example.org"))
    with pytest.raises(ReadOnlyError):
        session.flush()


def test_a_browser_stays_signed_in_apart_from_another(
    session: Session, as_user: Callable[[User], SiteClient], client: SiteClient
) -> None:
    user = somebody("ada@example.org")
    session.add(user)
    session.flush()
    signed = as_user(user)
    with signed.session_transaction() as cookie:
        assert cookie["_user_id"] == f"{user.id}:1"
    with client.session_transaction() as cookie:
        assert "_user_id" not in cookie
