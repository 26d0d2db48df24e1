"""One's own pledges, and the proposer's own campaigns."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from quartieri.acts.routes import kept_file
from quartieri.audit.rules import Actor, Role
from quartieri.campaigns import actions, queries
from quartieri.campaigns.actions.pages import (
    EDITABLE,
    PageData,
    RewardData,
    least_target,
    missing_for_approval,
)
from quartieri.campaigns.forms import SPARE_ROWS, PageForm, ReasonForm
from quartieri.campaigns.links import pledge_token
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.routes.blueprint import Answer, bp, load, submitted, tried
from quartieri.campaigns.routes.public import draw_project, picture_of
from quartieri.campaigns.rules import CAMPAIGN
from quartieri.db import db, writes
from quartieri.files.rules import PICTURES
from quartieri.kit.answers import seeother
from quartieri.kit.errors import ConflictError, DomainError
from quartieri.kit.money import Money
from quartieri.people.access import actor, current_now, owner, signed_in, signed_in_user

MISSING = {
    "summary": lambda: _("the sentence that says what it is"),
    "story": lambda: _("the story"),
    "image": lambda: _("a picture"),
}


# -- pledges -----------------------------------------------------------------------------------


@bp.get("/account/pledges")
@signed_in
def mine() -> Answer:
    """List one's own pledges."""
    user = signed_in_user()
    assert user is not None  # noqa: S101 -- the decorator lets nobody else in
    return render_template(
        "campaigns/mine.html",
        pledges=[
            (one, url_for("campaigns.pledge", token=pledge_token(one)))
            for one in queries.pledges_of_account(db.session(), user.id)
        ],
        claimable=queries.claimable(db.session(), user),
        email=user.email,
    )


@bp.post("/account/pledges/claim")
@writes
@signed_in
def claim() -> Response:
    """Add the pledges made as a guest with the account's verified address."""
    user = signed_in_user()
    assert user is not None  # noqa: S101 -- the decorator lets nobody else in
    number = actions.claim_pledges(db.session(), user, actor=actor(), at=current_now())
    flash(ngettext("%(num)s pledge was added.", "%(num)s pledges were added.", number), "success")
    return seeother(url_for("campaigns.mine"))


# -- the proposer's campaigns ------------------------------------------------------------------


def me(campaign: Campaign) -> Actor:
    """Give the proposer as who acts."""
    return actor(campaign, Role.APPLICANT)


@bp.get("/account/campaigns")
@signed_in
def my_campaigns() -> Answer:
    """List the campaigns of one's own projects."""
    user = signed_in_user()
    assert user is not None  # noqa: S101 -- the decorator lets nobody else in
    found = queries.campaigns_of_owner(db.session(), user.id)
    return render_template("campaigns/my_campaigns.html", campaigns=found)


def draw_desk(campaign: Campaign, form: ReasonForm | None = None) -> str:
    """Draw the proposer's page of a campaign."""
    return render_template(
        "campaigns/desk.html",
        campaign=campaign,
        editable=campaign.state in EDITABLE,
        missing=[MISSING[name]() for name in missing_for_approval(campaign)],
        verbs=CAMPAIGN.verbs_from(campaign.state),
        money=queries.money_of(db.session(), campaign.id),
        extensions=queries.extensions_of(db.session(), campaign),
        form=form or ReasonForm(formdata=None),
        opened=form is not None,
        picture=picture_of(campaign),
    )


@bp.get("/account/campaigns/<int:campaign_id>")
@owner(load)
def desk(campaign: Campaign) -> Answer:
    """Show the proposer how the campaign stands and what comes next."""
    return draw_desk(campaign)


def draw_editor(campaign: Campaign, form: PageForm) -> str:
    """Draw the editor of the page."""
    return render_template(
        "campaigns/edit.html",
        campaign=campaign,
        form=form,
        least=Money(least_target(campaign.proposal)),
        picture=picture_of(campaign),
    )


@bp.get("/account/campaigns/<int:campaign_id>/edit")
@owner(load)
def edit(campaign: Campaign) -> Answer:
    """Open the page in its editor."""
    return draw_editor(campaign, PageForm.of(campaign))


@bp.post("/account/campaigns/<int:campaign_id>/edit")
@writes
@owner(load)
def edit_submit(campaign: Campaign) -> Answer:
    """Save the page; what was typed stays when something is wrong or somebody saved meanwhile."""
    form = PageForm()
    if not form.validate_on_submit():
        return _again(campaign, form), 422
    try:
        actions.save_page(
            db.session(),
            campaign,
            _typed(campaign, form),
            version=int(form.version.data) if str(form.version.data).isdecimal() else 0,
            actor=me(campaign),
            at=current_now(),
        )
    except DomainError as error:
        form.say(error)
        return _again(campaign, form, error), error.status
    flash(_("The page is saved."), "success")
    return seeother(url_for("campaigns.desk", campaign_id=campaign.id))


def _again(campaign: Campaign, form: PageForm, error: DomainError | None = None) -> str:
    """Draw the form as it was typed; after somebody else's save it may overwrite that one."""
    db.session.rollback()
    for _row in range(SPARE_ROWS if len(form.rewards) == 0 else 0):
        form.rewards.append_entry()
    if isinstance(error, ConflictError):
        form.version.data = str(campaign.version)
    return draw_editor(campaign, form)


def _typed(campaign: Campaign, form: PageForm) -> PageData:
    image = kept_file(
        form.image.data, user_id=actor(campaign).user_id, allowed=PICTURES, public=True
    )
    text = (form.image_text.data or "").strip()
    if image is not None:
        image.alternative_text = text
    return PageData(
        title=form.title.data,
        summary=form.summary.data or "",
        story=form.story.data or "",
        target_cents=form.target.cents,
        image=image,
        image_text=text,
        rewards=[
            RewardData(
                title=row.form.title.data,
                text=row.form.text.data or "",
                minimum_cents=row.form.minimum.cents,
                stock=row.form.stock.data,
            )
            for row in form.rewards
            if not row.form.is_blank()
        ],
    )


@bp.get("/account/campaigns/<int:campaign_id>/preview")
@owner(load)
def preview(campaign: Campaign) -> Answer:
    """Show the page as everyone will see it."""
    page = queries.preview_page(db.session(), campaign, now=current_now())
    back = url_for("campaigns.desk", campaign_id=campaign.id)
    return draw_project(page, preview=True, back=back)


@bp.post("/account/campaigns/<int:campaign_id>/ask-approval")
@writes
@owner(load)
def ask_approval(campaign: Campaign) -> Response:
    """Hand the page to the office."""
    return tried(
        lambda: actions.ask_approval(db.session(), campaign, actor=me(campaign), at=current_now()),
        _("The office has your page. We write to you when it is approved."),
        url_for("campaigns.desk", campaign_id=campaign.id),
    )


@bp.post("/account/campaigns/<int:campaign_id>/withdraw")
@writes
@owner(load)
def withdraw(campaign: Campaign) -> Answer:
    """Withdraw the campaign, and with it the project."""
    form = ReasonForm()

    def verb() -> Any:
        actions.withdraw(
            db.session(),
            campaign,
            reason=form.reason.data,
            actor=me(campaign),
            at=current_now(),
        )

    return submitted(
        form,
        lambda: draw_desk(campaign, form),
        verb,
        _("The campaign is withdrawn. Nobody is charged."),
        url_for("campaigns.desk", campaign_id=campaign.id),
    )
