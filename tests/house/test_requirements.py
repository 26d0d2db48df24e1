"""What the house imports is what it asks for: a package of the developers' alone is not there."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def imported() -> dict[str, Path]:
    """Give every top-level name that the platform imports, with one file that does."""
    found: dict[str, Path] = {}
    for path in (ROOT / "platform").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            else:
                continue
            for name in names:
                found.setdefault(name.partition(".")[0], path)
    return found


def test_every_package_that_is_imported_is_pinned_for_running() -> None:
    lines = (ROOT / "requirements.txt").read_text().lower().splitlines()
    pinned = {re.split(r"[=\[ ]", line)[0] for line in lines if "==" in line}
    distributions = packages_distributions()
    missing = {
        name: str(path.relative_to(ROOT))
        for name, path in imported().items()
        if name not in sys.stdlib_module_names
        and name != "quartieri"
        and not {d.lower().replace("_", "-") for d in distributions.get(name, [])} & pinned
    }
    assert missing == {}
