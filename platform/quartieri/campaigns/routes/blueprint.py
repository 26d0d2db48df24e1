"""The blueprint that all pages of campaigns share, and what their routes load."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash
from werkzeug.wrappers import Response

from quartieri.campaigns.links import pledge_of
from quartieri.campaigns.models import Campaign, Pledge, Reward
from quartieri.campaigns.queries import design_of
from quartieri.db import db, get
from quartieri.extensions import services
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, IllegalMoveError, NotYoursError
from quartieri.kit.fields import Form
from quartieri.kit.filters import say_filter
from quartieri.kit.labels import lazy

bp = Blueprint("campaigns", __name__)

Answer = str | Response | tuple[str, int]
Draw = Callable[[], str]
Verb = Callable[[], object]


def takes_cards() -> bool:
    """Tell whether this site has a payment service; without one it only tells how to give."""
    return services().settings.takes_payments


def refuse_pledges(campaign: Campaign) -> None:
    """Refuse a pledge where this site takes none: no payment service, or a campaign elsewhere."""
    if design_of(campaign).is_elsewhere:
        raise IllegalMoveError(
            lazy("This campaign runs on another platform: its page here has the link.")
        )
    if not takes_cards():
        raise IllegalMoveError(
            lazy("This site takes no payments: the project's page says how to give.")
        )


def load(campaign_id: int) -> Campaign:
    """Give a campaign by its id."""
    return get(db.session(), Campaign, campaign_id)


def load_pledge(pledge_id: int) -> Pledge:
    """Give a pledge by its id, for officials."""
    return get(db.session(), Pledge, pledge_id)


def linked(token: str) -> Pledge:
    """Give the pledge that a signed link opens."""
    return pledge_of(db.session(), token)


def reward_of(campaign: Campaign, code: object) -> Reward | None:
    """Give the reward that a form names, or None."""
    return next((r for r in campaign.rewards if str(r.id) == str(code)), None)


def submitted(
    form: Form, draw: Draw, verb: Verb, success: str, target: str | Callable[[], str]
) -> Answer:
    """Check a form, run one verb of the domain, say what happened; nothing typed is lost.

    ``target``: the address to go to, or what gives it once the verb is done.
    """
    if not form.validate_on_submit():
        return draw(), 422
    try:
        verb()
    except NotYoursError:
        raise  # kept in the audit log by the error page
    except DomainError as error:
        form.say(error)
        return draw(), error.status
    flash(success, "success")
    return seeother(target if isinstance(target, str) else target())


def tried(verb: Verb, success: str, target: str) -> Response:
    """Run one verb behind a button, and say what happened or why not; go to ``target``."""
    try:
        with db.session.begin_nested():
            verb()
    except NotYoursError:
        raise  # kept in the audit log by the error page
    except DomainError as error:
        flash(say_filter(error.message), "error")
        return seeother(target)
    flash(success, "success")
    return seeother(target)


__all__ = [
    "Answer",
    "bp",
    "linked",
    "load",
    "load_pledge",
    "refuse_pledges",
    "reward_of",
    "submitted",
    "takes_cards",
    "tried",
]
