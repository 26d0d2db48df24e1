"""The blueprint, and what all its routes share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from quartieri.acts.actions import ActData
from quartieri.acts.forms import ActForm
from quartieri.acts.routes import typed_act
from quartieri.calls.campaign_words import campaign_sentences
from quartieri.calls.design import CallDesign, Text
from quartieri.calls.funding import payment_sentences
from quartieri.calls.gaps import Gap, Step
from quartieri.calls.models import Call
from quartieri.calls.queries import call_by_id
from quartieri.calls.rules import CallPhase, call_phase
from quartieri.db import db
from quartieri.extensions import services
from quartieri.kit.formats import language
from quartieri.kit.labels import Lazy, in_language
from quartieri.kit.money import Money
from quartieri.people.access import actor, current_now

bp = Blueprint("calls", __name__)

Answer = str | Response | tuple[str, int]


def load(call_id: int) -> Call:
    """Give a call by its id."""
    return call_by_id(db.session(), call_id)


def text_of(text: Text) -> str:
    """Give a design's text in the reader's language, or in the other one where it is missing."""
    return in_language(text, language())


def euros(cents: int | None) -> Money | None:
    """Give cents as money, None where they are unknown."""
    return None if cents is None else Money(cents)


def phase_of(call: Call) -> CallPhase:
    """Give a call's phase now."""
    now = current_now()
    return call_phase(
        call.state, [w.state_at(now) for w in call.windows], historical=call.historical
    )


def gap_url(call_id: int, gap: Gap) -> str:
    """Give the address where a gap is mended: a question and a section have pages of their own."""
    kind, _dash, key = gap.field.partition("-")
    if gap.where is Step.APPLICATION and kind == "question":
        return url_for("calls.question_edit", call_id=call_id, key=key)
    if gap.where is Step.APPLICATION and kind == "section":
        return url_for("calls.section_edit", call_id=call_id, key=key)
    return url_for("calls.edit", call_id=call_id, step=gap.where.value, _anchor=gap.anchor)


def draw(template: str, **given: Any) -> str:
    """Draw a page with what all pages of calls use."""
    return render_template(template, text_of=text_of, euros=euros, gap_url=gap_url, **given)


def money_sentences(design: CallDesign) -> list[Lazy]:
    """Say a design's money rules in plain words: grant, payment, campaign."""
    found = [*design.money.sentences]
    found += payment_sentences(design.money.advance_share)
    return [*found, *says_of_campaigns(design)]


def says_of_campaigns(design: CallDesign) -> tuple[Lazy, ...]:
    """Say how a call's campaigns run on this site, which may have no payment service."""
    if design.campaign is None:
        return ()
    return campaign_sentences(design.campaign, cards=takes_cards())


def takes_cards() -> bool:
    """Tell whether this site has a payment service."""
    return services().settings.takes_payments


def asked_phase() -> CallPhase | None:
    """Give the phase in the address, or None."""
    code = request.args.get("phase", "")
    return CallPhase(code) if code in set(CallPhase) else None


def act_of(form: ActForm, call: Call) -> ActData:
    """Give the act that was typed, its file kept."""
    return typed_act(form, user_id=actor(call).user_id)
