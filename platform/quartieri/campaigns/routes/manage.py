"""Officials: campaigns in scope, one campaign with its pledges, approval and its like."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.audit.queries import history
from quartieri.calls.campaign_words import campaign_sentences
from quartieri.campaigns import actions, queries
from quartieri.campaigns.forms import (
    ApproveForm,
    NoteForm,
    OfflineForm,
    PayoutForm,
    ReasonForm,
)
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.queries import Filters, Unconfirmed
from quartieri.campaigns.routes.blueprint import Answer, bp, load, submitted, takes_cards, tried
from quartieri.campaigns.routes.collection import readiness_of
from quartieri.campaigns.routes.public import picture_of
from quartieri.campaigns.rules import CAMPAIGN, CampaignState, PledgeChannel, PledgeState
from quartieri.db import db, writes
from quartieri.kit.fields import Form
from quartieri.kit.numbers import in_rows, page_number
from quartieri.people.access import actor, allowed, current_now, permit, scopes_with
from quartieri.people.rules import Permission


@bp.get("/manage/campaigns")
@permit(Permission.MANAGE_READ)
def manage_index() -> Answer:
    """List the campaigns in scope."""
    args = request.args
    code = args.get("state", "")
    filters = Filters(
        call_id=args.get("call", None, in_rows),
        state=CampaignState(code) if code in set(CampaignState) else None,
        sort=args.get("sort", ""),
        page=page_number(),
    )
    scopes = scopes_with(Permission.MANAGE_READ)
    return render_template(
        "campaigns/manage_index.html",
        found=queries.campaign_page(db.session(), scopes=scopes, filters=filters),
        filters=filters,
        states=tuple(CampaignState),
        refunds=_refunds(),
        cases=_cases(),
        unconfirmed=_unconfirmed(),
    )


def _unconfirmed() -> list[Unconfirmed]:
    """List the campaigns whose offline pledges wait, for those who may see pledges."""
    if not allowed(Permission.PLEDGES_READ):
        return []
    scopes = scopes_with(Permission.PLEDGES_READ)
    return queries.unconfirmed_offline(db.session(), scopes=scopes)


def _refunds() -> int | None:
    """Count the refunds that need a person, for those who may see pledges."""
    if not allowed(Permission.PLEDGES_READ):
        return None
    scopes = scopes_with(Permission.PLEDGES_READ)
    return queries.count_refunds(db.session(), scopes=scopes, now=current_now())


def _cases() -> int | None:
    """Count the cases that need a person, for those who may see pledges."""
    if not allowed(Permission.PLEDGES_READ):
        return None
    return queries.count_cases(db.session(), scopes=scopes_with(Permission.PLEDGES_READ))


def draw(campaign: Campaign, name: str = "", form: Form | None = None) -> str:
    """Draw a campaign's page for officials; a refused form takes the place of the fresh one."""
    approve = ApproveForm(formdata=None)
    approve.offer(queries.design_of(campaign).rounds)
    forms: dict[str, Form] = {
        "approve": approve,
        "changes": NoteForm(formdata=None),
        "cancel": ReasonForm(formdata=None),
        "suspend": ReasonForm(formdata=None),
        "offline": OfflineForm(formdata=None),
        "payout": PayoutForm(formdata=None),
    }
    if form is not None:
        forms[name] = form
    code, channel = request.args.get("state", ""), request.args.get("channel", "")
    return render_template(
        "campaigns/manage_show.html",
        campaign=campaign,
        proposal=campaign.proposal,
        forms=forms,
        opened=name,
        verbs=CAMPAIGN.verbs_from(campaign.state),
        recorded_until=queries.recorded_until(campaign),
        **readiness_of(campaign),
        rescopings=queries.rescopings_of(db.session(), campaign.id),
        totals=queries.totals_of(db.session(), campaign.id),
        certificates=queries.certificates_of(db.session(), campaign.id),
        extensions=queries.extensions_of(db.session(), campaign),
        money=queries.money_of(db.session(), campaign.id),
        claims=sum(actions.claims(db.session(), campaign).values()),
        sentences=campaign_sentences(queries.design_of(campaign), cards=takes_cards()),
        charging=queries.charging_progress(db.session(), campaign.id, now=current_now()),
        unconfirmed=queries.unconfirmed_offline(db.session(), campaign_id=campaign.id),
        to_confirm=queries.recorded_by_others(
            db.session(), campaign.id, user_id=actor(campaign).user_id
        ),
        pledges=queries.pledge_page(
            db.session(),
            campaign.id,
            state=PledgeState(code) if code in set(PledgeState) else None,
            channel=PledgeChannel(channel) if channel in set(PledgeChannel) else None,
            sort=request.args.get("sort", ""),
            page=page_number(),
        ),
        sort=request.args.get("sort", ""),
        history=history(db.session(), "campaign", campaign.id),
        picture=picture_of(campaign),
        me=actor(campaign).user_id,
    )


