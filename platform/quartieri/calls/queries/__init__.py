"""Reading calls: for everyone, for the home page, for the office."""

from quartieri.calls.queries.exchange import against_city, document_of, level_codes
from quartieri.calls.queries.home import home
from quartieri.calls.queries.lists import CallRow, Found, manage_calls, public_calls
from quartieri.calls.queries.single import (
    acts_of,
    call_by_id,
    call_by_slug,
    city_of,
    gaps,
    historical_projects,
    latest_edition,
    open_window,
    pool_draft,
    public_call,
    window_by_id,
)

__all__ = [
    "CallRow",
    "Found",
    "acts_of",
    "against_city",
    "call_by_id",
    "call_by_slug",
    "city_of",
    "document_of",
    "gaps",
    "historical_projects",
    "home",
    "latest_edition",
    "level_codes",
    "manage_calls",
    "open_window",
    "pool_draft",
    "public_call",
    "public_calls",
    "window_by_id",
]
