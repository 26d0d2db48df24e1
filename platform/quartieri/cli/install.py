"""The first settings of an installation without the demo: asked once."""

from __future__ import annotations

import re

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM, Role
from quartieri.cli.database import with_database
from quartieri.db import db, unit_of_work
from quartieri.extensions import services
from quartieri.kit.slugs import slug_of
from quartieri.kit.workdays import provinces
from quartieri.people import actions as people
from quartieri.people.models import Authority, User
from quartieri.people.passwords import SHORTEST, hashed
from quartieri.people.rules import Scope
from quartieri.programmes import actions as programmes
from quartieri.rehearsal.demo import is_loaded
from quartieri.rehearsal.replay import REPLAYED

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


UNNAMED = "imported"
"""The slug of the authority of calls that are imported before the installation."""


def unnamed_authority(session: Session) -> Authority | None:
    """Give the authority that waits for its name, or None."""
    return session.scalars(sa.select(Authority).where(Authority.slug == UNNAMED)).one_or_none()


def is_installed(session: Session) -> bool:
    """Tell whether the database knows an authority, but for replays and one without a name."""
    own = sa.select(Authority.id).where(
        sa.not_(Authority.slug.startswith(REPLAYED)), Authority.slug != UNNAMED
    )
    return session.scalar(own.limit(1)) is not None


def keep_demo_out() -> None:
    """Raise click.ClickException where the database is an installation's own: no demo joins it."""
    session = db.session()
    if is_installed(session) and not is_loaded(session):
        message = (
            "This database holds an installation of its own, without the demo city: start it with "
            "DEMO=0, or the demo with another DATABASE_URL or QUARTIERI_VAR."
        )
        raise click.ClickException(message)


def install() -> None:
    """Ask for authority, language, areas and the first administrator, and keep them.

    Raises click.ClickException where the demo city is in the database.
    """
    if is_loaded(db.session()):
        message = (
            "This database holds the demo city: start with another DATABASE_URL, "
            "or remove var/, or run the demo again without DEMO=0."
        )
        raise click.ClickException(message)
    if is_installed(db.session()):
        return
    click.echo("A new installation: a few questions, asked once.")
    name = click.prompt("Authority (for instance: Comune di Milano)", value_proc=_filled)
    city = click.prompt("City", value_proc=_filled)
    province = click.prompt(
        "Province, two letters, whose capital's patron saint is a holiday (none is fine)",
        default="",
        show_default=False,
        value_proc=_province,
    )
    language = click.prompt("Language of the site", type=click.Choice(["it", "en"]), default="it")
    areas = click.prompt("Areas of the city, with commas (none is fine)", default="")
    person = click.prompt("First administrator: name and surname", value_proc=_filled)
    email = click.prompt("First administrator: email address", value_proc=_address)
    password = click.prompt(
        f"First administrator: password (at least {SHORTEST} characters)",
        hide_input=True,
        confirmation_prompt=True,
        value_proc=_password,
    )
    db.session.rollback()
    now = services().clock.now()
    with unit_of_work() as session:
        slug = slug_of(city, most=60) or "city"
        said = {"slug": slug, "name": name, "city": city, "language": language}
        waiting = unnamed_authority(session)
        authority = (
            people.name_authority(session, waiting, **said, at=now)
            if waiting
            else people.add_authority(session, **said, at=now)
        )
        authority.province = province
        for number, area in enumerate(_listed(areas), start=1):
            programmes.create_area(
                session,
                authority_id=authority.id,
                code=str(number),
                name_it=area,
                actor=SYSTEM,
                at=now,
            )
        _first_administrator(session, person, email, password, language)
    click.echo(f"Done. Sign in as {email}.")


def _first_administrator(
    session: Session, name: str, email: str, password: str, language: str
) -> None:
    now = services().clock.now()
    user: User | None = people.register(
        session,
        email=email,
        name=name,
        password_hash=hashed(password, services().settings.password_profile),
        language=language,
        at=now,
        confirmed=True,
    )
    if user is not None:
        people.give_role(session, user, Role.ADMINISTRATOR, Scope(), actor=SYSTEM, at=now)


def _province(text: str) -> str:
    code = text.strip().upper()
    if code and code not in provinces():
        msg = "This is no province of Italy: write for instance MI, or nothing."
        raise click.UsageError(msg)
    return code


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _filled(text: str) -> str:
    bare = text.strip()
    if not bare:
        message = "This must be filled in."
        raise click.UsageError(message)
    return bare


def _address(text: str) -> str:
    if EMAIL.fullmatch(text.strip()) is None:
        message = "This is not an email address."
        raise click.UsageError(message)
    return text.strip()


def _password(text: str) -> str:
    if len(text) < SHORTEST:
        message = f"The password needs at least {SHORTEST} characters."
        raise click.UsageError(message)
    return text


@click.command("install")
@with_database
def install_command() -> None:
    """Ask for authority, language, areas and the first administrator, once."""
    install()


commands = (install_command,)
