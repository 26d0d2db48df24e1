"""One page of a draft: shown, saved, its files added and taken off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from quartieri.calls.design import (
    ApplicationForm,
    FileKind,
    FormPage,
    FormSection,
    Question,
    QuestionKind,
)
from quartieri.db import db, writes
from quartieri.extensions import services
from quartieri.files.models import StoredFile
from quartieri.files.rules import PICTURES
from quartieri.kit.answers import seeother
from quartieri.kit.errors import ConflictError, DomainError
from quartieri.kit.formats import language
from quartieri.people.access import current_now, owner
from quartieri.proposals import actions
from quartieri.proposals.forms import (
    Making,
    SectionForm,
    build,
    build_page,
    field_name,
    read,
    read_page,
)
from quartieri.proposals.models import Proposal
from quartieri.proposals.queries import page_part, part_of
from quartieri.proposals.routes.blueprint import (
    Answer,
    bp,
    facts,
    keep_upload,
    load,
    me,
    missing_in,
    nothing_here,
)
from quartieri.proposals.rules import (
    AnswersPart,
    Draft,
    Part,
    ProposalState,
    Section,
    answer_to,
    mark_of,
    pages_of,
)
from quartieri.proposals.rules.form.onpage import Placed, placed

MEGABYTE = 1024 * 1024
FIRST = (Section.APPLICANT, Section.SUMMARY)


@dataclass(frozen=True, slots=True)
class Desk:
    """A draft and the page of it that is open: one of the call's own, or one that all have."""

    proposal: Proposal
    key: str
    page: FormPage | None

    @property
    def owner_id(self) -> int:
        """Whose draft it is."""
        return self.proposal.owner_id


def _desk(proposal_id: int, section: str) -> Desk:
    proposal = load(proposal_id)
    page = proposal.edition.design.form.page(section)
    own = section in set(Section) and section != Section.ATTACHMENTS
    if page is None and not own:
        raise nothing_here()
    return Desk(proposal, section, page)


class Work:
    """What showing and saving a page share: the form, what is on it, what it was read as."""

    def __init__(self, desk: Desk) -> None:
        """Build the form of the page."""
        self.desk = desk
        self.known = facts(desk.proposal)
        draft, design = self.known["draft"], self.known["design"]
        self.making = Making(draft, design, self.known["areas"], language())
        self.asked: list[Placed] = []
        self.form: SectionForm
        if desk.page is None:
            self.form = build(Section(desk.key), draft, design, language=language())
        else:
            self.asked = placed(draft, self.known["form_pages"], desk.page)
            part = page_part(draft, desk.page)
            self.form = build_page(self.asked, part, self.making)

    def read(self) -> Part:
        """Give what was typed."""
        if self.desk.page is None:
            return read(self.form, Section(self.desk.key), self.known["draft"])
        return read_page(self.form, self.asked, self.desk.page, self.making)

    def shown(self, *, saved: Part | None = None) -> str:
        """Draw the page; ``saved``: what another window saved meanwhile."""
        page = self.desk.page
        return render_template(
            "proposals/section.html" if page is None else "proposals/page.html",
            **self.known,
            section=Section(self.desk.key) if page is None else page.section,
            asked=self.asked,
            form=self.form,
            saved=saved,
            missing=[p for p in missing_in(self.known) if p.section == self.desk.key],
        )


@bp.get("/applications/<int:proposal_id>/edit/<section>")
@owner(_desk)
def edit(desk: Desk) -> Answer:
    """Show one page of a draft."""
    if desk.proposal.state is not ProposalState.DRAFT:
        return seeother(url_for("proposals.show", proposal_id=desk.proposal.id))
    return Work(desk).shown()


@bp.post("/applications/<int:proposal_id>/edit/<section>")
@writes
@owner(_desk)
def save(desk: Desk) -> Answer:
    """Save one page of a draft; incomplete is welcome, a file of the wrong kind is refused."""
    work = Work(desk)
    if not work.form.validate_on_submit():
        return work.shown(), 422
    try:
        _save(work)
    except ConflictError as error:
        work.form.say(error)
        saved = part_of(db.session(), desk.proposal, desk.key)
        assert saved is not None  # noqa: S101 -- the page exists: it was just saved
        work.form.seen.data = mark_of(saved)
        return work.shown(saved=saved), error.status
    except DomainError as error:
        work.form.say(error)
        return work.shown(), error.status
    flash(_("Saved."), "success")
    return seeother(_after_save(desk))


