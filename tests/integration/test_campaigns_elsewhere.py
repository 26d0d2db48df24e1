"""Campaigns on another platform: totals from a table, a certificate by two persons, the grant."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.calls.design import CallDesign, Venue
from quartieri.calls.funding import FixedSum, FundingKind, FundingRule
from quartieri.campaigns import actions, queries
from quartieri.campaigns.importing.totals import import_totals, read_totals
from quartieri.campaigns.models import Campaign, OutsideCertificate
from quartieri.campaigns.rules import CampaignState, CertificateState
from quartieri.grants.rules import GrantState
from quartieri.kit.clock import SetClock, in_rome
from quartieri.kit.errors import InvalidError, NotYoursError
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.calls import make_published_call, ready_design
from tests.factories.campaigns import STARTS, TARGET, Scene, make_picture, make_scene

Browser = Callable[..., SiteClient]
DAY = timedelta(days=1)
URL = "https://piattaforma.example.org/orto"


@pytest.fixture
def scene(session: Session, clock: SetClock) -> Scene:
    """Give a live campaign whose call runs on another platform."""
    return make_there(session, clock, ready_design())


def make_there(session: Session, clock: SetClock, design: CallDesign) -> Scene:
    assert design.campaign is not None
    elsewhere = replace(
        design.campaign,
        venue=Venue.ELSEWHERE,
        venue_name="Piattaforma",
        venue_url="https://piattaforma.example.org",
    )
    scene = make_scene(
        session, call=make_published_call(session, design=replace(design, campaign=elsewhere))
    )
    campaign, manager, officer = scene.campaign, scene.by(scene.manager), scene.by(scene.officer)
    actions.ask_approval(session, campaign, actor=scene.proposer, at=NOW)
    typed = {"outside_url": URL}
    actions.file_collection(session, campaign, typed, cards=True, actor=scene.proposer, at=NOW)
    actions.confirm_collection(session, campaign, cards=True, actor=officer, at=NOW)
    actions.approve(session, campaign, starts_at=STARTS, actor=manager, at=NOW)
    actions.advance(session, campaign.id, at=STARTS)
    clock.set(STARTS + 10 * DAY)
    return scene


def table(campaign: Campaign, raised: str, backers: int, days: int, reason: str = "") -> str:
    day = f"{in_rome(STARTS + days * DAY):%Y-%m-%d}"
    return (
        f"project,raised,backers,as_of,reason\n{campaign.slug},{raised},{backers},{day},{reason}\n"
    )


def bring(session: Session, scene: Scene, text: str) -> int:
    done = import_totals(
        session,
        scene.call.id,
        text,
        source="totali.csv",
        actor=scene.by(scene.officer),
        at=STARTS + 10 * DAY,
    )
    return len(done.new)


def finish(session: Session, campaign: Campaign) -> None:
    assert campaign.ends_at is not None
    at = campaign.ends_at + DAY
    while actions.advance(session, campaign.id, at=at):
        pass
    session.refresh(campaign)


def certify(session: Session, scene: Scene, cents: int, days: int = 2) -> OutsideCertificate:
    campaign = scene.campaign
    assert campaign.ends_at is not None
    at = campaign.ends_at + 2 * DAY
    return actions.record_certificate(
        session,
        campaign,
        raised_cents=cents,
        backers=210,
        issued_on=(campaign.ends_at + days * DAY).date(),
        file=make_picture(session),
        note="",
        actor=scene.by(scene.officer),
        at=at,
    )


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_final_certificate_is_of_the_end_or_later_and_no_report_comes_after_it(
    session: Session, scene: Scene
) -> None:
    finish(session, scene.campaign)
    for days in (-1, 3):
        with pytest.raises(InvalidError) as refused:
            certify(session, scene, TARGET, days)
        assert refused.value.field == "issued_on"
    found, manager = certify(session, scene, TARGET), scene.by(scene.manager)
    at = found.recorded_at
    actions.decide_certificate(session, found, confirmed=True, actor=manager, at=at)
    with pytest.raises(InvalidError):
        bring(session, scene, table(scene.campaign, "1", 1, 9))
    assert scene.campaign.promised_cents == TARGET
    finish(session, scene.campaign)
    assert scene.campaign.succeeded


def test_totals_are_kept_one_by_one_and_never_fall_in_silence(
    session: Session, scene: Scene
) -> None:
    campaign = scene.campaign
    assert bring(session, scene, table(campaign, "1200.50", 12, 2)) == 1
    assert bring(session, scene, table(campaign, "1200.50", 12, 2)) == 0
    assert (campaign.promised_cents, campaign.backers) == (1_200_50, 12)
    fallen = table(campaign, "1100", 11, 4)
    seen = read_totals(session, scene.call.id, fallen, source="x", at=STARTS + 10 * DAY)
    assert [fault.line for fault in seen.faults] == [2]
    with pytest.raises(InvalidError):
        bring(session, scene, fallen)
    assert bring(session, scene, table(campaign, "1100", 11, 4, "Un dono ritirato")) == 1
    totals = queries.totals_of(session, campaign.id)
    assert [one.raised_cents for one in totals] == [1_100_00, 1_200_50]
    assert (totals[0].reason, totals[0].source) == ("Un dono ritirato", "totali.csv")


@pytest.mark.parametrize(
    "row", ["altro,1,1,2025-02-04", "{slug},tanti,1,2025-02-04", "{slug},1,-1,2025-02-04"]
)
def test_a_table_with_a_fault_stores_nothing(session: Session, scene: Scene, row: str) -> None:
    text = "project,raised,backers,as_of\n" + row.format(slug=scene.campaign.slug) + "\n"
    with pytest.raises(InvalidError):
        bring(session, scene, text)
    assert queries.totals_of(session, scene.campaign.id) == []


@pytest.mark.parametrize(("cents", "succeeds"), [(TARGET, True), (TARGET - 1, False)])
def test_the_certificate_of_two_persons_decides_and_the_grant_follows(
    session: Session, scene: Scene, cents: int, *, succeeds: bool
) -> None:
    campaign, officer = scene.campaign, scene.by(scene.officer)
    bring(session, scene, table(campaign, "20000", 300, 9))
    finish(session, campaign)
    assert campaign.state is CampaignState.ENDED
    assert campaign.ends_at is not None
    at = campaign.ends_at + 2 * DAY
    found = actions.record_certificate(
        session,
        campaign,
        raised_cents=cents,
        backers=210,
        issued_on=at.date(),
        file=make_picture(session),
        note="",
        actor=officer,
        at=at,
    )
    finish(session, campaign)
    assert campaign.state is CampaignState.ENDED
    with pytest.raises(NotYoursError):
        actions.decide_certificate(session, found, confirmed=True, actor=officer, at=at)
    other = scene.by(scene.treasurer)
    actions.decide_certificate(session, found, confirmed=True, actor=other, at=at)
    finish(session, campaign)
    held = queries.money_of(session, campaign.id).held.cents
    assert (campaign.succeeded, campaign.decided_cents) == (succeeds, cents)
    assert campaign.state is CampaignState.SETTLED
    assert scene.grant.state is (GrantState.RESERVED if succeeds else GrantState.RELEASED)
    assert (scene.grant.proposed_at is not None) is succeeds
    assert held == (cents if succeeds else 0)


@pytest.mark.parametrize(("backers", "granted"), [(10, True), (9, False)])
def test_a_fixed_sum_counts_the_donors_of_the_certificate(
    session: Session, clock: SetClock, backers: int, *, granted: bool
) -> None:
    fixed = FixedSum(5_000_00, at_backers=10)
    rule = FundingRule(FundingKind.FIXED_SUM, Decimal("0.5"), None, fixed_sum=fixed)
    design = ready_design()
    scene = make_there(session, clock, replace(design, money=replace(design.money, rule=rule)))
    finish(session, scene.campaign)
    assert scene.campaign.ends_at is not None
    at, by = scene.campaign.ends_at + 2 * DAY, scene.by(scene.officer)
    found = actions.record_certificate(
        session,
        scene.campaign,
        raised_cents=TARGET,
        backers=backers,
        issued_on=at.date(),
        file=make_picture(session),
        note="",
        actor=by,
        at=at,
    )
    other = scene.by(scene.treasurer)
    actions.decide_certificate(session, found, confirmed=True, actor=other, at=at)
    finish(session, scene.campaign)
    assert scene.grant.computed_cents == (fixed.sum_cents if granted else 0)


def test_the_pages_link_there_import_totals_and_take_the_certificate(
    session: Session, scene: Scene, as_user: Browser, client: SiteClient, clock: SetClock
) -> None:
    campaign = scene.campaign
    public = f"/projects/{campaign.slug}"
    shown = client.get(public).text
    assert URL in shown
    assert f"{public}/pledge" not in shown
    assert client.get(f"{public}/pledge").status_code == 409
    officer, treasurer = as_user(scene.officer), as_user(scene.treasurer)
    path = f"/manage/calls/{scene.call.id}/campaign-totals"
    assert officer.get(path).status_code == 200
    text = table(campaign, "10500", 99, 9)
    file = {"file": (BytesIO(text.encode()), "totali.csv")}
    checked = officer.post(path, data=file, content_type="multipart/form-data")
    assert checked.status_code == 200
    assert campaign.promised_cents == 0
    store = {"content": text, "store": "1", "source": "totali.csv"}
    assert officer.post(path, data=store).status_code == 303
    assert "10.500" in client.get(public).text
    assert "Piattaforma" in client.get(public).text
    finish(session, campaign)
    assert campaign.ends_at is not None
    clock.set(campaign.ends_at + 2 * DAY)
    certificate = f"/manage/campaigns/{campaign.id}/certificate"
    typed = {"raised": "10500", "backers": "99", "issued_on": "2025-04-06", "note": ""}
    assert officer.post(certificate, data=typed).status_code == 422
    pdf = {"file": (BytesIO(b"%PDF-1.4 certificato"), "certificato.pdf")}
    sent = officer.post(certificate, data=typed | pdf, content_type="multipart/form-data")
    assert sent.status_code == 303
    [found] = queries.certificates_of(session, campaign.id)
    decide = f"/manage/certificates/{found.id}"
    assert decide in treasurer.get(f"/manage/campaigns/{campaign.id}").text
    assert officer.post(decide, data={"decision": "confirm"}).status_code == 403
    assert treasurer.get(f"{decide}/file").data.startswith(b"%PDF")
    assert treasurer.post(decide, data={"decision": "reject"}).status_code == 422
    assert treasurer.post(decide, data={"decision": "confirm"}).status_code == 303
    session.refresh(found)
    assert found.state is CertificateState.CONFIRMED


def test_a_command_imports_totals_after_a_dry_run(
    app: Flask, session: Session, scene: Scene, tmp_path: Path
) -> None:
    file = tmp_path / "totali.csv"
    file.write_text(table(scene.campaign, "900", 9, 3))
    session.commit()
    words = ["campaigns", "import-totals", scene.call.slug, str(file), "--json"]
    runner = app.test_cli_runner()
    dry = runner.invoke(args=[*words, "--dry-run"])
    assert (dry.exit_code, json.loads(dry.stdout)["stored"]) == (0, False)
    done = runner.invoke(args=words)
    assert (done.exit_code, json.loads(done.stdout)["stored"]) == (0, True)
    session.expire_all()
    assert scene.campaign.promised_cents == 900_00
    file.write_text("project,raised,backers,as_of\nnessuno,1,1,2025-02-04\n")
    assert runner.invoke(args=words).exit_code == 2
