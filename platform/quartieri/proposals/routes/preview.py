"""The form of a draft call as an applicant would see it: on a desk and on a telephone.

The pages are the applicant's own, drawn for an application that is nowhere kept.
"""

from __future__ import annotations

from flask import make_response, render_template
from werkzeug.wrappers import Response

from quartieri.calls.design import FormPage
from quartieri.calls.models import Call
from quartieri.calls.queries import call_by_id
from quartieri.db import db
from quartieri.extensions import services
from quartieri.kit.formats import language
from quartieri.kit.policy import page_policy
from quartieri.people.access import current_now, permit
from quartieri.people.rules import OrganisationKind, Permission
from quartieri.proposals.forms import Making, build_page
from quartieri.proposals.models import Proposal
from quartieri.proposals.queries import areas_of, page_part
from quartieri.proposals.routes.blueprint import Answer, bp, nothing_here
from quartieri.proposals.rules import ApplicantPart, Draft, plan
from quartieri.proposals.rules.form.onpage import Placed, placed


def _load(call_id: int) -> Call:
    return call_by_id(db.session(), call_id)


def _load_page(call_id: int, section: str) -> tuple[Call, FormPage]:
    call = _load(call_id)
    page = call.design.form.page(section)
    if page is None:
        raise nothing_here()
    return call, page


@bp.get("/manage/calls/<int:call_id>/preview")
@permit(Permission.MANAGE_READ, _load)
def preview(call: Call) -> Response:
    """Show every page of the form in two frames: as wide as a desk, as narrow as a telephone."""
    pages = call.design.form.pages
    answer = make_response(render_template("proposals/preview.html", call=call, pages=pages))
    origins = services().settings.checkout_origins
    answer.headers["Content-Security-Policy"] = page_policy(origins, frames=True)
    return answer


@bp.get("/manage/calls/<int:call_id>/preview/<section>")
@permit(Permission.MANAGE_READ, _load_page)
def preview_page(call: Call, page: FormPage) -> Answer:
    """Draw one page as an applicant sees it; only our own pages may frame it."""
    design, now = call.design, current_now()
    areas = areas_of(db.session(), call.authority_id)
    kind = next(iter(design.eligibility.kinds), OrganisationKind.ASSOCIATION)
    draft = Draft(applicant=ApplicantPart(kind=kind), areas_exist=bool(areas))
    form_pages = design.form
    known = {one.question.key: one for one in placed(draft, form_pages, page)}
    asked = [known.get(q.key) or Placed(q) for q in page.questions]
    drawn = render_template(
        "proposals/page.html",
        proposal=Proposal(id=0, title="", saved_at=now),
        areas=areas,
        draft=draft,
        design=design,
        plan=plan(design.money.rule, 0, draft.money),
        form_pages=form_pages,
        call_title=call.title(language()),
        section=page.section,
        asked=asked,
        form=build_page(asked, page_part(draft, page), Making(draft, design, areas, language())),
        saved=None,
        missing=(),
        preview=True,
    )
    answer = make_response(drawn)
    origins = services().settings.checkout_origins
    answer.headers["Content-Security-Policy"] = page_policy(origins, framed_here=True)
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer
