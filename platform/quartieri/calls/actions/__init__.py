"""Writing calls: drafting, publishing, moving windows, entering past editions."""

from quartieri.calls.actions.drafting import (
    create_from_template,
    discard,
    save_design,
    set_pool,
    set_windows,
)
from quartieri.calls.actions.exchange import DocumentError, duplicate, import_document
from quartieri.calls.actions.history import import_historical
from quartieri.calls.actions.publishing import (
    cancel,
    conclude,
    extend_window,
    publish,
    resume,
    suspend,
)
from quartieri.calls.actions.windows import (
    conclude_window,
    desert_window,
    start_checking,
    start_evaluation,
    start_projects,
    step_window,
)

__all__ = [
    "DocumentError",
    "cancel",
    "conclude",
    "conclude_window",
    "create_from_template",
    "desert_window",
    "discard",
    "duplicate",
    "extend_window",
    "import_document",
    "import_historical",
    "publish",
    "resume",
    "save_design",
    "set_pool",
    "set_windows",
    "start_checking",
    "start_evaluation",
    "start_projects",
    "step_window",
    "suspend",
]
