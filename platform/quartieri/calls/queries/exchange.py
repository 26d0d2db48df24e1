"""A call as one document, and what of its city a document refers to."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.exchange import (
    CallDocument,
    DocumentFile,
    DocumentWindow,
    LevelShare,
    Note,
)
from quartieri.calls.models import Call, CallFile
from quartieri.files.models import StoredFile
from quartieri.kit.labels import lazy
from quartieri.programmes import queries as programmes
from quartieri.programmes.models import EndowmentPool


def document_of(session: Session, call: Call) -> CallDocument:
    """Give a call as one document: the same call, the same document."""
    pool = session.get(EndowmentPool, call.pool_id) if call.pool_id else None
    codes = {level_id: code for code, level_id in level_codes(session, call.authority_id).items()}
    shares = programmes.shares_of(session, pool.id) if pool else {}
    return CallDocument(
        design=call.design,
        windows=tuple(
            DocumentWindow(w.opens_at, w.closes_at, w.endowment_cents) for w in call.windows
        ),
        endowment_cents=pool.endowment_cents if pool else None,
        shares=tuple(
            sorted(
                (LevelShare(codes[i], cents) for i, cents in shares.items()),
                key=lambda share: share.level,
            )
        ),
        documents=_documents(session, call),
    )


def _documents(session: Session, call: Call) -> tuple[DocumentFile, ...]:
    files = session.scalars(
        sa.select(CallFile)
        .where(CallFile.call_id == call.id)
        .options(joinedload(CallFile.file))
        .order_by(CallFile.id)
    ).all()
    places = {file.id: n for n, file in enumerate(files)}
    return tuple(
        DocumentFile(
            kind=file.kind.value,
            name=file.file.name,
            sha256=file.file.sha256,
            title={k: v for k, v in (("it", file.title_it), ("en", file.title_en)) if v},
            media_type=file.file.media_type,
            size=file.file.size,
            readable=file.readable,
            copy_of=places.get(file.copy_of_id) if file.copy_of_id else None,
        )
        for file in files
    )


def known_files(session: Session, authority_id: int, document: CallDocument) -> dict[str, int]:
    """Give ``{SHA-256: file id}`` of a document's files that a call of the authority has already.

    Only those: a hash that somebody knows must not open another's file.
    """
    wanted = sorted({d.sha256 for d in document.documents})
    rows = session.execute(
        sa.select(StoredFile.sha256, StoredFile.id)
        .join(CallFile, CallFile.file_id == StoredFile.id)
        .join(Call, Call.id == CallFile.call_id)
        .where(Call.authority_id == authority_id, StoredFile.sha256.in_(wanted))
        .order_by(StoredFile.id)
    )
    return {row.sha256: row.id for row in rows}


def level_codes(session: Session, authority_id: int) -> dict[str, int]:
    """Give ``{code: level id}`` of an authority's programmes, in the order from the root.

    A code that two levels have counts for neither: those above it stand before it (``E/1/2``).
    The last of two names of one level is the one that an export uses: the shortest.
    """
    levels = programmes.levels(session, authority_id)
    paths: dict[int, str] = {}
    for level in levels:
        above = f"{paths[level.parent_id]}/" if level.parent_id else ""
        paths[level.id] = f"{above}{level.code}"
    found = {path: level_id for level_id, path in paths.items()}
    often = Counter(level.code for level in levels)
    for level in levels:
        if often[level.code] == 1:
            found.pop(level.code, None)
            found[level.code] = level.id
    return found


def against_city(
    session: Session, authority_id: int, document: CallDocument
) -> tuple[list[Note], list[Note]]:
    """Give the faults and the warnings of what a document says of an authority.

    A level that its programme lacks is a fault; where there is no programme at all the shares are
    left out, and so are files that no call of the authority has, each with a warning.
    """
    known = known_files(session, authority_id, document) if document.documents else {}
    warnings = [
        Note(f"/documents/{n}", lazy("The file is not kept here: upload it to the draft."))
        for n, file in enumerate(document.documents)
        if file.sha256 not in known
    ]
    codes = level_codes(session, authority_id) if document.shares else {}
    if document.shares and not codes:
        left_out = lazy("The authority has no programme: the shares are left out.")
        return [], [Note("/shares", left_out), *warnings]
    faults = [
        Note(
            f"/shares/{n}/level",
            lazy("the authority's programme has no level %(code)s", code=share.level),
        )
        for n, share in enumerate(document.shares)
        if share.level not in codes
    ]
    return faults, warnings
