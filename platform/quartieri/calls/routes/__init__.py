"""Pages of calls: for everyone, and the office's list, dashboard and editor."""

from quartieri.calls.routes import by_act, editor, manage, public
from quartieri.calls.routes.blueprint import bp

blueprints = (bp,)

__all__ = ["blueprints", "by_act", "editor", "manage", "public"]
