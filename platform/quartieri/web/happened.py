"""What the audit log's verbs are called where people read what happened to one thing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import flask_babel

from quartieri.audit.models import AuditEntry
from quartieri.kit.filters import say_filter, typed
from quartieri.kit.labels import N_
from quartieri.payments.words import dispute_words_for, refund_words_for, words_for
from quartieri.web.words import OFFICE, STATES, SUBJECTS

WORDS: dict[str, dict[str, str]] = {
    **OFFICE,
    "campaign": {
        "open_draft": N_("page opened"),
        "save_page": N_("page saved"),
        "add_image": N_("picture added"),
        "post_update": N_("update posted"),
        "edit_update": N_("update changed"),
        "send_message": N_("message to backers sent"),
        "comment": N_("page commented"),
        "resolve_comment": N_("comment ticked off"),
        "remove_image": N_("picture taken off"),
        "save_reward": N_("reward saved"),
        "remove_reward": N_("reward taken off"),
        "set_stock": N_("number of a reward changed"),
        "ask_approval": N_("sent for approval"),
        "ask_changes": N_("changes asked for"),
        "approve": N_("approved"),
        "go_live": N_("begun"),
        "suspend": N_("suspended"),
        "resume": N_("resumed"),
        "rescope": N_("target changed"),
        "extend": N_("end moved by act"),
        "ask_rescope": N_("change of cost and target asked for"),
        "approve_rescope": N_("cost and target changed by act"),
        "refuse_rescope": N_("change of cost and target refused"),
        "import_total": N_("totals of the other platform imported"),
        "record_certificate": N_("certificate recorded"),
        "confirm_certificate": N_("certificate confirmed by a second person"),
        "reject_certificate": N_("certificate rejected"),
        "file_collection": N_("written down who receives the money"),
        "confirm_collection": N_("confirmed who receives the money"),
        "end": N_("ended"),
        "miss": N_("target missed"),
        "collect": N_("charging begun"),
        "succeed": N_("target reached with collected money"),
        "fail": N_("failed"),
        "cancel": N_("stopped"),
        "withdraw": N_("withdrawn"),
        "start_refunds": N_("refunds begun"),
        "settle_refunds": N_("all refunds done"),
        "start_payout": N_("payout begun"),
        "record_payout": N_("payout recorded"),
        "record_claim_paid": N_("payment by the proposer recorded"),
        "settle": N_("settled"),
        "settle_empty": N_("settled, with nothing to refund"),
    },
    "campaign_offer": {
        "accept": N_("accepted"),
        "decline": N_("declined"),
        "receive": N_("received"),
    },
    "campaign_report": {
        "act": N_("something was done"),
        "dismiss": N_("nothing to be done"),
    },
    "pledge": {
        "make": N_("made"),
        "claim": N_("added to an account"),
        "agree": N_("agreed to the new dates"),
        "confirm": N_("confirmed"),
        "expire": N_("payment page left unfinished"),
        "cancel": N_("cancelled"),
        "take_back": N_("taken back by the backer"),
        "change_amount": N_("amount changed"),
        "change_card": N_("card changed"),
        "issue_receipt": N_("receipt issued"),
        "void_receipt": N_("receipt voided"),
        "charge": N_("charging begun"),
        "process": N_("payment on its way"),
        "pay": N_("paid"),
        "decline": N_("card declined"),
        "ask_action": N_("confirmation by the backer asked for"),
        "drop": N_("given up after the last attempt"),
        "release": N_("released, nothing charged"),
        "record_offline": N_("recorded, given outside of the site"),
        "accept": N_("confirmed by a second official"),
        "reject": N_("refused by a second official"),
        "refuse": N_("not accepted"),
        "ask_reversal": N_("taking back asked for"),
        "reverse": N_("taken back"),
        "refund": N_("refund begun"),
        "settle_refund": N_("refunded"),
        "stick": N_("refund not accepted by the bank"),
        "retry_refund": N_("refund tried again"),
        "take_refund_over": N_("refund taken over by the office"),
        "refund_part": N_("refund of a part begun"),
        "ask_address": N_("new address asked for"),
        "change_address": N_("address put right"),
        "take_part": N_("less was taken than pledged"),
        "open_dispute": N_("case opened: dispute"),
        "open_warning": N_("case opened: early fraud warning"),
        "open_refund": N_("case opened: part of a refund that failed"),
        "open_part": N_("case opened: less was taken than pledged"),
        "open_back": N_("case opened: lost money that came back"),
        "close_case": N_("case closed"),
        "take_case_over": N_("case taken over by the office"),
        "dispute": N_("disputed at the bank"),
        "charge_back": N_("taken back by the bank"),
        "reinstate": N_("the bank took its decision back"),
        "win_to_paid": N_("dispute won"),
        "win_to_refund_pending": N_("dispute won"),
        "win_to_refunded": N_("dispute won"),
    },
    "proposal": {
        "start": N_("begun"),
        "save": N_("saved"),
        "submit": N_("submitted"),
        "register": N_("registered"),
        "discard": N_("deleted"),
        "supersede": N_("replaced by a corrected one"),
        "withdraw": N_("withdrawn"),
        "start_check": N_("check begun"),
        "check": N_("requirement checked"),
        "request_integration": N_("missing documents asked for"),
        "notify_refusal": N_("notice of exclusion sent"),
        "resume_check": N_("check resumed"),
        "admit": N_("admitted"),
        "exclude": N_("excluded"),
        "review_exclusion": N_("exclusion taken up again"),
        "start_review": N_("scoring begun"),
        "stop_at_gate": N_("stopped by a minimum"),
        "reopen_gate": N_("taken up again"),
        "rank": N_("ranked"),
        "next_stage": N_("on to the next stage"),
        "select": N_("selected"),
        "list_expires": N_("not selected: the list expired"),
        "put_on_list": N_("put on the waiting list"),
        "not_select": N_("not selected"),
        "correct_to_selected": N_("ranking corrected: selected"),
        "correct_to_waiting": N_("ranking corrected: waiting list"),
        "correct_to_not_selected": N_("ranking corrected: not selected"),
        "offer": N_("a place offered"),
        "accept_offer": N_("offer accepted"),
        "pass_over": N_("offer declined or lapsed"),
        "scroll": N_("moved up"),
        "start_campaign": N_("crowdfunding begun"),
        "award": N_("grant awarded"),
        "lapse": N_("lapsed"),
        "suspend": N_("suspended"),
        "report": N_("report handed in"),
        "return_report": N_("report sent back"),
        "complete": N_("completed"),
        "renounce": N_("renounced"),
        "revoke": N_("revoked"),
    },
}
"""By the kind of thing and the verb; the tests hold it against the machines."""

CODE = re.compile(r"[a-z]+(_[a-z]+)*")
"""What a bank's reason looks like."""

