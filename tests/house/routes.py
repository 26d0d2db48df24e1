"""Every route with the permission that opens it, read from routes.txt: a line each, sorted.

A permission is ``public``, ``signed_in``, ``owner``, ``token``, or one of people's permissions.
Each writing route is marked in the code by ``writes`` or ``writes_in_steps``.
"""

from __future__ import annotations

from pathlib import Path

LINES = Path(__file__).with_name("routes.txt").read_text().splitlines()
ROUTES: dict[str, str] = dict(line.split() for line in LINES)
