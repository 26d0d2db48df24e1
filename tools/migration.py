"""Write the next migration from what the models changed: tools/migration.py what_changes.

The present migrations build a database of their own first, so that nobody's data is compared.
Alembic does not notice new CHECKs and triggers: write those by hand, and read what it wrote.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ROOT / "migrations" / "versions"


def next_number() -> str:
    """Give the number after the highest, in four digits."""
    numbers = [int(path.name[:4]) for path in VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.py")]
    return f"{max(numbers, default=0) + 1:04}"


def main(words: list[str]) -> int:
    """Run as a command."""
    name = "_".join(words).strip().lower().replace(" ", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        print("Name what changes: make migration name=add_call_language", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        environ = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{scratch}/now.sqlite3",
            "QUARTIERI_VAR": scratch,
        }
        flask = [sys.executable, "-m", "flask", "--app", "app", "db"]
        write = ["migrate", "--rev-id", next_number(), "--message", name]
        for step in (["upgrade"], write):
            done = subprocess.run([*flask, *step], cwd=ROOT, env=environ, check=False)
            if done.returncode:
                return done.returncode
    ruff = [sys.executable, "-m", "ruff", "format", "--quiet", str(VERSIONS)]
    return subprocess.run(ruff, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
