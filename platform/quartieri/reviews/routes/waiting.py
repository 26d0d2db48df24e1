"""The list of a ranking in force: the office goes down it by act, an applicant answers an offer."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import FormField

from quartieri.acts.forms import ActForm
from quartieri.calls.models import Window
from quartieri.db import db, writes
from quartieri.kit.answers import seeother
from quartieri.kit.clock import end_of_day
from quartieri.kit.errors import DomainError, IllegalMoveError, NotFoundError
from quartieri.kit.filters import say_filter as say
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money
from quartieri.people.access import actor, current_now, owner, permit, received_at
from quartieri.people.rules import Permission
from quartieri.proposals.models import Proposal
from quartieri.proposals.routes.blueprint import load, load_for_office, me
from quartieri.proposals.routes.pages import Unlocking
from quartieri.proposals.rules import money_questions
from quartieri.reviews import actions, queries
from quartieri.reviews.forms import OfferForm, RefuseForm
from quartieri.reviews.queries.waiting import Waiting, list_acts, open_offer, waiting_list
from quartieri.reviews.routes.decisions import Answer, by_act
from quartieri.reviews.routes.office import load_window

bp = Blueprint("waiting", __name__)


@bp.get("/manage/windows/<int:window_id>/list")
@permit(Permission.RANK, load_window)
def index(window: Window) -> Answer:
    """Show who waits, whose turn it is, what is left, and the acts so far."""
    session = db.session()
    return render_template(
        "reviews/waiting.html",
        window=window,
        design=queries.edition_of(session, window).design,
        found=waiting_list(session, window),
        acts=list_acts(session, window.id),
    )


def _load(proposal_id: int, verb: str) -> tuple[Proposal, str]:
    return load_for_office(proposal_id), verb


def _line(proposal: Proposal, verb: str) -> Waiting:
    """Give the application's line when it is its turn for the verb; else there is no such page."""
    window = proposal.window
    found = waiting_list(db.session(), window) if window is not None else None
    over = found.over(current_now()) if found is not None else None
    if over is not None:
        raise IllegalMoveError(over)
    line = found.of(proposal.id) if found is not None else None
    ready = line is not None and (line.gives_cents if verb == "fund" else line.offer_cents)
    if line is None or ready is None or ready is False:
        raise NotFoundError(lazy("It is not the turn of this application."))
    return line


def _page(proposal: Proposal, verb: str, form: ActForm) -> str:
    return render_template(
        "reviews/list_act.html",
        proposal=proposal,
        verb=verb,
        line=_line(proposal, verb),
        design=proposal.edition.design,
        form=form,
    )


@bp.get("/manage/proposals/<int:proposal_id>/list/<any(fund, offer):verb>")
@permit(Permission.RANK, _load)
def form(proposal: Proposal, verb: str) -> Answer:
    """Ask for the act that funds the next on the list, or that offers it what is left."""
    line = _line(proposal, verb)
    if verb == "fund":
        return _page(proposal, verb, ActForm(formdata=None))
    data = {"amount": Money(line.offer_cents or 0)}
    return _page(proposal, verb, OfferForm(formdata=None, data=data))


@bp.post("/manage/proposals/<int:proposal_id>/list/<any(fund, offer):verb>")
@writes
@permit(Permission.RANK, _load)
def go_down(proposal: Proposal, verb: str) -> Answer:
    """Fund the next on the list, or offer it what is left, by act."""
    session, who, now = db.session(), actor(proposal), current_now()
    _line(proposal, verb)
    target = url_for("waiting.index", window_id=proposal.window_id)
    if verb == "fund":
        form = ActForm()
        return by_act(
            form,
            lambda act: actions.scroll(session, proposal, act, actor=who, at=now),
            lambda: _page(proposal, verb, form),
            lazy("The project is selected; the applicant gets a letter."),
            target,
        )
    typed = OfferForm()
    return by_act(
        typed,
        lambda act: actions.offer(
            session,
            proposal,
            act,
            cents=typed.amount.cents,
            due_at=end_of_day(typed.due.data),
            actor=who,
            at=now,
        ),
        lambda: _page(proposal, verb, typed),
        lazy("The offer is made and reserved; the applicant gets a letter."),
        target,
    )


# -- the applicant -----------------------------------------------------------------------------


@bp.get("/applications/<int:proposal_id>/offer")
@owner(load)
def offer(proposal: Proposal) -> Answer:
    """Show what is offered, until when, and the budget to be written anew."""
    if open_offer(db.session(), proposal.id) is None:
        return seeother(url_for("proposals.show", proposal_id=proposal.id))
    return _offer_page(proposal, Unlocking(proposal, money_questions))


def _offer_page(
    proposal: Proposal,
    anew: Unlocking,
    refuse: RefuseForm | None = None,
    problem: Lazy | None = None,
) -> str:
    made = open_offer(db.session(), proposal.id)
    if made is None:
        raise NotFoundError(lazy("There is no open offer for this application."))
    return render_template(
        "reviews/offer.html",
        **anew.known,
        made=made,
        asked=anew.asked,
        form=anew.form,
        refuse_form=refuse or RefuseForm(formdata=None),
        problem=problem,
    )


def _say(anew: Unlocking, error: DomainError) -> None:
    """Show an error at its field; one of a group of fields stands at the first of them."""
    field = anew.form[error.field or ""]
    if isinstance(field, FormField):
        first = next(iter(field.form))
        first.errors = [*first.errors, say(error.message)]
    else:
        anew.form.say(error)


@bp.post("/applications/<int:proposal_id>/offer")
@writes
@owner(load)
def accept(proposal: Proposal) -> Answer:
    """Accept the offer with the budget written anew; what counts is when this request came in."""
    session, anew = db.session(), Unlocking(proposal, money_questions)
    if not anew.form.validate_on_submit():
        return _offer_page(proposal, anew), 422
    if request.form.get("then") == "stay":
        return _offer_page(proposal, anew)
    try:
        actions.accept_offer(
            session,
            proposal,
            anew.read().answers,
            received_at=received_at(),
            actor=me(proposal),
            at=current_now(),
        )
    except DomainError as error:
        session.rollback()
        if error.field in anew.form:
            _say(anew, error)
            return _offer_page(proposal, anew), error.status
        return _offer_page(proposal, anew, problem=error.message), error.status
    flash(_("You accepted the offer: your project is selected."), "success")
    return seeother(url_for("proposals.show", proposal_id=proposal.id))


@bp.post("/applications/<int:proposal_id>/offer/refuse")
@writes
@owner(load)
def refuse(proposal: Proposal) -> Answer:
    """Refuse the offer."""
    form = RefuseForm()
    if not form.validate_on_submit():
        return _offer_page(proposal, Unlocking(proposal, money_questions), form), 422
    actions.refuse_offer(
        db.session(),
        proposal,
        reason=form.reason.data or "",
        received_at=received_at(),
        actor=me(proposal),
    )
    flash(_("You refused the offer; it goes to the next on the list."), "success")
    return seeother(url_for("proposals.show", proposal_id=proposal.id))