def _save(work: Work) -> None:
    proposal = work.desk.proposal
    actions.save(
        db.session(),
        proposal,
        work.read(),
        seen=work.form.seen.data or None,
        actor=me(proposal),
        at=current_now(),
    )
    for one in work.asked:
        if one.question.kind is QuestionKind.FILE:
            _save_files(work, one.question)


def _save_files(work: Work, question: Question) -> None:
    """Take off the files that were ticked, then add the new ones; DomainError at their field."""
    proposal, name = work.desk.proposal, field_name(question)
    ticked = set(request.form.getlist(f"{name}-remove"))
    for attachment in list(proposal.attachments):
        if attachment.question == question.key and str(attachment.id) in ticked:
            actions.detach(db.session(), attachment, proposal, at=current_now())
    for upload in _uploads(work.form[name].data):
        stored = _kept(upload, proposal, question)
        actions.attach(
            db.session(), proposal, stored, title="", at=current_now(), question=question.key
        )


def _kept(upload: FileStorage, proposal: Proposal, question: Question) -> StoredFile:
    """Check and keep a file that answers a question; DomainError at its field."""
    try:
        return keep_upload(upload, user_id=proposal.owner_id, **_limits(question))
    except DomainError as error:
        error.field = field_name(question)
        raise


def _uploads(sent: Sequence[Any] | None) -> list[FileStorage]:
    return [one for one in sent or () if isinstance(one, FileStorage) and one.filename]


def _limits(question: Question) -> dict[str, Any]:
    """Give what the question allows of a file, within what the installation takes."""
    allowed = {"application/pdf"} if FileKind.PDF in question.takes else set()
    if FileKind.PICTURE in question.takes:
        allowed |= PICTURES
    most = services().settings.max_upload_bytes
    if question.file_megabytes:
        most = min(most, question.file_megabytes * MEGABYTE)
    signed = FileKind.SIGNED in question.takes
    return {"allowed": allowed, "signed": signed, "most_bytes": most}


def _after_save(desk: Desk) -> str:
    number = desk.proposal.id
    then = request.form.get("then")
    if then == "stay":
        return url_for("proposals.edit", proposal_id=number, section=desk.key)
    if then != "next":
        return url_for("proposals.show", proposal_id=number)
    known = facts(desk.proposal)
    form = known["form_pages"]
    order = [*(s.value for s in FIRST), *(p.section.key for p in form.pages)]
    order += [Section.ATTACHMENTS.value, Section.DECLARATIONS.value]
    later = order[order.index(desk.key) + 1 :]
    following = next((key for key in later if key in pages_of(known["draft"], form)), None)
    if following == Section.ATTACHMENTS:
        return url_for("proposals.attachments", proposal_id=number)
    if following is not None:
        return url_for("proposals.edit", proposal_id=number, section=following)
    return url_for("proposals.review", proposal_id=number)


class Unlocking:
    """Some questions of the form that are answered anew after the submission."""

    def __init__(
        self, proposal: Proposal, free: Callable[[Draft, ApplicationForm], list[Question]]
    ) -> None:
        """Build the form of the questions that ``free`` picks."""
        self.proposal, self.known = proposal, facts(proposal)
        draft = self.known["draft"]
        questions = free(draft, self.known["form_pages"])
        self.asked = [Placed(question) for question in questions]
        self.making = Making(draft, self.known["design"], self.known["areas"], language())
        part = AnswersPart({q.key: answer_to(draft, q) for q in questions})
        self.form = build_page(self.asked, part, self.making)

    def read(self) -> actions.Unlocked:
        """Give what was answered anew; raises InvalidError at a file that cannot be used."""
        questions = [one.question for one in self.asked]
        page = FormPage(FormSection("anew", {}), tuple(questions))
        part = read_page(self.form, self.asked, page, self.making)
        files: list[tuple[str, StoredFile]] = []
        removed: set[int] = set()
        for question in questions:
            if question.kind is not QuestionKind.FILE:
                continue
            name = field_name(question)
            removed |= {int(n) for n in request.form.getlist(f"{name}-remove") if n.isdecimal()}
            uploads = _uploads(self.form[name].data)
            files += [(question.key, _kept(one, self.proposal, question)) for one in uploads]
        answers = part.answers if isinstance(part, AnswersPart) else {}
        return actions.Unlocked(answers, tuple(files), frozenset(removed))
