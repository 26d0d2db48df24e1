"""``/api/v1``: another platform reports totals with a token for one call; everybody reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from jsonschema import Draft202012Validator
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.calls.actions.tokens import make_token
from quartieri.calls.queries.tokens import tokens_of
from quartieri.campaigns import queries
from quartieri.kit.clock import SetClock, in_rome
from tests.conftest import SiteClient
from tests.factories.calls import make_published_call, ready_design
from tests.factories.campaigns import STARTS, Scene
from tests.integration.test_campaigns_elsewhere import DAY, URL, make_there
from tests.unit.schemas import STRICT

Browser = Callable[..., SiteClient]
Json = dict[str, Any]


@pytest.fixture
def scene(session: Session, clock: SetClock) -> Scene:
    """Give a live campaign whose call runs on another platform."""
    return make_there(session, clock, ready_design())


def token_for(session: Session, scene: Scene, **over: Any) -> str:
    given = {"label": "Piattaforma", "until": STARTS + 90 * DAY, "at": STARTS} | over
    _token, secret = make_token(session, scene.call, actor=scene.by(scene.manager), **given)
    return secret


def said(scene: Scene, raised: int, backers: int, days: int = 2, **more: Any) -> Json:
    as_of = in_rome(STARTS + days * DAY).isoformat()
    one = {"project": scene.campaign.slug, "raised_cents": raised, "backers": backers}
    return one | {"as_of": as_of} | more


def send(client: SiteClient, scene: Scene, secret: str, *totals: Any, **over: Any) -> Any:
    given: Json = {"json": {"totals": list(totals)}} | over
    bearer = {"Authorization": f"Bearer {secret}"}
    return client.post(f"/api/v1/calls/{scene.call.slug}/campaign-totals", headers=bearer, **given)


def test_a_report_is_stored_once_and_read_by_everybody(
    session: Session, client: SiteClient, scene: Scene
) -> None:
    secret = token_for(session, scene)
    first = said(scene, 1_200_50, 12)
    done = send(client, scene, secret, first)
    assert (done.status_code, done.json["known"]) == (200, 0)
    assert [one["raised_cents"] for one in done.json["stored"]] == [1_200_50]
    again = send(client, scene, secret, first)
    assert (again.json["stored"], again.json["known"]) == ([], 1)
    assert send(client, scene, secret, said(scene, 1_300_00, 13, 4)).status_code == 200
    old = send(client, scene, secret, first)
    assert (old.json["stored"], old.json["known"]) == ([], 1)
    assert [one.source for one in queries.totals_of(session, scene.campaign.id)] == [
        "Piattaforma",
        "Piattaforma",
    ]
    [shown] = client.get(f"/api/v1/calls/{scene.call.slug}/campaign-totals").json["totals"]
    assert (shown["raised_cents"], shown["backers"]) == (1_300_00, 13)
    assert (shown["platform_url"], shown["certified"], shown["state"]) == (URL, False, "live")
    entry = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.verb == "import_total").order_by(AuditEntry.id)
    ).first()
    assert entry is not None
    assert (entry.actor_id, entry.actor_name) == (None, "API: Piattaforma")
    [token] = tokens_of(session, scene.call.id)
    assert token.used_at is not None
    assert secret not in repr(vars(token))


def test_a_document_with_a_fault_stores_nothing_and_names_each_place(
    session: Session, client: SiteClient, scene: Scene
) -> None:
    secret, good = token_for(session, scene), said(scene, 1_000_00, 10)
    cases: list[tuple[list[Any], list[str]]] = [
        ([good, good | {"project": "altro"}], ["#/totals/1/project"]),
        ([good, good], ["#/totals/1"]),
        ([good | {"raised_cents": 10.5, "backers": -1}], ["/backers", "/raised_cents"]),
        ([good | {"as_of": "2025-02-04"}], ["#/totals/0/as_of"]),
        ([good | {"as_of": "2025-12-04T12:00:00+01:00"}], ["#/totals/0/as_of"]),
        ([good | {"amount": 1}], ["#/totals/0/amount"]),
        ([], ["#/totals"]),
    ]
    for totals, places in cases:
        refused = send(client, scene, secret, *totals)
        assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
        found = sorted(one["pointer"] for one in refused.json["errors"])
        assert all(one.endswith(place) for one, place in zip(found, places, strict=True)), found
    for body in (b"{", b"", b'{"totals": NaN}', b"\xff", b"[]", b"[" * 100):
        refused = send(client, scene, secret, json=None, data=body, content_type="application/json")
        assert refused.status_code == 422, body
    plain = send(client, scene, secret, json=None, data=b"{}", content_type="text/csv")
    assert plain.status_code == 415
    assert queries.totals_of(session, scene.campaign.id) == []
    assert send(client, scene, secret, good).status_code == 200
    fallen = send(client, scene, secret, said(scene, 900_00, 9, 3))
    assert [one["pointer"] for one in fallen.json["errors"]] == ["#/totals/0/reason"]
    told = said(scene, 900_00, 9, 3, reason="Un dono ritirato")
    assert send(client, scene, secret, told).status_code == 200


def test_a_token_opens_its_own_call_while_it_works(
    session: Session, client: SiteClient, scene: Scene, clock: SetClock
) -> None:
    secret, total = token_for(session, scene), said(scene, 1_000_00, 10)
    other = make_published_call(session)
    path = f"/api/v1/calls/{other.slug}/campaign-totals"
    elsewhere = client.post(path, json={"totals": [total]}, headers=bearer(secret))
    nowhere = client.post(path + "x", json={"totals": [total]}, headers=bearer(secret))
    assert elsewhere.status_code == nowhere.status_code == 404
    for wrong in ("", "quartieri_x", secret[:-1], secret + " x"):
        refused = send(client, scene, wrong, total)
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    basic = {"Authorization": "Basic " + secret}
    path = f"/api/v1/calls/{scene.call.slug}/campaign-totals"
    assert client.post(path, json={}, headers=basic).status_code == 401
    refusals = session.scalars(sa.select(AuditEntry).where(AuditEntry.refused)).all()
    assert len(refusals) >= 6
    assert secret not in repr([vars(one) for one in refusals])
    clock.set(STARTS + 90 * DAY)
    assert send(client, scene, secret, total).status_code == 401


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_the_manager_gives_a_token_once_and_takes_it_back(
    session: Session, as_user: Browser, client: SiteClient, scene: Scene
) -> None:
    manager, officer = as_user(scene.manager), as_user(scene.officer)
    path = f"/manage/calls/{scene.call.id}/tokens"
    assert officer.get(path).status_code == 403
    assert path in manager.get(f"/manage/calls/{scene.call.id}/campaign-totals").text
    late = (STARTS + timedelta(days=500)).date().isoformat()
    typed = {"label": "Piattaforma", "until": late}
    assert manager.post(path, data=typed).status_code == 422
    typed["until"] = (STARTS + 90 * DAY).date().isoformat()
    assert manager.post(path, data=typed).status_code == 303
    first, second = manager.get(path).text, manager.get(path).text
    secret = "quartieri_" + first.split("<code>quartieri_")[1].split("</code>")[0]
    assert len(secret) > 50
    assert secret not in second
    assert send(client, scene, secret, said(scene, 1_000_00, 10)).status_code == 200
    [token] = tokens_of(session, scene.call.id)
    assert officer.post(f"/manage/tokens/{token.id}/revoke").status_code == 403
    assert manager.post(f"/manage/tokens/{token.id}/revoke").status_code == 303
    assert manager.post(f"/manage/tokens/{token.id}/revoke").status_code == 409
    assert send(client, scene, secret, said(scene, 2_000_00, 20, 3)).status_code == 401
    verbs = sa.select(AuditEntry.verb).where(AuditEntry.subject_kind == "api_token")
    assert sorted(session.scalars(verbs)) == ["make", "revoke"]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_description_names_every_address_and_holds(
    app: Flask, session: Session, client: SiteClient, scene: Scene
) -> None:
    described = client.get("/api/v1/openapi.json").json
    rules = [r for r in app.url_map.iter_rules() if r.rule.startswith("/api/")]
    served = {
        (r.rule.replace("<slug>", "{slug}"), method.lower())
        for r in rules
        for method in (r.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = {
        (path, verb)
        for path, verbs in described["paths"].items()
        for verb in set(verbs) - {"parameters"}
    }
    assert told == served
    schemas = described["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    secret, total = token_for(session, scene), said(scene, 1_000_00, 10)
    assert (
        client.get("/schemas/quartieri-totals-1.schema.json").get_json(force=True)
        == (schemas["CampaignTotals"])
    )
    STRICT(schemas["CampaignTotals"]).validate({"totals": [total]})
    text = (Path(__file__).parents[2] / "docs" / "data-formats.md").read_text(encoding="utf-8")
    example = text.partition("```json totals-input\n")[2].partition("```")[0]
    STRICT(schemas["CampaignTotals"]).validate(json.loads(example))
    STRICT(schemas["Stored"]).validate(send(client, scene, secret, total).json)
    STRICT(schemas["Problem"]).validate(send(client, scene, secret, {}).json)
    path = f"/api/v1/calls/{scene.call.slug}/campaign-totals"
    STRICT(schemas["PublicTotals"]).validate(client.get(path).json)
