"""Receipts: one for each payment, voided by a paper of its own, numbered without gaps."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM, Role
from quartieri.campaigns import actions, jobs
from quartieri.campaigns.actions import receipts
from quartieri.campaigns.links import pledge_token
from quartieri.campaigns.models import Pledge, Receipt
from quartieri.campaigns.rules import PledgeState
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.clock import SetClock
from quartieri.payments import jobs as payment_jobs
from quartieri.people.rules import OrganisationKind
from tests.conftest import SiteClient
from tests.doubles import Outbox
from tests.factories.campaigns import STARTS, Scene, make_confirmed, make_live
from tests.factories.people import make_official
from tests.factories.pledging import back

TICK = timedelta(microseconds=1)
UA = b"pdfuaid"


@pytest.fixture
def scene(session: Session, clock: SetClock) -> Scene:
    clock.set(STARTS)
    return make_live(session)


def paid(session: Session, scene: Scene, cents: int = 50_00, **over: object) -> Pledge:
    """Give an offline pledge that two officials vouched for: it is paid, with its receipt."""
    pledge = actions.record_offline(
        session,
        scene.campaign,
        amount_cents=cents,
        name="Bea Rossi",
        email="bea@example.org",
        evidence="Cassa 12",
        received_at=STARTS,
        actor=scene.by(scene.officer),
        at=STARTS,
    )
    for name, value in over.items():
        setattr(pledge, name, value)
    actions.accept_offline(session, pledge, actor=scene.by(scene.manager), at=STARTS)
    return pledge


def papers(session: Session) -> list[tuple[str, str, int, str]]:
    found = session.scalars(sa.select(Receipt).order_by(Receipt.id))
    return [
        (r.shown, r.kind.value, r.amount_cents, r.voids.shown if r.voids else "") for r in found
    ]


def test_a_charge_gives_a_receipt_and_the_failure_voids_it(
    *,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    work: Callable[[], int],
    outbox: Outbox,
    client: SiteClient,
) -> None:
    scene.campaign.target_cents = 60_00
    session.commit()
    pledge_id = back(payments, scene.campaign.id, 50_00)
    other = back(payments, scene.campaign.id, 20_00)
    payment_jobs.deliver()
    work()
    session.expire_all()
    assert papers(session) == []
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at + TICK)
    jobs.tick()
    work()
    session.expire_all()
    first, second = session.scalars(sa.select(Receipt).order_by(Receipt.id))
    assert {first.pledge_id, second.pledge_id} == {pledge_id, other}
    assert [first.shown, second.shown] == ["2025/000001", "2025/000002"]
    pledge = session.get_one(Pledge, pledge_id)
    letters = [one.text for one in outbox.to(pledge.email) if "2025/00000" in one.text]
    assert len(letters) == 1
    signed = pledge_token(pledge).partition(".")[0]  # what follows tells the second of signing
    assert re.search(rf"/pledges/{signed}\.\S+/receipts/{first.id}\b", letters[0])
    session.info["writing"] = True
    actions.refund_paid(
        session, pledge, reason="doppio", actor=scene.by(scene.treasurer), at=clock.now()
    )
    session.commit()
    work()
    payment_jobs.deliver()
    work()
    session.expire_all()
    mine = next(r for r in (first, second) if r.pledge_id == pledge_id)
    assert papers(session)[2:] == [("2025/000003", "void", 50_00, mine.shown)]
    void = session.scalars(sa.select(Receipt).where(Receipt.voids_id == mine.id)).one()
    for paper in (mine, void):
        answer = client.get(f"/pledges/{pledge_token(pledge)}/receipts/{paper.id}")
        assert answer.mimetype == "application/pdf"
        assert UA in answer.data
    theirs = second if mine is first else first
    stranger = client.get(f"/pledges/{pledge_token(pledge)}/receipts/{theirs.id}")
    assert stranger.status_code == 404


def test_a_part_that_goes_back_voids_that_part_and_nothing_is_issued_twice(
    session: Session, scene: Scene
) -> None:
    pledge = paid(session, scene, 50_00)
    for returned in (0, 0, 20_00, 20_00, 30_00, 0):
        pledge.refunded_cents = returned
        receipts.follow(session, scene.campaign, pledge, at=STARTS)
    year = STARTS.year
    assert papers(session) == [
        (f"{year}/000001", "receipt", 50_00, ""),
        (f"{year}/000002", "void", 20_00, f"{year}/000001"),
        (f"{year}/000003", "void", 10_00, f"{year}/000001"),
        (f"{year}/000004", "receipt", 30_00, ""),  # the bank sent it back: it is here again
    ]
    pledge.state = PledgeState.CHARGED_BACK
    receipts.follow(session, scene.campaign, pledge, at=STARTS)
    assert papers(session)[4:] == [
        (f"{year}/000005", "void", 30_00, f"{year}/000004"),
        (f"{year}/000006", "void", 20_00, f"{year}/000001"),
    ]


def test_a_new_year_in_rome_begins_at_one_and_each_recipient_has_numbers_of_its_own(
    session: Session, scene: Scene
) -> None:
    other = make_live(session)
    paid(session, scene)
    paid(session, other)
    pledge = paid(session, scene)
    new_year = STARTS.replace(year=STARTS.year + 1, month=1, day=1, hour=0, minute=30)
    pledge.state = PledgeState.REVERSED
    receipts.follow(session, scene.campaign, pledge, at=new_year - timedelta(hours=1))
    year = STARTS.year
    assert [p[0] for p in papers(session)] == [
        f"{year}/000001",
        f"{year}/000001",
        f"{year}/000002",
        f"{year + 1}/000001",
    ]


def test_what_a_receipt_says_stays_as_it_was(session: Session, scene: Scene) -> None:
    pledge = paid(session, scene, tax_code="RSSBEA80A41F205R")
    (receipt,) = session.scalars(sa.select(Receipt))
    pledge.name, scene.proposal.organisation.name = "Altra", "Altro"
    rows = dict(receipt.snapshot["rows"])
    assert "Bea Rossi" in rows.values()
    assert "RSSBEA80A41F205R" in rows.values()
    assert "50,00\xa0€" in rows.values()


def test_nothing_is_issued_for_what_was_never_paid(session: Session, scene: Scene) -> None:
    pledge = make_confirmed(session, scene.campaign)
    actions.settle(session, pledge.id, at=STARTS)
    actions.cancel_pledge(session, pledge, actor=SYSTEM, at=STARTS)
    actions.settle(session, pledge.id, at=STARTS)
    assert papers(session) == []


def test_officials_list_receipts_and_take_them_as_csv(
    as_user: Callable[..., SiteClient], session: Session, scene: Scene
) -> None:
    paid(session, scene, name="=Bea()")
    (receipt,) = session.scalars(sa.select(Receipt))
    path = f"/manage/campaigns/{scene.campaign.id}/receipts"
    reviewer = as_user(make_official(session, Role.COMMISSION_MEMBER, scene.call.scope))
    pdf = f"/manage/receipts/{receipt.id}"
    assert [reviewer.get(p).status_code for p in (path, f"{path}.csv", pdf)] == [403] * 3
    treasurer = as_user(scene.treasurer)
    assert receipt.shown in treasurer.get(path).text
    assert treasurer.get(pdf).mimetype == "application/pdf"
    lines = treasurer.get(f"{path}.csv").text.splitlines()
    assert lines[0] == ("number,kind,voids,issued_at,recipient,donor,tax_code,amount_cents,pledge")
    assert lines[1].startswith(f"{receipt.shown},receipt,,")
    assert ",'=Bea()," in lines[1]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_volunteer_organisation_says_so_itself_and_backers_read_their_relief(
    session: Session, scene: Scene, as_user: Callable[..., SiteClient]
) -> None:
    body = scene.proposal.organisation
    path = f"/account/organisations/{body.id}/volunteer"
    session.commit()
    assert as_user(scene.owner).post(path, data={"volunteer": "yes"}).status_code == 303
    session.expire_all()
    assert not body.volunteer, "an association is none"
    session.info["writing"] = True
    body.kind = OrganisationKind.THIRD_SECTOR
    session.commit()
    owner = as_user(scene.owner)
    assert path in owner.get("/account").text
    assert as_user(scene.officer).post(path, data={"volunteer": "yes"}).status_code == 404
    assert as_user(scene.owner).post(path, data={"volunteer": "yes"}).status_code == 303
    assert "35 %" in as_user(scene.owner).get("/account").text
    desk = as_user(scene.owner).get(f"/account/campaigns/{scene.campaign.id}").text
    assert "organizzazione di volontariato (ODV)" in desk
    address = f"/projects/{scene.campaign.slug}/pledge/data?amount=50&reward=0"
    assert "35 %" in as_user(scene.owner).get(address).text
    session.info["writing"] = True
    paper = session.get_one(Receipt, paid_receipt(session, scene))
    assert any("35 %" in answer for _question, answer in paper.snapshot["terms"])


def paid_receipt(session: Session, scene: Scene) -> int:
    pledge = paid(session, scene, tax_code="RSSMRA80A01F205X")
    return session.scalars(sa.select(Receipt.id).where(Receipt.pledge_id == pledge.id)).one()
