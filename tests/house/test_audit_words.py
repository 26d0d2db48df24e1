"""Each fact that the actions write in the audit log has words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import quartieri
from quartieri.web.told_facts import FACTS, SUMS

SOURCES = Path(quartieri.__path__[0])
OF_THE_MOVE = {"actor", "at", "reason", "state", "at_once"}


def facts_written() -> set[str]:
    """Read from the code the names of facts that stand as literals in ``record`` and ``move``."""
    found: set[str] = set()
    for path in SOURCES.rglob("actions*/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                named = {k.arg: k.value for k in node.keywords if k.arg}
                if node.func.id == "record":
                    for side in ("before", "after"):
                        if side in named:
                            found.update(keys(named[side]))
                if node.func.id == "move":
                    found.update(named.keys() - OF_THE_MOVE)
    return found


def keys(value: ast.expr) -> Iterator[str]:
    """Give the literal keys of a dict, also of one that is joined or chosen."""
    for node in ast.walk(value):
        if isinstance(node, ast.Dict):
            yield from (
                k.value
                for k in node.keys
                if isinstance(k, ast.Constant) and isinstance(k.value, str)
            )


def test_every_fact_of_the_audit_log_has_words() -> None:
    written = facts_written()

    assert len(written) > 50
    assert sorted(written - FACTS.keys()) == []
    assert FACTS.keys() >= SUMS
