"""Changing a form of a call while it is designed: pure, each verb gives another design.

Every verb works on the form written out, so the first one turns the standard form into the call's
own. Raises InvalidError for what would leave a form that contradicts itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from quartieri.calls.design import (
    CallDesign,
    DesignError,
    FormSection,
    Question,
    QuestionKind,
    Text,
    check_form,
)
from quartieri.calls.design.pages import STORY
from quartieri.kit.errors import InvalidError, NotFoundError
from quartieri.kit.labels import lazy
from quartieri.kit.slugs import slug_of

CODE_LIMIT = 36
MOST_QUESTIONS = 200


def question_of(design: CallDesign, key: str) -> Question:
    """Give a question of the form written out; raise NotFoundError."""
    for question in design.with_sections().questions:
        if question.key == key:
            return question
    raise NotFoundError(lazy("This question is not in the form any more."))


def section_of(design: CallDesign, key: str) -> FormSection:
    """Give a section of the form written out; raise NotFoundError."""
    for section in design.with_sections().sections:
        if section.key == key:
            return section
    raise NotFoundError(lazy("This section is not in the form any more."))


def places_of(design: CallDesign) -> tuple[FormSection, ...]:
    """Give the sections in which a new question can stand.

    A standard form without questions of the call's own gets a page for them with the first one.
    """
    sections = design.with_sections().sections
    if design.sections or sections[0].key == STORY.key:
        return sections
    return (STORY, *sections)


def new_question(
    design: CallDesign, kind: QuestionKind, section: str, label: Text
) -> tuple[CallDesign, str]:
    """Add a question at the end of a section; give the design and the question's key."""
    offered, design = places_of(design), design.with_sections()
    if section == STORY.key:
        design = replace(design, sections=offered)
    section_of(design, section)
    if len(design.questions) >= MOST_QUESTIONS:
        raise InvalidError(lazy("A form has at most %(most)s questions.", most=MOST_QUESTIONS))
    taken = {q.key for q in design.questions}
    key = free_code(label.get("it") or label.get("en") or kind.value, taken)
    question = Question(key=key, label=label, kind=kind, section=section)
    return _checked(design, questions=(*design.questions, question)), key


def change_question(design: CallDesign, key: str, question: Question) -> CallDesign:
    """Put a question in the place of the one with ``key``, which it keeps."""
    design = design.with_sections()
    question_of(design, key)
    section_of(design, question.section)
    changed = tuple(replace(question, key=key) if q.key == key else q for q in design.questions)
    return _checked(design, questions=changed)


def duplicate_question(design: CallDesign, key: str) -> tuple[CallDesign, str]:
    """Put a copy after a question; give the design and the copy's key."""
    design = design.with_sections()
    question = question_of(design, key)
    if question.kind.single:
        raise InvalidError(lazy("This kind of question is asked once in a form."))
    if len(design.questions) >= MOST_QUESTIONS:
        raise InvalidError(lazy("A form has at most %(most)s questions.", most=MOST_QUESTIONS))
    copied = free_code(key, {q.key for q in design.questions})
    found: list[Question] = []
    for one in design.questions:
        found.append(one)
        if one.key == key:
            found.append(replace(one, key=copied))
    return _checked(design, questions=tuple(found)), copied


def remove_question(design: CallDesign, key: str) -> CallDesign:
    """Take a question out; refused while something else is shown depending on its answer."""
    design = design.with_sections()
    question_of(design, key)
    depending = [
        q.label for q in design.questions if q.shown_if and key in q.shown_if.questions
    ] + [s.title for s in design.sections if s.shown_if and key in s.shown_if.questions]
    if depending:
        first = depending[0]
        raise InvalidError(
            lazy(
                "Another part of the form is shown depending on this answer: change that first:"
                " %(first)s",
                first=first.get("it") or first.get("en") or "–",
            )
        )
    return _checked(design, questions=tuple(q for q in design.questions if q.key != key))


