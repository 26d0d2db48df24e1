"""Acts for tests."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from quartieri.acts.actions import ActData

_numbers = itertools.count(1)


def act_data(**over: Any) -> ActData:
    """Give what an official types of an act; each has a number of its own."""
    values: dict[str, Any] = {
        "number": str(next(_numbers)),
        "dated": date(2025, 1, 10),
        "office": "Direzione Lavoro, Giovani e Sport",
        "signer": "Dott.ssa Ada Negri",
        "decides": "Si approva.",
    }
    return ActData(**(values | over))
