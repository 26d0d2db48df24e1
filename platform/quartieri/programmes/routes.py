"""The officials' pages of the programme's tree: figures, new levels, budgets by act."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.acts.actions import record as record_act
from quartieri.acts.routes import typed_act
from quartieri.acts.rules import ActKind
from quartieri.db import db, get, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import ConflictError, DomainError
from quartieri.kit.fields import Form
from quartieri.kit.formats import language
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.people.access import actor, allowed, current_now, permit, scopes_with
from quartieri.people.models import Authority
from quartieri.people.queries import authorities
from quartieri.people.rules import Permission
from quartieri.programmes import actions, queries
from quartieri.programmes.forms import BudgetForm, LevelForm, LevelTextForm
from quartieri.programmes.models import ProgrammeLevel
from quartieri.programmes.rules import LevelFigures, LevelKind

bp = Blueprint("programmes", __name__, url_prefix="/manage/programmes")
blueprints = (bp,)

Answer = str | Response | tuple[str, int]
Line = tuple[int, LevelFigures]
"""A level with its depth in the tree."""


class LevelInScope:
    """A level as permissions see it."""

    def __init__(self, level: ProgrammeLevel) -> None:
        """Look up its authority."""
        self.level = level
        self.scope = get(db.session(), Authority, level.authority_id).scope


def _load(level_id: int) -> LevelInScope:
    return LevelInScope(queries.level(db.session(), level_id))


def _flat(levels: list[LevelFigures], depth: int = 0) -> list[Line]:
    found: list[Line] = []
    for level in levels:
        found.append((depth, level))
        found += _flat(level.children, depth + 1)
    return found


def _mine(permission: Permission) -> list[Authority]:
    scopes = scopes_with(permission)
    found = authorities(db.session())
    if scopes is None:
        return found
    ids = {s.authority_id for s in scopes}
    return [a for a in found if a.id in ids]


def draw(template: str, **given: object) -> str:
    """Draw a page with what all pages of the tree use."""
    return render_template(
        template, euros=lambda cents: None if cents is None else Money(cents), **given
    )


@bp.get("")
@permit(Permission.MONEY_READ)
def index() -> Answer:
    """Show the tree with the money of each level."""
    mine = _mine(Permission.MONEY_READ)
    trees = [(a, _flat(queries.tree(db.session(), a.id))) for a in mine]
    return draw("programmes/index.html", trees=trees)


@bp.get("/new")
@permit(Permission.PROGRAMME_EDIT)
def new() -> Answer:
    """Ask for a new level."""
    return draw("programmes/new.html", form=_new_form())


@bp.post("")
@writes
@permit(Permission.PROGRAMME_EDIT)
def create() -> Answer:
    """Add a level."""
    form = _new_form()
    if not form.validate_on_submit():
        return draw("programmes/new.html", form=form), 422
    session = db.session()
    authority = get(session, Authority, int(form.authority.data))
    parent = queries.level(session, int(form.parent.data)) if form.parent.data else None
    code, slug = form.code.data.strip(), _slug(form.code.data, form.title_it.data)
    try:
        _refuse_taken(authority.id, code, slug, parent)
        level = actions.create_level(
            session,
            authority_id=authority.id,
            kind=LevelKind(form.kind.data),
            code=code,
            slug=slug,
            parent=parent,
            actor=actor(authority),
            at=current_now(),
            **_texts(form),
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return draw("programmes/new.html", form=form), error.status
    flash(_("The level is there. Its budget is set by act."), "success")
    return seeother(url_for("programmes.level", level_id=level.id))


def _refuse_taken(authority_id: int, code: str, slug: str, parent: ProgrammeLevel | None) -> None:
    below = parent.id if parent else None
    for known in queries.levels(db.session(), authority_id):
        if known.slug == slug or (known.code == code and known.parent_id == below):
            raise ConflictError(lazy("A level with this code is there already."), field="code")


def _slug(code: str, title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{code} {title}".lower()).strip("-")[:80].strip("-") or "l"


WORDS = ("title_it", "title_en", "description_it", "description_en", "office")


def _texts(form: LevelTextForm) -> dict[str, Any]:
    words = {name: (form[name].data or "").strip() for name in WORDS}
    return {**words, "starts_on": form.starts_on.data, "ends_on": form.ends_on.data}


def _new_form() -> LevelForm:
    form = LevelForm()
    session = db.session()
    mine = [a for a in authorities(session) if allowed(Permission.PROGRAMME_EDIT, a)]
    form.authority.choices = [(str(a.id), a.name) for a in mine]
    form.kind.choices = [(k.value, _(k.label)) for k in LevelKind]
    form.parent.choices = [("", _("– the root –"))] + [
        (str(level.id), f"{'— ' * depth}{level.code} {level.title(language())}")
        for a in mine
        for depth, level in _flat(queries.tree(session, a.id))
        if not level.unknown
    ]
    if request.method == "GET" and request.args.get("below", "").isdecimal():
        form.parent.data = request.args["below"]
    return form


@bp.get("/<int:level_id>")
@permit(Permission.MONEY_READ, _load)
def level(found: LevelInScope) -> Answer:
    """Show one level: its figures, its texts, its budget."""
    return _page(found, BudgetForm(formdata=None, office=found.level.office), "")


@bp.post("/<int:level_id>")
@writes
@permit(Permission.PROGRAMME_EDIT, _load)
def save(found: LevelInScope) -> Answer:
    """Change texts, office and years."""
    form = LevelTextForm()
    if not form.validate_on_submit():
        return _page(found, form, "texts"), 422
    try:
        actions.edit_level(
            db.session(), found.level, _texts(form), actor=actor(found), at=current_now()
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _page(found, form, "texts"), error.status
    flash(_("Saved."), "success")
    return seeother(url_for("programmes.level", level_id=found.level.id))


@bp.post("/<int:level_id>/budget")
@writes
@permit(Permission.PROGRAMME_EDIT, _load)
def budget(found: LevelInScope) -> Answer:
    """Set the budget by act."""
    form = BudgetForm()
    if not form.validate_on_submit():
        return _page(found, form, "budget"), 422
    session, who, now = db.session(), actor(found), current_now()
    try:
        data = typed_act(form, user_id=who.user_id)
        act = record_act(session, found.level.authority_id, ActKind.BUDGET, data, actor=who, at=now)
        cents = form.budget.data.cents if form.budget.data else 0
        actions.set_budget(session, found.level, cents, act_id=act.id, actor=who, at=now)
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _page(found, form, "budget"), error.status
    flash(_("The budget is set."), "success")
    return seeother(url_for("programmes.level", level_id=found.level.id))


def _page(found: LevelInScope, form: Form, name: str) -> str:
    level = found.level
    lines = _flat(queries.tree(db.session(), level.authority_id))
    texts = {
        n: getattr(level, n) for n in LevelTextForm(formdata=None)._fields if n != "csrf_token"
    }
    return draw(
        "programmes/level.html",
        level=level,
        figures=next(f for _depth, f in lines if f.id == level.id),
        below=[f for _depth, f in lines if f.parent_id == level.id],
        above=next((f for _depth, f in lines if f.id == level.parent_id), None),
        texts=form if name == "texts" else LevelTextForm(formdata=None, data=texts),
        budget=form if isinstance(form, BudgetForm) else BudgetForm(formdata=None),
        opened=name,
        may_edit=allowed(Permission.PROGRAMME_EDIT, found),
    )
