"""A bank refuses a pledge; while it is asked again another person gives what is missing."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from quartieri.campaigns.models import Campaign
from quartieri.db import db
from quartieri.gateways.sandbox.cards import REFUSED_LATER, SUCCEEDS
from quartieri.rehearsal.crowd import pledge
from tests.browser.company import Company
from tests.browser.pages.campaigns import Backer
from tests.browser.scene import Scene
from tests.browser.site import Site

PROMISES = ((4_000_00, SUCCEEDS), (4_000_00, SUCCEEDS), (2_000_00, REFUSED_LATER))


def promise_the_target(site: Site) -> datetime:
    """Have three backers promise the target, one of them with a bad card; give the end."""
    with site.app.app_context():
        campaign = db.session.scalars(sa.select(Campaign)).one()
        campaign_id, ends_at = campaign.id, campaign.ends_at
        db.session.rollback()
        for n, (cents, card) in enumerate(PROMISES):
            pledge(site.clock.now(), campaign_id, cents, email=f"b{n}@example.org", card=card)
    assert ends_at is not None
    return ends_at


def test_in_the_days_of_grace_another_gives_what_a_bank_refuses(
    company: Company, scene: Scene
) -> None:
    site = scene.site
    project = scene.live_project(top_up_in_grace=True)
    ends_at = promise_the_target(site)
    site.go_to(ends_at + timedelta(days=1, hours=1))
    neighbour = Backer(company.visitor(), looked=True)
    neighbour.top_up(project, 2_000, "Nadia Neri", "nadia@example.org")
    site.go_to(ends_at + timedelta(days=9))
    neighbour.person.open(project)
    neighbour.person.sees("Target reached")
    neighbour.person.look("project, topped up")
