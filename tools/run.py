"""Serve Quartieri here: prepare the database, then run the web server and the worker until Ctrl-C.

`make run` calls it with the environment's own Python. Standard library only: the application is
started as it is anywhere else, through `flask --app app` and gunicorn.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
NO = {"0", "false", "no"}
HIGHEST_PORT = 65535
STOP_SECONDS = 15
START_SECONDS = 60
SET_PARENT_DEATH_SIGNAL = 1


class CannotRunError(Exception):
    """Something of this machine or its settings stands in the way; the sentence says what."""


def address(environ: dict[str, str]) -> tuple[str, int]:
    """Give host and port from HOST and PORT; raise CannotRunError when they make no sense."""
    host, port = environ.get("HOST") or "127.0.0.1", environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) <= HIGHEST_PORT:
        msg = f"PORT={port} is not a port: choose a number from 1 to {HIGHEST_PORT}."
        raise CannotRunError(msg)
    return host, int(port)


def check_free(host: str, port: int) -> None:
    """Refuse a port that another program holds, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            msg = f"Port {port} is reserved for the system: choose another: make run PORT=8000."
            raise CannotRunError(msg) from None
        except (OSError, socket.gaierror) as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                msg = f"HOST={host} is not an address of this machine."
                raise CannotRunError(msg) from None
            msg = (
                f"Port {port} is taken by another program: "
                f"stop that one, or choose another port: make run PORT={port % 60000 + 1}."
            )
            raise CannotRunError(msg) from None


def flask(*words: str) -> list[str]:
    """Give the command line of one of the application's commands."""
    return [sys.executable, "-m", "flask", "--app", "app", *words]


def prepare(environ: dict[str, str]) -> str:
    """Migrate, and load the demo city or ask for the first settings; give what to print later."""
    demo = environ.get("DEMO", "1") not in NO
    done = subprocess.run(
        flask("prepare", "--demo" if demo else "--no-demo"),
        cwd=ROOT,
        env=environ,
        # without the demo the command asks questions, so it keeps the terminal
        stdout=subprocess.PIPE if demo else None,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stdout.write(done.stdout or "")
        sys.exit(done.returncode)
    return done.stdout or ""


def die_with_parent() -> None:
    """Ask Linux to end a child when this program is killed; elsewhere do nothing."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def start(command: list[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start one of the two programs, out of reach of the terminal's Ctrl-C: we forward it."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 -- no threads here
    )


def web_command(host: str, port: int) -> list[str]:
    """Give the web server's command line; how many processes and threads: gunicorn.conf.py."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    memory = ["--worker-tmp-dir", "/dev/shm"] if os.access("/dev/shm", os.W_OK) else []  # noqa: S108 -- gunicorn's heartbeat files only
    return [
        *(sys.executable, "-m", "gunicorn", "app:app", "--bind", bind, *memory),
        *("--log-level", "warning", "--graceful-timeout", "10"),
    ]


def answers(url: str) -> bool:
    """Tell whether the web server answers, whatever it says."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def place(host: str, port: int) -> str:
    """Give the address to open in a browser; one bound everywhere is reached on this machine."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- looked up, not bound
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


def announce(url: str, accounts: str) -> None:
    """Say where the site is and who can sign in."""
    print(f"\nQuartieri is at {url}/ (stop it with Ctrl-C)\n")
    if accounts:
        print(accounts.rstrip() + "\n")
    sys.stdout.flush()


def stop(programs: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask all to end what they are at and leave; after a while insist."""
    for program in programs.values():
        if program.poll() is None:
            program.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for program in programs.values():
        try:
            program.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


class Stopped(BaseException):
    """Somebody asked us to leave."""


def on_signal(_number: int, _frame: FrameType | None) -> None:
    """Turn a signal into Stopped, once: a second one does not cut the stopping short."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    raise Stopped


def serve(environ: dict[str, str]) -> int:
    """Run everything; give the exit code."""
    host, port = address(environ)
    check_free(host, port)
    url = place(host, port)
    environ.setdefault("BASE_URL", url)
    accounts = prepare(environ)
    programs: dict[str, subprocess.Popen[bytes]] = {}
    try:
        programs["web server"] = start(web_command(host, port), environ)
        programs["worker"] = start(flask("worker"), environ)
        announced = False
        deadline = time.monotonic() + START_SECONDS
        while True:
            for name, program in programs.items():
                code = program.poll()
                if code is not None:
                    print(f"The {name} ended by itself (code {code}): stopping.", file=sys.stderr)
                    return 1
            if not announced and (answers(f"{url}/health") or time.monotonic() > deadline):
                announce(url, accounts)
                announced = True
            time.sleep(0.5 if announced else 0.1)
    except Stopped:
        print("\nStopping.", file=sys.stderr)
        return 0
    finally:
        stop(programs)


def main() -> int:
    """Run as a command."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, on_signal)
    try:
        return serve(dict(os.environ))
    except CannotRunError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Stopped:
        return 130


if __name__ == "__main__":
    sys.exit(main())
