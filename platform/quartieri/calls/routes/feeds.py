"""Feeds (Atom, RFC 4287) and calendars (RFC 5545) of calls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.calls import queries
from quartieri.calls.calendar import Entry, calendar_of, deadlines
from quartieri.calls.links import absolute, call_url
from quartieri.calls.queries.news import last_changes, news_of, published_calls
from quartieri.calls.routes.blueprint import bp
from quartieri.db import db
from quartieri.kit.filters import say_filter as say
from quartieri.kit.formats import language
from quartieri.people.access import public

MINUTES = 15
"""For how long a reader may keep a feed."""
NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BEGINNING = datetime.fromisoformat("2015-01-01T00:00:00+00:00")
"""When a feed without entries was last changed."""


def calendar_answer(name: str, entries: Iterable[Entry], filename: str) -> Response:
    """Answer with a calendar."""
    return _kept(calendar_of(name, entries, say), "text/calendar; charset=utf-8", f"{filename}.ics")


def _kept(content: bytes | str, media_type: str, filename: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    response.headers["Cache-Control"] = f"public, max-age={MINUTES * 60}"
    response.vary.update(("Accept-Language", "Cookie"))
    response.add_etag()
    response.make_conditional(request.environ)
    return response


def feed_answer(title: str, path: str, entries: list[dict[str, Any]], filename: str) -> Response:
    """Answer with a feed; each entry has id, title, url, updated, published and text."""
    content = render_template(
        "calls/feed.xml",
        title=_clean(title),
        host=urlsplit(absolute("/")).hostname or "localhost",
        page=absolute(path),
        own=absolute(request.path),
        updated=max((e["updated"] for e in entries), default=BEGINNING),
        entries=[
            {k: _clean(v) if isinstance(v, str) else v for k, v in e.items()} for e in entries
        ],
    )
    return _kept(content, "application/atom+xml; charset=utf-8", filename)


def _clean(text: str) -> str:
    """Drop what no XML may hold."""
    return NOT_IN_XML.sub("", text)


@bp.get("/calls/feed.atom")
@public
def feed() -> Response:
    """Give the calls, the newest first, each with when something last happened to it."""
    calls = published_calls(db.session())
    changed = last_changes(db.session(), calls)
    entries = [
        {
            "id": f"call-{c.id}",
            "title": c.title(language()),
            "url": call_url(c),
            "updated": changed[c.id],
            "published": c.published_at,
            "text": c.summary(language()),
        }
        for c in calls
    ]
    return feed_answer(_("Calls"), "/calls", entries, "calls.atom")


@bp.get("/calls/<slug>/feed.atom")
@public
def call_feed(slug: str) -> Response:
    """Give what happened to one call."""
    call = queries.public_call(db.session(), slug)
    entries = [
        {
            "id": f"call-{call.id}-{item.key}",
            "title": say(item.title),
            "url": call_url(call) + item.part,
            "updated": item.at,
            "published": item.at,
            "text": say(item.text),
        }
        for item in news_of(db.session(), call)
    ]
    return feed_answer(call.title(language()), f"/calls/{call.slug}", entries, f"{call.slug}.atom")


@bp.get("/calls/calendar.ics")
@public
def calendar() -> Response:
    """Give every deadline of every call."""
    entries = [e for c in published_calls(db.session()) for e in deadlines(c, language())]
    return calendar_answer(_("Deadlines of calls"), entries, "calls")


@bp.get("/calls/<slug>/calendar.ics")
@public
def call_calendar(slug: str) -> Response:
    """Give the deadlines of one call."""
    call = queries.public_call(db.session(), slug)
    return calendar_answer(call.title(language()), list(deadlines(call, language())), call.slug)
