"""How a grant ends early: renounced or revoked, recovered, put back, written off."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _

from quartieri.acts.forms import ActForm
from quartieri.audit.rules import Role
from quartieri.db import db, get, writes
from quartieri.grants import actions
from quartieri.grants.forms import PutBackForm, RecoveryForm
from quartieri.grants.models import Grant
from quartieri.grants.routes.grants import Answer, act_of, bp, load, submitted
from quartieri.kit.answers import seeother
from quartieri.people.access import actor, current_now, owner, permit
from quartieri.people.rules import Permission
from quartieri.proposals.models import Proposal

own_bp = Blueprint("projects", __name__)
REASON_LIMIT = 1000


def load_proposal(proposal_id: int) -> Proposal:
    """Give an application by its id, for its owner."""
    return get(db.session(), Proposal, proposal_id)


@own_bp.post("/applications/<int:proposal_id>/renounce")
@writes
@owner(load_proposal)
def renounce_own(proposal: Proposal) -> Answer:
    """Give one's own selected project up, before its grant act."""
    actions.renounce_selected(
        db.session(),
        proposal,
        reason=request.form.get("reason", "")[:REASON_LIMIT],
        actor=actor(proposal, Role.APPLICANT),
        at=current_now(),
    )
    flash(_("Your project is given up; what was reserved for it goes back."), "success")
    return seeother(url_for("proposals.show", proposal_id=proposal.id))


@bp.post("/<int:grant_id>/renounce-selected")
@writes
@permit(Permission.PROPOSAL_DECIDE, load)
def renounce_selected(grant: Grant) -> Answer:
    """Take note by act that a selected project is given up, before its grant act."""
    form = ActForm(prefix="renounce-")

    def run() -> None:
        actions.renounce_selected(
            db.session(),
            grant.proposal,
            reason="",
            data=act_of(form, grant),
            actor=actor(grant),
            at=current_now(),
        )

    return submitted(grant, "renounce", form, run, _("The renunciation is noted."))


@bp.post("/<int:grant_id>/take-back/<any(revoke, renounce):verb>")
@writes
@permit(Permission.GRANT_RECORD, lambda grant_id, verb: (load(grant_id), verb))
def take_back(grant: Grant, verb: str) -> Answer:
    """Revoke the grant, or note its renunciation, by act."""
    form = ActForm(prefix="take-")
    action = actions.revoke if verb == "revoke" else actions.renounce

    def run() -> None:
        action(db.session(), grant, act_of(form, grant), actor=actor(grant), at=current_now())

    return submitted(grant, "take_back", form, run, _("The act is recorded."))


@bp.post("/<int:grant_id>/recovery")
@writes
@permit(Permission.DISBURSEMENT_PAY, load)
def recovery(grant: Grant) -> Answer:
    """Record money that came back."""
    form = RecoveryForm()

    def verb() -> None:
        actions.record_recovery(
            db.session(),
            grant,
            cents=form.amount.cents,
            reference=form.reference.data,
            actor=actor(grant),
            at=current_now(),
        )

    return submitted(grant, "recovery", form, verb, _("The recovered money is booked."))


@bp.post("/<int:grant_id>/put-back")
@writes
@permit(Permission.GRANT_RECORD, load)
def put_back(grant: Grant) -> Answer:
    """Make recovered money available again, by act."""
    form = PutBackForm(prefix="back-")

    def verb() -> None:
        actions.put_back(
            db.session(),
            grant,
            act_of(form, grant),
            cents=form.amount.cents,
            actor=actor(grant),
            at=current_now(),
        )

    return submitted(grant, "put_back", form, verb, _("The money is available again."))


@bp.post("/<int:grant_id>/write-off")
@writes
@permit(Permission.GRANT_RECORD, load)
def write_off(grant: Grant) -> Answer:
    """Give up by act what cannot be recovered."""
    form = ActForm(prefix="off-")

    def verb() -> None:
        data, who, at = act_of(form, grant), actor(grant), current_now()
        actions.write_off(db.session(), grant, data, actor=who, at=at)

    return submitted(grant, "write_off", form, verb, _("The rest is written off."))
