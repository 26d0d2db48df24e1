"""A call's own form in the browser: every kind of question, conditions, files, new editions."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM, Actor, Role
from quartieri.calls.design import CallDesign
from quartieri.calls.models import CallEdition
from quartieri.kit.errors import IllegalMoveError
from quartieri.proposals import actions
from quartieri.proposals.models import Proposal, Snapshot
from quartieri.proposals.queries import draft_of, public_answers, snapshot_content
from quartieri.proposals.rules import CARRIED, ProposalState, answers_of, problems
from tests.doubles import NOW
from tests.factories.calls import make_published_call, ready_design
from tests.factories.proposals import make_draft

Opener = Callable[[Any], Any]
PDF = b"%PDF-1.4\n%%EOF\n"


def asked(key: str, section: str = "idea", **more: Any) -> dict[str, Any]:
    label = {"it": f"Domanda {key}?", "en": f"Question {key}?"}
    return {"key": key, "label": label, "section": section, **more}


SHOP = {"op": "is", "question": "kind", "value": "shop"}
OPTIONS = [
    {"code": "shop", "label": {"it": "Bottega", "en": "Shop"}},
    {"code": "square", "label": {"it": "Piazza", "en": "Square"}},
]
QUESTIONS = [
    asked("intro", kind="heading"),
    asked("kind", kind="choice", options=OPTIONS),
    asked("sign", kind="short_text", limit=20, shown_if=SHOP),
    asked("many", kind="choices", options=OPTIONS, required=False, public=True),
    asked("people", kind="number", least="2", most="10", public=True, personal=True),
    asked("rent", kind="money", required=False, most="100000"),
    asked("when", kind="date", earliest="2025-03-01"),
    asked("sure", kind="yes_no"),
    asked("swear", kind="declaration"),
    asked("plan", "more", kind="timetable", required=False),
    asked("goal", "more", kind="indicators", required=False),
    asked(
        "list",
        "more",
        kind="table",
        required=False,
        columns=[{"code": "data", "label": {"it": "Dato", "en": "Datum"}}],
    ),
    asked("paper", "more", kind="file", file_kinds=["pdf"], most="1", unlockable=True),
    asked("open", "shops", kind="long_text", unlockable=True),
    asked("where", "place", kind="place"),
    asked("who", "place", kind="members", required=False),
    asked(
        "costs",
        "cost",
        kind="budget",
        options=[
            {"code": "staff", "label": {"it": "Personale", "en": "Staff"}, "ceiling_share": "0.5"},
            {"code": "goods", "label": {"it": "Beni", "en": "Goods"}},
        ],
    ),
    asked("money", "cost", kind="sources"),
]
SECTIONS = [
    {"key": "idea", "title": {"it": "L'idea", "en": "The idea"}},
    {"key": "more", "title": {"it": "Ancora", "en": "More"}},
    {"key": "shops", "title": {"it": "Le botteghe", "en": "Shops"}, "shown_if": SHOP},
    {"key": "place", "title": {"it": "Dove", "en": "Where"}},
    {"key": "cost", "title": {"it": "Quanto", "en": "How much"}},
]
WHOLE: dict[str, dict[str, Any]] = {
    "idea": {
        "q_kind": "shop",
        "q_sign": "Da Ada",
        "q_many": ["square", "shop"],
        "q_people": "4",
        "q_rent": "1.000,00",
        "q_when": "2025-04-01",
        "q_sure": "no",
        "q_swear": "y",
    },
    "more": {
        "q_plan-0-c_what": "Lavori",
        "q_plan-0-c_start": "2025-05-01",
        "q_plan-0-c_end": "2025-06-01",
        "q_goal-0-c_what": "Visite",
        "q_goal-0-c_target": "100",
        "q_list-0-c_data": "una riga",
    },
    "shops": {"q_open": "Dalle 9 alle 18"},
    "place": {"q_where-place": "Via Padova", "q_where-months": "9"},
    "cost": {
        "q_costs-0-c_category": "staff",
        "q_costs-0-c_what": "Guida",
        "q_costs-0-c_amount": "8000",
        "q_costs-1-c_category": "goods",
        "q_costs-1-c_what": "Sedie",
        "q_costs-1-c_amount": "12000",
        "q_money-own_own": "2000",
        "q_money-requested": "18000",
    },
}


def formed(**over: Any) -> CallDesign:
    document = ready_design(campaigns=False).to_json()
    return CallDesign.from_json({**document, "sections": SECTIONS, "questions": QUESTIONS, **over})


@pytest.fixture
def draft(session: Session) -> Proposal:
    call = make_published_call(session, design=formed())
    return make_draft(session, call, whole=False)


def edit(browser: Any, proposal: Proposal, section: str, **data: Any) -> Any:
    return browser.post(
        f"/applications/{proposal.id}/edit/{section}",
        data=data,
        content_type="multipart/form-data",
    )


def fill_in(browser: Any, proposal: Proposal) -> None:
    """Send every page, and a paper."""
    for section, typed in WHOLE.items():
        files = {"q_paper": (BytesIO(PDF), "carta.pdf")} if section == "more" else {}
        answer = edit(browser, proposal, section, **typed, **files)
        assert answer.status_code == 303, (section, answer.text)
    own = {"title": "Bottega aperta", "summary": "Una bottega per la via."}
    assert edit(browser, proposal, "summary", **own).status_code == 303
    ticks = {"truth": "y", "rules": "y", "privacy": "y"}
    ticks |= {f"d_{d.code}": "y" for d in proposal.edition.design.declarations}
    assert edit(browser, proposal, "declarations", **ticks).status_code == 303


def lacks(session: Session, proposal: Proposal) -> set[str]:
    found = problems(draft_of(session, proposal), proposal.edition.design, today=NOW.date())
    return {p.field for p in found}


def test_every_kind_of_question_is_answered_page_by_page_and_submitted(
    session: Session, draft: Proposal, as_user: Opener
) -> None:
    browser = as_user(draft.owner)
    fill_in(browser, draft)
    for section in WHOLE:
        assert browser.get(f"/applications/{draft.id}/edit/{section}").status_code == 200
    assert lacks(session, draft) == set()
    page = browser.get(f"/applications/{draft.id}/review").text
    for word in ("Da Ada", "Bottega", "Visite", "carta.pdf", "Personale", "20.000,00"):
        assert word in page
    assert browser.get(f"/applications/{draft.id}").status_code == 200
    answer = browser.post(f"/applications/{draft.id}/submit", data={"version": str(draft.version)})
    assert answer.status_code == 303
    assert draft.state is ProposalState.SUBMITTED
    assert (draft.cost_cents, draft.own_cents, draft.months) == (20_000_00, 2_000_00, 9)
    assert [line.category for line in draft.budget] == ["staff", "goods"]
    content = snapshot_content(session, draft)
    assert content["answers"]["many"] == ["shop", "square"]
    assert content["answers"]["people"] == "4"
    assert content["answers"]["list"] == [{"data": "una riga"}]
    [paper] = content["attachments"]
    assert (paper["name"], paper["question"]) == ("carta.pdf", "paper")


def test_what_is_hidden_is_not_demanded_kept_in_the_draft_and_not_sent(
    session: Session, draft: Proposal, as_user: Opener
) -> None:
    browser = as_user(draft.owner)
    fill_in(browser, draft)
    assert edit(browser, draft, "idea", **{**WHOLE["idea"], "q_kind": "square"}).status_code == 303
    assert lacks(session, draft) == set()
    assert draft.answers["sign"] == "Da Ada"
    assert "/edit/shops" not in browser.get(f"/applications/{draft.id}").text
    page = browser.get(f"/applications/{draft.id}/review").text
    assert "Domanda open?" in page
    assert "Dalle 9 alle 18" not in page
    browser.post(f"/applications/{draft.id}/submit", data={"version": str(draft.version)})
    answers = snapshot_content(session, draft)["answers"]
    assert {"sign", "open"} & set(answers) == set()


def test_without_a_script_a_question_says_when_it_is_to_be_answered(
    draft: Proposal, as_user: Opener
) -> None:
    page = as_user(draft.owner).get(f"/applications/{draft.id}/edit/idea").text
    assert "“Domanda kind?”" in page
    assert 'data-when="{' in page
    assert "<script>" not in page


def test_files_are_of_the_kind_size_and_number_that_the_question_asks_for(
    session: Session, draft: Proposal, as_user: Opener
) -> None:
    browser = as_user(draft.owner)
    bad = {"q_paper": (BytesIO(b"plain words"), "carta.pdf")}
    answer = edit(browser, draft, "more", **WHOLE["more"], **bad)
    assert answer.status_code == 422
    assert "Lavori" in answer.text
    empty = edit(browser, draft, "more", q_paper=(BytesIO(b""), "carta.pdf"))
    assert "Questo file è vuoto" in empty.text
    assert draft.attachments == []
    two = [(BytesIO(PDF), "uno.pdf"), (BytesIO(PDF), "due.pdf")]
    assert edit(browser, draft, "more", q_paper=two).status_code == 303
    assert "paper" in lacks(session, draft)
    first = draft.attachments[0].id
    edit(browser, draft, "more", **{"q_paper-remove": str(first)})
    assert [a.file.name for a in draft.attachments] == ["due.pdf"]
    assert "paper" not in lacks(session, draft)


def test_ceilings_bounds_and_unreadable_figures_are_named(
    session: Session, draft: Proposal, as_user: Opener
) -> None:
    browser = as_user(draft.owner)
    fill_in(browser, draft)
    wrong = {"q_people": "molti", "q_rent": "1000,01", "q_when": "2025-02-28", "q_sign": "x" * 21}
    assert edit(browser, draft, "idea", **{**WHOLE["idea"], **wrong}).status_code == 303
    dear = {**WHOLE["cost"], "q_costs-0-c_amount": "15000"}
    assert edit(browser, draft, "cost", **dear).status_code == 303
    assert lacks(session, draft) == {"people", "rent", "when", "sign", "costs", "money"}
    page = browser.get(f"/applications/{draft.id}/edit/idea").text
    assert 'value="molti"' in page


def test_a_draft_follows_a_new_edition_with_every_answer(
    session: Session, draft: Proposal, as_user: Opener
) -> None:
    browser = as_user(draft.owner)
    fill_in(browser, draft)
    before = answers_of(draft_of(session, draft), draft.edition.design.form)
    changed = [
        {**q, "kind": "long_text"} if q["key"] == "people" else q
        for q in QUESTIONS
        if q["key"] not in {"rent", "paper", "who"}
    ]
    design = formed(questions=[*changed, asked("new", required=False)])
    edition = CallEdition(
        call_id=draft.call_id,
        number=2,
        design_json=design.to_json(),
        sha256=design.sha256(),
        published_at=NOW,
        act_id=draft.edition.act_id,
    )
    session.add(edition)
    session.flush()
    version = draft.version
    assert actions.carry_over(session, draft, edition, actor=SYSTEM, at=NOW) == 1
    assert draft.edition.number == 2
    assert draft.version == version + 1
    after = answers_of(draft_of(session, draft), design.form)
    kept = draft.answers[CARRIED]["kept"]
    assert [(k["question"]["key"], k["value"]) for k in kept] == [("rent", 1000_00)]
    assert after == {k: v for k, v in before.items() if k not in {"rent", "paper"}}
    assert [a.question for a in draft.attachments] == [""]
    page = browser.get(f"/applications/{draft.id}").text
    assert "Domanda rent?" in page
    assert "1.000,00" in page
    assert lacks(session, draft) == set()
    assert actions.carry_over(session, draft, edition, actor=SYSTEM, at=NOW) == 0
    browser.post(f"/applications/{draft.id}/submit", data={"version": str(draft.version)})
    assert draft.state is ProposalState.SUBMITTED
    assert "rent" not in snapshot_content(session, draft)["answers"]
    with pytest.raises(IllegalMoveError):
        actions.carry_over(session, draft, edition, actor=SYSTEM, at=NOW)


def test_two_tabs_on_one_page_of_the_call_keep_both_texts(draft: Proposal, as_user: Opener) -> None:
    browser = as_user(draft.owner)
    page = browser.get(f"/applications/{draft.id}/edit/shops").text
    mark = re.search(r'name="seen"[^>]*value="(\w+)"', page)
    assert mark is not None
    edit(browser, draft, "idea", q_kind="shop")
    first = edit(browser, draft, "shops", q_open="Prima", seen=mark[1])
    second = edit(browser, draft, "shops", q_open="Seconda", seen=mark[1])
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Prima" in second.text
    assert "Seconda" in second.text
    assert draft.answers["open"] == "Prima"


def test_an_integration_unlocks_what_the_call_says_and_nothing_else(
    session: Session, draft: Proposal, as_user: Opener
) -> None:
    browser = as_user(draft.owner)
    fill_in(browser, draft)
    browser.post(f"/applications/{draft.id}/submit", data={"version": str(draft.version)})
    officer = Actor(None, "Ufficio", frozenset({Role.OFFICER}))
    actions.start_check(session, draft, actor=officer, at=NOW)
    due = NOW + timedelta(days=10)
    actions.request_integration(
        session, draft, items="Gli orari e la carta.", due_at=due, actor=officer, at=NOW
    )
    page = browser.get(f"/applications/{draft.id}/integration").text
    assert "Domanda open?" in page
    assert "Domanda kind?" not in page
    address = f"/applications/{draft.id}/integration"
    refused = browser.post(address, data={"text": "Ecco", "q_open": ""})
    assert refused.status_code == 422
    assert draft.answers["open"] == "Dalle 9 alle 18"
    [old] = draft.attachments
    sent = {
        "q_open": "Dalle 8 alle 20",
        "q_kind": "square",
        "q_paper-remove": str(old.id),
        "q_paper": (BytesIO(PDF), "nuova.pdf"),
    }
    answer = browser.post(address, data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert (draft.answers["open"], draft.answers["kind"]) == ("Dalle 8 alle 20", "shop")
    assert [(a.file.name, a.question) for a in draft.attachments] == [("nuova.pdf", "paper")]
    first, second = session.scalars(
        sa.select(Snapshot.content)
        .where(Snapshot.proposal_id == draft.id)
        .order_by(Snapshot.number)
    )
    assert first["answers"]["open"] == "Dalle 9 alle 18"
    assert second["answers"]["open"] == "Dalle 8 alle 20"
    assert [a["name"] for a in first["attachments"]] == ["carta.pdf"]


def test_everyone_reads_only_what_the_call_made_public(
    session: Session, draft: Proposal, as_user: Opener
) -> None:
    browser = as_user(draft.owner)
    fill_in(browser, draft)
    browser.post(f"/applications/{draft.id}/submit", data={"version": str(draft.version)})
    assert public_answers(session, draft.id) == []
    draft.state = ProposalState.SELECTED
    session.flush()
    found = [(q.key, value) for q, value in public_answers(session, draft.id)]
    assert found == [("many", ["shop", "square"])]
    page = browser.get(f"/projects/{draft.slug}").text
    assert "Domanda many?" in page
    assert "Bottega" in page
    assert "Da Ada" not in page
    assert "Domanda people?" not in page
