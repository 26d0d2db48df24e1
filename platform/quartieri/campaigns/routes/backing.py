"""The proposer's view of the backing: a plot, a table, and what is to be handed over."""

from __future__ import annotations

from collections.abc import Iterator

from flask import render_template
from werkzeug.wrappers import Response

from quartieri.campaigns import queries
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.queries.backing import pledges_by_day, rewards_to_hand_over
from quartieri.campaigns.routes.blueprint import Answer, bp, load
from quartieri.db import db
from quartieri.kit.tables import csv_text
from quartieri.people.access import current_now, owner

COLUMNS = ("reward", "delivery", "name", "email", "question", "answer", "code", "cents")


@bp.get("/account/campaigns/<int:campaign_id>/backing")
@owner(load)
def backing(campaign: Campaign) -> Answer:
    """Show the pledges by day, the rewards to hand over, and what is owed."""
    return render_template(
        "campaigns/backing.html",
        campaign=campaign,
        days=pledges_by_day(db.session(), campaign, now=current_now()),
        money=queries.money_of(db.session(), campaign.id),
        deliveries=len(rewards_to_hand_over(db.session(), campaign.id)),
    )


@bp.get("/account/campaigns/<int:campaign_id>/deliveries.csv")
@owner(load)
def deliveries(campaign: Campaign) -> Response:
    """Give the rewards to hand over with what was asked for it: paid pledges only."""
    response = Response(csv_text(COLUMNS, _rows(campaign)), mimetype="text/csv")
    name = f"{campaign.slug}-deliveries.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _rows(campaign: Campaign) -> Iterator[tuple[object, ...]]:
    for pledge in rewards_to_hand_over(db.session(), campaign.id):
        reward = pledge.reward
        assert reward is not None  # noqa: S101 -- asked for in the query
        yield (
            reward.title,
            reward.delivery.strftime("%Y-%m") if reward.delivery else None,
            pledge.name,
            pledge.email,
            reward.shipping_question,
            pledge.shipping_answer,
            pledge.code,
            pledge.amount_cents,
        )
