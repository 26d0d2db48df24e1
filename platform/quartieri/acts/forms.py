"""The form in which officials type an act; other slices add their own fields to it."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from wtforms import DateField, FileField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from quartieri.acts.actions import ActData
from quartieri.files.actions import keep
from quartieri.files.models import StoredFile
from quartieri.gateways.storage import StorageGateway
from quartieri.kit.fields import Form, Needed

PDF = {"application/pdf"}


class ActForm(Form):
    """Number, date, office, signer, what it decides, and the signed file."""

    number = StringField(_l("Number of the act"), [Needed(), Length(max=40)])
    dated = DateField(_l("Date of the act"), [Needed()])
    office = StringField(_l("Office"), [Needed(), Length(max=200)])
    signer = StringField(_l("Signed by"), [Needed(), Length(max=200)])
    decides = TextAreaField(_l("What it decides, in short"), [Optional(), Length(max=2000)])
    file = FileField(_l("The signed act (PDF)"), [Optional()])

    def act_data(
        self,
        session: Session,
        storage: StorageGateway,
        *,
        user_id: int | None,
        at: datetime,
        most_bytes: int,
    ) -> ActData:
        """Give what was typed, the file kept; raise InvalidError for a file that does not fit."""
        return ActData(
            number=self.number.data.strip(),
            dated=self.dated.data,
            office=self.office.data.strip(),
            signer=self.signer.data.strip(),
            decides=(self.decides.data or "").strip(),
            file=kept_file(
                session,
                storage,
                self.file.data,
                user_id=user_id,
                at=at,
                most_bytes=most_bytes,
                allowed=PDF,
                public=True,
            ),
        )


def kept_file(
    session: Session,
    storage: StorageGateway,
    upload: FileStorage | None,
    *,
    user_id: int | None,
    at: datetime,
    most_bytes: int,
    allowed: set[str],
    public: bool = False,
) -> StoredFile | None:
    """Keep an uploaded file of a form, or give None where nothing was chosen."""
    if upload is None or not upload.filename:
        return None
    return keep(
        session,
        storage,
        name=upload.filename,
        content=upload.read(),
        user_id=user_id,
        at=at,
        most_bytes=most_bytes,
        allowed=allowed,
        public=public,
    )
