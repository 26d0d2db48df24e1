"""What the routes of other slices do with an act's form; acts have no page of their own."""

from __future__ import annotations

from werkzeug.datastructures import FileStorage

from quartieri.acts.actions import ActData
from quartieri.acts.forms import ActForm
from quartieri.db import db
from quartieri.extensions import services
from quartieri.files.actions import keep
from quartieri.files.models import StoredFile
from quartieri.people.access import current_now

PDF = {"application/pdf"}


def kept_file(
    upload: FileStorage | None, *, user_id: int | None, allowed: set[str], public: bool = False
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
