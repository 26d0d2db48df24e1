"""What an official says of a meeting, as a plain value between form and action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MeetingData:
    """A meeting's facts; ``capacity`` None: as many as come; ``call_ids``: at least one."""

    title_it: str
    starts_at: datetime
    ends_at: datetime
    call_ids: tuple[int, ...]
    title_en: str = ""
    about_it: str = ""
    about_en: str = ""
    place: str = ""
    link: str = ""
    area_id: int | None = None
    capacity: int | None = None
