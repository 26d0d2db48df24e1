"""The files of published acts, and what the routes of other slices do with an act's form."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, send_file
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from quartieri.acts.actions import ActData
from quartieri.acts.forms import ActForm
from quartieri.acts.queries import published_act
from quartieri.db import db
from quartieri.extensions import services
from quartieri.files.actions import keep
from quartieri.files.models import StoredFile
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.people import access
from quartieri.people.access import current_now

bp = Blueprint("acts", __name__)
blueprints = (bp,)

PDF = {"application/pdf"}


def kept_file(
    upload: FileStorage | None,
    *,
    user_id: int | None,
    allowed: set[str],
    public: bool = False,
) -> StoredFile | None:
    """Keep an uploaded file of a form, or give None where nothing was chosen.

    Raises InvalidError for a file that does not fit.
    """
    if upload is None or not upload.filename:
        return None
    return keep(
        db.session(),
        services().storage,
        name=upload.filename,
        content=upload.read(),
        user_id=user_id,
        at=current_now(),
        most_bytes=services().settings.max_upload_bytes,
        allowed=allowed,
        public=public,
    )


def typed_act(form: ActForm, *, user_id: int | None) -> ActData:
    """Give the act that was typed, its file kept; raise InvalidError for a file that misfits."""
    return ActData(
        number=form.number.data.strip(),
        dated=form.dated.data,
        office=form.office.data.strip(),
        signer=form.signer.data.strip(),
        decides=(form.decides.data or "").strip(),
        file=kept_file(form.file.data, user_id=user_id, allowed=PDF, public=True),
    )


@bp.get("/acts/<int:act_id>/file")
@access.public
def file(act_id: int) -> Response:
    """Give the signed file of a published act."""
    act = published_act(db.session(), act_id)
    stored = act.file
    if stored is None or not stored.public:
        raise NotFoundError(lazy("There is nothing at this address."))
    return send_file(
        BytesIO(services().storage.get(stored.sha256)),
        mimetype=stored.media_type,
        download_name=stored.name,
        as_attachment=False,
        etag=stored.sha256,
        max_age=3600,
    )
