"""Money given outside of the site: its means, its proof, and many at once from a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns import actions, queries
from quartieri.campaigns.actions.reminding import remind
from quartieri.campaigns.importing.cells import instant_of
from quartieri.campaigns.importing.offline import import_offline, read_offline
from quartieri.campaigns.importing.table import read_table, text_of
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.rules import CampaignState, OfflineMeans, PledgeState
from quartieri.kit.clock import SetClock, in_rome
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.mail.models import Letter
from tests.conftest import SiteClient
from tests.factories.campaigns import (
    STARTS,
    Scene,
    make_call_with_campaigns,
    make_confirmed,
    make_live,
)

ENGLISH = {"Accept-Language": "en"}
Browser = Callable[..., SiteClient]
LATER = STARTS + timedelta(days=2)
DAY = f"{in_rome(STARTS + timedelta(days=1)):%d/%m/%Y}"
HEADS = "Riferimento;Importo;Data;Mezzo;Nome;Prova\n"
GOOD = HEADS + (
    f"R1;1.250,50;{DAY};bonifico;Bar Sport;CRO 123\n"
    f'R2;40;{DAY};contanti;"Rossi; Mario";"Ricevuta 7,\nin cassa"\n'
    f"R3;100 €;{DAY};assegno;Ada;Assegno 55\n"
)


@pytest.fixture
def scene(session: Session, clock: SetClock) -> Scene:
    clock.set(LATER)
    return make_live(session)


def recorded(session: Session) -> list[tuple[str, int, str]]:
    rows = session.execute(
        sa.select(Pledge.reference, Pledge.amount_cents, Pledge.means).order_by(Pledge.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def record_gift(
    session: Session, scene: Scene, *, received_at: datetime, at: datetime, reference: str = ""
) -> Pledge:
    """Record 100 € that a bar gave, by the officer."""
    return actions.record_offline(
        session,
        scene.campaign,
        amount_cents=100_00,
        name="Bar Sport",
        email="",
        evidence="CRO 1",
        reference=reference,
        received_at=received_at,
        actor=scene.by(scene.officer),
        at=at,
    )


def test_a_table_is_checked_without_a_trace_and_then_recorded_once(
    session: Session, scene: Scene
) -> None:
    officer = scene.by(scene.officer)
    seen = read_offline(session, scene.campaign, GOOD, at=LATER)
    assert ([row.line for row in seen.new], seen.cents, seen.faults) == ([2, 3, 5], 1_390_50, [])
    assert recorded(session) == []
    import_offline(session, scene.campaign, GOOD, actor=officer, at=LATER)
    assert recorded(session) == [
        ("R1", 1_250_50, OfflineMeans.TRANSFER),
        ("R2", 40_00, OfflineMeans.CASH),
        ("R3", 100_00, OfflineMeans.CHEQUE),
    ]
    again = import_offline(session, scene.campaign, GOOD, actor=officer, at=LATER)
    assert (again.new, again.known) == ([], 3)
    assert scene.campaign.collected_cents == 0


def test_what_is_wrong_is_said_line_by_line_and_nothing_is_stored(
    session: Session, scene: Scene
) -> None:
    officer = scene.by(scene.officer)
    import_offline(session, scene.campaign, GOOD, actor=officer, at=LATER)
    wrong = HEADS + "".join(
        (
            f"R1;99;{DAY};bonifico;Bar;x\n",
            f"R4;tanti;{DAY};bonifico;Bar;x\n",
            "R5;10;domani;bonifico;Bar;x\n",
            f"R6;10;{DAY};baratto;Bar;x\n",
            f"R7;5000;{DAY};contanti;Bar;x\n",
            f"R8;10;{DAY};contanti;;x\n",
            f"R9;10;{DAY};contanti;Bar;x\n",
            f"R9;10;{DAY};contanti;Bar;x\n",
            "RA;10;0001-01-01;contanti;Bar;x\n",
            "RB;10;2099-01-01;contanti;Bar;x\n",
        )
    )
    seen = read_offline(session, scene.campaign, wrong, at=LATER)
    assert [fault.line for fault in seen.faults] == [2, 3, 4, 5, 6, 7, 9, 10, 11]
    assert seen.faults[-1].why == lazy("The money cannot arrive in the future.")
    with pytest.raises(InvalidError):
        import_offline(session, scene.campaign, wrong, actor=officer, at=LATER)
    assert len(recorded(session)) == 3


@pytest.mark.parametrize(
    "text", ["", "a;b\n1;2\n", HEADS, HEADS.replace("\n", ";name\n"), HEADS + "R" * 200_000]
)
def test_what_is_no_such_table_is_refused_whole(session: Session, scene: Scene, text: str) -> None:
    with pytest.raises(InvalidError):
        read_offline(session, scene.campaign, text, at=LATER)


def test_a_table_is_read_as_it_comes_from_a_spreadsheet() -> None:
    columns = {"name": ("nome",)}
    tables = "\ufeffNome,x\nÈ,1\n".encode(), "Nome\tx\nÈ\t1\n".encode("cp1252"), b"Nome\r\xc3\x88\r"
    for content in tables:
        [row] = read_table(text_of(content), columns, ["name"])
        assert (row.line, row.cells["name"]) == (2, "È")


def test_an_hour_is_of_rome_unless_its_offset_stands_beside_it() -> None:
    noon = datetime(2025, 5, 31, 10, tzinfo=UTC)
    for text in ("2025-05-31 12:00", "31/05/2025 12:00", "2025-05-31T10:00:00Z"):
        assert instant_of(text) == noon


def test_a_form_of_hostile_hands_is_refused_and_not_stumbled_over(
    scene: Scene, as_user: Browser
) -> None:
    officer, here = as_user(scene.officer), f"/manage/campaigns/{scene.campaign.id}/offline"
    typed = {"amount": "20", "name": "Ada", "evidence": "x", "means": "cash", "file": "no file"}
    wrong = officer.post(here, data=typed | {"received_at": "0001-01-01T00:00"})
    assert wrong.status_code == 422
    assert (
        officer.post(here, data=typed | {"received_at": f"{STARTS:%Y-%m-%d}T10:00"}).status_code
        == 303
    )


def test_officials_record_many_and_another_one_confirms_them_all(
    session: Session, scene: Scene, as_user: Browser
) -> None:
    officer, manager = as_user(scene.officer), as_user(scene.manager)
    here = f"/manage/campaigns/{scene.campaign.id}"
    path = f"{here}/offline/import"
    assert officer.get(path).status_code == 200
    bad = (BytesIO((HEADS + "R1;x;y;z;;\n").encode()), "doni.csv")
    refused = officer.post(path, data={"file": bad}, content_type="multipart/form-data")
    assert refused.status_code == 422
    table = (BytesIO(GOOD.encode()), "doni.csv")
    checked = officer.post(path, data={"file": table}, content_type="multipart/form-data")
    assert checked.status_code == 200
    assert "Rossi; Mario" in checked.text
    assert recorded(session) == []
    assert officer.post(path, data={"content": GOOD, "store": "1"}).status_code == 303
    first, *_others, last = session.scalars(sa.select(Pledge.id).order_by(Pledge.id))
    assert officer.post(f"{here}/offline/accept", data={"last": last}).status_code == 303
    assert scene.campaign.collected_cents == 0
    assert f'name="last" value="{last}"' in manager.get(here).text
    assert manager.post(f"{here}/offline/accept", data={"last": first}).status_code == 303
    assert scene.campaign.backers == 1
    assert manager.post(f"{here}/offline/accept", data={"last": last}).status_code == 303
    assert (scene.campaign.collected_cents, scene.campaign.backers) == (1_390_50, 3)
    states = set(session.scalars(sa.select(Pledge.state)))
    assert states == {PledgeState.PAID}


def test_the_proof_may_be_a_file_that_only_officials_open(
    session: Session, scene: Scene, as_user: Browser
) -> None:
    officer = as_user(scene.officer)
    path = f"/manage/campaigns/{scene.campaign.id}/offline"
    typed = {
        "amount": "50",
        "name": "Bar Sport",
        "received_at": f"{in_rome(STARTS + timedelta(hours=2)):%Y-%m-%dT%H:%M}",
        "means": "cheque",
    }
    assert officer.post(path, data=typed).status_code == 422
    proof = {"file": (BytesIO(b"%PDF-1.4 assegno"), "assegno.pdf")}
    sent = officer.post(path, data=typed | proof, content_type="multipart/form-data")
    assert sent.status_code == 303
    pledge = session.scalars(sa.select(Pledge)).one()
    assert pledge.means is OfflineMeans.CHEQUE
    evidence = f"/manage/pledges/{pledge.id}/evidence"
    assert evidence in officer.get(f"/manage/pledges/{pledge.id}").text
    assert officer.get(evidence).data.startswith(b"%PDF")
    assert as_user(scene.owner).get(evidence).status_code == 403


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_where_the_call_waits_money_in_time_still_makes_a_target_after_the_end(
    session: Session, clock: SetClock, as_user: Browser
) -> None:
    clock.set(LATER)
    scene = make_live(session, call=make_call_with_campaigns(session, offline_days=3))
    campaign = scene.campaign
    make_confirmed(session, campaign, campaign.target_cents - 100_00)
    end = campaign.ends_at
    assert end is not None
    until = queries.recorded_until(campaign)
    assert until == end + timedelta(days=3)

    remind(session, campaign.id, at=end - timedelta(hours=1))
    letter = session.scalars(sa.select(Letter).where(Letter.key.contains("charge_comes"))).one()
    assert "Domani finisce" in letter.subject
    assert "ti scriviamo quando cominciano i pagamenti" in " ".join(letter.text.split())

    def run(at: datetime) -> CampaignState:
        clock.set(at)
        while actions.advance(session, campaign.id, at=at):
            pass
        return campaign.state

    assert run(until) is CampaignState.ENDED
    page = as_user(scene.owner).get(f"/projects/{campaign.slug}", headers=ENGLISH).text
    assert "is still being recorded: the result is decided after" in page
    office = as_user(scene.officer).get(f"/manage/campaigns/{campaign.id}", headers=ENGLISH).text
    assert "Offline money recorded until" in office
    pledge = record_gift(session, scene, received_at=end, at=until)
    with session.begin_nested() as attempt:
        assert run(until + timedelta(microseconds=1)) is CampaignState.SETTLED
        assert (campaign.succeeded, pledge.state) == (False, PledgeState.REJECTED)
        attempt.rollback()
    session.expire_all()
    actions.accept_offline(session, pledge, actor=scene.by(scene.manager), at=until)
    assert run(until) is CampaignState.COLLECTING


def test_money_that_came_by_the_end_is_recorded_after_it_until_the_decision(
    session: Session, clock: SetClock, scene: Scene, as_user: Browser
) -> None:
    campaign, tick = scene.campaign, timedelta(microseconds=1)
    make_confirmed(session, campaign, 20_000_00)
    end = campaign.ends_at
    assert end is not None
    later = end + timedelta(hours=1)
    clock.set(later)
    for _ in range(2):
        actions.advance(session, campaign.id, at=later)
    assert campaign.state is CampaignState.COLLECTING

    def record(received_at: datetime, reference: str) -> Pledge:
        return record_gift(session, scene, reference=reference, received_at=received_at, at=later)

    with pytest.raises(InvalidError, match="received by then") as refused:
        record(end + tick, "R1")
    assert refused.value.field == "received_at"
    actions.accept_offline(session, record(end, "R1"), actor=scene.by(scene.manager), at=later)
    assert campaign.collected_cents == 100_00
    table = HEADS + "".join(
        f"R{n};10;{in_rome(at):%Y-%m-%d %H:%M:%S};bonifico;Bar;x\n"
        for n, at in ((2, end), (3, end + timedelta(seconds=1)))
    )
    seen = read_offline(session, campaign, table, at=later)
    assert ([row.line for row in seen.new], [fault.line for fault in seen.faults]) == ([2], [3])
    waiting = record(end, "R4")
    session.commit()
    assert (
        f"/manage/campaigns/{campaign.id}/offline"
        in as_user(scene.officer).get(f"/manage/campaigns/{campaign.id}").text
    )
    session.info["writing"] = True
    assert campaign.grace_ends_at is not None
    over = campaign.grace_ends_at + tick
    for _ in range(9):
        actions.advance(session, campaign.id, at=over)
    assert campaign.decided_at is not None
    assert waiting.state is PledgeState.REJECTED
    with pytest.raises(IllegalMoveError, match="decided"):
        record(end, "R5")