BANK = {"refund": refund_words_for, "dispute": dispute_words_for, "charge_back": dispute_words_for}
"""Whose words a bank's code takes, by what the verb is about; else those of a refused charge."""

REASONS = {
    "at the provider": N_("on the payment service's own pages"),
    "campaign failed": N_("the campaign failed"),
    "corrected ranking": N_("the ranking was corrected"),
    "deserted": N_("nobody took part"),
    "end was moved": N_("the end was moved"),
    "paid too late": N_("paid too late"),
    "recomputed": N_("computed anew"),
    "renounced in time": N_("renounced in time"),
    "sent anew": N_("sent anew"),
    "sent back": N_("sent back by the bank"),
    "target missed": N_("the target was missed"),
    "the books agree": N_("the books agree"),
    "the books differ again": N_("the books differ again"),
    "too late": N_("too late"),
    "withdrawn": N_("withdrawn"),
}
"""What the site itself gives as a reason."""

NOBODY = {
    "system": N_("the site, by itself"),
    "visitor": N_("a visitor"),
    "guest": N_("a visitor"),
    "installation": N_("the installation"),
}
"""What acts without an account, by the name that the log keeps."""


def happened(entry: AuditEntry) -> str:
    """Say what was done, and the state that came of it; a verb without words stands as it is."""
    gettext: Any = flask_babel.gettext
    words = WORDS.get(entry.subject_kind, {}).get(entry.verb)
    said = str(gettext(words)) if words else str(entry.verb)
    states = STATES.get(entry.subject_kind)
    state = (entry.after or {}).get("state")
    if states is None or state not in {str(member) for member in states}:
        return said
    return f"{said} → {gettext(states(state).label)}"


def doer(entry: AuditEntry) -> str:
    """Name who did it: a person by name, else what acted, in the reader's language."""
    gettext: Any = flask_babel.gettext
    words = NOBODY.get(entry.actor_name) if entry.actor_id is None else None
    return str(gettext(words)) if words else entry.actor_name


def why(entry: AuditEntry) -> str:
    """Give the reason of an entry, marked as typed; a bank's code in an official's words."""
    gettext: Any = flask_babel.gettext
    if entry.reason in REASONS:
        return str(gettext(REASONS[entry.reason]))
    if entry.refused and entry.reason:  # the site's own sentence, kept in English
        return str(gettext(entry.reason))
    of_bank = entry.subject_kind == "pledge" and entry.actor_id is None
    if not of_bank or not CODE.fullmatch(entry.reason):
        return typed(entry.reason) if entry.reason else ""
    words = next((known for verb, known in BANK.items() if verb in entry.verb), words_for)
    return f"{say_filter(words(entry.reason))} [{entry.reason}]"


def runs(entries: Iterable[AuditEntry]) -> list[tuple[AuditEntry, int]]:
    """Fold what one person did again and again into one line: (the last entry, how many)."""

    def alike(entry: AuditEntry) -> tuple[object, ...]:
        state = (entry.after or {}).get("state")
        return (entry.actor_id, entry.actor_name, entry.verb, entry.reason, state, entry.refused)

    kept = (list(group) for _, group in groupby(entries, key=alike))
    return [(group[-1], len(group)) for group in kept]


def about(entry: AuditEntry) -> str:
    """Say what kind of thing an entry is about; a kind without words stands as it is."""
    gettext: Any = flask_babel.gettext
    words = SUBJECTS.get(entry.subject_kind)
    return str(gettext(words)) if words else entry.subject_kind


def subjects() -> list[tuple[str, str]]:
    """List the kinds of things by their name in the reader's language: (kind, name)."""
    gettext: Any = flask_babel.gettext
    named = [(kind, str(gettext(words))) for kind, words in SUBJECTS.items()]
    return sorted(named, key=lambda pair: pair[1].casefold())
