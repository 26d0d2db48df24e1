"""The state machines allow what states.txt says, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

import quartieri
from quartieri.audit.rules import Role
from quartieri.kit.states import Machine
from quartieri.web.happened import STATES, WORDS

TABLE = Path(__file__).with_name("states.txt")


def machines() -> dict[str, Machine]:
    """Find every machine that a rules module declares, by name."""
    found: dict[str, Machine] = {}
    for module in pkgutil.walk_packages(quartieri.__path__, "quartieri."):
        if ".rules" in module.name:
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, Machine):
                    assert found.setdefault(value.name, value) is value, value.name
    return found


def written(text: str) -> dict[str, dict[str, set[str]]]:
    """Read the table: machine → from → to; "any" stands for every other state named there."""
    table: dict[str, dict[str, set[str]]] = {}
    current: dict[str, set[str]] = {}
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            current = table.setdefault(line.strip("[]"), {})
            continue
        left, right = line.split("→")
        for source in names(left):
            current.setdefault(source, set()).update(names(right))
    return table


def names(words: str) -> list[str]:
    return [word.strip() for word in words.split(",")]


def edges(machine: Machine, table: dict[str, set[str]]) -> set[tuple[str, str]]:
    states = {str(state) for state in machine.states}
    found = set()
    for source, targets in table.items():
        for target in targets:
            sources = states - {target} if source == "any" else {source}
            found |= {(one, target) for one in sources}
    return found


TABLES = written(TABLE.read_text())
MACHINES = machines()


def test_every_machine_of_the_code_stands_in_the_table_and_the_other_way_round() -> None:
    assert sorted(MACHINES) == sorted(TABLES)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_machine_allows_the_written_moves_and_nothing_else(name: str) -> None:
    machine = MACHINES[name]
    expected = edges(machine, TABLES[name])
    found = machine.edges()
    assert sorted(found - expected) == []
    assert sorted(expected - found) == []


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_every_move_names_who_may_and_only_roles_that_exist(name: str) -> None:
    roles = {str(role) for role in Role}
    for move in MACHINES[name].moves:
        assert move.who, move.verb
        assert {str(role) for role in move.who} <= roles, move.verb


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_every_state_of_a_machine_is_used_by_its_table(name: str) -> None:
    machine = MACHINES[name]
    used = {state for edge in machine.edges() for state in edge}
    computed = {"scheduled", "open"} if name == "window" else set()
    assert {str(state) for state in machine.states} - used - computed == set()


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_every_verb_of_a_history_that_people_read_has_words(name: str) -> None:
    machine = machines()[name]
    assert {move.verb for move in machine.moves} - set(WORDS[name]) == set()
    assert STATES[name] is machine.states
