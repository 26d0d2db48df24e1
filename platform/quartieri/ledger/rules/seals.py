"""The arithmetic of seals: canonical JSON, leaves, Merkle roots and the chain.

Leaves and nodes are hashed with different first bytes and an odd leaf is never doubled, as in
RFC 6962 section 2.1, so that no two different batches can have one root.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from quartieri.ledger.rules.movements import is_personal

GENESIS = "0" * 64
"""What the first batch names as the one before it."""


def canonical(value: Any) -> bytes:
    """Give the one JSON text of a value: sorted keys, no blanks, ASCII; a float is refused."""
    _refuse_floats(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode("ascii")


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        msg = "a float has no one text: write cents or a string"
        raise TypeError(msg)
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                msg = "keys are text"
                raise TypeError(msg)
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


def private_digest(salt: str, content: Mapping[str, Any]) -> str:
    """Give the salted digest of a private part; without the salt nothing can be guessed from it."""
    return hashlib.sha256(salt.encode("ascii") + canonical(content)).hexdigest()


def projection(
    *,
    kind: str,
    key: str,
    day: date,
    at: datetime,
    public: Mapping[str, Any],
    movements: Iterable[tuple[str, str, int, str]],
    books: Iterable[str],
) -> dict[str, Any]:
    """Give what the public sees of a transaction, and what its leaf covers.

    ``movements`` are (from code, to code, cents, currency) in the entries' order. Crowd money and
    what one pledge moves carry the day in Rome only: no instant, no key.
    """
    shown: dict[str, Any] = {
        "kind": kind,
        "day": day.isoformat(),
        "public": dict(public),
        "movements": [
            {"from": source, "to": target, "cents": cents, "currency": currency}
            for source, target, cents, currency in movements
        ],
    }
    if not is_personal(kind, books):
        shown["key"] = key
        shown["at"] = instant_text(at)
    return shown


def instant_text(at: datetime) -> str:
    """Give an instant's one text: UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def leaf_hash(shown: Mapping[str, Any], private: str | None) -> str:
    """Give the leaf of a transaction: its public projection and the digest of its private part."""
    return hashlib.sha256(
        b"\x00" + canonical({"public": shown, "private": private or ""})
    ).hexdigest()


def merkle_root(leaves: Sequence[str]) -> str:
    """Give the root of at least one leaf (hexadecimal); raise ValueError for none."""
    if not leaves:
        msg = "a batch has a leaf"
        raise ValueError(msg)
    return _root([bytes.fromhex(leaf) for leaf in leaves]).hex()


def _root(nodes: list[bytes]) -> bytes:
    # level by level; a node without a neighbour rises unchanged, which gives RFC 6962's tree
    while len(nodes) > 1:
        pairs = [
            hashlib.sha256(b"\x01" + nodes[i] + nodes[i + 1]).digest()
            for i in range(0, len(nodes) - 1, 2)
        ]
        nodes = pairs + nodes[len(pairs) * 2 :]
    return nodes[0]


def chain_hash(*, previous: str, root: str, number: int, first: int, last: int) -> str:
    """Give the hash that binds a batch to all before it. ``first``, ``last`` are seal numbers."""
    content = {"previous": previous, "root": root, "number": number, "first": first, "last": last}
    return hashlib.sha256(b"\x02" + canonical(content)).hexdigest()
