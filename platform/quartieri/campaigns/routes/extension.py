"""A campaign's end moved by act, and the backers' consent to the new one."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.acts.routes import typed_act
from quartieri.audit.rules import Role
from quartieri.campaigns import actions, queries
from quartieri.campaigns.forms import ExtensionForm
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.routes.blueprint import Answer, bp, linked, load
from quartieri.campaigns.routes.manage import here
from quartieri.campaigns.routes.pledge import consent_words
from quartieri.db import db, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, NotYoursError
from quartieri.kit.money import Money
from quartieri.people.access import actor, current_now, permit, public, received_at
from quartieri.people.rules import Permission


@bp.get("/manage/campaigns/<int:campaign_id>/extend")
@permit(Permission.CAMPAIGN_APPROVE, load)
def extend_form(campaign: Campaign) -> Answer:
    """Ask for the new end and the act."""
    return _draw(campaign, ExtensionForm(office=campaign.proposal.call.design.office))


@bp.post("/manage/campaigns/<int:campaign_id>/extend")
@writes
@permit(Permission.CAMPAIGN_APPROVE, load)
def extend(campaign: Campaign) -> Answer:
    """Move the end; whoever backs the project is told and asked."""
    form = ExtensionForm()
    if not form.validate_on_submit():
        return _draw(campaign, form), 422
    new_ends_at = form.new_ends_at.instant()
    assert new_ends_at is not None  # noqa: S101 -- the form asks for it
    try:
        actions.extend(
            db.session(),
            campaign,
            new_ends_at,
            typed_act(form, user_id=actor(campaign).user_id),
            actor=actor(campaign),
            at=current_now(),
        )
    except NotYoursError:
        raise  # kept in the audit log by the error page
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _draw(campaign, form), error.status
    flash(_("The end is moved; the old one stays visible. The backers are told."), "success")
    return seeother(here(campaign))


def _draw(campaign: Campaign, form: ExtensionForm) -> str:
    return render_template(
        "campaigns/extend.html",
        campaign=campaign,
        form=form,
        promises=queries.promises_of(db.session(), campaign.id),
    )


@bp.post("/pledges/<token>/agree")
@writes
@public
def agree(token: str) -> Response:
    """Agree to the dates that an act has set."""
    found = linked(token)
    actions.agree(
        db.session(),
        found,
        words=consent_words(found.campaign, Money(found.amount_cents)),
        ends=request.form.get("ends", ""),
        actor=actor(found, Role.BACKER),
        at=received_at(),
    )
    flash(_("Thank you: your pledge holds for the new dates."), "success")
    return seeother(url_for("campaigns.pledge", token=token))