@bp.get("/manage/campaigns/<int:campaign_id>")
@permit(Permission.MANAGE_READ, load)
def manage_show(campaign: Campaign) -> Answer:
    """Show a campaign: what comes next, its money, its pledges, who did what."""
    return draw(campaign)


def here(campaign: Campaign) -> str:
    """Give the address of a campaign's page for officials."""
    return url_for("campaigns.manage_show", campaign_id=campaign.id)


@bp.post("/manage/campaigns/<int:campaign_id>/approve")
@writes
@permit(Permission.CAMPAIGN_APPROVE, load)
def approve(campaign: Campaign) -> Answer:
    """Approve the page and set when it starts."""
    form = ApproveForm()
    form.offer(queries.design_of(campaign).rounds)

    def verb() -> None:
        actions.approve(
            db.session(),
            campaign,
            starts_at=form.starts_at.instant() if "starts_at" in form else None,
            round_number=form.round_number(),
            cards=takes_cards(),
            actor=actor(campaign),
            at=current_now(),
        )

    return submitted(
        form,
        lambda: draw(campaign, "approve", form),
        verb,
        _("The campaign is scheduled."),
        here(campaign),
    )


@bp.post("/manage/campaigns/<int:campaign_id>/ask-changes")
@writes
@permit(Permission.CAMPAIGN_APPROVE, load)
def ask_changes(campaign: Campaign) -> Answer:
    """Send the page back, saying what to change."""
    form = NoteForm()

    def verb() -> None:
        actions.ask_changes(
            db.session(), campaign, note=form.note.data, actor=actor(campaign), at=current_now()
        )

    return submitted(
        form,
        lambda: draw(campaign, "changes", form),
        verb,
        _("The proposer is asked to change the page."),
        here(campaign),
    )


@bp.post("/manage/campaigns/<int:campaign_id>/<any(cancel, suspend):verb>")
@writes
@permit(Permission.CAMPAIGN_APPROVE, lambda campaign_id, verb: (load(campaign_id), verb))
def stop(campaign: Campaign, verb: str) -> Answer:
    """Cancel the campaign (what was collected goes back), or take no more pledges for now."""
    form = ReasonForm()
    action = actions.cancel if verb == "cancel" else actions.suspend

    def run() -> None:
        action(
            db.session(),
            campaign,
            reason=form.reason.data,
            actor=actor(campaign),
            at=current_now(),
        )

    said = (
        _("The campaign is cancelled. What was collected goes back.")
        if verb == "cancel"
        else _("The campaign is suspended: it takes no pledges.")
    )
    return submitted(form, lambda: draw(campaign, verb, form), run, said, here(campaign))


@bp.post("/manage/campaigns/<int:campaign_id>/resume")
@writes
@permit(Permission.CAMPAIGN_APPROVE, load)
def resume(campaign: Campaign) -> Response:
    """Take pledges again."""
    return tried(
        lambda: actions.resume(db.session(), campaign, actor=actor(campaign), at=current_now()),
        _("The campaign takes pledges again."),
        here(campaign),
    )
