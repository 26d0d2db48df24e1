"""Keeping an upload."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.files.models import StoredFile
from quartieri.files.pictures import redrawn
from quartieri.files.rules import DOCUMENTS, PICTURES, media_type_of, safe_name
from quartieri.files.signed import signed_type
from quartieri.gateways.storage import StorageGateway
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy


def keep(
    session: Session,
    storage: StorageGateway,
    *,
    name: str,
    content: bytes,
    user_id: int | None,
    at: datetime,
    most_bytes: int,
    allowed: set[str] = DOCUMENTS,
    signed: bool = False,
    public: bool = False,
    alternative_text: str = "",
) -> StoredFile:
    """Check an upload by its content and keep it; raise InvalidError.

    ``signed``: only a digitally signed PDF, or one in a .p7m, whatever is allowed otherwise.
    Pictures are drawn anew, at most 1600 pixels a side, which drops what EXIF tells.
    """
    if not content:
        raise InvalidError(lazy("This file is empty: look at it and choose it again."))
    if len(content) > most_bytes:
        raise InvalidError(
            lazy("The file is larger than %(most)s MB.", most=most_bytes // (1024 * 1024))
        )
    media_type = signed_type(content) if signed else media_type_of(content, allowed)
    if media_type is None:
        raise InvalidError(
            lazy(
                "This file carries no digital signature. Sign the PDF with your signature software"
                " (PAdES), or upload the .p7m that it gives you (CAdES)."
            )
        )
    if media_type in PICTURES:
        content, media_type = redrawn(content), "image/jpeg"
    digest = hashlib.sha256(content).hexdigest()
    storage.put(digest, content)
    stored = StoredFile(
        name=safe_name(name),
        media_type=media_type,
        size=len(content),
        sha256=digest,
        uploaded_by=user_id,
        uploaded_at=at,
        public=public,
        alternative_text=alternative_text,
    )
    session.add(stored)
    session.flush()
    return stored
