"""Build the environment in .venv, or bring it up to date; quick when nothing changed.

Any Python from 3.6 on must be able to read this file, so that an old one gets a sentence and no
traceback: no future import, no `X | Y`, no walrus here.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "quartieri.json"
LOG = VENV / "setup.log"
TRANSLATIONS = ROOT / "platform" / "quartieri" / "web" / "translations"
OLDEST = (3, 11)
NO_VENV = ("ensurepip", "No module named venv", "No module named 'venv'")
NO_NETWORK = (
    "Connection refused",
    "ConnectTimeoutError",
    "Failed to establish a new connection",
    "NameResolutionError",
    "Network is unreachable",
    "NewConnectionError",
    "No matching distribution found",
    "ProxyError",
    "ReadTimeoutError",
    "Temporary failure in name resolution",
)


class RefusedError(Exception):
    """The environment cannot be built; the sentence says why and what to do."""


def check_version(found: tuple) -> None:
    """Refuse a Python that is too old, and name a newer one that lies on the path."""
    if tuple(found[:2]) >= OLDEST:
        return
    msg = "Quartieri needs Python 3.11 or newer, and this is {}.{}: ".format(*found[:2])
    newer = [f"python3.{minor}" for minor in range(20, 10, -1) if shutil.which(f"python3.{minor}")]
    msg += f"call make with PYTHON={newer[0]}." if newer else "please install a newer one."
    raise RefusedError(msg)


def digest(paths: list) -> str:
    """Give a fingerprint of some files' contents; a missing one counts as empty."""
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path).encode())
        total.update(path.read_bytes() if path.exists() else b"")
    return total.hexdigest()


def catalogues() -> list:
    """List the sources of the gettext catalogues."""
    return sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))


def read_stamp() -> dict:
    """Give what the environment was built from; nothing for none, or for one that was moved."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if stamp.get("root") == str(ROOT) and PYTHON.exists() else {}


def write_stamp(stamp: dict) -> None:
    """Keep what the environment was built from."""
    scratch = STAMP.with_suffix(".new")
    scratch.write_text(json.dumps(dict(stamp, root=str(ROOT)), indent=1, sort_keys=True))
    scratch.replace(STAMP)


def call(*command: str) -> tuple:
    """Run a command in the project's folder; give its exit code and all that it printed."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
    except OSError as error:
        return 127, str(error)
    return done.returncode, done.stdout.decode(errors="replace")


def last_line(text: str) -> str:
    """Give the last line that says something."""
    return ([x.strip() for x in text.splitlines() if x.strip()] or ["no reason was given"])[-1]


def works() -> bool:
    """Tell whether the environment's Python starts, is new enough and has pip."""
    code = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST!r})"
    return call(str(PYTHON), "-c", code)[0] == 0


def create() -> None:
    """Create .venv unless a working one stands there."""
    if works():
        return
    code, text = call(sys.executable, "-m", "venv", "--clear", str(VENV))
    if code == 0 and works():
        return
    shutil.rmtree(str(VENV), ignore_errors=True)
    if code == 0 or any(sign in text for sign in NO_VENV):
        msg = (
            "This Python cannot build environments: install its venv module "
            "(on Debian and Ubuntu: apt-get install python3-venv)."
        )
        raise RefusedError(msg)
    msg = f"The environment could not be built in .venv: {last_line(text)}"
    raise RefusedError(msg)


def install(names: list) -> None:
    """Install the packages that some requirements files pin; the log stays in .venv."""
    options = ["--disable-pip-version-check", "--no-input", "--retries", "2"]
    files = [word for name in names for word in ("-r", name)]
    code, text = call(str(PYTHON), "-m", "pip", "install", *options, *files)
    LOG.write_text(text)
    if code == 0:
        return
    if any(sign in text for sign in NO_NETWORK):
        msg = (
            "The packages could not be downloaded: is there a network? It is needed when the "
            "environment is built, not later (pip's own words are in .venv/setup.log)."
        )
        raise RefusedError(msg)
    msg = f"The packages could not be installed (see .venv/setup.log): {last_line(text)}"
    raise RefusedError(msg)


def compile_catalogues() -> None:
    """Turn the gettext catalogues into what programs read; git does not keep those."""
    babel = [str(PYTHON), "-m", "babel.messages.frontend"]
    code, text = call(*babel, "compile", "-d", str(TRANSLATIONS))
    if code:
        msg = f"The translations could not be compiled: {last_line(text)}"
        raise RefusedError(msg)


def ensure(*, dev: bool) -> bool:
    """Bring the environment up to date and tell whether anything was to do.

    ``dev`` adds what tests and checks need. Raises RefusedError when this machine cannot.
    """
    check_version(sys.version_info)
    stamp = read_stamp()
    texts = catalogues()
    wanted = {
        "runtime": digest([ROOT / "requirements.txt", ROOT / "pyproject.toml"]),
        "dev": digest([ROOT / "requirements-dev.txt"]) if dev else stamp.get("dev"),
        "texts": digest(texts),
    }
    packages = any(stamp.get(key) != wanted[key] for key in ("runtime", "dev"))
    compiled = all(path.with_suffix(".mo").exists() for path in texts)
    if not packages and compiled and stamp["texts"] == wanted["texts"]:
        return False
    if packages:
        sys.stderr.write("Building the environment in .venv: a minute or two the first time.\n")
        sys.stderr.flush()
        create()
        install(["requirements.txt"] + (["requirements-dev.txt"] if wanted["dev"] else []))
    if texts:
        compile_catalogues()
    write_stamp(wanted)
    return True


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description="Build or update the environment in .venv.")
    parser.add_argument("--dev", action="store_true", help="with what tests and checks need")
    parser.add_argument("--quiet", action="store_true", help="say nothing when all is well")
    options = parser.parse_args()
    try:
        changed = ensure(dev=options.dev)
    except RefusedError as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    if not options.quiet:
        print("The environment in .venv is", "ready." if changed else "up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
