"""Pages of calls: for everyone, and the office's list, dashboard and editor."""

from quartieri.calls.routes import (
    by_act,
    editor,
    exchange,
    feeds,
    files,
    follow,
    manage,
    manage_meetings,
    meetings,
    public,
    questions,
    rectify,
    rules,
    tokens,
)
from quartieri.calls.routes.blueprint import bp

blueprints = (bp,)

__all__ = [
    "blueprints",
    "by_act",
    "editor",
    "exchange",
    "feeds",
    "files",
    "follow",
    "manage",
    "manage_meetings",
    "meetings",
    "public",
    "questions",
    "rectify",
    "rules",
    "tokens",
]
