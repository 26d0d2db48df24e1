"""Importing a result that was not made here: a file, looked at first, then confirmed by act."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.actions import record as record_act
from quartieri.acts.rules import ActKind
from quartieri.audit.actions import record
from quartieri.audit.rules import Actor, Role
from quartieri.calls.models import Window
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError, InvalidError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.reviews import queries
from quartieri.reviews.actions.rankings import RANKABLE, refuse_standing_still
from quartieri.reviews.models import ImportedFile, ImportedPoints
from quartieri.reviews.queries.imported import criterion_of, preview

MOST_BYTES = 1_000_000
NAME_LIMIT = 120


def upload_result(
    session: Session,
    window: Window,
    *,
    criterion: str,
    name: str,
    content: bytes,
    actor: Actor,
    at: datetime,
) -> ImportedFile:
    """Keep the file of a result for the stage under way; nothing counts until an act confirms it.

    Raises InvalidError for what is no text, is too large, or names no criterion that is imported.
    """
    _only_manager(actor)
    stage = queries.stage_of(queries.edition_of(session, window).design, window.stage).number
    if criterion_of(session, window, stage, criterion) is None:
        raise InvalidError(lazy("This criterion has no imported result."), field="criterion")
    if len(content) > MOST_BYTES:
        raise InvalidError(lazy("The file is larger than %(most)s MB.", most=1), field="file")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        raise InvalidError(lazy("The file is no text in UTF-8 (CSV)."), field="file")
    file = ImportedFile(
        window_id=window.id,
        stage=stage,
        criterion=criterion,
        name=name[-NAME_LIMIT:] or "result.csv",
        content=text,
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=actor.user_id,
        uploaded_at=at,
    )
    session.add(file)
    session.flush()
    _note(session, file, "upload", actor=actor, at=at)
    return file


def confirm_result(
    session: Session, file: ImportedFile, data: ActData, *, actor: Actor, at: datetime
) -> None:
    """Confirm a file by act: from now on its points count, in the place of an earlier file's.

    Raises IllegalMoveError when the stage is over or the file has faults.
    """
    _only_manager(actor)
    window = lock(session, Window, file.window_id)
    refuse_standing_still(window)
    file = lock(session, ImportedFile, file.id)
    if file.confirmed_at is not None:
        return
    if window.state_at(at) not in RANKABLE:
        raise IllegalMoveError(lazy("This session is not under evaluation."))
    stage = queries.stage_of(queries.edition_of(session, window).design, window.stage).number
    if file.stage != stage:
        raise IllegalMoveError(lazy("The stage that this result belongs to is over."))
    found = preview(session, file)
    if found is None or found.reading.faults:
        raise IllegalMoveError(lazy("The file has faults: mend it and upload it again."))
    authority_id = window.call.authority_id
    act = record_act(session, authority_id, ActKind.RESULT, data, actor=actor, at=at)
    file.act_id, file.confirmed_at = act.id, at
    session.add_all(
        ImportedPoints(
            file_id=file.id, proposal_id=found.ids[key], value=value, points=found.points[key]
        )
        for key, value in found.reading.values.items()
    )
    session.flush()
    _note(session, file, "confirm", actor=actor, at=at, act=act.id)


def _only_manager(actor: Actor) -> None:
    if not actor.holds(Role.CALL_MANAGER, Role.SYSTEM):
        raise NotYoursError(lazy("Your role does not allow this step."))


def _note(
    session: Session,
    file: ImportedFile,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
    act: int | None = None,
) -> None:
    after = {"criterion": file.criterion, "stage": file.stage, "sha256": file.sha256}
    if act is not None:
        after["act"] = act
    record(session, verb, "imported_file", file.id, actor=actor, at=at, after=after)
