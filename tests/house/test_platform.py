"""The source root is named platform/ and must never hide the standard library's module."""

from __future__ import annotations

import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from quartieri.config import ROOT

STANDARD = Path(sysconfig.get_paths()["stdlib"]) / "platform.py"
SHOW = "import platform, uuid; print(platform.__file__)"


def test_the_source_root_is_not_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert sorted(p.name for p in (ROOT / "platform").glob("*.py")) == []


def test_no_test_lies_inside_the_source_root() -> None:
    inside = (ROOT / "platform").rglob("*.py")
    assert [p for p in inside if p.name.startswith("test_") or p.name == "conftest.py"] == []


def test_no_module_of_the_root_is_named_like_one_of_the_standard_library() -> None:
    ours = {p.stem for p in ROOT.glob("*.py")} | {p.parent.name for p in ROOT.glob("*/__init__.py")}
    assert ours & set(sys.stdlib_module_names) == set()


def test_pytest_imports_the_standard_librarys_module() -> None:
    assert Path(str(platform.__file__)) == STANDARD


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-c", SHOW],
        [sys.executable, "-m", "flask", "--app", "app", "shell"],
    ],
    ids=["python", "flask"],
)
def test_programs_import_the_standard_librarys_module(command: list[str], tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "QUARTIERI_VAR": str(tmp_path), "PYTHON_BASIC_REPL": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, input=SHOW, capture_output=True, text=True, check=True
    )
    assert str(STANDARD) in done.stdout


def test_gunicorn_loads_the_application(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "app:app"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "QUARTIERI_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_serves_pages_loads_nothing_that_few_requests_need(tmp_path: Path) -> None:
    heavy = ["PIL", "alembic", "holidays", "icalendar", "pypdf", "rich", "stripe", "typst"]
    show = f"import app, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", show],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "QUARTIERI_VAR": str(tmp_path), "PYTHONPATH": "platform"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
