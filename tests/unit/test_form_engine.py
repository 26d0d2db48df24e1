"""Properties of the form engine, on generated forms and on whatever people type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from quartieri.calls.design import CallDesign, QuestionKind, can_hold, holds
from quartieri.proposals.rules import (
    Draft,
    answers_of,
    migrate,
    problems,
    shown_in,
    visible_pages,
)
from quartieri.proposals.rules.form.draft import condition_values
from quartieri.proposals.rules.form.onpage import placed
from quartieri.proposals.rules.form.values import raw_answer, read_answer
from tests.factories.forms import ELIGIBILITY, designs, filled

K = QuestionKind
generated = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
pytestmark = pytest.mark.soak


@given(filled())
@generated
def test_a_draft_stores_anything_and_shows_it_again(
    made: tuple[CallDesign, Draft, Mapping[str, Any]],
) -> None:
    design, draft, read = made
    found = answers_of(draft, design.form)
    assert {k: v for k, v in found.items() if design.form.by_key[k].kind is not K.FILE} == read
    assert json.loads(json.dumps(dict(found))) == found
    for key, value in read.items():
        question = design.form.by_key[key]
        for language in ("it", "en"):
            shown = raw_answer(question, value, language)
            assert read_answer(question, ELIGIBILITY, shown) == value


@given(filled())
@generated
def test_every_refusal_names_a_question_that_is_shown(
    made: tuple[CallDesign, Draft, Mapping[str, Any]],
) -> None:
    design, draft, _read = made
    shown = shown_in(draft, design.form)
    pages = {p.section.key for p in visible_pages(draft, design.form)}
    own = {"applicant", "summary", "declarations"}
    for problem in problems(draft, design, today=date(2026, 2, 3)):
        assert problem.message.source
        if problem.section not in own:
            assert problem.field in shown
            assert problem.section in pages
            assert design.form.by_key[problem.field].section == problem.section


@given(filled())
@generated
def test_a_page_holds_all_that_is_shown_and_hides_by_the_same_rules(
    made: tuple[CallDesign, Draft, Mapping[str, Any]],
) -> None:
    design, draft, _read = made
    form, shown = design.form, shown_in(draft, design.form)
    values = condition_values(draft, form)
    for page in form.pages:
        here = {one.question.key: one for one in placed(draft, form, page)}
        assert {q.key for q in page.questions if q.key in shown} <= set(here)
        for key, one in here.items():
            # the script decides by what is on the page alone
            assert _shown_by_script(key, here, values) is (key in shown)
            assert one.shown is (key in shown)


def _shown_by_script(key: str, here: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    def answer(other: str) -> Any:
        if other not in here or not _shown_by_script(other, here, values):
            return None
        return values.get(other)

    return holds(here[key].when, answer)


@given(filled())
@generated
def test_what_is_shown_is_never_known_to_be_impossible(
    made: tuple[CallDesign, Draft, Mapping[str, Any]],
) -> None:
    design, draft, _read = made
    conditions = design.form.conditions
    assert all(can_hold(conditions[key], conditions) for key in shown_in(draft, design.form))


def words_of(value: Any) -> list[str]:
    """Give every word that is held in a value, figures by their digits."""
    if isinstance(value, Mapping):
        return [w for item in value.values() for w in words_of(item)]
    if isinstance(value, list | tuple):
        return [w for item in value for w in words_of(item)]
    return [str(value)]


@given(filled(), designs())
@generated
def test_editions_carry_a_draft_over_without_loss(
    made: tuple[CallDesign, Draft, Mapping[str, Any]], new: CallDesign
) -> None:
    old, draft, read = made
    result = migrate(old, new, answers_of(draft, old.form))
    assert set(result.answers) <= set(new.form.by_key)
    apart = {one.question.key: one.value for one in result.kept}
    for key, value in read.items():
        question = old.form.by_key[key]
        target = (
            new.form.of_kind(question.kind) if question.kind.single else new.form.by_key.get(key)
        )
        if key in apart:
            assert apart[key] == value
        else:
            assert target is not None
            carried = result.answers[target.key]
            assert carried == value or target in result.changed
            again = raw_answer(target, carried, "it")
            assert read_answer(target, ELIGIBILITY, again) == carried


@given(filled())
@generated
def test_the_same_edition_changes_nothing(
    made: tuple[CallDesign, Draft, Mapping[str, Any]],
) -> None:
    design, draft, read = made
    form = design.form
    offered = {q.key: {o.code for o in q.options} for q in form.questions if q.kind.chosen}
    fits = {
        key: value
        for key, value in read.items()
        if key not in offered or set(words_of(value)) <= offered[key]
    }
    result = migrate(design, design, answers_of(draft, design.form))
    assert {key: result.answers.get(key) for key in fits} == fits
    assert result.changed == ()
