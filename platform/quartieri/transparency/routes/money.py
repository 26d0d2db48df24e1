"""The money of the site, of a call, and the register of grant acts, each with its twins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from quartieri.calls.models import Call
from quartieri.calls.queries import call_by_slug, historical_projects, public_call
from quartieri.db import db
from quartieri.extensions import services
from quartieri.kit.errors import NotFoundError
from quartieri.kit.filters import url_if
from quartieri.kit.formats import language
from quartieri.kit.labels import lazy
from quartieri.kit.numbers import in_rows, page_number
from quartieri.kit.tables import csv_text
from quartieri.people.access import current_now, permit, public
from quartieri.people.rules import Permission
from quartieri.transparency import documents, queries
from quartieri.transparency.picture import crowd_stages, site_stages
from quartieri.transparency.queries.register import GrantAct
from quartieri.transparency.rules import PastMoney

bp = Blueprint("transparency", __name__)

Answer = str | Response
FIRST_YEAR, LAST_YEAR = 1900, 9999


def draw(template: str, **given: Any) -> str:
    """Draw a page with what all pages of money use."""
    return render_template(
        template, euros=documents.euros, sort=request.args.get("sort", ""), **given
    )


def csv_answer(text: str, name: str) -> Response:
    """Give a CSV file to download."""
    return Response(
        text,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


# -- the whole site ----------------------------------------------------------------------------


@bp.get("/money")
@public
def money() -> Answer:
    """Show the money of the whole site: the flow, then the tables with the same figures."""
    session = db.session()
    found = queries.site_money(session)
    return draw(
        "transparency/money.html",
        site=found,
        stages=site_stages(found),
        crowd_stages=crowd_stages(found.crowd),
        calls=queries.site_calls(session, sort=request.args.get("sort", ""), page=page_number()),
        past=queries.past_money(session),
    )


@bp.get("/money.json")
@public
def money_document() -> Answer:
    """Give the money of the whole site as JSON."""
    session = db.session()
    return jsonify(
        documents.site_document(
            queries.site_money(session),
            queries.site_calls(session, page=None).rows,
            queries.past_money(session),
            current_now(),
        )
    )


# -- one call ----------------------------------------------------------------------------------


@bp.get("/calls/<slug>/money")
@public
def call(slug: str) -> Answer:
    """Show the money of a call: endowment, levels, crowd, each project."""
    session = db.session()
    found = public_call(session, slug)
    if found.historical:
        return draw(
            "transparency/past.html",
            call=found,
            past=_past(found),
            projects=historical_projects(session, found),
        )
    return _call_page(found, office=False)


def _past(found: Call) -> PastMoney:
    return queries.past_money(db.session(), found)[0]


def _call_page(found: Call, *, office: bool) -> str:
    session = db.session()
    figures = queries.call_money(session, found)
    return draw(
        "transparency/office_call.html" if office else "transparency/call.html",
        call=found,
        figures=figures,
        office=office,
        crowd_stages=crowd_stages(figures.crowd) if figures.crowd else [],
        projects=queries.project_page(
            session, found.id, sort=request.args.get("sort", ""), page=page_number()
        ),
    )


@bp.get("/calls/<slug>/money.json")
@public
def call_document(slug: str) -> Answer:
    """Give the money of a call as JSON, all projects in it."""
    session, now = db.session(), current_now()
    found = public_call(session, slug)
    if found.historical:
        projects = historical_projects(session, found)
        return jsonify(documents.past_document(found, _past(found), projects, now))
    figures = queries.call_money(session, found)
    rows = queries.project_page(session, found.id, page=None).rows
    return jsonify(documents.call_document(found, figures, rows, now))


@bp.get("/calls/<slug>/money.csv")
@public
def call_table(slug: str) -> Answer:
    """Give the projects of a call with their money as CSV."""
    session, now = db.session(), current_now()
    found = public_call(session, slug)
    if found.historical:
        rows = documents.past_rows(slug, historical_projects(session, found), now)
    else:
        shown = queries.project_page(session, found.id, page=None).rows
        rows = documents.project_rows(slug, shown, now)
    return csv_answer(csv_text(documents.PROJECT_HEAD, rows), f"{slug}-money.csv")


def load_call(slug: str) -> Call:
    """Give a call that ran on this site by its address, in any state."""
    found = call_by_slug(db.session(), slug)
    if found is None or found.historical:
        raise NotFoundError(lazy("There is no call at this address."))
    return found


@bp.get("/manage/money/calls/<slug>")
@permit(Permission.MONEY_READ, load_call)
def manage_call(call: Call) -> Answer:
    """Show officials the same figures, each with the way to what it is made of."""
    return _call_page(call, office=True)


# -- the register of grant acts ----------------------------------------------------------------


@bp.get("/money/grants")
@public
def grants() -> Answer:
    """Show the published grant acts with the fields of article 27 of d.lgs. 33/2013."""
    session = db.session()
    words = request.args.get("q", "").strip()
    found = queries.grant_act_page(
        session,
        year=_year(),
        text=words,
        sort=request.args.get("sort", ""),
        page=page_number(),
    )
    return draw(
        "transparency/grants.html",
        found=found,
        words=words,
        year=_year(),
        years=queries.years(session),
        urls=_project_urls(found.rows),
    )


@bp.get("/money/grants.json")
@public
def grants_document() -> Answer:
    """Give the register as JSON; ``?year=`` narrows it."""
    rows = queries.grant_act_page(db.session(), year=_year(), page=None).rows
    urls = _project_urls(rows, whole=True)
    return jsonify(documents.act_document(rows, urls, language(), current_now()))


@bp.get("/money/grants.csv")
@public
def grants_table() -> Answer:
    """Give the register as CSV; ``?year=`` narrows it."""
    rows = queries.grant_act_page(db.session(), year=_year(), page=None).rows
    shown = documents.act_rows(rows, _project_urls(rows, whole=True), language())
    name = f"grants-{_year()}.csv" if _year() else "grants.csv"
    return csv_answer(csv_text(documents.ACT_HEAD, shown), name)


def _year() -> int | None:
    year = request.args.get("year", None, in_rows)
    return year if year is not None and FIRST_YEAR <= year <= LAST_YEAR else None


def _project_urls(acts: Sequence[GrantAct], *, whole: bool = False) -> dict[str, str]:
    """Give the address of each project: its campaign's page, or its line in the call's money."""
    root = services().settings.base_url if whole else ""
    return {a.project_slug: root + _project_url(a) for a in acts}


def _project_url(act: GrantAct) -> str:
    page = url_if("campaigns.project", slug=act.project_slug) if act.campaign else ""
    return page or url_for("transparency.call", slug=act.call_slug, _anchor=act.project_slug)
