"""Scenes and questions for tests of decisions by act."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.mail.models import Letter
from quartieri.proposals.models import Proposal
from quartieri.reviews import actions
from tests.doubles import NOW
from tests.factories.reviews import Scene, act_data, make_scene


def letters(session: Session, proposal: Proposal) -> list[str]:
    rows = session.scalars(sa.select(Letter.key).order_by(Letter.id))
    return [k.split(":")[0] for k in rows if k.split(":")[1] == str(proposal.id)]


def ranked(session: Session, **over: Any) -> Scene:
    """Give a published final ranking: two selected, one waiting, one below the threshold."""
    scene = make_scene(session, **over)
    for total in (18, 16, 14, 8):
        scene.score(scene.apply(), total)
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    actions.publish_ranking(session, ranking, act_data(), actor=scene.by, at=NOW)
    return scene
