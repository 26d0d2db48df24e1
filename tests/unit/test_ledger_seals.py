"""The arithmetic of seals."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.ledger import rules

LEAVES = [hashlib.sha256(bytes([i])).hexdigest() for i in range(9)]


def node(left: str, right: str) -> str:
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def split_root(leaves: list[str]) -> str:
    """Compute as RFC 6962 writes it: split at the largest power of two below the length."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node(split_root(leaves[:k]), split_root(leaves[k:]))


def test_one_leaf_is_its_own_root() -> None:
    assert rules.merkle_root(LEAVES[:1]) == LEAVES[0]


def test_an_odd_leaf_rises_alone() -> None:
    a, b, c = LEAVES[:3]

    assert rules.merkle_root([a, b, c]) == node(node(a, b), c)


@pytest.mark.parametrize("size", range(1, 10))
def test_the_root_is_that_of_rfc_6962(size: int) -> None:
    assert rules.merkle_root(LEAVES[:size]) == split_root(LEAVES[:size])


def test_no_leaves_have_no_root() -> None:
    with pytest.raises(ValueError):
        rules.merkle_root([])


def test_canonical_text_does_not_depend_on_the_order_of_keys() -> None:
    assert rules.canonical({"b": 1, "a": "è"}) == b'{"a":"\\u00e8","b":1}'
    assert rules.canonical({"a": "è", "b": 1}) == rules.canonical({"b": 1, "a": "è"})


@pytest.mark.parametrize("value", [1.5, {"a": [1.0]}, {1: "a"}])
def test_canonical_text_refuses_what_has_no_one_text(value: object) -> None:
    with pytest.raises(TypeError):
        rules.canonical(value)


def test_a_private_digest_depends_on_its_salt() -> None:
    content = {"pledge": 45}

    assert rules.private_digest("00", content) != rules.private_digest("01", content)


@given(st.integers(min_value=1), st.sampled_from(["key", "kind", "cents", "day", "at", "public"]))
def test_any_change_of_a_citys_transaction_changes_its_leaf(cents: int, changed: str) -> None:
    facts = {
        "key": "k",
        "kind": "grant.reserved",
        "day": date(2025, 1, 31),
        "at": datetime(2025, 1, 31, 11, tzinfo=UTC),
        "public": {"about": "grant:1"},
    }
    other = facts | {
        "key": "l",
        "kind": "grant.released",
        "day": date(2025, 2, 1),
        "at": datetime(2025, 1, 31, 12, tzinfo=UTC),
        "public": {"about": "grant:2"},
    }
    second = facts | ({changed: other[changed]} if changed != "cents" else {})
    amount = cents + 1 if changed == "cents" else cents

    def leaf(given_facts: dict[str, object], moved: int) -> str:
        shown = rules.projection(
            **given_facts,
            movements=[("pool:3:available", "pool:3:reserved", moved, "EUR")],
            books=["authority:1"],
        )
        return rules.leaf_hash(shown, None)

    assert leaf(facts, cents) != leaf(second, amount)
    assert leaf(facts, cents) == leaf(dict(facts), cents)


def test_what_one_pledge_moves_of_public_money_shows_its_day_alone() -> None:
    facts = {
        "kind": "match.reserved",
        "key": "pledge:7:match:1",
        "day": date(2025, 1, 31),
        "at": datetime(2025, 1, 31, 11, tzinfo=UTC),
        "public": {"about": "grant:1"},
        "movements": [("pool:3:available", "pool:3:reserved", 10, "EUR")],
        "books": ["authority:1"],
    }

    shown = rules.projection(**facts)  # type: ignore[arg-type] # facts by name

    assert "key" not in shown
    assert "at" not in shown
    assert shown["day"] == "2025-01-31"
