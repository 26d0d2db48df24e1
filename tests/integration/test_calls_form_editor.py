"""The editor of the application form, through the pages: without scripts, and two tabs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls.arranging import question_of
from quartieri.calls.design import Condition, Op, QuestionKind
from quartieri.calls.models import Call
from tests.conftest import SiteClient
from tests.factories.call_forms import AsUser, text
from tests.factories.calls import make_call, make_published_call
from tests.factories.people import make_official, make_user

K = QuestionKind


@pytest.fixture
def call(session: Session) -> Call:
    return make_call(session)


@pytest.fixture
def office(session: Session, call: Call, as_user: AsUser) -> SiteClient:
    return as_user(make_official(session, Role.CALL_MANAGER, call.scope))


def base(call: Call) -> str:
    return f"/manage/calls/{call.id}/form"


def add(office: SiteClient, call: Call, label: str, kind: str, section: str = "story") -> str:
    answer = office.post(
        f"{base(call)}/questions",
        data={
            "q-version": str(call.version),
            "q-label": label,
            "q-kind": kind,
            "q-section": section,
        },
    )
    assert answer.status_code == 303, text(answer)
    return str(answer.headers["Location"]).rpartition("/")[2]


def press(office: SiteClient, call: Call, path: str) -> Any:
    return office.post(f"{base(call)}/{path}", data={"version": str(call.version)})


def test_the_step_shows_the_standard_form_until_it_is_changed(
    office: SiteClient, call: Call
) -> None:
    page = text(office.get(f"/manage/calls/{call.id}/edit/application"))
    assert call.design.sections == ()
    for name in ("Quale problema?", "Dove si svolge?", "Preventivo"):
        assert name in page
    add(office, call, "Quanti anni hai?", "number")
    assert call.design.sections[0].key == "story"


def test_every_kind_can_be_added_opened_and_saved(office: SiteClient, call: Call) -> None:
    for kind in QuestionKind:
        if kind.single:
            continue
        key = add(office, call, f"Domanda {kind.value}", kind.value)
        page = office.get(f"{base(call)}/questions/{key}")
        assert page.status_code == 200
        saved = office.post(
            f"{base(call)}/questions/{key}",
            data={
                "version": str(call.version),
                "kind": kind.value,
                "section": "story",
                "label_it": "Domanda",
                "label_en": "Question",
                "join": "all",
            },
        )
        assert saved.status_code == 303, text(saved)
        assert question_of(call.design, key).kind is kind


def test_a_question_is_designed_with_choices_bounds_flags_and_a_condition(
    office: SiteClient, call: Call
) -> None:
    shop = add(office, call, "Che cosa apri?", "choice")
    address = f"{base(call)}/questions/{shop}"
    given = {
        "version": str(call.version),
        "kind": "choice",
        "section": "story",
        "label_it": "Che cosa apri?",
        "label_en": "What do you open?",
        "required": "y",
        "join": "all",
        "options-0-label_it": "Bottega",
        "options-0-label_en": "Shop",
        "options-1-label_it": "Mercato",
        "options-1-label_en": "Market",
        "blind": "y",
        "unlockable": "y",
    }
    assert office.post(address, data=given).status_code == 303
    question = question_of(call.design, shop)
    assert [o.code for o in question.options] == ["bottega", "mercato"]
    assert (question.blind, question.unlockable, question.personal) == (True, True, False)
    metres = add(office, call, "Quanti metri?", "number")
    address = f"{base(call)}/questions/{metres}"
    given = {
        "version": str(call.version),
        "kind": "number",
        "section": "story",
        "label_it": "Quanti metri?",
        "label_en": "How many metres?",
        "least_number": "10",
        "most_number": "99,5",
        "join": "any",
        "rows-0-level": "1",
        "rows-0-op": "is",
        "rows-0-question": shop,
        "rows-0-value": "Bottega",
        "rows-1-level": "1",
        "rows-1-op": "not",
        "rows-2-level": "2",
        "rows-2-op": "answered",
        "rows-2-question": "problem",
    }
    assert office.post(address, data=given).status_code == 303
    question = question_of(call.design, metres)
    assert [str(question.least), str(question.most)] == ["10", "99.5"]
    assert question.shown_if == Condition(
        Op.ANY,
        of=(
            Condition(Op.IS, question=shop, value="bottega"),
            Condition(Op.NOT, of=(Condition(Op.ANSWERED, question="problem"),)),
        ),
    )
    page = text(office.get(address))
    assert 'value="Bottega"' in page
    assert 'value="99,5"' in page


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"rows-0-value": "Piscina"}, "non è una scelta"),
        ({"rows-0-level": "2"}, "Una riga sta più in profondità"),
        ({"least_number": "100", "most_number": "1"}, "contraddirebbe"),
    ],
)
def test_what_cannot_be_is_said_beside_the_rows_and_nothing_typed_is_lost(
    office: SiteClient, call: Call, over: dict[str, str], said: str
) -> None:
    shop = add(office, call, "Che cosa apri?", "choice")
    metres = add(office, call, "Quanti metri?", "number")
    given = {
        "version": str(call.version),
        "kind": "number",
        "section": "story",
        "label_it": "Quanti metri quadri, di preciso?",
        "join": "all",
        "rows-0-level": "1",
        "rows-0-op": "is" if "rows-0-value" in over else "answered",
        "rows-0-question": shop,
        **over,
    }
    answer = office.post(f"{base(call)}/questions/{metres}", data=given)
    assert answer.status_code in {400, 422}, text(answer)
    assert said in text(answer)
    assert "Quanti metri quadri, di preciso?" in text(answer)
    assert question_of(call.design, metres).label == {"it": "Quanti metri?"}


def test_the_button_that_moves_keeps_the_focus_and_says_where_the_question_is(
    office: SiteClient, call: Call
) -> None:
    answer = press(office, call, "questions/problem/down")
    assert answer.status_code == 303
    assert [q.key for q in call.design.questions][:2] == ["activities", "problem"]
    page = text(office.get(answer.headers["Location"]))
    assert re.search(r'id="down-question-problem" autofocus', page)
    assert "Spostata giù" in page
    assert "Quale problema? (domanda 2 di" in page


def test_a_question_is_copied_and_deleted(office: SiteClient, call: Call) -> None:
    assert press(office, call, "questions/problem/duplicate").status_code == 303
    assert [q.key for q in call.design.questions][:2] == ["problem", "problem-2"]
    assert press(office, call, "questions/problem-2/delete").status_code == 303
    assert "problem-2" not in {q.key for q in call.design.questions}
    assert office.get(f"{base(call)}/questions/problem-2").status_code == 404


def test_sections_are_added_renamed_moved_and_deleted(office: SiteClient, call: Call) -> None:
    added = office.post(
        f"{base(call)}/sections",
        data={"s-version": str(call.version), "s-title": "Il quartiere"},
    )
    assert added.status_code == 303
    assert press(office, call, "sections/il-quartiere/up").status_code == 303
    assert [s.key for s in call.design.sections][-2:] == ["il-quartiere", "money"]
    renamed = office.post(
        f"{base(call)}/sections/il-quartiere",
        data={"version": str(call.version), "title_it": "Il rione", "join": "all"},
    )
    assert renamed.status_code == 303
    assert press(office, call, "sections/money/delete").status_code == 303
    assert "money" in {s.key for s in call.design.sections}
    assert press(office, call, "sections/il-quartiere/delete").status_code == 303
    assert "il-quartiere" not in {s.key for s in call.design.sections}


def test_a_dragged_order_is_saved_whole_or_not_at_all(office: SiteClient, call: Call) -> None:
    form = call.design.with_sections()
    pairs = [f"{q.section}:{q.key}" for q in form.questions]
    turned = [pairs[1], pairs[0], *pairs[2:]]
    given = {"version": str(call.version), "order": turned, "moved": "problem"}
    assert office.post(f"{base(call)}/order", data=given).status_code == 303
    assert [q.key for q in call.design.questions][:2] == ["activities", "problem"]
    given = {"version": str(call.version), "order": turned[1:]}
    answer = office.post(f"{base(call)}/order", data=given)
    assert "è cambiato nel frattempo" in text(office.get(answer.headers["Location"]))
    assert len(call.design.questions) == len(pairs)


def test_two_tabs_do_not_overwrite_each_other(office: SiteClient, call: Call) -> None:
    opened = str(call.version)
    assert press(office, call, "questions/problem/down").status_code == 303
    given = {
        "version": opened,
        "kind": "long_text",
        "section": "story",
        "label_it": "La mia versione",
        "join": "all",
    }
    answer = office.post(f"{base(call)}/questions/activities", data=given)
    assert answer.status_code == 409
    assert "La mia versione" in text(answer)
    stale = office.post(f"{base(call)}/questions/activities/up", data={"version": opened})
    assert stale.status_code == 303
    given["version"] = str(call.version)
    assert office.post(f"{base(call)}/questions/activities", data=given).status_code == 303
    assert question_of(call.design, "activities").label["it"] == "La mia versione"


def test_the_checklist_is_saved_and_shows_what_other_rules_add(
    office: SiteClient, call: Call
) -> None:
    who = office.post(
        f"/manage/calls/{call.id}/edit/who",
        data={
            "version": str(call.version),
            "kinds": ["association", "informal_group"],
            "min_group_members": "2",
            "max_group_members": "12",
            "seat": "base_later",
            "double_funding": "",
            "signature": "hand",
            "stamp_duty": "exemptible",
            "member_data": ["tax_code"],
            "partners-0-least": "2",
            "partners-0-kinds": ["business"],
            "alliance": "y",
            "declarations-0-text_it": "Conosco il quartiere.",
            "declarations-0-text_en": "I know the neighbourhood.",
        },
    )
    assert who.status_code == 303, text(who)
    eligibility = call.design.eligibility
    assert [(p.least, p.kinds) for p in eligibility.partners] == [(2, ("business",))]
    assert [d.code for d in call.design.declarations] == [
        "conosco-il-quartiere",
        "auto-seat",
        "auto-stamp-duty",
    ]
    page = text(office.get(f"/manage/calls/{call.id}/edit/application"))
    assert "copia di un documento" in page
    saved = office.post(
        f"/manage/calls/{call.id}/edit/application",
        data={
            "version": str(call.version),
            "requirements-0-code": "applicant",
            "requirements-0-text_it": "Chi si candida può farlo",
            "requirements-1-text_it": "Tutto è firmato",
        },
    )
    assert saved.status_code == 303
    assert [r.code for r in call.design.checklist] == [
        "applicant",
        "tutto-e-firmato",
        "auto-seat",
        "auto-stamp-duty",
        "auto-signature",
    ]


def test_a_published_form_and_somebody_elses_call_are_closed(
    session: Session, as_user: AsUser, client: SiteClient
) -> None:
    call = make_published_call(session)
    office = as_user(make_official(session, Role.CALL_MANAGER, call.scope))
    assert office.get(f"{base(call)}/questions/problem").status_code == 409
    assert office.post(f"{base(call)}/sections/story").status_code == 409
    stranger = as_user(make_user(session))
    assert stranger.get(f"{base(call)}/questions/problem").status_code == 403
    assert stranger.post(f"{base(call)}/order").status_code == 403
