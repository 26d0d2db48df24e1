"""Rules, form and criteria before registering, as a page and as PDF; and the self-check."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from quartieri.calls import queries, selfcheck
from quartieri.calls.design import CallDesign
from quartieri.calls.forms.selfcheck import SelfCheckForm
from quartieri.calls.links import call_url
from quartieri.calls.models import Call
from quartieri.calls.routes.blueprint import Answer, bp, draw, takes_cards
from quartieri.calls.rules import WindowState
from quartieri.calls.sheet import PAPER, sheet
from quartieri.db import db
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import NotFoundError
from quartieri.kit.filters import say_filter as say
from quartieri.kit.formats import language
from quartieri.kit.labels import lazy
from quartieri.kit.paper import typeset
from quartieri.people.access import current_now, public
from quartieri.people.rules import OrganisationKind
from quartieri.programmes import queries as programmes

KEPT = 64
"""How many PDFs a process keeps: it is made anew only for another edition, date or language."""


def present_design(call: Call) -> CallDesign:
    """Give the design in force: that of the last edition."""
    return call.editions[-1].design if call.editions else call.design


def area_names(call: Call) -> dict[str, str]:
    """Give the areas of a call's city by code, in the reader's language."""
    found = programmes.areas(db.session(), call.authority_id)
    english = language() == "en"
    return {a.code: (a.name_en if english else "") or a.name_it for a in found}


def _public(slug: str) -> Call:
    call = queries.public_call(db.session(), slug)
    if call.historical:
        raise NotFoundError(lazy("There is nothing at this address."))
    return call


def _sheet(call: Call) -> list[dict[str, Any]]:
    return sheet(
        present_design(call),
        call.windows,
        say=say,
        language=language(),
        areas=area_names(call),
        cards=takes_cards(),
    )


@bp.get("/calls/<slug>/rules")
@public
def rules(slug: str) -> Answer:
    """Show rules, criteria and the form's questions in their order."""
    call = _public(slug)
    edition = call.editions[-1] if call.editions else None
    return draw("calls/rules.html", call=call, sections=_sheet(call), edition=edition)


@bp.get("/calls/<slug>/rules.pdf")
@public
def rules_pdf(slug: str) -> Response:
    """Give the same as PDF/UA; made once for an edition, its dates and a language."""
    call = _public(slug)
    edition = call.editions[-1] if call.editions else None
    data = {
        "title": call.title(language()),
        "summary": call.summary(language()),
        "authority": call.authority.name,
        "language": language(),
        "footer": call_url(call),
        "edition": say(
            lazy(
                "Edition %(number)s of %(at)s. Hash (SHA-256): %(hash)s",
                number=edition.number,
                at=edition.published_at,
                hash=edition.sha256,
            )
        )
        if edition
        else "",
        "sections": _sheet(call),
    }
    response = Response(
        _made(json.dumps(data, sort_keys=True, ensure_ascii=False)), mimetype="application/pdf"
    )
    response.headers.set("Content-Disposition", "inline", filename=f"{call.slug}.pdf")
    response.vary.update(("Accept-Language", "Cookie"))
    response.add_etag()
    response.make_conditional(request.environ)
    return response


@lru_cache(maxsize=KEPT)
def _made(data: str) -> bytes:
    """Keep what was made: the edition's hash is part of what it is kept by."""
    return typeset(PAPER, json.loads(data))


@bp.get("/calls/<slug>/self-check")
@public
def self_check(slug: str) -> Answer:
    """Ask a few questions and say whether one can apply; the address is all that holds them."""
    call = _public(slug)
    design, areas = present_design(call), area_names(call)
    form = SelfCheckForm(formdata=request.args)
    form.offer(list(OrganisationKind), areas)
    asked = selfcheck.questions(design, areas)
    given = any(request.args.get(name) for name in asked)
    readable = form.validate() if given else True
    now = current_now()
    outcome = (
        selfcheck.check(design, form.answers(), today=in_rome(now).date(), areas=areas)
        if given and readable
        else None
    )
    return draw(
        "calls/self_check.html",
        call=call,
        form=form,
        asked=asked,
        outcome=outcome,
        declarations=design.declarations,
        open=next((w for w in call.windows if w.state_at(now) is WindowState.OPEN), None),
        coming=next((w for w in call.windows if w.state_at(now) is WindowState.SCHEDULED), None),
    )
