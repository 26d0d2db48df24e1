"""Reading evaluations: a reviewer's desk, the office's lists, what a ranking is computed from."""

from quartieri.reviews.queries.desk import (
    Desk,
    DeskLine,
    current_lines,
    desk,
    next_assignment,
    others_lines,
    sheets_of,
)
from quartieri.reviews.queries.inputs import (
    NotReady,
    evaluated,
    latest_final,
    not_ready,
    pool_available,
    ranking_input,
    rules_of,
)
from quartieri.reviews.queries.office import (
    Progress,
    commission,
    declared_conflicts,
    pairs,
    participants,
    progress,
    progress_count,
    waiting_for,
)
from quartieri.reviews.queries.published import (
    public_rankings,
    published_entries,
    rankings_of,
    result_document,
    titles_of,
)

__all__ = [
    "Desk",
    "DeskLine",
    "NotReady",
    "Progress",
    "commission",
    "current_lines",
    "declared_conflicts",
    "desk",
    "evaluated",
    "latest_final",
    "next_assignment",
    "not_ready",
    "others_lines",
    "pairs",
    "participants",
    "pool_available",
    "progress",
    "progress_count",
    "public_rankings",
    "published_entries",
    "ranking_input",
    "rankings_of",
    "result_document",
    "rules_of",
    "sheets_of",
    "titles_of",
    "waiting_for",
]
