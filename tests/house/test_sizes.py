"""Files stay readable: none of ours is longer than 400 lines, and none holds what is left over."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from quartieri.config import ROOT

LIMIT = 400
OURS = (".py", ".html", ".css", ".js", ".mjs", ".txt", ".sh")
VENDORED = ("/static/js/bi/", "/static/css/bootstrap-italia.css")
DATA = ("requirements", "tests/house/states.txt", "tests/house/routes.txt", "/data/")
LATER = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")
LEFT_OVER = re.compile(rf"\b(?:{'|'.join(LATER)})\b")
BARE_SILENCE = re.compile(r"#\s*(?:noqa|type:\s*ignore)\s*$", re.MULTILINE)
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py"}


def files() -> list[Path]:
    """List our own source files: those that git knows or would take in."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    return [
        ROOT / name
        for name in listed
        if name.endswith(OURS)
        and not any(part in f"/{name}" for part in VENDORED + DATA)
        and not name.endswith((".min.css", ".min.js"))
        and (ROOT / name).exists()
    ]


FILES = files()


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    if not FILES:
        pytest.skip("this is no git checkout, or git is missing: apt-get install git")
    sizes = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in FILES}
    assert {name: size for name, size in sizes.items() if size > LIMIT} == {}


def test_nothing_is_left_for_later() -> None:
    found = [p for p in FILES if p.suffix in {".py", ".html"} and LEFT_OVER.search(p.read_text())]
    assert found == []


def test_no_check_is_silenced_without_its_code() -> None:
    found = [p for p in FILES if p.suffix == ".py" and BARE_SILENCE.search(p.read_text())]
    assert found == []


def test_no_module_is_a_drawer_for_everything() -> None:
    names = [p for p in FILES if p.name in FORBIDDEN_NAMES and "templates" not in p.parts]
    assert names == []


def test_every_slice_says_what_it_owns() -> None:
    for folder in sorted((ROOT / "platform" / "quartieri").iterdir()):
        first = folder / "__init__.py"
        if folder.is_dir() and first.exists():
            text = first.read_text()
            assert text.startswith('"""'), folder.name
            assert "Placeholder" not in text, folder.name
