"""The proposer's calculator: for a call, by everyone; for a campaign, by its proposer."""

from __future__ import annotations

from flask import render_template, request, url_for

from quartieri.calls.design import CallDesign
from quartieri.calls.funding import payment_sentences, rule_sentences
from quartieri.calls.models import Call
from quartieri.calls.queries import public_call
from quartieri.campaigns.forms import CalculatorForm
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.routes.blueprint import Answer, bp, load
from quartieri.campaigns.rules.estimate import estimate, expected_dates
from quartieri.db import db
from quartieri.kit.errors import NotFoundError
from quartieri.kit.formats import language
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.people.access import owner, public


@bp.get("/calls/<slug>/calculator")
@public
def calculator(slug: str) -> Answer:
    """Reckon what a sum would come to by a call's rules; nothing is kept."""
    call = public_call(db.session(), slug)
    form = CalculatorForm(formdata=request.args or None)
    design = call.editions[-1].design if call.editions else call.design
    back = (call.title(language()), url_for("calls.show", slug=call.slug))
    return _draw(call, design, form, back)


@bp.get("/account/campaigns/<int:campaign_id>/calculator")
@owner(load)
def own_calculator(campaign: Campaign) -> Answer:
    """Reckon for one's own campaign, with its cost, target and dates."""
    usual = {
        "cost": Money(campaign.cost_cents),
        "target": Money(campaign.target_cents),
        "raised": Money(max(campaign.promised_cents, campaign.target_cents)),
    }
    form = CalculatorForm(formdata=request.args or None, data=usual)
    proposal = campaign.proposal
    back = (campaign.title, url_for("campaigns.desk", campaign_id=campaign.id))
    return _draw(proposal.call, proposal.edition.design, form, back, campaign)


def _draw(
    call: Call,
    design: CallDesign,
    form: CalculatorForm,
    back: tuple[str, str],
    campaign: Campaign | None = None,
) -> Answer:
    rule = design.money.rule
    if rule is None or design.campaign is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    asked = bool(request.args) or campaign is not None
    readable = form.validate() if asked else True
    found = estimate(rule, design.campaign, form.case()) if asked and readable else None
    starts_at = campaign.starts_at if campaign is not None else None
    ends_at = campaign.ends_at if campaign is not None else None
    page = render_template(
        "campaigns/calculator.html",
        call=call,
        form=form,
        back=back,
        found=found,
        people=form.case().people if found else 0,
        rules=rule_sentences(rule),
        dates=[*expected_dates(design, starts_at, ends_at)],
        payments=payment_sentences(design.money.advance_share),
    )
    return page if readable else (page, 422)
