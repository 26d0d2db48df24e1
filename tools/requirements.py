"""Pin everything: requirements.txt from requirements.in, and the same for development.

Runs in the environment that `make setup` built. The last line of requirements.txt installs the
project itself. No address of an index is written down: that is each machine's own setting.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADER = "# Written by `make requirements` from {source}: do not edit by hand."


def pins(path: Path) -> list[str]:
    """Give the pinned lines of a requirements file, without comments and options."""
    if not path.exists():
        return []
    return [x for x in path.read_text().splitlines() if x and not x.lstrip().startswith(("#", "-"))]


def compile_pins(source: str, target: str, *, within: str = "", last: str = "") -> None:
    """Resolve ``source`` into exact pins in ``target``, agreeing with the pins of ``within``.

    What ``target`` pins already stays, unless the source says otherwise; ``last`` is its end.
    """
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch, "output.txt")
        output.write_text("\n".join(pins(ROOT / target)) + "\n")
        constraint = Path(scratch, "within.txt")
        constraint.write_text("\n".join(pins(ROOT / within) if within else []) + "\n")
        command = [
            *(sys.executable, "-m", "piptools", "compile", "--quiet", "--strip-extras"),
            *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-trusted-host"),
            *("--no-emit-find-links", "--no-emit-options", "--allow-unsafe"),
            *("--constraint", str(constraint), "--output-file", str(output), source),
        ]
        subprocess.run(command, cwd=ROOT, check=True)
        lines = [HEADER.format(source=source), *pins(output), *([last] if last else [])]
    (ROOT / target).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    compile_pins("requirements.in", "requirements.txt", last="-e .")
    compile_pins("requirements-dev.in", "requirements-dev.txt", within="requirements.txt")
