"""What a proposer tells backers: updates, messages; the public's list, feed and way out."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.calls.routes.feeds import feed_answer
from quartieri.campaigns import actions
from quartieri.campaigns.forms import MessageForm, UpdateForm
from quartieri.campaigns.links import project_url, silenced_by
from quartieri.campaigns.models import Campaign, Update
from quartieri.campaigns.queries.telling import messages_of, public_campaign, updates_of
from quartieri.campaigns.routes.blueprint import Answer, bp, load, submitted
from quartieri.campaigns.routes.page_edit import me
from quartieri.campaigns.rules import TELLS, mark_of
from quartieri.db import db, get, writes
from quartieri.extensions import csrf
from quartieri.kit.answers import seeother
from quartieri.kit.errors import ConflictError, DomainError
from quartieri.people.access import current_now, owner, public

# -- updates -----------------------------------------------------------------------------------


def _draw_updates(campaign: Campaign, form: UpdateForm) -> str:
    return render_template(
        "campaigns/my_updates.html",
        campaign=campaign,
        form=form,
        updates=updates_of(db.session(), campaign.id),
        tells=campaign.state in TELLS,
    )


@bp.get("/account/campaigns/<int:campaign_id>/updates")
@owner(load)
def my_updates(campaign: Campaign) -> Answer:
    """List what was told, with room for more."""
    return _draw_updates(campaign, UpdateForm(formdata=None))


@bp.post("/account/campaigns/<int:campaign_id>/updates")
@writes
@owner(load)
def post_update(campaign: Campaign) -> Answer:
    """Put news on the page; backers get a letter."""
    form = UpdateForm()
    return submitted(
        form,
        lambda: _draw_updates(campaign, form),
        lambda: actions.post_update(
            db.session(),
            campaign,
            title=form.title.data,
            text=form.text.data,
            actor=me(campaign),
            at=current_now(),
        ),
        _("The update is on the page. Backers get it by email."),
        url_for("campaigns.my_updates", campaign_id=campaign.id),
    )


def _load_update(update_id: int) -> Update:
    return get(db.session(), Update, update_id)


def _draw_update(update: Update, form: UpdateForm, *, conflict: bool = False) -> str:
    return render_template(
        "campaigns/my_update.html",
        campaign=update.campaign,
        update=update,
        form=form,
        conflict=conflict,
    )


def _mark(update: Update) -> str:
    return mark_of((update.title, update.text))


@bp.get("/account/campaigns/updates/<int:update_id>")
@owner(_load_update)
def my_update(update: Update) -> Answer:
    """Open an update to mend it."""
    data = {"title": update.title, "text": update.text, "seen": _mark(update)}
    return _draw_update(update, UpdateForm(formdata=None, data=data))


@bp.post("/account/campaigns/updates/<int:update_id>")
@writes
@owner(_load_update)
def edit_update(update: Update) -> Answer:
    """Save an update; how it read is kept."""
    form = UpdateForm()
    if not form.validate_on_submit():
        return _draw_update(update, form), 422
    try:
        actions.edit_update(
            db.session(),
            update,
            title=form.title.data,
            text=form.text.data,
            seen=form.seen.data or None,
            actor=me(update.campaign),
            at=current_now(),
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        conflict = isinstance(error, ConflictError)
        form.seen.data = _mark(update) if conflict else form.seen.data
        return _draw_update(update, form, conflict=conflict), error.status
    flash(_("The update is changed; how it read before is kept."), "success")
    return seeother(url_for("campaigns.my_updates", campaign_id=update.campaign_id))


@bp.get("/projects/<slug>/updates")
@public
def updates(slug: str) -> Answer:
    """Show all updates of a project, with how they read before they were edited."""
    campaign = public_campaign(db.session(), slug)
    found = updates_of(db.session(), campaign.id)
    return render_template("campaigns/updates.html", campaign=campaign, updates=found)


@bp.get("/projects/<slug>/updates.atom")
@public
def updates_feed(slug: str) -> Response:
    """Give a project's updates as a feed."""
    campaign = public_campaign(db.session(), slug)
    page = f"{project_url(campaign)}/updates"
    entries = [
        {
            "id": f"update-{update.id}",
            "title": update.title,
            "url": f"{page}#update-{update.id}",
            "updated": update.edited_at or update.at,
            "published": update.at,
            "text": update.text,
        }
        for update in updates_of(db.session(), campaign.id)
    ]
    path = f"/projects/{campaign.slug}/updates"
    return feed_answer(campaign.title, path, entries, f"{campaign.slug}.atom")


# -- leaving -----------------------------------------------------------------------------------


@bp.get("/projects/updates/unsubscribe/<token>")
@public
def silence(token: str) -> Answer:
    """Offer the one button that ends the letters with a project's news."""
    campaign, email = silenced_by(db.session(), token)
    return render_template(
        "campaigns/silence.html", campaign=campaign, email=email, token=token, left=False
    )


@bp.post("/projects/updates/unsubscribe/<token>")
@csrf.exempt  # type: ignore[untyped-decorator] # Flask-WTF publishes no types
@writes
@public
def silence_submit(token: str) -> Answer:
    """End the letters, also for a mail program's POST without cookie or token (RFC 8058)."""
    campaign, email = silenced_by(db.session(), token)
    actions.silence(db.session(), campaign, email, at=current_now())
    return render_template(
        "campaigns/silence.html", campaign=campaign, email=email, token=token, left=True
    )


# -- messages ----------------------------------------------------------------------------------


def _draw_messages(campaign: Campaign, form: MessageForm) -> str:
    form.offer(campaign.rewards)
    return render_template(
        "campaigns/my_messages.html",
        campaign=campaign,
        form=form,
        messages=messages_of(db.session(), campaign.id),
        tells=campaign.state in TELLS,
    )


@bp.get("/account/campaigns/<int:campaign_id>/messages")
@owner(load)
def my_messages(campaign: Campaign) -> Answer:
    """List what was written to backers, with room for more."""
    return _draw_messages(campaign, MessageForm(formdata=None))


@bp.post("/account/campaigns/<int:campaign_id>/messages")
@writes
@owner(load)
def send_message(campaign: Campaign) -> Answer:
    """Write to all backers, or to those of one reward."""
    form = MessageForm()
    form.offer(campaign.rewards)
    return submitted(
        form,
        lambda: _draw_messages(campaign, form),
        lambda: actions.send_message(
            db.session(),
            campaign,
            reward=next((r for r in campaign.rewards if str(r.id) == form.to.data), None),
            subject=form.subject.data,
            text=form.text.data,
            actor=me(campaign),
            at=current_now(),
        ),
        _("The message is on its way to your backers."),
        url_for("campaigns.my_messages", campaign_id=campaign.id),
    )