def move_question(design: CallDesign, key: str, step: int) -> CallDesign:
    """Move a question one place up (-1) or down (+1), over the edge into the next section.

    At the end of the form nothing changes.
    """
    design = design.with_sections()
    question = question_of(design, key)
    order = {
        s.key: [q.key for q in design.questions if q.section == s.key] for s in design.sections
    }
    here = order[question.section]
    place = here.index(key) + step
    if 0 <= place < len(here):
        here.remove(key)
        here.insert(place, key)
        return arrange(design, order)
    names = list(order)
    beside = names.index(question.section) + step
    if not 0 <= beside < len(names):
        return design
    here.remove(key)
    there = order[names[beside]]
    there.insert(len(there) if step < 0 else 0, key)
    return arrange(design, order)


def arrange(design: CallDesign, order: Mapping[str, Sequence[str]]) -> CallDesign:
    """Put all questions in an order: the keys of each section's, by the section's key.

    Sections keep their own order. Raises InvalidError unless each question stands there once.
    """
    design = design.with_sections()
    by_key = {q.key: q for q in design.questions}
    named = [key for keys in order.values() for key in keys]
    if sorted(named) != sorted(by_key) or set(order) != {s.key for s in design.sections}:
        raise InvalidError(lazy("The form changed meanwhile: arrange it again."))
    questions = tuple(
        replace(by_key[key], section=section.key)
        for section in design.sections
        for key in order[section.key]
    )
    return _checked(design, questions=questions)


def new_section(design: CallDesign, title: Text) -> tuple[CallDesign, str]:
    """Add a section at the end; give the design and its key."""
    design = design.with_sections()
    taken = {s.key for s in design.sections}
    key = free_code(title.get("it") or title.get("en") or "section", taken)
    return _checked(design, sections=(*design.sections, FormSection(key, title))), key


def change_section(design: CallDesign, key: str, section: FormSection) -> CallDesign:
    """Put a section in the place of the one with ``key``, which it keeps."""
    design = design.with_sections()
    section_of(design, key)
    changed = tuple(replace(section, key=key) if s.key == key else s for s in design.sections)
    return _checked(design, sections=changed)


def remove_section(design: CallDesign, key: str) -> CallDesign:
    """Take a section out; refused while it holds questions, and for the last one."""
    design = design.with_sections()
    section_of(design, key)
    if any(q.section == key for q in design.questions):
        raise InvalidError(lazy("Move or delete the questions of this section first."))
    if len(design.sections) == 1:
        raise InvalidError(lazy("A form has at least one section."))
    return _checked(design, sections=tuple(s for s in design.sections if s.key != key))


def move_section(design: CallDesign, key: str, step: int) -> CallDesign:
    """Move a section, with its questions, one place up (-1) or down (+1)."""
    design = design.with_sections()
    sections = list(design.sections)
    here = next((n for n, s in enumerate(sections) if s.key == key), None)
    if here is None or not 0 <= here + step < len(sections):
        return design
    sections.insert(here + step, sections.pop(here))
    return _checked(design, sections=tuple(sections))


def free_code(words: str, taken: set[str]) -> str:
    """Make a code from words that is not in use."""
    bare = slug_of(words, most=CODE_LIMIT) or "question"
    found, number = bare, 2
    while found in taken:
        found, number = f"{bare[: CODE_LIMIT - 4]}-{number}", number + 1
    return found


def _checked(
    design: CallDesign,
    *,
    sections: tuple[FormSection, ...] | None = None,
    questions: tuple[Question, ...] | None = None,
) -> CallDesign:
    """Give the design with its questions in the order of the sections, if it makes sense."""
    sections = design.sections if sections is None else sections
    questions = design.questions if questions is None else questions
    places = {s.key: n for n, s in enumerate(sections)}
    ordered = tuple(sorted(questions, key=lambda q: places.get(q.section, len(places))))
    try:
        check_form(sections, ordered)
    except DesignError as error:
        raise InvalidError(
            lazy("The form would contradict itself: %(fault)s", fault=error.fault)
        ) from error
    return replace(design, sections=sections, questions=ordered)
