"""Crowd money: payouts to the proposer, refunds to see to, one pledge for officials."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.audit.queries import history
from quartieri.campaigns import actions, queries
from quartieri.campaigns.forms import (
    CaseForm,
    CorrectionForm,
    EvidenceForm,
    PayoutForm,
    ReasonForm,
    RefundForm,
)
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.routes.blueprint import (
    Answer,
    bp,
    load,
    load_pledge,
    submitted,
    tried,
)
from quartieri.campaigns.routes.manage import draw, here
from quartieri.campaigns.rules import UNDECIDED_CAMPAIGN, PledgeChannel, PledgeState
from quartieri.campaigns.rules.cases import CaseKind, to_do
from quartieri.db import db, writes
from quartieri.kit.fields import Form
from quartieri.kit.money import Money
from quartieri.mail.queries import bounced, undelivered
from quartieri.payments.queries import facts
from quartieri.payments.words import dispute_words_for, refund_words_for, words_for
from quartieri.people.access import actor, current_now, permit, scopes_with
from quartieri.people.rules import Permission


@bp.post("/manage/campaigns/<int:campaign_id>/payouts")
@writes
@permit(Permission.DISBURSEMENT_PAY, load)
def record_payout(campaign: Campaign) -> Answer:
    """Record that crowd money was paid to the proposer."""
    form = PayoutForm()

    def verb() -> None:
        actions.record_payout(
            db.session(),
            campaign,
            amount_cents=form.amount.cents,
            reference=form.reference.data,
            actor=actor(campaign),
            at=current_now(),
        )

    return submitted(
        form,
        lambda: draw(campaign, "payout", form),
        verb,
        _("The payout is recorded."),
        here(campaign),
    )


@bp.get("/manage/campaigns/refunds")
@permit(Permission.PLEDGES_READ)
def refunds() -> Answer:
    """List the refunds that need a person, the first due first."""
    scopes = scopes_with(Permission.PLEDGES_READ)
    now = current_now()
    found = queries.refunds_to_see_to(db.session(), scopes=scopes, now=now)
    return render_template(
        "campaigns/refunds.html", pledges=found, words=refund_words_for, soon=now
    )


def draw_pledge(pledge: Pledge, name: str = "", form: Form | None = None) -> str:
    """Draw one pledge for officials; a refused form takes the place of the fresh one."""
    forms: dict[str, Form] = {
        "reason": ReasonForm(formdata=None),
        "refund": RefundForm(formdata=None),
        "case": CaseForm(formdata=None),
        "evidence": EvidenceForm(formdata=None),
        "address": CorrectionForm(formdata=None),
    }
    if form is not None:
        forms[name] = form
    known = facts(db.session(), pledge.subject)
    return render_template(
        "campaigns/manage_pledge.html",
        receipts=queries.receipts_of(db.session(), pledge.id),
        lost_letter=undelivered(db.session(), "pledge", pledge.id),
        bounced=bounced(db.session(), "pledge", pledge.id, pledge.email),
        pledge=pledge,
        campaign=pledge.campaign,
        forms=forms,
        opened=name,
        known=known,
        why=words_for(known.error) if known.error else None,
        amount=Money(pledge.amount_cents),
        cases=queries.cases_of(db.session(), pledge.id),
        to_do={kind: to_do(kind) for kind in CaseKind},
        granted=queries.acts_at_stake(db.session(), [pledge.campaign.proposal_id]),
        bank_says=dispute_words_for,
        refund_why=refund_words_for(pledge.refund_error) if pledge.refund_error else None,
        can_refund=pledge.state is PledgeState.PAID
        and (pledge.campaign.succeeded or pledge.channel is PledgeChannel.CARD),
        undecided=pledge.campaign.state in UNDECIDED_CAMPAIGN,
        history=history(db.session(), "pledge", pledge.id),
        me=actor(pledge).user_id,
    )


@bp.get("/manage/pledges/<int:pledge_id>")
@permit(Permission.PLEDGES_READ, load_pledge)
def manage_pledge(pledge: Pledge) -> Answer:
    """Show a pledge with its payments and who did what."""
    return draw_pledge(pledge)


def _there(pledge: Pledge) -> str:
    return url_for("campaigns.manage_pledge", pledge_id=pledge.id)


@bp.post("/manage/pledges/<int:pledge_id>/refund")
@writes
@permit(Permission.DISBURSEMENT_PAY, load_pledge)
def refund(pledge: Pledge) -> Answer:
    """Give a paid pledge back, whole or in part, by decision of the treasurer."""
    form = RefundForm()
    return submitted(
        form,
        lambda: draw_pledge(pledge, "refund", form),
        lambda: actions.refund_paid(
            db.session(),
            pledge,
            reason=form.reason.data,
            amount_cents=form.part.cents if form.part.data is not None else None,
            actor=actor(pledge),
            at=current_now(),
        ),
        _("The money goes back."),
        _there(pledge),
    )


@bp.post("/manage/pledges/<int:pledge_id>/retry-refund")
@writes
@permit(Permission.DISBURSEMENT_PAY, load_pledge)
def retry_refund(pledge: Pledge) -> Response:
    """Try a stuck refund again."""
    return tried(
        lambda: actions.retry_refund(db.session(), pledge, actor=actor(pledge), at=current_now()),
        _("The refund is tried again."),
        _there(pledge),
    )


@bp.post("/manage/pledges/<int:pledge_id>/take-over")
@writes
@permit(Permission.DISBURSEMENT_PAY, load_pledge)
def take_refund_over(pledge: Pledge) -> Response:
    """Make oneself the owner of a refund."""
    return tried(
        lambda: actions.take_refund_over(
            db.session(), pledge, actor=actor(pledge), at=current_now()
        ),
        _("You see to this refund now."),
        _there(pledge),
    )


@bp.post("/manage/pledges/<int:pledge_id>/refund-by-hand")
@writes
@permit(Permission.DISBURSEMENT_PAY, load_pledge)
def refund_by_hand(pledge: Pledge) -> Answer:
    """Record that the backer got the money back another way."""
    form = EvidenceForm()
    return submitted(
        form,
        lambda: draw_pledge(pledge, "evidence", form),
        lambda: actions.refund_by_hand(
            db.session(),
            pledge,
            evidence=form.evidence.data,
            actor=actor(pledge),
            at=current_now(),
        ),
        _("The money is recorded as given back."),
        _there(pledge),
    )
