"""The first settings of an installation: asked once, kept whole, refused beside the demo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from quartieri.audit.rules import Role
from quartieri.db import db
from quartieri.people.models import Authority, RoleGrant, User
from quartieri.programmes.models import Area
from quartieri.rehearsal.replay import replay_authority_slug

ANSWERS = {
    "authority": "Comune di Prova",
    "city": "Prova",
    "province": "mi",
    "language": "en",
    "areas": "Centro, Nord , ,Centro",
    "name": "Ada Rossi",
    "email": "ada@example.org",
    "password": "a long enough password",
}


@pytest.fixture
def empty(fresh_app: Flask) -> Iterator[Flask]:
    yield fresh_app
    with fresh_app.app_context():
        db.session.remove()
        db.engine.dispose()


def install(app: Flask, **over: str) -> Result:
    answers = {**ANSWERS, **over}
    typed = [*answers.values(), answers["password"]]
    return app.test_cli_runner().invoke(args=["install"], input="\n".join(typed) + "\n")


def test_it_asks_and_keeps_authority_language_areas_and_administrator(empty: Flask) -> None:
    done = install(empty)
    assert done.exit_code == 0, done.output
    with empty.app_context():
        session = db.session()
        authority = session.scalars(sa.select(Authority)).one()
        assert (authority.name, authority.slug, authority.language, authority.province) == (
            "Comune di Prova",
            "prova",
            "en",
            "MI",
        )
        areas = session.scalars(sa.select(Area.name_it).order_by(Area.code)).all()
        assert list(areas) == ["Centro", "Nord"]
        user = session.scalars(sa.select(User)).one()
        assert (user.email, user.demo) == ("ada@example.org", False)
        assert session.scalars(sa.select(RoleGrant.role)).all() == [Role.ADMINISTRATOR]
    browser = empty.test_client()
    signed_in = browser.post(
        "/sign-in", data={"email": ANSWERS["email"], "password": ANSWERS["password"]}
    )
    assert signed_in.status_code == 303


def test_no_areas_are_fine_and_the_second_time_nothing_is_asked(empty: Flask) -> None:
    assert install(empty, areas="").exit_code == 0
    again = empty.test_cli_runner().invoke(args=["prepare", "--no-demo"], input="")
    assert again.exit_code == 0
    assert again.output == ""


def test_the_demo_city_is_never_loaded_into_an_installation(empty: Flask) -> None:
    assert install(empty).exit_code == 0
    settings = empty.extensions["services"].settings
    empty.extensions["services"].settings = replace(settings, demo=True)
    done = empty.test_cli_runner().invoke(args=["prepare", "--demo"])
    assert done.exit_code == 1
    assert "an installation of its own" in done.output
    with empty.app_context():
        assert db.session.scalars(sa.select(Authority.slug)).all() == ["prova"]


def test_answers_that_end_too_early_keep_nothing(empty: Flask) -> None:
    done = empty.test_cli_runner().invoke(args=["install"], input="Comune di Prova\nProva\n")
    assert done.exit_code != 0
    with empty.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Authority.id))) == 0


def test_a_wrong_answer_is_asked_again(empty: Flask) -> None:
    typed = ["", "Comune", "Prova", "XX", "", "it", "", "Ada", "no address", "ada@example.org"]
    typed += ["short", "a long enough password", "a long enough password"]
    done = empty.test_cli_runner().invoke(args=["install"], input="\n".join(typed) + "\n")
    assert done.exit_code == 0, done.output
    assert "This is not an email address." in done.output
    assert "This is no province of Italy" in done.output


def test_what_a_replay_left_behind_is_no_installation(empty: Flask) -> None:
    with empty.app_context():
        session = db.session()
        session.info["writing"] = True
        name = "Comune di Milano"
        slug = replay_authority_slug(name)
        session.add(Authority(slug=slug, name=name, city=name))
        session.commit()
        session.info["writing"] = False
        db.session.remove()
    assert install(empty).exit_code == 0
    with empty.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Authority.id))) == 2
