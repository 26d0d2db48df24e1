"""Handing out a stored file so that it can do no harm in the reader's browser."""

from __future__ import annotations

from flask import Response

from quartieri.extensions import services
from quartieri.files.models import StoredFile
from quartieri.files.rules import PICTURES
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy

YEAR = 365 * 24 * 3600
ENDINGS = {
    "application/pdf": ".pdf",
    "application/pkcs7-mime": ".p7m",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}


def send(stored: StoredFile) -> Response:
    """Answer with a file's bytes; whoever calls has checked who may read it.

    Its media type is the one that its content showed; only public pictures are shown in the page,
    everything else is saved under its name. Private files are kept by no cache.
    """
    try:
        content = services().storage.get(stored.sha256)
    except FileNotFoundError:
        raise NotFoundError(lazy("This file is not kept here any more.")) from None
    response = Response(content, mimetype=stored.media_type)
    shown = stored.public and stored.media_type in PICTURES
    response.headers.set(
        "Content-Disposition", "inline" if shown else "attachment", filename=_name(stored)
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = (
        f"public, max-age={YEAR}, immutable" if stored.public else "private, no-store"
    )
    return response


def _name(stored: StoredFile) -> str:
    """Give the name with the ending of its true kind."""
    ending = ENDINGS.get(stored.media_type, "")
    stem = stored.name.rpartition(".")[0] or stored.name
    return f"{stem}{ending}" if ending else stored.name
