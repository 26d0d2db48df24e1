"""The editor's fifth step: groups, stages, lists, quotas, ties; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls.design import Band, Division, Option, Part, Question, QuestionKind
from quartieri.calls.models import Call
from tests.factories.calls import make_call, make_published_call, ready_design
from tests.factories.people import make_official

AsUser = Callable[..., Any]
TITLES = {"code": "", "title_it": "Titolo", "title_en": "Title"}


def row(name: str, number: int, **values: str) -> dict[str, str]:
    return {f"{name}-{number}-{key}": value for key, value in (TITLES | values).items()}


WHOLE = {
    **row("groups", 0, title_it="Idea", minimum="12,5", gate="y"),
    **row("criteria", 0, title_it="Utile", maximum="10", step="0,5", bands_it="0-5: poco\r\n6: ok"),
    **row("criteria", 1, title_it="Nuova", maximum="20", weight="2"),
    **row("stages", 0, title_it="Prima", admitted="20", minimum_total="10"),
    **row("stages", 1, title_it="Finale", sheets="3"),
    "scoring": "points",
    "aggregation": "trimmed",
    "normalisation": "z",
    "not_applicable": "rescaled",
    "stated_total": "50",
    "sheets": "2",
    "blind": "y",
    "tie_1": "draw",
    "tie_2": "received",
    "draw_source_it": "Lotto",
    "draw_source_en": "Lottery",
    "places": "9",
    "lists_by": "cost",
    **row("lists", 0, title_it="Piccoli", to_amount="10.000", places="4"),
    **row("lists", 1, title_it="Grandi", from_amount="10.000,01", endowment="5000", flat="2500"),
    "quotas_by": "area",
    **row("quotas", 0, title_it="Centro", values="1, 2", places="2"),
    "when_money_runs_out": "skip",
}


def save(session: Session, call: Call, browser: Any, data: dict[str, str]) -> Any:
    session.refresh(call)
    path = f"/manage/calls/{call.id}/edit/evaluation"
    return browser.post(path, data=data | {"version": str(call.version)})


def test_rows_stand_in_the_places_that_are_typed(session: Session, as_user: AsUser) -> None:
    call = make_call(session)
    browser = as_user(make_official(session, Role.CALL_MANAGER, call.scope))
    titles = ("Utile", "Nuova", "Duratura", "Ultima")
    rows = [row("criteria", n, title_it=title) for n, title in enumerate(titles)]
    data = {key: text for one in rows for key, text in one.items()}
    for places, wanted in (
        (("1", "2", "1", ""), "Duratura Utile Nuova Ultima"),
        (("3", "2", "3", "4"), "Nuova Duratura Utile Ultima"),
        (("", "", "", ""), "Utile Nuova Duratura Ultima"),
    ):
        typed = {f"criteria-{n}-order": place for n, place in enumerate(places)}
        assert save(session, call, browser, data | typed).status_code == 303
        session.refresh(call)
        found = [c.title["it"] for c in call.design.evaluation.criteria]
        assert " ".join(found) == wanted
    assert save(session, call, browser, data | {"criteria-0-order": "0"}).status_code == 422


def test_the_question_that_decides_is_chosen_by_its_words(
    session: Session, as_user: AsUser
) -> None:
    options = (Option("small", {"it": "Piccola"}), Option("large", {"it": "Grande"}))
    band = Question("band", {"it": "Quale fascia?"}, kind=QuestionKind.CHOICE, options=options)
    call = make_call(session, design=ready_design(questions=(band,)))
    browser = as_user(make_official(session, Role.CALL_MANAGER, call.scope))
    rows = row("lists", 0, values="small") | row("lists", 1, title_it="Altre")
    chosen = {"lists_by": "question", "lists_question": "band"} | rows
    assert save(session, call, browser, WHOLE | chosen).status_code == 303
    session.refresh(call)
    assert call.design.evaluation.lists.question == "band"
    page = browser.get(f"/manage/calls/{call.id}/edit/evaluation").text
    assert '<option selected value="band">Quale fascia?</option>' in page
    assert "small (Piccola), large (Grande)" in page


def test_the_step_says_everything_that_the_rules_know(session: Session, as_user: AsUser) -> None:
    call = make_call(session)
    browser = as_user(make_official(session, Role.CALL_MANAGER, call.scope))
    assert save(session, call, browser, WHOLE).status_code == 303
    session.refresh(call)
    found = call.design.evaluation
    assert [(g.code, g.minimum, g.gate) for g in found.groups] == [("idea", Decimal("12.5"), True)]
    assert found.criteria[0].step == Decimal("0.5")
    assert found.criteria[0].bands == (
        Band(Decimal(0), Decimal(5), {"it": "poco"}),
        Band(Decimal(6), Decimal(6), {"it": "ok"}),
    )
    assert [(s.code, s.admitted, s.minimum_total, s.sheets) for s in found.stages] == [
        ("prima", 20, Decimal(10), 0),
        ("finale", None, None, 3),
    ]
    assert (found.aggregation, found.normalisation, found.not_applicable) == (
        "trimmed",
        "z",
        "rescaled",
    )
    assert (found.tie_break, found.blind, found.places) == (("draw",), True, 9)
    assert found.lists == Division(
        "cost",
        parts=(
            Part("piccoli", {"it": "Piccoli", "en": "Title"}, to_cents=10_000_00, places=4),
            Part(
                "grandi",
                {"it": "Grandi", "en": "Title"},
                from_cents=10_000_01,
                endowment_cents=5_000_00,
                flat_cents=2_500_00,
            ),
        ),
    )
    assert found.quotas.parts[0].values == ("1", "2")

    page = browser.get(f"/manage/calls/{call.id}/edit/evaluation").text
    assert "Lotto" in page
    again = WHOLE | {
        "criteria-0-code": "utile",
        "criteria-0-group": "idea",
        "criteria-1-code": "nuova",
        "groups-0-code": "idea",
        "stages-0-code": "prima",
        "stages-0-criteria": "utile",
    }
    assert save(session, call, browser, again).status_code == 303
    session.refresh(call)
    assert [(c.code, c.group) for c in call.design.evaluation.criteria] == [
        ("utile", "idea"),
        ("nuova", ""),
    ]
    assert call.design.evaluation.stages[0].criteria == ("utile",)


def test_guidance_that_cannot_be_read_comes_back_as_typed(
    session: Session, as_user: AsUser
) -> None:
    call = make_call(session)
    browser = as_user(make_official(session, Role.CALL_MANAGER, call.scope))
    data = WHOLE | {"criteria-0-bands_it": "da zero a cinque: poco"}
    answer = save(session, call, browser, data)
    assert answer.status_code == 422
    assert "da zero a cinque: poco" in answer.text


def test_the_frozen_rules_and_their_hash_are_public(session: Session, client: Any) -> None:
    call = make_published_call(session)
    answer = client.get(f"/calls/{call.slug}/evaluation.json").get_json()
    edition = call.editions[-1]
    assert answer["editions"][-1]["evaluation_sha256"] == edition.evaluation_sha256
    assert answer["editions"][-1]["evaluation"] == edition.design_json["evaluation"]
    assert edition.evaluation_sha256 in client.get(f"/calls/{call.slug}").text
