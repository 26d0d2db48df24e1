"""The blueprint, and what all its routes share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from quartieri.audit.rules import Actor, Role
from quartieri.db import db, get
from quartieri.extensions import services
from quartieri.files.actions import keep
from quartieri.files.models import StoredFile
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import NotFoundError, NotYoursError
from quartieri.kit.formats import language
from quartieri.kit.labels import Lazy, in_language, lazy
from quartieri.kit.money import Money
from quartieri.people import access
from quartieri.people.rules import COMMISSION, Permission
from quartieri.proposals.models import Attachment, IntegrationRequest, Proposal
from quartieri.proposals.queries import areas_of, draft_of
from quartieri.proposals.rules import PRIVATE_STATES, Problem, plan, problems

bp = Blueprint("proposals", __name__)

Answer = str | Response | tuple[str, int]


@bp.app_template_global("as_money")
def as_money(cents: int | None) -> Money | None:
    """Give cents as money, for the filters that show it."""
    return None if cents is None else Money(cents)


@bp.app_template_global("call_text")
def call_text(text: Mapping[str, str]) -> str:
    """Give a text of a call in the reader's language."""
    return in_language(text, language())


def nothing_here() -> NotFoundError:
    """Say that there is nothing, also of what must not be known."""
    return NotFoundError(lazy("There is nothing at this address."))


def load(proposal_id: int) -> Proposal:
    """Give an application by its id."""
    return get(db.session(), Proposal, proposal_id)


def load_for_office(proposal_id: int) -> Proposal:
    """Give an application that was submitted; a draft does not exist for officials.

    Whoever may read none is refused alike, whether the number exists or not. Who evaluates reads
    nothing through the office, whatever other role the same person holds.
    """
    if not access.allowed(Permission.PROPOSALS_READ):
        raise NotYoursError(lazy("Your role does not allow this page."))
    proposal = load(proposal_id)
    if proposal.state in PRIVATE_STATES:
        raise nothing_here()
    if access.actor(proposal).holds(*COMMISSION):
        raise NotYoursError(
            lazy(
                "You sit on this call's commission: you read its applications at your own desk, "
                "after you declared that no conflict of interest ties you to them."
            )
        )
    return proposal


def me(proposal: Proposal) -> Actor:
    """Give the applicant as who acts."""
    return access.actor(proposal, Role.APPLICANT)


def attachment_of(proposal: Proposal, attachment_id: int) -> Attachment:
    """Give a document of this application, of no other."""
    found = next((a for a in proposal.attachments if a.id == attachment_id), None)
    if found is None:
        raise nothing_here()
    return found


def answer_file_of(proposal: Proposal, request_id: int) -> IntegrationRequest:
    """Give an answered integration request with a file, of this application."""
    found = next((r for r in proposal.integrations if r.id == request_id), None)
    if found is None or found.answer_file is None:
        raise nothing_here()
    return found


def facts(proposal: Proposal) -> dict[str, Any]:
    """Give what the pages that show a whole application need."""
    session = db.session()
    areas = areas_of(session, proposal.call.authority_id)
    draft = draft_of(session, proposal, areas=areas)
    design = proposal.edition.design
    return {
        "proposal": proposal,
        "areas": areas,
        "draft": draft,
        "design": design,
        "plan": plan(design.money.rule, proposal.cost_cents, draft.money),
        "form_pages": design.form,
        "call_title": proposal.call.title(language()),
    }


def missing_in(known: dict[str, Any]) -> list[Problem]:
    """List what a whole application lacks, of what ``facts`` gives."""
    today = in_rome(access.current_now()).date()
    return problems(known["draft"], known["design"], today=today, language=language())


def keep_upload(upload: FileStorage, *, user_id: int, **limits: Any) -> StoredFile:
    """Check and keep an uploaded document; raise InvalidError."""
    most = services().settings.max_upload_bytes
    return keep(
        db.session(),
        services().storage,
        name=upload.filename or "",
        content=upload.read(),
        user_id=user_id,
        at=access.current_now(),
        **{"most_bytes": most, **limits},
    )


def session_name(proposal: Proposal) -> Lazy | None:
    """Name the session to which an application belongs, with its number."""
    if proposal.window is None:
        return None
    return lazy(
        "Protocol number %(number)s, session %(window)s of the call.",
        number=proposal.protocol_number,
        window=proposal.window.number,
    )


def view_arg(name: str) -> int:
    """Give a number of the address that is not the loader's."""
    value = (request.view_args or {}).get(name)
    if not isinstance(value, int):
        abort(404)
    return value
