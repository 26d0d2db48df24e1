"""Decisions by act: an application excluded or taken back, a call cancelled or annulled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from quartieri.acts.actions import ActData
from quartieri.acts.forms import ActForm
from quartieri.acts.routes import typed_act
from quartieri.calls.forms import CancelForm
from quartieri.calls.models import Call
from quartieri.calls.queries import call_by_id
from quartieri.calls.rules import CALL
from quartieri.db import db, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, NotYoursError
from quartieri.kit.filters import say_filter as say
from quartieri.kit.labels import Lazy, lazy
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import Permission
from quartieri.proposals.models import Proposal
from quartieri.proposals.routes.blueprint import load_for_office
from quartieri.proposals.rules import PROPOSAL
from quartieri.reviews import actions, queries

bp = Blueprint("decisions", __name__, url_prefix="/manage")

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Verb:
    """What one verb of an act asks and says, and what does it.

    ``move``: the verb of the table of states behind it.
    """

    title: Lazy
    about: Lazy
    done: Lazy
    move: str
    run: Callable[..., object]


CALLS: dict[str, Verb] = {
    "cancel": Verb(
        lazy("Cancel the call"),
        lazy(
            "Only before any ranking. Its sessions end, its endowment goes back, its applications "
            "are closed and each applicant gets a letter. Drafts stay with those who wrote them."
        ),
        lazy("The call is cancelled; its endowment went back to the programme."),
        "cancel",
        actions.cancel_call,
    ),
    "annul": Verb(
        lazy("Annul the call"),
        lazy(
            "Even after a ranking: its rankings are annulled, its campaigns stop and what they "
            "collected goes back, what is reserved is released, its applications are closed and "
            "each applicant gets a letter. What a grant act granted stays until it is revoked."
        ),
        lazy("The call is annulled; what was free of its endowment went back."),
        "annul",
        actions.annul_call,
    ),
}

APPLICATIONS: dict[str, Verb] = {
    "exclude": Verb(
        lazy("Exclude the application by act"),
        lazy(
            "After its check an application is excluded by act. Its campaign stops and what was "
            "collected goes back, what is reserved for it is released. The applicant reads the "
            "reason in a letter."
        ),
        lazy("The application is excluded; the applicant gets a letter."),
        "exclude",
        actions.exclude_by_act,
    ),
    "review": Verb(
        lazy("Review the exclusion by act"),
        lazy(
            "The application goes back to the admissibility check. The applicant reads the reason "
            "in a letter."
        ),
        lazy("The application is being checked again; the applicant gets a letter."),
        "review_exclusion",
        actions.review_exclusion,
    ),
}


def by_act(
    form: ActForm,
    run: Callable[[ActData], object],
    page: Callable[[], str],
    done: Lazy,
    target: str,
) -> Answer:
    """Run one verb by the act that was typed, say it is done, go on; nothing typed is lost.

    A refusal for want of a role is drawn and recorded as such.
    """
    if not form.validate_on_submit():
        return page(), 422
    try:
        run(typed_act(form, user_id=actor().user_id))
    except NotYoursError:
        raise
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return page(), error.status
    flash(say(done), "success")
    return seeother(target)


def _decided(
    about: Call | Proposal, verb: Verb, page: Callable[[CancelForm], str], target: str
) -> Answer:
    """Do what a verb says by the act and for the reason that were typed."""
    form = CancelForm()
    return by_act(
        form,
        lambda act: verb.run(
            db.session(),
            about,
            act,
            reason=form.reason.data,
            actor=actor(about),
            at=current_now(),
        ),
        lambda: page(form),
        verb.done,
        target,
    )


# -- a call ------------------------------------------------------------------------------------


def load_call(call_id: int, verb: str) -> tuple[Call, str]:
    """Give a call, and the verb of the address."""
    return call_by_id(db.session(), call_id), verb


def _call_page(call: Call, verb: str, form: CancelForm) -> str:
    counts = queries.touched(db.session(), call.id)
    return render_template(
        "reviews/end_call.html", call=call, verb=CALLS[verb], form=form, counts=counts
    )


@bp.get("/calls/<int:call_id>/end/<any(cancel, annul):verb>")
@permit(Permission.CALL_PUBLISH, load_call)
def end(call: Call, verb: str) -> Answer:
    """Say what ending the call does, and ask for the act."""
    CALL.find(CALLS[verb].move, call.state)
    return _call_page(call, verb, CancelForm())


@bp.post("/calls/<int:call_id>/end/<any(cancel, annul):verb>")
@writes
@permit(Permission.CALL_PUBLISH, load_call)
def end_call(call: Call, verb: str) -> Answer:
    """Cancel or annul the call."""
    target = url_for("calls.manage", call_id=call.id)
    return _decided(call, CALLS[verb], partial(_call_page, call, verb), target)


# -- an application ----------------------------------------------------------------------------


def load_application(proposal_id: int, verb: str) -> tuple[Proposal, str]:
    """Give an application, and the verb of the address."""
    return load_for_office(proposal_id), verb


def _application_page(proposal: Proposal, verb: str, form: CancelForm) -> str:
    return render_template(
        "reviews/decide.html", proposal=proposal, verb=APPLICATIONS[verb], form=form
    )


@bp.get("/proposals/<int:proposal_id>/by-act/<any(exclude, review):verb>")
@permit(Permission.PROPOSAL_DECIDE, load_application)
def decide(proposal: Proposal, verb: str) -> Answer:
    """Ask for the act and the reason."""
    PROPOSAL.find(APPLICATIONS[verb].move, proposal.state)
    return _application_page(proposal, verb, CancelForm())


@bp.post("/proposals/<int:proposal_id>/by-act/<any(exclude, review):verb>")
@writes
@permit(Permission.PROPOSAL_DECIDE, load_application)
def decide_by_act(proposal: Proposal, verb: str) -> Answer:
    """Exclude the application, or take it back into the check."""
    target = url_for("proposals.manage_show", proposal_id=proposal.id)
    return _decided(
        proposal, APPLICATIONS[verb], partial(_application_page, proposal, verb), target
    )
