"""Re-scoping before the launch: the proposer asks, an act decides, old and new side by side."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from quartieri.acts.forms import ActForm
from quartieri.acts.routes import typed_act
from quartieri.audit.rules import Role
from quartieri.campaigns import actions
from quartieri.campaigns.actions.rescoping import ScopeData
from quartieri.campaigns.forms import ReasonForm, RescopeForm
from quartieri.campaigns.models import Campaign, Rescoping
from quartieri.campaigns.queries.rescoping import may_rescope
from quartieri.campaigns.routes.blueprint import Answer, bp, load, submitted
from quartieri.campaigns.routes.manage import here
from quartieri.db import db, get, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, IllegalMoveError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.people.access import actor, current_now, owner, permit
from quartieri.people.rules import Permission


def _load(rescoping_id: int) -> Rescoping:
    return get(db.session(), Rescoping, rescoping_id)


@bp.get("/account/campaigns/<int:campaign_id>/rescope")
@owner(load)
def rescope(campaign: Campaign) -> Answer:
    """Ask for the new budget and target, where the call lets them change now."""
    if not may_rescope(campaign):
        raise IllegalMoveError(lazy("In this call cost and target do not change any more."))
    return _draw(campaign, RescopeForm.of(campaign))


def _draw(campaign: Campaign, form: RescopeForm) -> str:
    return render_template("campaigns/rescope.html", campaign=campaign, form=form)


@bp.post("/account/campaigns/<int:campaign_id>/rescope")
@writes
@owner(load)
def rescope_submit(campaign: Campaign) -> Answer:
    """Hand the request to the office."""
    form = RescopeForm()
    return submitted(
        form,
        lambda: _draw(campaign, form),
        lambda: actions.ask_rescope(
            db.session(),
            campaign,
            ScopeData(form.typed(), form.target.cents, form.reason.data),
            actor=actor(campaign, Role.APPLICANT),
            at=current_now(),
        ),
        _("The office has your request. It is decided by an act."),
        url_for("campaigns.desk", campaign_id=campaign.id),
    )


@bp.get("/manage/rescopings/<int:rescoping_id>")
@permit(Permission.CAMPAIGN_APPROVE, _load)
def decide_rescope(rescoping: Rescoping) -> Answer:
    """Show old and new side by side, and ask for the act."""
    office = rescoping.campaign.proposal.call.design.office
    return _draw_decision(rescoping, ActForm(office=office), ReasonForm(formdata=None))


def _draw_decision(
    rescoping: Rescoping, form: ActForm, refusal: ReasonForm, *, refusing: bool = False
) -> str:
    return render_template(
        "campaigns/rescope_decide.html",
        one=rescoping,
        campaign=rescoping.campaign,
        form=form,
        refusal=refusal,
        refusing=refusing,
    )


@bp.post("/manage/rescopings/<int:rescoping_id>/approve")
@writes
@permit(Permission.CAMPAIGN_APPROVE, _load)
def approve_rescope(rescoping: Rescoping) -> Answer:
    """Change cost and target by the act."""
    form = ActForm()
    if not form.validate_on_submit():
        return _draw_decision(rescoping, form, ReasonForm(formdata=None)), 422
    campaign = rescoping.campaign
    try:
        actions.approve_rescope(
            db.session(),
            rescoping,
            typed_act(form, user_id=actor(campaign).user_id),
            actor=actor(campaign),
            at=current_now(),
        )
    except NotYoursError:
        raise  # kept in the audit log by the error page
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _draw_decision(rescoping, form, ReasonForm(formdata=None)), error.status
    flash(_("Cost and target are changed; the old ones stay visible."), "success")
    return seeother(here(campaign))


@bp.post("/manage/rescopings/<int:rescoping_id>/refuse")
@writes
@permit(Permission.CAMPAIGN_APPROVE, _load)
def refuse_rescope(rescoping: Rescoping) -> Answer:
    """Refuse the request, with the reason."""
    form = ReasonForm()
    return submitted(
        form,
        lambda: _draw_decision(rescoping, ActForm(formdata=None), form, refusing=True),
        lambda: actions.refuse_rescope(
            db.session(),
            rescoping,
            reason=form.reason.data,
            actor=actor(rescoping),
            at=current_now(),
        ),
        _("The request is refused."),
        here(rescoping.campaign),
    )
