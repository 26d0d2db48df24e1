"""A page before it is public: its preview, the comparison with the application, the comments."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.campaigns import actions, queries
from quartieri.campaigns.forms import CommentForm
from quartieri.campaigns.models import Campaign, Comment
from quartieri.campaigns.queries.around import comments_of, pages_in_preparation
from quartieri.campaigns.queries.compare import compared
from quartieri.campaigns.routes.blueprint import Answer, bp, load, submitted, tried
from quartieri.campaigns.routes.page_edit import me
from quartieri.campaigns.routes.public import draw_project
from quartieri.campaigns.rules import PREPARED, PagePart
from quartieri.db import db, get, writes
from quartieri.people.access import actor, allowed, current_now, owner, permit, scopes_with
from quartieri.people.rules import Permission


@bp.get("/manage/pages")
@permit(Permission.COMMENTS_READ)
def tutoring() -> Answer:
    """List the pages that are being prepared."""
    scopes = scopes_with(Permission.COMMENTS_READ)
    return render_template(
        "campaigns/tutoring.html", found=pages_in_preparation(db.session(), scopes=scopes)
    )


@bp.get("/manage/campaigns/<int:campaign_id>/preview")
@permit(Permission.CAMPAIGN_PREVIEW, load)
def manage_preview(campaign: Campaign) -> Answer:
    """Show the page as everyone will see it."""
    page = queries.preview_page(db.session(), campaign, now=current_now())
    endpoint = "manage_show" if allowed(Permission.MANAGE_READ, campaign) else "manage_page"
    back = url_for(f"campaigns.{endpoint}", campaign_id=campaign.id)
    return draw_project(page, preview=True, back=back)


def _here(campaign: Campaign) -> str:
    return url_for("campaigns.manage_page", campaign_id=campaign.id)


def _draw(campaign: Campaign, form: CommentForm) -> str:
    return render_template(
        "campaigns/manage_page.html",
        campaign=campaign,
        form=form,
        rows=compared(db.session(), campaign),
        comments=comments_of(db.session(), campaign.id),
        parts=tuple(PagePart),
        open_to_comments=campaign.state in PREPARED
        and allowed(Permission.CAMPAIGN_COMMENT, campaign),
    )


@bp.get("/manage/campaigns/<int:campaign_id>/page")
@permit(Permission.COMMENTS_READ, load)
def manage_page(campaign: Campaign) -> Answer:
    """Compare the page with the application, and say what should change, part by part."""
    return _draw(campaign, CommentForm(formdata=None))


@bp.post("/manage/campaigns/<int:campaign_id>/page")
@writes
@permit(Permission.CAMPAIGN_COMMENT, load)
def comment(campaign: Campaign) -> Answer:
    """Add a comment on a part."""
    form = CommentForm()
    return submitted(
        form,
        lambda: _draw(campaign, form),
        lambda: actions.comment(
            db.session(),
            campaign,
            PagePart(form.part.data),
            form.text.data,
            actor=actor(campaign),
            at=current_now(),
        ),
        _("The proposer is told of your comment."),
        _here(campaign),
    )


def _load_comment(comment_id: int) -> Comment:
    return get(db.session(), Comment, comment_id)


@bp.post("/account/campaigns/comments/<int:comment_id>/resolve")
@writes
@owner(_load_comment)
def resolve(said: Comment) -> Response:
    """Tick a comment off."""
    return tried(
        lambda: actions.resolve(db.session(), said, actor=me(said.campaign), at=current_now()),
        _("The comment is ticked off."),
        url_for("campaigns.edit", campaign_id=said.campaign_id),
    )
