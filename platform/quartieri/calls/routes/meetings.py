"""The public calendar of presentation meetings, signing up, and what was shown."""

from __future__ import annotations

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.calls.actions import places
from quartieri.calls.calendar import meeting_entry
from quartieri.calls.forms.public import SignUpForm
from quartieri.calls.models import Meeting
from quartieri.calls.queries import meetings as reading
from quartieri.calls.routes.blueprint import Answer, bp, draw
from quartieri.calls.routes.feeds import calendar_answer
from quartieri.calls.routes.follow import known_address, own_address
from quartieri.calls.rules import MeetingState
from quartieri.db import db, writes
from quartieri.extensions import limiter
from quartieri.files.serving import send
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.kit.formats import language
from quartieri.kit.numbers import in_rows
from quartieri.people.access import current_now, public
from quartieri.people.letters_sent import look_at_mail
from quartieri.people.queries import authorities
from quartieri.programmes import queries as programmes


@bp.get("/meetings")
@public
def meetings() -> Answer:
    """List the meetings: those to come, then the last ones with what was shown there."""
    session, now = db.session(), current_now()
    area = request.args.get("area", 0, in_rows) or None
    coming = reading.coming_meetings(session, now=now, area_id=area)
    past = reading.past_meetings(session, now=now, area_id=area)
    return draw(
        "calls/meetings.html",
        coming=coming,
        past=past,
        places=reading.places_of(session, coming),
        areas=[a for owner in authorities(session) for a in programmes.areas(session, owner.id)],
        area=area,
    )


@bp.get("/meetings/calendar.ics")
@public
def meetings_calendar() -> Response:
    """Give all meetings as iCalendar."""
    found = reading.calendar_meetings(db.session(), now=current_now())
    entries = [meeting_entry(m, language()) for m in found]
    return calendar_answer(_("Meetings about calls"), entries, "meetings")


@bp.get("/meetings/<int:meeting_id>")
@public
def meeting(meeting_id: int) -> Answer:
    """Show a meeting, with the form while it can be signed up to."""
    found = reading.meeting_by_id(db.session(), meeting_id)
    return _meeting(found, SignUpForm(data=known_address()))


def _meeting(found: Meeting, form: SignUpForm) -> str:
    now = current_now()
    return draw(
        "calls/meeting.html",
        meeting=found,
        places=reading.places_of(db.session(), [found])[found.id],
        open=found.state is MeetingState.PLANNED and now < found.starts_at,
        over=found.ends_at < now,
        form=form,
        kept_days=places.KEPT_AFTER_MEETING.days,
    )


@bp.get("/meetings/<int:meeting_id>/calendar.ics")
@public
def meeting_calendar(meeting_id: int) -> Response:
    """Give one meeting as iCalendar."""
    found = reading.meeting_by_id(db.session(), meeting_id)
    entries = [meeting_entry(found, language())]
    return calendar_answer(found.title(language()), entries, f"meeting-{found.id}")


@bp.get("/meetings/<int:meeting_id>/materials/<int:material_id>")
@public
def material(meeting_id: int, material_id: int) -> Response:
    """Give a file of a meeting."""
    return send(reading.material_by_id(db.session(), meeting_id, material_id).file)


@bp.post("/meetings/<int:meeting_id>")
@limiter.limit("20 per hour")
@writes
@public
def sign_up(meeting_id: int) -> Answer:
    """Sign up; a place is taken once the address is confirmed, and nothing tells who has one."""
    found = reading.meeting_by_id(db.session(), meeting_id)
    form = SignUpForm()
    if not form.validate_on_submit():
        return _meeting(found, form), 422
    email, own = form.email.data, own_address(form.email.data)
    try:
        place = places.ask_place(
            db.session(),
            found,
            name=form.name.data,
            email=email,
            language=language(),
            at=current_now(),
            own=own,
        )
    except DomainError as error:
        form.say(error)
        return _meeting(found, form), error.status
    if own:
        return seeother(url_for("calls.place", code=place.code))
    return look_at_mail(email)


@bp.get("/meetings/places/<code>")
@public
def place(code: str) -> Answer:
    """Show a person's own place: confirm it, or give it up."""
    found = reading.place_by_code(db.session(), code)
    return draw("calls/place.html", place=found, meeting=found.meeting, over=_begun(found.meeting))


@bp.post("/meetings/places/<code>")
@writes
@public
def place_submit(code: str) -> Answer:
    """Take the place, or give it up."""
    session, now = db.session(), current_now()
    found = reading.place_by_code(session, code)
    if request.form.get("verb") == "give_up":
        places.give_up(session, found, at=now)
        flash(_("Your place is free for somebody else. Thank you for telling."), "success")
    else:
        places.confirm_place(session, found, at=now)
    return seeother(url_for("calls.place", code=code))


def _begun(found: Meeting) -> bool:
    return found.state is MeetingState.CANCELLED or current_now() >= found.starts_at
