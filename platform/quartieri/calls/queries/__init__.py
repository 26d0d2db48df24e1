"""Reading calls: for everyone, for the home page, for the office."""

from quartieri.calls.queries.exchange import against_city, document_of, level_codes
from quartieri.calls.queries.home import home
from quartieri.calls.queries.lists import CallRow, Found, manage_calls, public_calls
from quartieri.calls.queries.rectification import (
    Plan,
    kept_template,
    kept_templates,
    open_rectification,
    plan,
    rectification_by_id,
    rectification_of_draft,
    rectifications,
)
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
    "Plan",
    "acts_of",
    "against_city",
    "call_by_id",
    "call_by_slug",
    "city_of",
    "document_of",
    "gaps",
    "historical_projects",
    "home",
    "kept_template",
    "kept_templates",
    "latest_edition",
    "level_codes",
    "manage_calls",
    "open_rectification",
    "open_window",
    "plan",
    "pool_draft",
    "public_call",
    "public_calls",
    "rectification_by_id",
    "rectification_of_draft",
    "rectifications",
    "window_by_id",
]
