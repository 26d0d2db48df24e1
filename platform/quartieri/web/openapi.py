"""What ``/api/v1`` offers: the description that is shipped, with the formats that slices ship."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

from quartieri.campaigns.importing.document import totals_schema


@cache
def description() -> dict[str, Any]:
    """Give the OpenAPI 3.1 document."""
    text = Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
    found = cast("dict[str, Any]", json.loads(text))
    found["components"]["schemas"]["CampaignTotals"] = json.loads(totals_schema())
    return found
