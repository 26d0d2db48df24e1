"""``/api/v1``: the figures of a call's campaigns, read by anybody, reported by a platform."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request, url_for

from quartieri.calls.bearer import machine, program
from quartieri.calls.exchange import MOST_BYTES
from quartieri.calls.models import ApiToken, Call
from quartieri.calls.queries import call_by_slug, public_call
from quartieri.campaigns import queries
from quartieri.campaigns.importing.document import TOTALS_FORMAT, import_document, totals_schema
from quartieri.campaigns.importing.totals import TotalRow
from quartieri.campaigns.queries import PublicTotal
from quartieri.db import db, writes
from quartieri.extensions import csrf, limiter, services
from quartieri.kit.clock import in_rome
from quartieri.people.access import current_now, public

bp = Blueprint("campaigns_api", __name__)
blueprints = (bp,)


def _call(slug: str) -> Call | None:
    return call_by_slug(db.session(), slug)


@bp.get("/api/v1/calls/<slug>/campaign-totals")
@public
def totals(slug: str) -> Response:
    """Give what every public campaign of a call has raised."""
    session, now = db.session(), current_now()
    call = public_call(session, slug)
    found = queries.public_totals(session, call.id, now=now)
    return jsonify(
        call=call.slug,
        as_of=in_rome(now).isoformat(timespec="seconds"),
        currency=call.authority.currency,
        totals=[_public(one) for one in found],
    )


def _public(one: PublicTotal) -> dict[str, Any]:
    root = services().settings.base_url
    reported = one.reported_at
    return {
        "project": one.project,
        "title": one.title,
        "url": root + url_for("campaigns.project", slug=one.project),
        "platform_url": one.platform_url,
        "state": one.phase.value,
        "starts_at": in_rome(one.starts_at).isoformat(),
        "ends_at": in_rome(one.ends_at).isoformat(),
        "cost_cents": one.cost_cents,
        "target_cents": one.target_cents,
        "raised_cents": one.raised_cents,
        "backers": one.backers,
        "as_of": in_rome(reported).isoformat() if reported else None,
        "certified": one.certified if one.platform_url else None,
    }


@bp.get(f"/schemas/{TOTALS_FORMAT}.schema.json")
@public
def schema() -> Response:
    """Give the JSON Schema of what a platform reports."""
    return Response(totals_schema(), mimetype="application/schema+json")


@bp.post("/api/v1/calls/<slug>/campaign-totals")
@csrf.exempt  # type: ignore[untyped-decorator] # Flask-WTF publishes no types
@limiter.limit("60 per minute")
@writes
@machine(_call)
def report(call: Call, token: ApiToken) -> Response:
    """Take over the totals that a platform reports: all of the document, or nothing."""
    if not request.is_json:
        abort(415)
    at = current_now()
    content = request.stream.read(MOST_BYTES + 1)
    done = import_document(
        db.session(), call.id, content, source=token.label, actor=program(token), at=at
    )
    token.used_at = at
    return jsonify(call=call.slug, stored=[_stored(row) for row in done.new], known=done.known)


def _stored(row: TotalRow) -> dict[str, Any]:
    return {
        "project": row.campaign.slug,
        "as_of": in_rome(row.total.as_of).isoformat(),
        "raised_cents": row.total.raised_cents,
        "backers": row.total.backers,
    }
