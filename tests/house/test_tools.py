"""The commands say what stands in their way in one sentence, and count what they ran."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from quartieri.config import ROOT


def tool(name: str) -> ModuleType:
    """Load a script of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


setup = tool("setup")
run = tool("run")
test = tool("test")


def test_make_alone_lists_the_targets() -> None:
    alone = ["make", "--no-print-directory"]  # else one that runs inside another says where it is
    done = subprocess.run(alone, cwd=ROOT, capture_output=True, text=True, check=True)
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert listed[:4] == ["help", "setup", "run", "test"]
    assert {"soak", "browser", "migration", "css", "messages", "bench"} <= set(listed)


def test_an_old_python_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.shutil, "which", lambda _name: None)
    with pytest.raises(setup.RefusedError) as refusal:
        setup.check_version((3, 9, 2))
    assert str(refusal.value) == (
        "Quartieri needs Python 3.11 or newer, and this is 3.9: please install a newer one."
    )


def test_an_old_python_names_a_newer_one_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.shutil, "which", lambda name: name if name == "python3.12" else None)
    with pytest.raises(setup.RefusedError, match=r"call make with PYTHON=python3\.12\."):
        setup.check_version((3, 9, 2))


def refused(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the sentence of a setup in an empty place whose commands answer with ``code``."""
    for name, path in {"VENV": ".venv", "STAMP": ".venv/s.json", "LOG": "setup.log"}.items():
        monkeypatch.setattr(setup, name, tmp_path / path)
    (tmp_path / ".venv").mkdir()
    failing, _, words = code.partition(": ")
    answers = {"venv": (0, ""), "pip": (0, ""), failing: (1, words)}
    monkeypatch.setattr(setup, "works", lambda: False)
    monkeypatch.setattr(setup, "call", lambda *words: answers["pip" if "pip" in words else "venv"])
    if failing == "pip":
        monkeypatch.setattr(setup, "create", lambda: None)
    with pytest.raises(setup.RefusedError) as refusal:
        setup.ensure(dev=False)
    return str(refusal.value)


def test_a_python_without_venv_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = refused("venv: Error: ensurepip is not available.", tmp_path, monkeypatch)
    assert said == (
        "This Python cannot build environments: install its venv module "
        "(on Debian and Ubuntu: apt-get install python3-venv)."
    )


def test_no_network_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = refused("pip: Temporary failure in name resolution", tmp_path, monkeypatch)
    assert said.startswith("The packages could not be downloaded: is there a network?")


def test_setup_can_be_read_by_an_old_python() -> None:
    source = (ROOT / "tools" / "setup.py").read_text()
    compile(source, "setup.py", "exec", flags=0, dont_inherit=True)
    assert "from __future__" not in source
    assert ":=" not in source
    assert "match " not in source


def test_a_taken_port_is_told_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(run.CannotRunError, match=rf"^Port {port} is taken .* PORT=\d+\.$"):
            run.check_free("127.0.0.1", port)


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_told_in_a_sentence(port: str) -> None:
    with pytest.raises(run.CannotRunError, match=f"^PORT={port} is not a port"):
        run.address({"PORT": port})


def test_a_host_of_another_machine_is_told_in_a_sentence() -> None:
    with pytest.raises(run.CannotRunError, match=r"^HOST=203\.0\.113\.1 is not an address"):
        run.check_free("203.0.113.1", 8000)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 -- compared, not bound
        ("::1", "http://[::1]:8000"),
    ],
)
def test_the_address_shown_can_be_opened(host: str, address: str) -> None:
    assert run.place(host, 8000) == address


def test_a_test_that_failed_once_counts_as_failed() -> None:
    tally = test.Tally()
    tally.add("a", "passed")
    tally.add("a", "failed")
    tally.add("b", "passed")
    tally.add("c", "skipped", "no Chromium")
    assert tally.counts() == (1, 1, 1)


@pytest.mark.parametrize(
    ("body", "closing", "code"),
    [
        ("def test_a(): assert True", "1 passed, 0 failed, 0 skipped", 0),
        ("def test_a(): assert False", "0 passed, 1 failed, 0 skipped", 1),
        ("import nothing_of_that_name", "0 passed, 1 failed, 0 skipped", 1),
        ("def test_a(missing): pass", "0 passed, 1 failed, 0 skipped", 1),
        ("import pytest\ndef test_a(): pytest.skip('why')", "0 passed, 0 failed, 1 skipped", 0),
        ("", "0 passed, 1 failed, 0 skipped", 1),
    ],
    ids=["passes", "fails", "broken", "error", "skips", "nothing"],
)
def test_the_last_line_counts_and_the_code_says_it(
    tmp_path: Path, body: str, closing: str, code: int
) -> None:
    (tmp_path / "test_it.py").write_text(body)
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "QUARTIERI"))}
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "test.py", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
    )
    assert done.stdout.splitlines()[-1] == closing
    assert done.returncode == code
