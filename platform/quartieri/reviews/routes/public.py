"""Published rankings for everybody, with all that recomputes them; an applicant's own sheets."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from quartieri.calls.models import Window
from quartieri.calls.queries import public_call
from quartieri.db import db, get
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.kit.numbers import in_rows
from quartieri.people.access import owner, public
from quartieri.proposals.models import Proposal
from quartieri.reviews import queries
from quartieri.reviews.models import Ranking
from quartieri.reviews.queries.imported import files_in_force
from quartieri.reviews.queries.waiting import list_acts
from quartieri.reviews.ranking.rules import plain
from quartieri.reviews.routes.shown import ranking_page, titles

bp = Blueprint("rankings", __name__)

Answer = str | Response


def _published(slug: str, window: int) -> tuple[Window, Ranking]:
    session = db.session()
    call = public_call(session, slug)
    found = next((w for w in call.windows if w.number == window), None)
    number = request.args.get("number", None, in_rows)
    ranking = queries.ranking_by_number(session, found, number) if found else None
    if found is None or ranking is None:
        raise NotFoundError(lazy("No ranking is published here yet."))
    return found, ranking


@bp.get("/calls/<slug>/ranking/<int:window>")
@public
def show(slug: str, window: int) -> Answer:
    """Show a window's published ranking, the newest or the one that ``?number=`` asks for."""
    found, ranking = _published(slug, window)
    session = db.session()
    return render_template(
        "reviews/ranking.html",
        window=found,
        call=found.call,
        design=queries.edition_of(session, found).design,
        numbers=queries.public_rankings(session, found.id),
        replaces=ranking.replaces,
        list_acts=list_acts(session, found.id),
        results=files_in_force(session, found.id, ranking.stage).values(),
        **ranking_page(session, ranking, office=False),
    )


@bp.get("/calls/<slug>/ranking/<int:window>.json")
@public
def document(slug: str, window: int) -> Answer:
    """Give inputs and result of a published ranking, so that anybody can recompute it."""
    found, ranking = _published(slug, window)
    return jsonify(as_document(found, ranking))


def as_document(window: Window, ranking: Ranking) -> dict[str, Any]:
    """Give the published document of a ranking: no person is named in it."""
    session = db.session()
    return {
        "call": window.call.slug,
        "title": {"it": window.call.title_it, "en": window.call.title_en},
        "window": window.number,
        "number": ranking.number,
        "stage": ranking.stage,
        "replaces": ranking.replaces.number if ranking.replaces else None,
        "state": ranking.state.value,
        "computed_at": ranking.computed_at.isoformat(),
        "published_at": ranking.published_at.isoformat() if ranking.published_at else None,
        "act": {
            "number": ranking.act.number,
            "dated": ranking.act.dated.isoformat(),
            "office": ranking.act.office,
        }
        if ranking.act
        else None,
        "criteria": [
            {
                "code": c.code,
                "title": {"it": c.title_it, "en": c.title_en},
                "maximum": plain(c.maximum),
                "weight": plain(c.weight),
            }
            for c in queries.sheet_notice(session, window, ranking.stage).criteria
        ],
        "titles": queries.titles_of(session, ranking),
        "inputs_sha256": ranking.inputs_sha256,
        "inputs": ranking.inputs,
        "result_sha256": ranking.result_sha256,
        "result": queries.result_document(ranking),
    }


@bp.get("/calls/<slug>/ranking/<int:window>.csv")
@public
def table(slug: str, window: int) -> Answer:
    """Give the table of a published ranking as CSV."""
    _, ranking = _published(slug, window)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ("position", "protocol", "title", "applicant", "score", "outcome", "amount_cents")
    )
    for line in queries.published_entries(db.session(), ranking):
        entry = line.entry
        score = "" if entry.shown_score is None else str(entry.shown_score)
        writer.writerow(
            (
                entry.position or "",
                entry.key,
                _cell(line.title),
                _cell(line.organisation),
                score,
                entry.outcome.value,
                entry.amount_cents,
            )
        )
    name = f"{slug}-ranking-{window}-{ranking.number}.csv"
    return Response(
        out.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _cell(text: str) -> str:
    """Keep a spreadsheet from taking a title for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


# -- the applicant -----------------------------------------------------------------------------


def load(proposal_id: int) -> Proposal:
    """Give an application by its id."""
    return get(db.session(), Proposal, proposal_id)


@bp.get("/applications/<int:proposal_id>/scores")
@owner(load)
def scores(proposal: Proposal) -> Answer:
    """Show applicants their own sheets, criterion by criterion, once the ranking is published."""
    session = db.session()
    window = proposal.window
    published = queries.public_rankings(session, window.id) if window else []
    # a project that stopped at a gate reads the ranking of that stage
    newest = {r.stage: r for r in reversed(published)}
    found = (
        (newest[stage], queries.entry_of(session, newest[stage], proposal.id))
        for stage in sorted(newest, reverse=True)
    )
    ranking, entry = next(((r, e) for r, e in found if e is not None), (None, None))
    if window is None or entry is None or ranking is None:
        raise NotFoundError(lazy("Your scores are shown here once the ranking is published."))
    notice = queries.sheet_notice(session, window, ranking.stage)
    return render_template(
        "reviews/scores.html",
        proposal=proposal,
        window=window,
        published=queries.as_entry(entry),
        ranking=ranking,
        criteria=notice.scored,
        names=titles(notice),
        sheets=queries.published_sheets(session, ranking, entry),
        design=queries.edition_of(session, window).design,
        url=url_for("rankings.show", slug=window.call.slug, window=window.number),
    )
