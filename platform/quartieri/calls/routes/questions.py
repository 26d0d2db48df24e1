"""Questions to the office: asking, reading the answers, answering."""

from __future__ import annotations

from flask import flash, request, url_for
from flask_babel import gettext as _

from quartieri.calls import queries
from quartieri.calls.actions import questions
from quartieri.calls.forms.public import AnswerForm, QuestionForm, QuestionsUntilForm
from quartieri.calls.models import Call, CallQuestion
from quartieri.calls.queries import questions as reading
from quartieri.calls.routes.blueprint import Answer, bp, draw, load
from quartieri.calls.routes.follow import known_address, own_address
from quartieri.calls.rules import takes_questions
from quartieri.db import db, writes
from quartieri.extensions import limiter
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.kit.formats import language
from quartieri.kit.numbers import page_number
from quartieri.people.access import actor, current_now, permit, public, scopes_with
from quartieri.people.letters_sent import look_at_mail
from quartieri.people.rules import Permission

# -- for everyone ------------------------------------------------------------------------------


@bp.get("/calls/<slug>/questions")
@public
def questions_page(slug: str) -> Answer:
    """List the published answers, and the form while questions are taken."""
    call = queries.public_call(db.session(), slug)
    return _questions(call, QuestionForm(data=known_address()))


@bp.post("/calls/<slug>/questions")
@limiter.limit("10 per hour")
@writes
@public
def ask(slug: str) -> Answer:
    """Keep a question; the office reads it once its address is confirmed."""
    call = queries.public_call(db.session(), slug)
    form = QuestionForm()
    if not form.validate_on_submit():
        return _questions(call, form), 422
    email, own = form.email.data, own_address(form.email.data)
    try:
        questions.ask(
            db.session(),
            call,
            text=form.text.data,
            email=email,
            language=language(),
            at=current_now(),
            own=own,
        )
    except DomainError as error:
        form.say(error)
        return _questions(call, form), error.status
    if own:
        flash(_("Your question is with the office. The answer comes to your address."), "success")
        return seeother(url_for("calls.questions_page", slug=call.slug))
    return look_at_mail(email)


def _questions(call: Call, form: QuestionForm) -> str:
    return draw(
        "calls/questions.html",
        call=call,
        form=form,
        answered=reading.answered(db.session(), call),
        taken=takes_questions(call.state, call.questions_until, current_now()),
    )


@bp.get("/calls/questions/<code>")
@public
def question_link(code: str) -> Answer:
    """Ask for one click: mail programs open links, and a GET changes nothing."""
    question = reading.question_by_code(db.session(), code)
    return draw("calls/question_link.html", question=question, call=question.call)


@bp.post("/calls/questions/<code>")
@writes
@public
def question_confirm(code: str) -> Answer:
    """Hand the question on to the office."""
    session = db.session()
    question = questions.confirm_question(
        session, reading.question_by_code(session, code), at=current_now()
    )
    flash(_("Your question is with the office. The answer comes to your address."), "success")
    return seeother(url_for("calls.questions_page", slug=question.call.slug))


# -- for the office ----------------------------------------------------------------------------


@bp.get("/manage/questions")
@permit(Permission.QUESTION_ANSWER)
def inbox() -> Answer:
    """List the questions of all calls in scope, those that wait first."""
    return _inbox(None)


@bp.get("/manage/calls/<int:call_id>/questions")
@permit(Permission.QUESTION_ANSWER, load)
def call_inbox(call: Call) -> Answer:
    """List one call's questions, and until when it takes them."""
    return _inbox(call, QuestionsUntilForm(until=call.questions_until))


@bp.post("/manage/calls/<int:call_id>/questions")
@writes
@permit(Permission.QUESTION_ANSWER, load)
def set_questions_until(call: Call) -> Answer:
    """Set until when a call takes questions."""
    form = QuestionsUntilForm()
    if not form.validate_on_submit():
        return _inbox(call, form), 422
    questions.set_questions_until(
        db.session(), call, form.until.instant(), actor=actor(call), at=current_now()
    )
    flash(_("Saved."), "success")
    return seeother(url_for("calls.call_inbox", call_id=call.id))


def _inbox(call: Call | None, form: QuestionsUntilForm | None = None) -> str:
    found = reading.inbox(
        db.session(),
        scopes=scopes_with(Permission.QUESTION_ANSWER),
        call_id=call.id if call else None,
        waiting_only="waiting" in request.args,
        page=page_number(),
    )
    followed = reading.count_followers(db.session(), call) if call else 0
    return draw(
        "calls/inbox.html",
        found=found,
        call=call,
        form=form,
        followed=followed,
        waiting_only="waiting" in request.args,
    )


def _question(question_id: int) -> CallQuestion:
    return reading.question_by_id(db.session(), question_id)


@bp.get("/manage/questions/<int:question_id>")
@permit(Permission.QUESTION_ANSWER, _question)
def question(question: CallQuestion) -> Answer:
    """Show a question with the form of its answer."""
    form = AnswerForm(
        version=str(question.version),
        text=question.text or question.asked_text,
        answer=question.answer,
        published="no" if question.answered_at and not question.published else "yes",
    )
    return draw("calls/answer.html", question=question, call=question.call, form=form)


@bp.post("/manage/questions/<int:question_id>")
@writes
@permit(Permission.QUESTION_ANSWER, _question)
def answer(question: CallQuestion) -> Answer:
    """Answer, or correct an answer."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return draw("calls/answer.html", question=question, call=question.call, form=form), 422
    try:
        questions.answer(
            db.session(),
            question,
            text=form.text.data,
            words=form.answer.data,
            published=form.published.data == "yes",
            version=form.opened_on,
            actor=actor(question),
            at=current_now(),
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return (
            draw("calls/answer.html", question=question, call=question.call, form=form),
            error.status,
        )
    flash(_("The answer is sent to who asked."), "success")
    return seeother(url_for("calls.call_inbox", call_id=question.call_id))


@bp.post("/manage/questions/<int:question_id>/discard")
@writes
@permit(Permission.QUESTION_ANSWER, _question)
def discard_question(question: CallQuestion) -> Answer:
    """Put away what is no question."""
    questions.discard_question(db.session(), question, actor=actor(question), at=current_now())
    flash(_("Put away; nobody was told."), "success")
    return seeother(url_for("calls.call_inbox", call_id=question.call_id))
