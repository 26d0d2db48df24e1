"""The office's side of meetings: planning, people, attendance, files."""

from __future__ import annotations

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.acts.routes import kept_file
from quartieri.calls.actions import meetings, places
from quartieri.calls.forms.public import CancelMeetingForm, MaterialForm, MeetingForm
from quartieri.calls.models import Call, Meeting
from quartieri.calls.queries import call_by_id
from quartieri.calls.queries import meetings as reading
from quartieri.calls.routes.blueprint import Answer, bp, draw
from quartieri.calls.rules import PlaceState
from quartieri.db import db, writes
from quartieri.files.rules import DOCUMENTS
from quartieri.kit.answers import seeother
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import DomainError
from quartieri.kit.formats import language
from quartieri.kit.tables import csv_text
from quartieri.people.access import actor, allowed, current_now, permit, scopes_with
from quartieri.people.models import Authority
from quartieri.people.queries import authorities
from quartieri.people.rules import Permission
from quartieri.programmes import queries as programmes


@bp.get("/manage/meetings")
@permit(Permission.MEETING_RUN)
def manage_meetings() -> Answer:
    """List the meetings in scope, the latest date first."""
    found = reading.manage_meetings(db.session(), scopes=scopes_with(Permission.MEETING_RUN))
    return draw(
        "calls/manage_meetings.html", meetings=found, places=reading.places_of(db.session(), found)
    )


@bp.get("/manage/meetings/new")
@permit(Permission.MEETING_RUN)
def new_meeting() -> Answer:
    """Ask for a meeting's facts."""
    asked = request.args.get("call", "")
    return draw("calls/edit_meeting.html", form=_form(data={"calls": [asked]}), meeting=None)


@bp.post("/manage/meetings")
@writes
@permit(Permission.MEETING_RUN)
def plan_meeting() -> Answer:
    """Plan a meeting; its authority is that of its calls."""
    form = _form()
    if not form.validate_on_submit():
        return draw("calls/edit_meeting.html", form=form, meeting=None), 422
    try:
        data = form.meeting_data()
        owner = _owner(data.call_ids)
        meeting = meetings.plan_meeting(
            db.session(), owner, data, actor=actor(owner), at=current_now()
        )
    except DomainError as error:
        form.say(error)
        return draw("calls/edit_meeting.html", form=form, meeting=None), error.status
    flash(_("The meeting is in the public calendar."), "success")
    return seeother(url_for("calls.manage_meeting", meeting_id=meeting.id))


def _mine() -> list[Authority]:
    return [a for a in authorities(db.session()) if allowed(Permission.MEETING_RUN, a)]


def _form(**given: object) -> MeetingForm:
    form = MeetingForm(**given)
    session = db.session()
    owners = _mine()
    calls = [c for a in owners for c in reading.presentable_calls(session, a.id)]
    form.calls.choices = [(str(c.id), c.title(language())) for c in calls]
    areas = [x for a in owners for x in programmes.areas(session, a.id)]
    form.area.choices = [("", _("no area")), *((str(x.id), x.name_it) for x in areas)]
    return form


def _owner(call_ids: tuple[int, ...]) -> Authority:
    call: Call = call_by_id(db.session(), call_ids[0])
    return call.authority


def _load(meeting_id: int) -> Meeting:
    return reading.meeting_by_id(db.session(), meeting_id)


@bp.get("/manage/meetings/<int:meeting_id>")
@permit(Permission.MEETING_RUN, _load)
def manage_meeting(meeting: Meeting) -> Answer:
    """Show who signed up, the files, and what can be done."""
    return _page(meeting)


def _page(meeting: Meeting, **forms: object) -> str:
    session = db.session()
    people = places.people_of(session, meeting)
    now = current_now()
    return draw(
        "calls/manage_meeting.html",
        meeting=meeting,
        placed=[p for p in people if p.state is PlaceState.PLACED],
        waiting=[p for p in people if p.state is PlaceState.WAITING],
        places=reading.places_of(session, [meeting])[meeting.id],
        over=meeting.ends_at < now,
        ticking=now >= meeting.starts_at - places.REMIND_BEFORE,
        kept_days=places.KEPT_AFTER_MEETING.days,
        **{"material": MaterialForm(), "cancel": CancelMeetingForm(), **forms},
    )


