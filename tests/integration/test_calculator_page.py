"""The calculator's two pages: a call's for everyone, a campaign's for its proposer."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.conftest import SiteClient
from tests.factories.call_forms import AsUser, text
from tests.factories.calls import make_published_call
from tests.factories.campaigns import make_live

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


def test_everyone_reckons_with_a_calls_rules(session: Session, client: SiteClient) -> None:
    call = make_published_call(session)
    session.commit()
    path = f"/calls/{call.slug}/calculator"
    assert path in text(client.get(f"/calls/{call.slug}"))
    assert client.get(path).status_code == 200
    page = text(client.get(f"{path}?cost=50.000&raised=25.000&people=250"))
    for shown in ("437,50", "24.562,50", "25.000,00", "49.562,50"):
        assert shown in page
    wrong = client.get(f"{path}?cost=molto&raised=25000")
    assert wrong.status_code == 422
    assert 'value="molto"' in text(wrong)
    assert 'id="cost-error"' in text(wrong)


def test_a_call_without_campaigns_has_no_calculator(session: Session, client: SiteClient) -> None:
    call = make_published_call(session, campaigns=False)
    session.commit()
    assert client.get(f"/calls/{call.slug}/calculator").status_code == 404
    assert "calculator" not in text(client.get(f"/calls/{call.slug}"))


def test_a_proposer_reckons_with_the_own_campaign(session: Session, as_user: AsUser) -> None:
    scene = make_live(session)
    page = f"/account/campaigns/{scene.campaign.id}"
    proposer = as_user(scene.owner)
    assert f"{page}/calculator" in text(proposer.get(page))
    found = text(proposer.get(f"{page}/calculator"))
    assert "10.000,00" in found
    assert proposer.get(f"{page}/calculator?cost=20000&raised=0").status_code == 200
    assert as_user(scene.officer).get(f"{page}/calculator").status_code == 404
