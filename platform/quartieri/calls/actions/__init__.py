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
    annul,
    cancel,
    conclude,
    extend_window,
    give_back,
    publish,
    resume,
    suspend,
)
from quartieri.calls.actions.rectification import (
    begin_rectification,
    discard_rectification,
    publish_rectification,
)
from quartieri.calls.actions.templates import create_from_kept, delete_template, keep_template
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
    "annul",
    "begin_rectification",
    "cancel",
    "conclude",
    "conclude_window",
    "create_from_kept",
    "create_from_template",
    "delete_template",
    "desert_window",
    "discard",
    "discard_rectification",
    "duplicate",
    "extend_window",
    "give_back",
    "import_document",
    "import_historical",
    "keep_template",
    "publish",
    "publish_rectification",
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
