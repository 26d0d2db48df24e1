"""Passwords: argon2id hashes; a cheap profile exists for tests alone."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 200


@cache
def _hasher(profile: str) -> PasswordHasher:
    if profile == "cheap":
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher()


def hashed(password: str, profile: str) -> str:
    """Give the hash to keep."""
    return _hasher(profile).hash(password)


def matches(kept: str, password: str, profile: str) -> bool:
    """Tell whether a password is the one whose hash was kept."""
    try:
        return _hasher(profile).verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def decoy(profile: str) -> str:
    """Give a hash that no password matches, to take as long for an unknown address."""
    return _hasher(profile).hash("nobody has this password")
