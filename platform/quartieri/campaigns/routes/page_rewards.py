"""The proposer's rewards: written before the approval; later only their number changes."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.campaigns import actions
from quartieri.campaigns.forms import RewardForm, StockForm, reward_values
from quartieri.campaigns.models import Campaign, Reward
from quartieri.campaigns.queries.parts import images_of, reward_data_of
from quartieri.campaigns.routes.blueprint import Answer, bp, load, tried
from quartieri.campaigns.routes.page_edit import me
from quartieri.campaigns.rules import EDITABLE, SHOWN, mark_of
from quartieri.db import db, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import ConflictError, DomainError, NotFoundError
from quartieri.kit.labels import lazy
from quartieri.people.access import current_now, owner


class Shelf:
    """A campaign and one of its rewards."""

    def __init__(self, campaign: Campaign, reward: Reward) -> None:
        """Keep both."""
        self.campaign, self.reward = campaign, reward
        self.owner_id = campaign.owner_id


def _shelf(campaign_id: int, reward_id: int) -> Shelf:
    campaign = load(campaign_id)
    for reward in campaign.rewards:
        if reward.id == reward_id:
            return Shelf(campaign, reward)
    raise NotFoundError(lazy("There is nothing at this address."))


def _list(campaign: Campaign) -> str:
    return url_for("campaigns.rewards", campaign_id=campaign.id)


@bp.get("/account/campaigns/<int:campaign_id>/rewards")
@owner(load)
def rewards(campaign: Campaign) -> Answer:
    """List the rewards."""
    return render_template(
        "campaigns/rewards.html",
        campaign=campaign,
        editable=campaign.state in EDITABLE,
        shown=campaign.state in SHOWN,
    )


def _draw(
    campaign: Campaign, form: RewardForm, reward: Reward | None = None, *, conflict: bool = False
) -> str:
    form.offer(images_of(db.session(), campaign.id))
    return render_template(
        "campaigns/reward.html", campaign=campaign, form=form, reward=reward, conflict=conflict
    )


@bp.get("/account/campaigns/<int:campaign_id>/rewards/new")
@owner(load)
def new_reward(campaign: Campaign) -> Answer:
    """Open an empty reward."""
    return _draw(campaign, RewardForm(formdata=None))


@bp.post("/account/campaigns/<int:campaign_id>/rewards/new")
@writes
@owner(load)
def add_reward(campaign: Campaign) -> Answer:
    """Add a reward."""
    return _save(campaign, None)


@bp.get("/account/campaigns/<int:campaign_id>/rewards/<int:reward_id>")
@owner(_shelf)
def edit_reward(shelf: Shelf) -> Answer:
    """Open a reward."""
    data = reward_data_of(shelf.reward)
    form = RewardForm(formdata=None, data=reward_values(data) | {"seen": mark_of(data)})
    return _draw(shelf.campaign, form, shelf.reward)


@bp.post("/account/campaigns/<int:campaign_id>/rewards/<int:reward_id>")
@writes
@owner(_shelf)
def save_reward(shelf: Shelf) -> Answer:
    """Save a reward."""
    return _save(shelf.campaign, shelf.reward)


def _save(campaign: Campaign, reward: Reward | None) -> Answer:
    form = RewardForm()
    form.offer(images_of(db.session(), campaign.id))
    if not form.validate_on_submit():
        return _draw(campaign, form, reward), 422
    try:
        actions.save_reward(
            db.session(),
            campaign,
            form.reward_data(),
            reward=reward,
            seen=form.seen.data or None,
            actor=me(campaign),
            at=current_now(),
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        conflict = reward is not None and isinstance(error, ConflictError)
        if reward is not None and conflict:
            form.seen.data = mark_of(reward_data_of(reward))
        return _draw(campaign, form, reward, conflict=conflict), error.status
    flash(_("Saved."), "success")
    return seeother(_list(campaign))


@bp.post("/account/campaigns/<int:campaign_id>/rewards/<int:reward_id>/remove")
@writes
@owner(_shelf)
def remove_reward(shelf: Shelf) -> Response:
    """Take a reward off."""
    campaign = shelf.campaign
    return tried(
        lambda: actions.remove_reward(
            db.session(), campaign, shelf.reward, actor=me(campaign), at=current_now()
        ),
        _("The reward is taken off."),
        _list(campaign),
    )


@bp.get("/account/campaigns/<int:campaign_id>/rewards/<int:reward_id>/stock")
@owner(_shelf)
def stock(shelf: Shelf) -> Answer:
    """Ask how many there are."""
    return _draw_stock(shelf, StockForm(formdata=None, data={"stock": shelf.reward.stock}))


def _draw_stock(shelf: Shelf, form: StockForm) -> str:
    return render_template(
        "campaigns/stock.html", campaign=shelf.campaign, reward=shelf.reward, form=form
    )


@bp.post("/account/campaigns/<int:campaign_id>/rewards/<int:reward_id>/stock")
@writes
@owner(_shelf)
def set_stock(shelf: Shelf) -> Answer:
    """Change how many there are, never below what is taken."""
    form = StockForm()
    if not form.validate_on_submit():
        return _draw_stock(shelf, form), 422
    try:
        actions.set_stock(
            db.session(),
            shelf.reward,
            form.stock.data,
            actor=me(shelf.campaign),
            at=current_now(),
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _draw_stock(shelf, form), error.status
    flash(_("Saved."), "success")
    return seeother(_list(shelf.campaign))
