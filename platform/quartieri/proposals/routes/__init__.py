"""Pages of applications: the applicant's, the officials'."""

from quartieri.proposals.routes import (
    answers,
    apply,
    draft,
    manage,
    pages,
    paper,
    preview,
    submitted,
    windows,
)
from quartieri.proposals.routes.blueprint import bp

__all__ = [
    "answers",
    "apply",
    "blueprints",
    "draft",
    "manage",
    "pages",
    "paper",
    "preview",
    "submitted",
    "windows",
]

blueprints = (bp,)
