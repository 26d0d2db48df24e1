"""Pages for visitors who are not signed in, kept as long as they are true.

A page depends on what was committed, on the minute (deadlines fall on whole minutes), the language
and its address. The first is one mark in the database, renewed in each transaction that writes
what is seen: whoever reads the mark, in any worker, knows whether a kept page still holds.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property

from flask import Flask, Response, current_app, g, request, session

from quartieri.db import db
from quartieri.extensions import services
from quartieri.jobs.queries import pulse
from quartieri.kit.formats import language

KEPT = frozenset(
    {
        "web.home",
        "calls.index",
        "campaigns.index",
        "campaigns.project",
        "campaigns.figures",
        "rankings.show",
    }
)
"""What is kept: pages that many look at and that show nothing of whoever looks."""
MOST_PAGES = 100
LONGEST_ADDRESS = 200
REMEMBERED = "remember_token"
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-cache",
    "Vary": "Cookie, Accept-Language, Accept-Encoding",
}


@dataclass
class Page:
    """A page as it was drawn, and what it depended on."""

    tag: str
    body: bytes

    @cached_property
    def packed(self) -> bytes:
        """The page compressed, once somebody asks for it again; it holds no secret to guess."""
        return gzip.compress(self.body, 6, mtime=0)


def register(app: Flask) -> None:
    """Answer from what is kept, and keep what is drawn."""
    app.extensions["pages"] = {}
    app.before_request(_look_up)
    app.after_request(_keep)


def _look_up() -> Response | None:
    if not _can_be_kept():
        return None
    mark, offset = pulse(db.session())
    g.demo_offset = offset
    if not mark:  # a database that was not made by the migrations
        return None
    minute = services().clock.now().replace(second=0, microsecond=0)
    facts = (mark, minute.isoformat(), language(), request.full_path)
    g.page_tag = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:32]
    if g.page_tag in request.if_none_match:
        return _answer(Response(status=304))
    page: Page | None = current_app.extensions["pages"].get((request.full_path, language()))
    if page is None or page.tag != g.page_tag:
        return None
    if request.accept_encodings["gzip"]:
        return _answer(Response(page.packed, headers={"Content-Encoding": "gzip"}))
    return _answer(Response(page.body))


def _can_be_kept() -> bool:
    return (
        request.endpoint in KEPT
        and request.method == "GET"
        and len(request.full_path) <= LONGEST_ADDRESS
        and REMEMBERED not in request.cookies
        and not session
    )


def _answer(response: Response) -> Response:
    g.page_answered = True
    return _tagged(response)


def _tagged(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers["ETag"] = f'"{g.page_tag}"'
    return response


def _keep(response: Response) -> Response:
    if "page_tag" not in g or "page_answered" in g:
        return response
    if response.status_code != 200 or session or response.is_streamed:  # noqa: PLR2004 -- HTTP's own OK
        return response
    pages: dict[tuple[str, str], Page] = current_app.extensions["pages"]
    if len(pages) >= MOST_PAGES:
        pages.clear()
    pages[request.full_path, language()] = Page(g.page_tag, response.get_data())
    return _tagged(response)
