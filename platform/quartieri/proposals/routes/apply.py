"""From the call's page to a draft; the list of one's applications."""

from __future__ import annotations

import sqlalchemy as sa
from flask import flash, render_template, url_for
from flask_babel import gettext as _

from quartieri.calls.models import Call
from quartieri.calls.rules import PUBLIC_CALL_STATES
from quartieri.db import db, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, InvalidError
from quartieri.kit.formats import language
from quartieri.kit.labels import lazy
from quartieri.people.access import actor, current_now, signed_in, signed_in_user
from quartieri.people.actions import add_organisation
from quartieri.people.models import Organisation, User
from quartieri.people.queries import organisations_of
from quartieri.people.rules import OrganisationKind
from quartieri.proposals import actions
from quartieri.proposals.forms import ApplyForm
from quartieri.proposals.queries import applications_of, deadline_window, drafts_for_call
from quartieri.proposals.routes.blueprint import Answer, bp, nothing_here


def _call(slug: str) -> Call:
    call = db.session.scalars(
        sa.select(Call).where(
            Call.slug == slug, Call.state.in_(PUBLIC_CALL_STATES), sa.not_(Call.historical)
        )
    ).first()
    if call is None:
        raise nothing_here()
    return call


def _user() -> User:
    user = signed_in_user()
    if user is None:
        raise nothing_here()
    return user


@bp.get("/calls/<slug>/apply")
@signed_in
def apply(slug: str) -> Answer:
    """Ask for whom one applies."""
    return _page(_call(slug), _form(_call(slug)))


@bp.post("/calls/<slug>/apply")
@writes
@signed_in
def apply_submit(slug: str) -> Answer:
    """Start a draft for an organisation entered before, or for a new one."""
    call = _call(slug)
    form = _form(call)
    if not form.validate_on_submit():
        return _page(call, form), 422
    try:
        proposal = actions.start(
            db.session(),
            call,
            owner=_user(),
            organisation=_organisation(form),
            actor=actor(call),
            at=current_now(),
        )
    except DomainError as error:
        form.say(error)
        return _page(call, form), error.status
    flash(_("Your draft is started. Nobody else can read it until you submit it."), "success")
    return seeother(url_for("proposals.show", proposal_id=proposal.id))


def _organisation(form: ApplyForm) -> Organisation:
    user = _user()
    if form.is_new:
        if not form.name.data:
            raise InvalidError(lazy("Write the name of who applies."), field="name")
        kind = OrganisationKind(form.kind.data)
        informal = kind is OrganisationKind.INFORMAL_GROUP
        return add_organisation(
            db.session(),
            user,
            kind=kind,
            name=form.name.data,
            tax_code=None if informal else form.tax_code.data,
            seat=form.seat.data,
            founded_on=None if informal else form.founded_on.data,
            actor=actor(),
            at=current_now(),
        )
    chosen = db.session.get(Organisation, int(form.who.data))
    if chosen is None or chosen.owner_id != user.id:
        raise nothing_here()
    return chosen


def _form(call: Call) -> ApplyForm:
    form = ApplyForm()
    allowed = call.design.eligibility.kinds
    own = organisations_of(db.session(), _user().id)
    fitting = [o for o in own if not allowed or o.kind in allowed]
    form.offer([(str(o.id), f"{o.name} ({_(o.kind.label)})") for o in fitting], allowed)
    return form


def _page(call: Call, form: ApplyForm) -> str:
    session = db.session()
    allowed = call.design.eligibility.kinds
    own = organisations_of(session, _user().id)
    return render_template(
        "proposals/apply.html",
        call=call,
        call_title=call.title(language()),
        form=form,
        allowed=allowed,
        unfit=[o for o in own if allowed and o.kind not in allowed],
        drafts=drafts_for_call(session, _user().id, call.id),
        window=deadline_window(session, call.id, current_now()),
    )


@bp.get("/account/applications")
@signed_in
def mine() -> Answer:
    """List one's own applications, the last saved first."""
    found = applications_of(db.session(), _user().id)
    return render_template("proposals/mine.html", proposals=found, lang=language())
