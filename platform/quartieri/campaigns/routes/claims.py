"""What the proposer owes of the costs that it bears: shown, and what it paid is recorded."""

from __future__ import annotations

from flask import Response as FileResponse
from flask import render_template
from flask_babel import gettext as _

from quartieri.acts.routes import kept_file
from quartieri.campaigns import actions, queries
from quartieri.campaigns.forms import ClaimForm
from quartieri.campaigns.models import Campaign, ClaimPayment
from quartieri.campaigns.routes.blueprint import Answer, bp, load, submitted
from quartieri.campaigns.routes.manage import here
from quartieri.db import db, get, writes
from quartieri.files.rules import DOCUMENTS
from quartieri.files.serving import send
from quartieri.kit.money import Money
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import Permission


def _load_payment(payment_id: int) -> ClaimPayment:
    return get(db.session(), ClaimPayment, payment_id)


def _draw(campaign: Campaign, form: ClaimForm) -> str:
    open_claims = actions.claims(db.session(), campaign)
    return render_template(
        "campaigns/claims.html",
        campaign=campaign,
        claims=open_claims,
        total=Money(sum(open_claims.values())),
        payments=queries.claim_payments(db.session(), campaign.id),
        form=form,
    )


@bp.get("/manage/campaigns/<int:campaign_id>/claims")
@permit(Permission.MONEY_READ, load)
def claims(campaign: Campaign) -> Answer:
    """Show what is to be claimed from the proposer, and what it paid."""
    return _draw(campaign, ClaimForm(formdata=None))


@bp.post("/manage/campaigns/<int:campaign_id>/claims")
@writes
@permit(Permission.DISBURSEMENT_PAY, load)
def record_claim_paid(campaign: Campaign) -> Answer:
    """Record that the proposer paid, with what proves it."""
    form = ClaimForm()

    def verb() -> None:
        who = actor(campaign)
        actions.record_claim_paid(
            db.session(),
            campaign,
            amount_cents=form.amount.cents,
            received_on=form.received_on.data,
            reference=form.reference.data,
            file=kept_file(form.file.data, user_id=who.user_id, allowed=DOCUMENTS),
            note=form.note.data or "",
            actor=who,
            at=current_now(),
        )

    return submitted(
        form, lambda: _draw(campaign, form), verb, _("The payment is recorded."), here(campaign)
    )


@bp.get("/manage/claim-payments/<int:payment_id>/file")
@permit(Permission.MONEY_READ, _load_payment)
def claim_file(payment: ClaimPayment) -> FileResponse:
    """Hand out what proves a payment."""
    return send(payment.file)