@bp.get("/manage/meetings/<int:meeting_id>/edit")
@permit(Permission.MEETING_RUN, _load)
def edit_meeting(meeting: Meeting) -> Answer:
    """Show a meeting's facts in the form."""
    form = _form(data=MeetingForm.shown(meeting))
    return draw("calls/edit_meeting.html", form=form, meeting=meeting)


@bp.post("/manage/meetings/<int:meeting_id>/edit")
@writes
@permit(Permission.MEETING_RUN, _load)
def change_meeting(meeting: Meeting) -> Answer:
    """Change a meeting."""
    form = _form()
    if not form.validate_on_submit():
        return draw("calls/edit_meeting.html", form=form, meeting=meeting), 422
    try:
        meetings.change_meeting(
            db.session(),
            meeting,
            form.meeting_data(),
            version=form.opened_on,
            actor=actor(meeting),
            at=current_now(),
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return draw("calls/edit_meeting.html", form=form, meeting=meeting), error.status
    flash(_("Saved. Whoever signed up is told of a new time or place."), "success")
    return seeother(url_for("calls.manage_meeting", meeting_id=meeting.id))


@bp.post("/manage/meetings/<int:meeting_id>/cancel")
@writes
@permit(Permission.MEETING_RUN, _load)
def cancel_meeting(meeting: Meeting) -> Answer:
    """Cancel a meeting."""
    form = CancelMeetingForm()
    if not form.validate_on_submit():
        return _page(meeting, cancel=form), 422
    meetings.cancel_meeting(
        db.session(), meeting, reason=form.reason.data, actor=actor(meeting), at=current_now()
    )
    flash(_("The meeting is cancelled; everybody who signed up is told."), "success")
    return seeother(url_for("calls.manage_meeting", meeting_id=meeting.id))


@bp.post("/manage/meetings/<int:meeting_id>/attendance")
@writes
@permit(Permission.MEETING_RUN, _load)
def attendance(meeting: Meeting) -> Answer:
    """Note who came."""
    present = {int(x) for x in request.form.getlist("present") if x.isdecimal()}
    came = places.mark_attendance(
        db.session(), meeting, present, actor=actor(meeting), at=current_now()
    )
    flash(_("Saved: %(came)s people came.", came=came), "success")
    return seeother(url_for("calls.manage_meeting", meeting_id=meeting.id))


@bp.get("/manage/meetings/<int:meeting_id>/participants.csv")
@permit(Permission.MEETING_RUN, _load)
def participants(meeting: Meeting) -> Response:
    """Give who signed up as a table, as long as names are kept."""
    rows = [
        (p.name, p.email, p.since and in_rome(p.since).isoformat(), p.state.value, p.attended)
        for p in places.people_of(db.session(), meeting)
    ]
    head = ("name", "email", "since", "state", "came")
    answer = Response(csv_text(head, rows), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"meeting-{meeting.id}.csv")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.post("/manage/meetings/<int:meeting_id>/materials")
@writes
@permit(Permission.MEETING_RUN, _load)
def add_material(meeting: Meeting) -> Answer:
    """Put a file on the meeting's public page."""
    form = MaterialForm()
    if not form.validate_on_submit():
        return _page(meeting, material=form), 422
    who = actor(meeting)
    try:
        stored = kept_file(form.file.data, user_id=who.user_id, allowed=DOCUMENTS, public=True)
        if stored is None:
            form.file.errors = [_("Choose a file.")]
            return _page(meeting, material=form), 422
        meetings.add_material(
            db.session(), meeting, stored, title=form.title.data, actor=who, at=current_now()
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _page(meeting, material=form), error.status
    flash(_("The file is on the meeting's page."), "success")
    return seeother(url_for("calls.manage_meeting", meeting_id=meeting.id))


@bp.post("/manage/meetings/<int:meeting_id>/materials/<int:material_id>/remove")
@writes
@permit(Permission.MEETING_RUN, lambda meeting_id, material_id: (_load(meeting_id), material_id))
def remove_material(meeting: Meeting, material_id: int) -> Response:
    """Take a file off the meeting's public page."""
    meetings.remove_material(
        db.session(), meeting, material_id, actor=actor(meeting), at=current_now()
    )
    flash(_("The file is off the page."), "success")
    return seeother(url_for("calls.manage_meeting", meeting_id=meeting.id))
