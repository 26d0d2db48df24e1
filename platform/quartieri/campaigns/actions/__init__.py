"""Writing campaigns: pages, pledges, closing, money."""

from quartieri.campaigns.actions.addresses import ask_address, confirm_address, correct_address
from quartieri.campaigns.actions.around import answer_offer, comment, make_offer, resolve
from quartieri.campaigns.actions.changing import Change, change_pledge
from quartieri.campaigns.actions.charging import (
    begin_charge,
    plan_charge,
    record_paid,
)
from quartieri.campaigns.actions.closing import advance, tell_collecting
from quartieri.campaigns.actions.costs import claims, record_claim_paid
from quartieri.campaigns.actions.disputing import close_case, take_case_over
from quartieri.campaigns.actions.elsewhere import (
    decide_certificate,
    import_total,
    record_certificate,
)
from quartieri.campaigns.actions.extending import agree, extend, must_agree, tell_extended
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
    open_draft,
)
from quartieri.campaigns.actions.parts import add_image, remove_image, save_part
from quartieri.campaigns.actions.paying import (
    end_payment,
    may_take_back,
    open_payment,
    prepare_page,
    take_back,
)
from quartieri.campaigns.actions.payouts import record_payout
from quartieri.campaigns.actions.pledging import (
    cancel_pledge,
    claim_pledges,
    confirm_pledge,
    expire_pledge,
    make_pledge,
    refuse_pledge,
)
from quartieri.campaigns.actions.refunding import (
    record_refund_stuck,
    record_refunded,
    record_returned,
    refund_by_hand,
    refund_paid,
    retry_refund,
    take_refund_over,
)
from quartieri.campaigns.actions.reports import decide_report, report
from quartieri.campaigns.actions.rescoping import (
    approve_rescope,
    ask_rescope,
    refuse_rescope,
)
from quartieri.campaigns.actions.rewards import remove_reward, save_reward, set_stock
from quartieri.campaigns.actions.rounds import close_round, estimate_round
from quartieri.campaigns.actions.scheduling import confirm_collection, file_collection
from quartieri.campaigns.actions.settling import (
    plan_again,
    retry_after_page,
    settle,
    settle_locked,
    stop_charge,
)
from quartieri.campaigns.actions.stopping import (
    cancel,
    end_project,
    resume,
    suspend,
    withdraw,
)
from quartieri.campaigns.actions.sums import locked
from quartieri.campaigns.actions.telling import (
    edit_update,
    post_update,
    send_message,
    silence,
    tell_message,
    tell_update,
)
from quartieri.campaigns.actions.timing import is_overdue

__all__ = [
    "Change",
    "accept_offline",
    "add_image",
    "advance",
    "agree",
    "answer_offer",
    "approve",
    "approve_rescope",
    "ask_address",
    "ask_approval",
    "ask_changes",
    "ask_rescope",
    "ask_reversal",
    "begin_charge",
    "cancel",
    "cancel_pledge",
    "change_pledge",
    "claim_pledges",
    "claims",
    "close_case",
    "close_round",
    "comment",
    "confirm_address",
    "confirm_collection",
    "confirm_pledge",
    "confirm_reversal",
    "correct_address",
    "decide_certificate",
    "decide_report",
    "edit_update",
    "end_payment",
    "end_project",
    "estimate_round",
    "expire_pledge",
    "extend",
    "file_collection",
    "import_total",
    "is_overdue",
    "locked",
    "make_offer",
    "make_pledge",
    "may_take_back",
    "must_agree",
    "open_draft",
    "open_payment",
    "plan_again",
    "plan_charge",
    "post_update",
    "prepare_page",
    "record_certificate",
    "record_claim_paid",
    "record_offline",
    "record_paid",
    "record_payout",
    "record_refund_stuck",
    "record_refunded",
    "record_returned",
    "refund_by_hand",
    "refund_paid",
    "refuse_pledge",
    "refuse_rescope",
    "reject_offline",
    "remove_image",
    "remove_reward",
    "report",
    "resolve",
    "resume",
    "retry_after_page",
    "retry_refund",
    "save_part",
    "save_reward",
    "send_message",
    "set_stock",
    "settle",
    "settle_locked",
    "silence",
    "stop_charge",
    "suspend",
    "take_back",
    "take_case_over",
    "take_refund_over",
    "tell_collecting",
    "tell_extended",
    "tell_message",
    "tell_update",
    "withdraw",
]
