"""What can be done with an application, one function per verb; nothing here commits."""

from quartieri.proposals.actions.checks import (
    admit,
    answer_integration,
    cancel_integration,
    exclude,
    lapse_integration,
    notify_refusal,
    record_check,
    request_integration,
    start_check,
)
from quartieri.proposals.actions.drafts import (
    attach,
    detach,
    discard,
    reopen,
    save,
    start,
)
from quartieri.proposals.actions.editions import carry_over
from quartieri.proposals.actions.rescoping import rescope
from quartieri.proposals.actions.submission import submit, withdraw
from quartieri.proposals.actions.unlocking import Unlocked
from quartieri.proposals.actions.windows import (
    conclude_window,
    desert_window,
    start_checking,
    start_evaluation,
)

__all__ = [
    "Unlocked",
    "admit",
    "answer_integration",
    "attach",
    "cancel_integration",
    "carry_over",
    "conclude_window",
    "desert_window",
    "detach",
    "discard",
    "exclude",
    "lapse_integration",
    "notify_refusal",
    "record_check",
    "reopen",
    "request_integration",
    "rescope",
    "save",
    "start",
    "start_check",
    "start_checking",
    "start_evaluation",
    "submit",
    "withdraw",
]
