"""What citizens type on the public side of calls, and officials beside it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from quartieri.calls.meeting import MeetingData
from quartieri.calls.models import Meeting
from quartieri.calls.models.questions import ANSWER_LIMIT, QUESTION_LIMIT
from quartieri.kit.fields import Form, IntegerField, Needed, RomeInstantField

MOST_PLACES = 100_000


def only_number(text: str | None) -> int | None:
    """Read the value of a select of ids; None for its empty choice."""
    return int(text) if text and text.isdecimal() else None


class FollowForm(Form):
    """Only an address."""

    email = EmailField(_l("Email address"), [Needed(), Length(max=254), Email()])


class QuestionForm(Form):
    """A question to the office."""

    text = TextAreaField(_l("Your question"), [Needed(), Length(max=QUESTION_LIMIT)])
    email = EmailField(_l("Email address"), [Needed(), Length(max=254), Email()])


class SignUpForm(Form):
    """A place at a meeting."""

    name = StringField(_l("Name and surname"), [Needed(), Length(max=200)])
    email = EmailField(_l("Email address"), [Needed(), Length(max=254), Email()])


class AnswerForm(Form):
    """The office's answer."""

    version = HiddenField()
    text = TextAreaField(
        _l("The question as it is published"), [Needed(), Length(max=QUESTION_LIMIT)]
    )
    answer = TextAreaField(_l("The answer"), [Needed(), Length(max=ANSWER_LIMIT)])
    published = RadioField(
        _l("Who reads it"),
        choices=[
            SelectChoice("yes", _l("everybody, on the page of the call")),
            SelectChoice("no", _l("only who asked")),
        ],
        default="yes",
    )

    @property
    def opened_on(self) -> int:
        """Give the version that the form was opened on; 0, which none has, if tampered with."""
        return only_number(self.version.data) or 0


class QuestionsUntilForm(Form):
    """Until when a call takes questions."""

    until = RomeInstantField(_l("Until (empty: no questions through the site)"), [Optional()])


class MeetingForm(Form):
    """A presentation meeting; areas and calls are handed in."""

    version = HiddenField()
    title_it = StringField(_l("Title in Italian"), [Needed(), Length(max=200)])
    title_en = StringField(_l("Title in English"), [Optional(), Length(max=200)])
    calls = SelectMultipleField(
        _l("Calls that it presents"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    starts_at = RomeInstantField(_l("Begins"), [Needed()])
    ends_at = RomeInstantField(_l("Ends"), [Needed()])
    place = StringField(_l("Place (address)"), [Optional(), Length(max=300)])
    area = SelectField(_l("Area"))
    link = URLField(_l("Address of the on-line meeting"), [Optional(), Length(max=500)])
    capacity = IntegerField(
        _l("Places (empty: as many as come)"),
        [Optional(), NumberRange(min=1, max=MOST_PLACES)],
    )
    about_it = TextAreaField(_l("What it is about, in Italian"), [Optional(), Length(max=3000)])
    about_en = TextAreaField(_l("What it is about, in English"), [Optional(), Length(max=3000)])

    @property
    def opened_on(self) -> int:
        """Give the version that the form was opened on; 0, which none has, if tampered with."""
        return only_number(self.version.data) or 0

    def validate_calls(self, field: SelectMultipleField) -> None:
        """Ask for at least one call."""
        if not field.data:
            raise ValidationError(_("Choose at least one call."))

    @staticmethod
    def shown(meeting: Meeting) -> dict[str, Any]:
        """Give what the form shows of a meeting."""
        names = ("title_it", "title_en", "about_it", "about_en", "place", "link", "capacity")
        return {
            **{name: getattr(meeting, name) for name in names},
            "version": str(meeting.version),
            "starts_at": meeting.starts_at,
            "ends_at": meeting.ends_at,
            "area": str(meeting.area_id or ""),
            "calls": [str(c.id) for c in meeting.calls],
        }

    def meeting_data(self) -> MeetingData:
        """Give what was typed; call it on a form that is valid."""
        starts_at, ends_at = self.starts_at.instant(), self.ends_at.instant()
        if starts_at is None or ends_at is None:
            msg = "the form was not validated"
            raise ValueError(msg)
        return MeetingData(
            title_it=self.title_it.data or "",
            title_en=self.title_en.data or "",
            about_it=(self.about_it.data or "").replace("\r\n", "\n"),
            about_en=(self.about_en.data or "").replace("\r\n", "\n"),
            starts_at=starts_at,
            ends_at=ends_at,
            place=self.place.data or "",
            link=self.link.data or "",
            area_id=only_number(self.area.data),
            capacity=self.capacity.data,
            call_ids=tuple(int(c) for c in self.calls.data or ()),
        )


class CancelMeetingForm(Form):
    """Why a meeting does not take place."""

    reason = TextAreaField(_l("Reason"), [Needed(), Length(max=500)])
    sure = BooleanField(
        _l("I know that everybody who signed up is told"),
        [InputRequired(_l("This must be ticked."))],
    )


class MaterialForm(Form):
    """A file shown or handed out at a meeting."""

    title = StringField(_l("What it is"), [Needed(), Length(max=200)])
    file = FileField(_l("File (PDF or picture)"))
