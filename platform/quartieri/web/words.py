"""What the audit log calls the things of the office, and what is done to them."""

from __future__ import annotations

from quartieri.acts.rules import ACT
from quartieri.calls.rules import (
    CALL,
    CALL_QUESTION,
    MEETING,
    PLACE,
    RECTIFICATION,
    WINDOW,
)
from quartieri.campaigns.rules import CAMPAIGN, OFFER, PLEDGE, REPORT
from quartieri.grants.rules import DISBURSEMENT, GRANT
from quartieri.grants.rules import VERBS as GRANT_VERBS
from quartieri.kit.labels import N_, LabelEnum
from quartieri.ledger.rules import PostingKind
from quartieri.payments.rules import CASE
from quartieri.proposals.rules import INTEGRATION, PROPOSAL
from quartieri.reviews.rules import ASSIGNMENT, CONFLICT, RANKING

MACHINES = (
    ACT,
    CALL,
    RECTIFICATION,
    WINDOW,
    CALL_QUESTION,
    MEETING,
    PLACE,
    PROPOSAL,
    INTEGRATION,
    CONFLICT,
    ASSIGNMENT,
    RANKING,
    CAMPAIGN,
    OFFER,
    PLEDGE,
    REPORT,
    CASE,
    GRANT,
    DISBURSEMENT,
)

STATES: dict[str, type[LabelEnum]] = {machine.name: machine.states for machine in MACHINES}
"""The states of each kind of thing."""

SUBJECTS: dict[str, str] = {
    **{machine.name: machine.label for machine in MACHINES},
    "api_token": N_("access for a program"),
    "authority": N_("authority"),
    "area": N_("area"),
    "call_template": N_("template of a call"),
    "endowment_pool": N_("endowment"),
    "ledger_transaction": N_("movement of the ledger"),
    "letter": N_("letter"),
    "match_round": N_("quadratic round"),
    "organisation": N_("organisation"),
    "page": N_("page"),
    "programme_level": N_("level of the programme"),
    "user": N_("account"),
}
"""What each kind of thing is called."""

OFFICE: dict[str, dict[str, str]] = {
    "act": {
        "record": N_("recorded"),
        "sign": N_("signed"),
        "publish": N_("published"),
        "discard": N_("discarded"),
        "revoke": N_("revoked"),
    },
    "api_token": {"make": N_("access given"), "revoke": N_("access taken back")},
    "area": {"create": N_("added")},
    "assignment": {
        "assign": N_("given to a reviewer"),
        "accept": N_("accepted"),
        "decline": N_("declined"),
        "expire": N_("expired"),
        "start": N_("begun"),
        "score": N_("sheet saved"),
        "give_up": N_("given up"),
        "submit": N_("sheet submitted"),
        "reopen": N_("sheet opened again"),
        "recuse": N_("reviewer recused"),
        "cancel": N_("cancelled"),
    },
    "authority": {"add": N_("added"), "name": N_("named")},
    "call": {
        "create": N_("draft begun"),
        "save": N_("draft saved"),
        "set_windows": N_("sessions set"),
        "import_historical": N_("past edition entered"),
        "begin_rectification": N_("rectification begun"),
        "rectify": N_("rectified"),
        "rehearse": N_("rehearsal asked for"),
        "set_endowments": N_("endowments of the sessions set"),
        "set_questions_until": N_("last day for questions set"),
        "publish": N_("published"),
        "discard": N_("discarded"),
        "suspend": N_("suspended"),
        "resume": N_("resumed"),
        "conclude": N_("concluded"),
        "cancel": N_("cancelled"),
        "annul": N_("annulled"),
    },
    "reconciliation": {"close": N_("decided"), "reopen": N_("taken up again")},
    "call_question": {
        "confirm": N_("address confirmed"),
        "answer": N_("answered"),
        "correct": N_("answer corrected"),
        "discard": N_("discarded"),
    },
    "call_template": {"keep": N_("kept as a template"), "delete": N_("deleted")},
    "conflict": {
        "declare_none": N_("no conflict declared"),
        "declare": N_("conflict declared"),
        "abstain": N_("abstention"),
        "clear": N_("cleared by the head of office"),
    },
    "disbursement": GRANT_VERBS,
    "endowment_pool": {
        "create": N_("added"),
        "set_endowment": N_("endowment planned"),
        **{kind.value: kind.label for kind in PostingKind},
    },
    "grant": GRANT_VERBS,
    "integration_request": {
        "request": N_("sent to the applicant"),
        "answer": N_("answered"),
        "lapse": N_("not answered in time"),
        "cancel": N_("taken back"),
    },
    "match_round": {"open": N_("pool reserved"), "close": N_("pool shared out")},
    "ledger_transaction": {"erase_private": N_("personal data erased")},
    "letter": {"send_again": N_("sent again")},
    "meeting": {
        "plan": N_("planned"),
        "change": N_("changed"),
        "cancel": N_("cancelled"),
        "add_material": N_("material added"),
        "remove_material": N_("material removed"),
        "mark_attendance": N_("attendance noted"),
    },
    "meeting_place": {
        "place": N_("place given"),
        "queue": N_("put on the waiting list"),
        "move_up": N_("moved up"),
        "give_up": N_("place given up"),
    },
    "organisation": {"add": N_("added")},
    "page": {"refused": N_("refused")},
    "programme_level": {
        "create": N_("added"),
        "edit": N_("changed"),
        "set_budget": N_("budget set by act"),
        "spend_directly": N_("spent directly"),
    },
    "ranking": {
        "compute": N_("computed"),
        "publish_provisional": N_("published as provisional"),
        "publish_final": N_("published as final"),
        "discard": N_("put aside"),
        "supersede": N_("replaced by a correction"),
        "expire": N_("expired"),
        "annul": N_("annulled"),
    },
    "rectification": {"publish": N_("published"), "discard": N_("discarded")},
    "user": {
        "register": N_("registered"),
        "confirm_address": N_("address confirmed"),
        "set_password": N_("password set"),
        "change_profile": N_("profile changed"),
        "give_role": N_("role given"),
        "end_role": N_("role ended"),
        "sign_in_failed": N_("sign-in failed"),
    },
    "window": {
        "start_checking": N_("check begun"),
        "start_evaluation": N_("evaluation begun"),
        "desert": N_("declared deserted"),
        "publish_provisional": N_("provisional ranking published"),
        "publish_final": N_("final ranking published"),
        "reopen_evaluation": N_("evaluation opened again"),
        "start_projects": N_("projects under way"),
        "conclude": N_("concluded"),
        "cancel": N_("cancelled"),
        "extend": N_("deadline extended"),
        "reopen": N_("reopened by a later deadline"),
        "postpone": N_("deadline moved by a suspension"),
        "next_stage": N_("on to the next stage"),
    },
}
"""What is done to each kind of thing of the office, by its verb."""
