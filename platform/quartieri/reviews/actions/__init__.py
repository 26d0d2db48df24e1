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
from quartieri.reviews.actions.decisions import (
    exclude_by_act,
    may_be_reviewed,
    review_exclusion,
)
from quartieri.reviews.actions.endings import annul_call, cancel_call, tell_end
from quartieri.reviews.actions.expiring import expire_list
from quartieri.reviews.actions.importing import confirm_result, upload_result
from quartieri.reviews.actions.letters import tell
from quartieri.reviews.actions.publication import publish_ranking
from quartieri.reviews.actions.rankings import compute_ranking, discard_ranking
from quartieri.reviews.actions.scrolling import (
    accept_offer,
    lapse_offer,
    offer,
    refuse_offer,
    scroll,
)
from quartieri.reviews.actions.sheets import save_scores, submit_scores

__all__ = [
    "accept_offer",
    "annul_call",
    "assign",
    "assign_many",
    "cancel",
    "cancel_call",
    "clear",
    "compute_ranking",
    "confirm_result",
    "declare_conflict",
    "declare_none",
    "discard_ranking",
    "exclude_by_act",
    "expire_list",
    "lapse_offer",
    "may_be_reviewed",
    "offer",
    "open_evaluation",
    "publish_ranking",
    "recuse",
    "refuse_offer",
    "reopen",
    "review_exclusion",
    "save_scores",
    "scroll",
    "submit_scores",
    "tell",
    "tell_end",
    "uphold",
    "upload_result",
]
