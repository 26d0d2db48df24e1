"""Pages of applications: the applicant's, the officials'."""

from quartieri.proposals.routes import apply, draft, manage, submitted, windows
from quartieri.proposals.routes.blueprint import bp

__all__ = ["apply", "blueprints", "draft", "manage", "submitted", "windows"]

blueprints = (bp,)
