"""A vote comes in as a file, by act, and the ranking counts it."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.design import CriterionDesign
from quartieri.kit.errors import IllegalMoveError
from quartieri.reviews import actions
from quartieri.reviews.models import ImportedPoints
from quartieri.reviews.verification import all_agree, verify
from tests.doubles import NOW
from tests.factories.call_forms import AsUser, text
from tests.factories.reviews import Scene, act_data, lines, make_scene

ACT = {"number": "88", "dated": "2025-02-03", "office": "Ufficio", "signer": "Dirigente"}
QUALITY = CriterionDesign("quality", {"it": "Qualità", "en": "Quality"}, Decimal(10))
VOTE = CriterionDesign("vote", {"it": "Voto", "en": "Vote"}, Decimal(20), result="votes")


def voted(session: Session) -> Scene:
    scene = make_scene(session, criteria=(QUALITY, VOTE), tie_break=("protocol",))
    for points in (9, 6):
        proposal = scene.apply()
        sheet = actions.assign(session, proposal, scene.reviewers[0], actor=scene.by, at=NOW)
        who = scene.actor(scene.reviewers[0])
        actions.declare_none(session, sheet, actor=who, at=NOW)
        actions.submit_scores(
            session, sheet, lines({"quality": points}), version=sheet.version, actor=who, at=NOW
        )
        assert sheet.total == points * 10**8
    return scene


def test_a_file_is_looked_at_then_confirmed_and_counts(session: Session, as_user: AsUser) -> None:
    scene = voted(session)
    first, second = scene.proposals
    with pytest.raises(IllegalMoveError, match="not imported"):
        actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    office = as_user(scene.manager)
    page = f"/manage/windows/{scene.window.id}/results"
    assert "Voto" in text(office.get(page))

    def upload(content: str) -> str:
        sent = {"criterion": "vote", "file": (BytesIO(content.encode()), "voto.csv")}
        answer = office.post(page, data=sent, content_type="multipart/form-data")
        assert answer.status_code == 303
        return str(answer.location)

    wrong = upload(f"protocol,votes\n{first.protocol_number},10\n2020/000001,3\n")
    assert "Riga 3:" in text(office.get(wrong))
    assert office.post(f"{wrong}/confirm", data=ACT).status_code == 409
    right = upload(f"protocol,votes\n{first.protocol_number},10\n{second.id},40\n")
    assert "20" in text(office.get(right))
    assert session.scalars(sa.select(ImportedPoints)).all() == []
    assert office.post(f"{right}/confirm", data=ACT).status_code == 303
    session.expire_all()
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    assert [(e.proposal_id, e.total) for e in ranking.entries] == [
        (second.id, Decimal(26)),
        (first.id, Decimal(14)),
    ]
    actions.publish_ranking(session, ranking, act_data(), actor=scene.by, at=NOW)
    assert all_agree(verify(session))
    shown = text(office.get(f"/calls/{scene.call.slug}/ranking/1"))
    assert "il suo risultato è importato" in shown
    document = office.get(f"/calls/{scene.call.slug}/ranking/1.json").get_json()
    assert document["inputs"]["candidates"][0]["results"] == {"vote": "5"}
    scores = text(as_user(first.owner).get(f"/applications/{first.id}/scores"))
    assert "Perché quality" in scores
    assert office.get(f"{right}/file").get_data(as_text=True).startswith("protocol,votes")


def test_a_vote_alone_orders_the_list(session: Session) -> None:
    scene = make_scene(session, criteria=(VOTE,), tie_break=("protocol",), minimum_total=None)
    proposals = [scene.apply(), scene.apply()]
    content = f"protocol,votes\n{proposals[0].id},1\n{proposals[1].id},2\n"
    file = actions.upload_result(
        session,
        scene.window,
        criterion="vote",
        name="v.csv",
        content=content.encode(),
        actor=scene.by,
        at=NOW,
    )
    actions.confirm_result(session, file, act_data(), actor=scene.by, at=NOW)
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    assert [e.proposal_id for e in ranking.entries] == [p.id for p in reversed(proposals)]
