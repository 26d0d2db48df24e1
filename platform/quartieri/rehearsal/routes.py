"""A draft's rehearsals: ask for one, read what happened."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from quartieri.calls.design import CampaignDesign
from quartieri.calls.funding import needs_pool, rule_sentences
from quartieri.calls.gaps import NotReadyError
from quartieri.calls.models import Call
from quartieri.calls.queries import call_by_id, pool_draft
from quartieri.db import db, writes
from quartieri.kit.answers import seeother
from quartieri.kit.drawing import columns_of
from quartieri.kit.errors import DomainError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import Permission
from quartieri.proposals.rules import ProposalState
from quartieri.rehearsal import actions, queries
from quartieri.rehearsal.forms import USUAL_GIFT, Crowd, RehearsalForm, SimulationForm
from quartieri.rehearsal.models import Rehearsal
from quartieri.rehearsal.simulation import (
    CROWDS,
    CrowdPlan,
    Tried,
    bands,
    can_be_tried,
    try_crowds,
    try_past,
)
from quartieri.rehearsal.trial.notes import Phase, Rule, Trait
from quartieri.rehearsal.trial.words import unpacked

bp = Blueprint("rehearsal", __name__)
blueprints = (bp,)

Answer = str | Response | tuple[str, int]
COST_MIN, COST_MAX, DAYS = 20_000_00, 100_000_00, 60
"""What an invented crowd takes where the draft does not say it yet."""


def _call(call_id: int) -> Call:
    return call_by_id(db.session(), call_id)


def _rehearsal(call_id: int, rehearsal_id: int) -> Rehearsal:
    found = queries.rehearsal_by_id(db.session(), rehearsal_id)
    if found.call_id != call_id:
        abort(404)
    return found


@bp.get("/manage/calls/<int:call_id>/rehearsals")
@permit(Permission.CALL_EDIT, _call)
def index(call: Call) -> Answer:
    """List the rehearsals of a draft and offer another one."""
    return _index(call, RehearsalForm(formdata=None))


@bp.post("/manage/calls/<int:call_id>/rehearsals")
@writes
@permit(Permission.CALL_EDIT, _call)
def ask(call: Call) -> Answer:
    """Ask the worker to play the draft as it stands."""
    form = RehearsalForm()
    if not form.validate_on_submit():
        return _index(call, form), 422
    seed = secrets.randbelow(queries.MOST_SEED) if form.seed.data is None else form.seed.data
    try:
        asked = actions.ask(db.session(), call, seed=seed, actor=actor(call), at=current_now())
    except NotReadyError as error:
        db.session.rollback()
        return _index(call, form, missing=len(error.gaps)), error.status
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _index(call, form), error.status
    return seeother(url_for("rehearsal.show", call_id=call.id, rehearsal_id=asked.id))


def _index(call: Call, form: RehearsalForm, *, missing: int = 0) -> str:
    return render_template(
        "rehearsal/index.html",
        call=call,
        rehearsals=queries.rehearsals(db.session(), call.id),
        form=form,
        missing=missing,
    )


@bp.get("/manage/calls/<int:call_id>/simulator")
@permit(Permission.RULES_TRY, _call)
def simulator(call: Call) -> Answer:
    """Try any funding rule on an invented crowd or on campaigns that have ended; store nothing."""
    session, design = db.session(), call.design
    pool = pool_draft(session, call).endowment_cents
    usual = {
        **SimulationForm.rule_data(design.money.rule),
        "pool": Money(pool) if pool else None,
        "gift": Money(USUAL_GIFT),
    }
    asked = request.args if "kind" in request.args else None
    form = SimulationForm(formdata=asked, data=usual)
    form.offer()
    found: dict[str, Any] = {}
    if asked is None or form.validate():
        try:
            found = _simulated(call, form)
        except DomainError as error:
            form.say(error)
    page = render_template("rehearsal/simulator.html", call=call, form=form, **found)
    return (page, 422) if form.errors else page


def _simulated(call: Call, form: SimulationForm) -> dict[str, Any]:
    session, design = db.session(), call.design
    rule = form.rule(design)
    if rule is None or not can_be_tried(rule):
        return {}
    campaign = design.campaign or CampaignDesign()
    pool = form.pool.data.cents if form.pool.data is not None else None
    gift = form.gift.data.cents if form.gift.data is not None else USUAL_GIFT
    if needs_pool(rule) and pool is None:
        raise InvalidError(lazy("Shares of squares need a pool."), field="pool")
    found: dict[str, Any] = {"rule_says": rule_sentences(rule), "crowds": CROWDS}
    if form.crowd.data == Crowd.PAST:
        past, left_out = queries.past_campaigns(session, call.authority_id)
        tried = try_past(rule, past, pool, gift, keeps=campaign.keeps_all)
        return found | {
            "past": past,
            "left_out": left_out,
            "tried": tried,
            "gift": Money(gift),
            "shares": _shares(tried),
        }
    starts = [one.starts_at for one in campaign.rounds]
    starts += [one.starts_at for one in rule.live.multipliers] if rule.live else []
    who = design.eligibility
    plan = CrowdPlan(
        seed=form.seed.data or 0,
        projects=form.projects.data or 1,
        gift_cents=gift,
        interest=form.interest.data or 1,
        cost_min_cents=who.cost_min_cents or COST_MIN,
        cost_max_cents=who.cost_max_cents or max(COST_MAX, who.cost_min_cents or 0),
        starts_at=min(starts) if starts else current_now(),
        days=campaign.days or DAYS,
    )
    tried = try_crowds(rule, plan, pool, keeps=campaign.keeps_all)
    return found | {"tried": tried, "costs": _spread(tried.costs), "shares": _shares(tried)}


def _shares(tried: Tried) -> dict[str, Any]:
    return _spread([one.match_cents for one in tried.computed.results])


def _spread(amounts: Sequence[int]) -> dict[str, Any]:
    """Give how amounts in cents spread: the bands for a table, and their columns for a plot."""
    found = bands(amounts)
    return {"bands": found, "columns": columns_of([band.count for band in found])}


@bp.get("/manage/calls/<int:call_id>/rehearsals/<int:rehearsal_id>")
@permit(Permission.CALL_EDIT, _rehearsal)
def show(rehearsal: Rehearsal) -> Answer:
    """Tell what happened in a rehearsal, which rules fired, who got what, what it would cost."""
    told = _told(rehearsal.report) if rehearsal.report else None
    return render_template(
        "rehearsal/show.html", rehearsal=rehearsal, call=rehearsal.call, told=told
    )


def _told(report: dict[str, Any]) -> dict[str, Any]:
    """Give a report with its sentences, instants and amounts as what the page formats."""
    notes = [
        {
            "at": datetime.fromisoformat(note["at"]),
            "phase": Phase(note["phase"]),
            "who": note["who"] if isinstance(note["who"], str) else unpacked(note["who"]),
            "text": unpacked(note["text"]),
            "rule": Rule(note["rule"]) if note["rule"] else None,
        }
        for note in report["notes"]
    ]
    return {
        "phases": [(p, [n for n in notes if n["phase"] is p]) for p in Phase],
        "rules": [(Rule(r["rule"]), r["fired"]) for r in report["rules"]],
        "people": [_person(one) for one in report["people"]],
        "office": [(one["name"], _letters(one["letters"])) for one in report["office"]],
        "money": {
            name.removesuffix("_cents"): Money(value) if name.endswith("_cents") else value
            for name, value in report["money"].items()
        },
    }


def _person(one: dict[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "trait": Trait(one["trait"]),
        "state": ProposalState(one["state"]) if one["state"] else None,
        "cost": Money(one["cost_cents"]),
        "target": None if one["target_cents"] is None else Money(one["target_cents"]),
        "raised": None if one["raised_cents"] is None else Money(one["raised_cents"]),
        "grant": Money(one["grant_cents"]),
        "letters": _letters(one["letters"]),
        "backers": _letters(one["backers"]),
    }


def _letters(letters: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [{**letter, "at": datetime.fromisoformat(letter["at"])} for letter in letters]
