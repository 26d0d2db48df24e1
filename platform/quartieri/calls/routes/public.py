"""What everyone reads: the list of calls, and one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import jsonify, request

from quartieri.calls import queries
from quartieri.calls.evaluating import evaluation_sentences
from quartieri.calls.facts import FACT_LABELS, known_facts
from quartieri.calls.funding import crowd_in_short, grant_in_short
from quartieri.calls.models import Call
from quartieri.calls.queries.files import files_of
from quartieri.calls.queries.meetings import meetings_of
from quartieri.calls.queries.questions import answered
from quartieri.calls.routes.blueprint import (
    Answer,
    asked_phase,
    bp,
    draw,
    phase_of,
    says_of_campaigns,
    text_of,
)
from quartieri.calls.rules import CallPhase, CallState, takes_questions
from quartieri.calls.timeline import call_timeline
from quartieri.calls.who_words import who_sentences
from quartieri.db import db
from quartieri.kit.formats import language
from quartieri.kit.numbers import in_rows, page_number
from quartieri.people.access import current_now, public
from quartieri.people.queries import authorities
from quartieri.people.rules import OrganisationKind
from quartieri.programmes import queries as programmes

PHASES = (
    CallPhase.OPEN,
    CallPhase.COMING,
    CallPhase.WORKING,
    CallPhase.CONCLUDED,
    CallPhase.HISTORY,
)
ANSWERS_SHOWN = 3
FOLLOWED = frozenset({CallState.PUBLISHED, CallState.SUSPENDED})
"""In these states something can still happen that a follower would be told of."""


@bp.get("/calls")
@public
def index() -> Answer:
    """List the calls: open ones first, filters and search in the address."""
    words, kind = request.args.get("q", "").strip(), request.args.get("kind", "")
    owner = request.args.get("authority", 0, in_rows) or None
    found = queries.public_calls(
        db.session(),
        now=current_now(),
        phase=asked_phase(),
        text=words,
        kind=OrganisationKind(kind) if kind in set(OrganisationKind) else None,
        authority_id=owner,
        page=page_number(),
    )
    return draw(
        "calls/index.html",
        found=found,
        phases=PHASES,
        phase=asked_phase(),
        words=words,
        kinds=tuple(OrganisationKind),
        kind=kind,
        owners=authorities(db.session()),
        owner=owner,
    )


@bp.get("/calls/<slug>")
@public
def show(slug: str) -> Answer:
    """Show a call: first who, how much, until when; then all that was published of it."""
    session = db.session()
    call = queries.public_call(session, slug)
    if call.historical:
        return draw(
            "calls/history.html",
            call=call,
            facts=known_facts(call.facts),
            labels=FACT_LABELS,
            projects=queries.historical_projects(session, call),
        )
    return draw("calls/show.html", **_page(call))


def _page(call: Call) -> dict[str, Any]:
    session, now = db.session(), current_now()
    edition = call.editions[-1] if call.editions else None
    design = edition.design if edition else call.design
    rule = design.money.rule
    return {
        "call": call,
        "edition": edition,
        "design": design,
        "phase": phase_of(call),
        "open": next((w for w in call.windows if w.state_at(now) == "open"), None),
        "coming": next((w for w in call.windows if w.state_at(now) == "scheduled"), None),
        "timelines": [(w, w.state_at(now), call_timeline(w, now)) for w in call.windows],
        "rules": design.money.sentences,
        "grant_says": grant_in_short(rule) if rule else None,
        "crowd_says": crowd_in_short(rule) if rule else None,
        "acts": queries.acts_of(session, call),
        "files": files_of(session, call.id),
        "money": programmes.pool_balances(session, call.pool_id) if call.pool_id else None,
        "levels": programmes.share_levels(session, call.pool_id) if call.pool_id else [],
        "areas": _named(call, design.eligibility.excluded_areas),
        "only": _named(call, design.eligibility.allowed_areas),
        "who_says": who_sentences(design.eligibility),
        "campaign_says": says_of_campaigns(design),
        "sentences": evaluation_sentences(design, text_of),
        "rules_sha256": edition.evaluation_sha256 if edition else "",
        "taken": takes_questions(call.state, call.questions_until, now),
        "answered": answered(session, call, most=ANSWERS_SHOWN),
        "meetings": meetings_of(session, call.id, now=now),
        "followed": call.state in FOLLOWED,
    }


def _named(call: Call, codes: Sequence[str]) -> list[str]:
    """Give the names of some areas of the call's city."""
    if not codes:
        return []
    areas = programmes.areas(db.session(), call.authority_id)
    english = language() == "en"
    return [(a.name_en if english else "") or a.name_it for a in areas if a.code in codes]


@bp.get("/calls/<slug>/evaluation.json")
@public
def evaluation(slug: str) -> Answer:
    """Give the rules of evaluation as they were frozen, with their hash, edition by edition."""
    call = queries.public_call(db.session(), slug)
    return jsonify(
        {
            "call": call.slug,
            "editions": [
                {
                    "number": edition.number,
                    "published_at": edition.published_at.isoformat(),
                    "sha256": edition.sha256,
                    "evaluation_sha256": edition.evaluation_sha256,
                    "evaluation": edition.design_json.get("evaluation", {}),
                }
                for edition in call.editions
            ],
        }
    )
