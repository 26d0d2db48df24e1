"""Cases: disputes, fraud warnings and failed parts of refunds that an official sees to."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.campaigns import actions, queries
from quartieri.campaigns.forms import CaseForm
from quartieri.campaigns.models import PledgeCase
from quartieri.campaigns.routes.blueprint import Answer, bp, submitted, tried
from quartieri.campaigns.routes.money import draw_pledge
from quartieri.campaigns.rules.cases import CaseKind, to_do
from quartieri.db import db, get, writes
from quartieri.payments.words import dispute_words_for
from quartieri.people.access import actor, current_now, permit, scopes_with
from quartieri.people.rules import Permission


def load_case(case_id: int) -> PledgeCase:
    """Give a case by its id."""
    return get(db.session(), PledgeCase, case_id)


@bp.get("/manage/campaigns/cases")
@permit(Permission.PLEDGES_READ)
def cases() -> Answer:
    """List the cases that need a person, the first due first."""
    scopes = scopes_with(Permission.PLEDGES_READ)
    found = queries.open_cases(db.session(), scopes=scopes)
    proposals = [case.pledge.campaign.proposal_id for case in found]
    return render_template(
        "campaigns/cases.html",
        cases=found,
        to_do={kind: to_do(kind) for kind in CaseKind},
        granted=queries.acts_at_stake(db.session(), proposals),
        soon=current_now(),
        bank_says=dispute_words_for,
    )


def _there(case: PledgeCase) -> str:
    return url_for("campaigns.manage_pledge", pledge_id=case.pledge_id)


@bp.post("/manage/cases/<int:case_id>/close")
@writes
@permit(Permission.DISBURSEMENT_PAY, load_case)
def close_case(case: PledgeCase) -> Answer:
    """Close a case, saying what was done."""
    form = CaseForm()
    return submitted(
        form,
        lambda: draw_pledge(case.pledge, "case", form),
        lambda: actions.close_case(
            db.session(),
            case,
            note=form.note.data,
            by_hand=form.by_hand.data,
            actor=actor(case),
            at=current_now(),
        ),
        _("The case is closed."),
        _there(case),
    )


@bp.post("/manage/cases/<int:case_id>/take-over")
@writes
@permit(Permission.DISBURSEMENT_PAY, load_case)
def take_case_over(case: PledgeCase) -> Response:
    """Make oneself the owner of a case."""
    return tried(
        lambda: actions.take_case_over(db.session(), case, actor=actor(case), at=current_now()),
        _("You see to this case now."),
        _there(case),
    )
