"""Changing a pledge until the deadline, by its link."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from quartieri.audit.rules import Role
from quartieri.campaigns import actions, words
from quartieri.campaigns.actions import Change
from quartieri.campaigns.actions.changing import refuse_unchangeable
from quartieri.campaigns.actions.pledging import end_named
from quartieri.campaigns.forms import NONE, AmountForm, ChangeForm
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.queries import cover_for, design_of, terms_of
from quartieri.campaigns.routes.blueprint import Answer, bp, linked, reward_of
from quartieri.campaigns.routes.pledge import consent_words, offer
from quartieri.campaigns.rules import check_amount
from quartieri.db import db, writes
from quartieri.extensions import limiter
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, NotYoursError
from quartieri.kit.money import Money
from quartieri.people.access import actor, public, received_at


@bp.get("/pledges/<token>/change")
@public
def change(token: str) -> Answer:
    """Ask for the new amount; with one, show what is agreed to."""
    found = linked(token)
    campaign = found.campaign
    refuse_unchangeable(campaign, found, received_at())
    first = AmountForm(request.args if "amount" in request.args else None)
    first.amount.label.text = _("New amount")
    if "amount" not in request.args:
        first.amount.data = Money(found.gift_cents)
        first.reward.data = str(found.reward_id or NONE)
        first.cover.data = bool(found.cover_cents)
    offer(campaign, first, found.reward)
    if "amount" not in request.args:
        return _draw_amount(token, found, first)
    reward = reward_of(campaign, first.reward.data)
    good = first.validate()
    if good:
        try:
            least = reward.minimum_cents if reward else None
            check_amount(first.amount.cents, terms_of(campaign), least)
        except DomainError as error:
            first.say(error)
            good = False
    if not good:
        return _draw_amount(token, found, first), 422
    form = ChangeForm(
        formdata=None,
        data={
            "amount": str(first.amount.cents),
            "reward": str(reward.id if reward else NONE),
            "cover": "1" if first.covers() else "",
            "shipping_answer": found.shipping_answer,
        },
    )
    form.ask(reward)
    return _draw_consent(token, found, form)


def _draw_amount(token: str, found: Pledge, form: AmountForm) -> str:
    return render_template(
        "campaigns/pledge_change.html",
        token=token,
        campaign=found.campaign,
        form=form,
        terms=terms_of(found.campaign),
        amount=Money(found.amount_cents),
        reward=found.reward,
        cover=Money(found.cover_cents) if found.cover_cents else None,
        promise=words.when_charged(found.campaign, now=False),
    )


def _draw_consent(token: str, found: Pledge, form: ChangeForm) -> str:
    campaign = found.campaign
    cover = cover_for(design_of(campaign), form.cents(), wanted=bool(form.cover.data))
    amount = Money(form.cents() + cover)
    form.name_end(end_named(campaign))
    return render_template(
        "campaigns/pledge_change.html",
        token=token,
        campaign=campaign,
        form=form,
        amount=amount,
        reward=reward_of(campaign, form.chosen_reward()),
        cover=Money(cover) if cover else None,
        consent=consent_words(campaign, amount),
        promise=words.when_charged(campaign, now=False),
    )


@bp.post("/pledges/<token>/change")
@limiter.limit("120 per minute")
@writes
@public
def change_submit(token: str) -> Answer:
    """Change the pledge, with the words that were agreed to."""
    found = linked(token)
    campaign, form = found.campaign, ChangeForm()
    form.ask(reward_of(campaign, form.chosen_reward()))
    if not form.validate_on_submit():
        return _draw_consent(token, found, form), 422
    wanted = bool(form.cover.data)
    cover = cover_for(design_of(campaign), form.cents(), wanted=wanted)
    try:
        actions.change_pledge(
            db.session(),
            found,
            Change(
                amount_cents=form.cents(),
                consent=consent_words(campaign, Money(form.cents() + cover)),
                reward_id=form.chosen_reward(),
                cover=wanted,
                shipping_answer=form.typed("shipping_answer"),
                ends=form.ends.data or "",
            ),
            actor=actor(found, Role.BACKER),
            at=received_at(),
        )
    except NotYoursError:
        raise  # kept in the audit log by the error page
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        found = linked(token)
        if form.reward.errors:
            form.choose_again(found.campaign.rewards, found.reward)
        return _draw_consent(token, found, form), error.status
    flash(_("Your pledge is changed."), "success")
    return seeother(url_for("campaigns.pledge", token=token))
