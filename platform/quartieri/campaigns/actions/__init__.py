"""Writing campaigns: pages, pledges, closing, money."""

from quartieri.campaigns.actions.closing import advance
from quartieri.campaigns.actions.offline import (
    accept_offline,
    ask_reversal,
    confirm_reversal,
    record_offline,
    reject_offline,
)
from quartieri.campaigns.actions.pages import (
    approve,
    ask_approval,
    ask_changes,
    cancel,
    open_draft,
    save_page,
    withdraw,
)
from quartieri.campaigns.actions.pledging import (
    cancel_pledge,
    confirm_pledge,
    expire_pledge,
    make_pledge,
    refuse_pledge,
)

__all__ = [
    "accept_offline",
    "advance",
    "approve",
    "ask_approval",
    "ask_changes",
    "ask_reversal",
    "cancel",
    "cancel_pledge",
    "confirm_pledge",
    "confirm_reversal",
    "expire_pledge",
    "make_pledge",
    "open_draft",
    "record_offline",
    "refuse_pledge",
    "reject_offline",
    "save_page",
    "withdraw",
]
