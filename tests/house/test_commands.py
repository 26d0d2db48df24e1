"""Every `flask --app app …` command works with no setting at all: SQLite and a secret in var/."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from quartieri.config import ROOT
from tests.house.commands import COMMANDS, NOT_RUN

PARTS = ("app.py", "babel.cfg", "platform", "templates", "migrations")
SECONDS = 180


def names(group: click.Group, before: str = "") -> Iterator[str]:
    """List every command below a group as one would type it."""
    context = click.Context(group)
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from names(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


@pytest.fixture(scope="module")
def bare_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of what runs, without var/, prepared by the first command alone."""
    clone = tmp_path_factory.mktemp("clone")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, clone / part, ignore=ignored)
        else:
            shutil.copy(source, clone / part)
    done = flask(clone, "db", "upgrade")
    assert done.returncode == 0, done.stderr
    return clone


def flask(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with an environment that holds no setting of ours."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(clone / "platform"), "LANG": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=clone,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_every_command_is_listed(plain_app: Flask) -> None:
    assert isinstance(plain_app.cli, click.Group)
    assert set(names(plain_app.cli)) == set(COMMANDS) | set(NOT_RUN)


def test_no_command_is_listed_twice() -> None:
    assert set(COMMANDS) & set(NOT_RUN) == set()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_works_with_no_setting(bare_clone: Path, name: str) -> None:
    done = flask(bare_clone, *name.split(), *COMMANDS[name])
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", sorted(NOT_RUN))
def test_a_command_that_is_not_run_explains_itself(plain_app: Flask, name: str) -> None:
    done = plain_app.test_cli_runner().invoke(args=[*name.split(), "--help"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Usage:")


def test_the_secret_is_made_once_and_is_its_owners_alone(bare_clone: Path) -> None:
    secret = bare_clone / "var" / "secret"
    assert len(secret.read_text()) > 40
    assert secret.stat().st_mode & 0o077 == 0


def test_production_refuses_a_missing_secret(bare_clone: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "routes"],
        cwd=bare_clone,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(bare_clone / "platform"),
            "QUARTIERI_PROFILE": "production",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.strip().splitlines()[-1] == (
        "Quartieri cannot start: SECRET_KEY is not set: the production profile never invents one."
    )
    assert "Traceback" not in done.stderr
