"""Whatever the server accepts at submission, the page's own attributes allow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

from flask import Flask, render_template_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quartieri.calls.design import CallDesign, Question, QuestionKind
from quartieri.proposals.forms import Making, build_page, field_name
from quartieri.proposals.queries import page_part
from quartieri.proposals.rules import Draft, answer_to, plan, problems, shown_in
from quartieri.proposals.rules.form.onpage import placed
from quartieri.proposals.rules.form.values import read_answer
from tests.factories.forms import BLANK, ELIGIBILITY, designs, filled, raw_answers

PAGE = """{% from "proposals/_questions.html" import ask %}{% for one in asked %}
{{ ask(one, form, proposal, draft, design, plan, form_pages) }}{% endfor %}"""


class Controls(HTMLParser):
    """The inputs, text areas and lists of a page, with what they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given_now = dict(attrs)
        if tag in {"input", "textarea", "select"}:
            self.found.append({"tag": tag, "text": "", "options": [], **given_now})
        elif tag == "option":
            self.found[-1]["options"].append(given_now)

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1]["tag"] == "textarea":
            self.found[-1]["text"] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.found.append({"tag": "end", "text": "", "options": []})


def drawn(app: Flask, design: CallDesign, draft: Draft) -> dict[str, list[dict[str, Any]]]:
    """Draw every page; give the controls of each question."""
    form, by_key = design.form, {}
    with app.test_request_context("/"):
        for page in form.pages:
            asked = placed(draft, form, page)
            made = build_page(asked, page_part(draft, page), Making(draft, design, (), "it"))
            for one in asked:
                html = render_template_string(
                    PAGE,
                    asked=[one],
                    form=made,
                    proposal=SimpleNamespace(attachments=[], id=1),
                    draft=draft,
                    design=design,
                    plan=plan(None, 0, draft.money),
                    form_pages=form,
                )
                parser = Controls()
                parser.feed(html)
                name = field_name(one.question)
                by_key[one.question.key] = [
                    c for c in parser.found if str(c.get("name", "")).startswith(name)
                ]
    return by_key


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def allowed(control: Mapping[str, Any]) -> bool:
    """Say whether a browser would let a control hold what it holds."""
    held = control["text"].removeprefix("\r").removeprefix("\n") or control.get("value") or ""
    limit = control.get("maxlength") or control.get("data-limit")
    if limit is not None and units(held.replace("\r\n", "\n")) > int(limit):
        return False
    if control.get("type") == "date" and held:
        low, high = control.get("min") or held, control.get("max") or held
        return date.fromisoformat(held).isoformat() == held and low <= held <= high
    return True


def test_what_the_server_accepts_the_page_allows(app: Flask) -> None:
    @given(filled())
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def check(made: tuple[CallDesign, Draft, Mapping[str, Any]]) -> None:
        design, draft, read = made
        refused = {p.field for p in problems(draft, design, today=date(2026, 2, 3))}
        shown = shown_in(draft, design.form)  # what is hidden is not sent
        for key, controls in drawn(app, design, draft).items():
            question = design.form.by_key[key]
            if key in shown and key not in refused:
                assert all(allowed(control) for control in controls), (question, read.get(key))
                _holds(question, answer_to(draft, question), controls)

    check()


def _holds(question: Question, value: Any, controls: list[dict[str, Any]]) -> None:
    """Check that a choice that was accepted is one that the page offers."""
    if value is None or not question.kind.chosen:
        return
    offered = {c.get("value") for c in controls} | {
        o.get("value") for c in controls for o in c["options"]
    }
    assert set([value] if isinstance(value, str) else value) <= offered


def test_what_a_page_sends_comes_back_as_it_was_read(app: Flask) -> None:
    @given(st.data(), designs(most=3))
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def check(data: st.DataObject, design: CallDesign) -> None:
        draft = BLANK
        for question in design.form.questions:
            if question.kind in {QuestionKind.SHORT_TEXT, QuestionKind.LONG_TEXT}:
                value = read_answer(question, ELIGIBILITY, data.draw(raw_answers(question)))
                draft = Draft(draft.applicant, answers={question.key: value} if value else {})
                [control] = drawn(app, design, draft).get(question.key, [None])
                if control is not None:
                    held = control["text"].removeprefix("\r\n").removeprefix("\n")
                    shown = held if control["tag"] == "textarea" else control.get("value") or ""
                    assert read_answer(question, ELIGIBILITY, shown) == value

    check()
