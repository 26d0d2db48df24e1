"""The table of uploaded files."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quartieri.db import Base, Instant


class StoredFile(Base):
    """One uploaded file. ``public`` ones are served to anyone, others by their slice's route."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    media_type: Mapped[str] = mapped_column(sa.String(60))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    uploaded_by: Mapped[int | None]
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    public: Mapped[bool] = mapped_column(default=False)
    alternative_text: Mapped[str] = mapped_column(sa.String(300), default="")
