"""Assigning, declaring, scoring, ranking, publishing."""

from quartieri.reviews.actions.assignments import (
    assign,
    assign_many,
    cancel,
    open_evaluation,
    reopen,
)
from quartieri.reviews.actions.conflicts import (
    clear,
    declare_conflict,
    declare_none,
    recuse,
    uphold,
)
from quartieri.reviews.actions.letters import tell
from quartieri.reviews.actions.publication import publish_ranking
from quartieri.reviews.actions.rankings import compute_ranking, discard_ranking
from quartieri.reviews.actions.sheets import save_scores, submit_scores

__all__ = [
    "assign",
    "assign_many",
    "cancel",
    "clear",
    "compute_ranking",
    "declare_conflict",
    "declare_none",
    "discard_ranking",
    "open_evaluation",
    "publish_ranking",
    "recuse",
    "reopen",
    "save_scores",
    "submit_scores",
    "tell",
    "uphold",
]
