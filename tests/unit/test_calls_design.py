"""A call's document: read, written, refused with the place of its fault."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.design import CallDesign, DesignError
from quartieri.calls.facts import known_facts
from quartieri.calls.forms.base import code_for
from quartieri.calls.shipped import template, templates
from quartieri.kit.errors import NotFoundError
from quartieri.kit.money import Money
from tests.factories.calls import ready_design


def test_a_document_survives_writing_and_reading() -> None:
    for design in (ready_design(), ready_design(campaigns=False), CallDesign()):
        again = CallDesign.from_json(json.loads(json.dumps(design.to_json())))
        assert again == design
        assert again.sha256() == design.sha256()


@given(st.decimals(min_value=0, max_value=1000, places=4), st.text(max_size=80))
def test_points_and_texts_survive_exactly(points: Decimal, text: str) -> None:
    design = ready_design()
    criterion = replace(design.evaluation.criteria[0], maximum=points)
    evaluation = replace(design.evaluation, criteria=(criterion,), tie_break=("protocol",))
    changed = replace(design, evaluation=evaluation, office=text)
    again = CallDesign.from_json(json.loads(json.dumps(changed.to_json())))
    assert again.evaluation.criteria[0].maximum == points
    assert again.office == text


def test_the_hash_changes_with_any_word() -> None:
    design = ready_design()
    assert replace(design, office="Altro ufficio").sha256() != design.sha256()


WRONG: list[tuple[Any, str]] = [
    ([], "/"),
    ({"titel": {}}, "/titel"),
    ({"title": "x"}, "/title"),
    ({"title": {"it": "x" * 201}}, "/title/it"),
    ({"title": {"fr": "x"}}, "/title/fr"),
    ({"sources": "x"}, "/sources"),
    ({"sources": [""]}, "/sources/0"),
    ({"eligibility": {"kinds": ["king"]}}, "/eligibility/kinds/0"),
    ({"eligibility": {"cost_max_cents": -1}}, "/eligibility/cost_max_cents"),
    ({"eligibility": {"cost_max_cents": 1.5}}, "/eligibility/cost_max_cents"),
    ({"eligibility": {"cost_max_cents": True}}, "/eligibility/cost_max_cents"),
    ({"eligibility": {"alliance": "yes"}}, "/eligibility/alliance"),
    ({"eligibility": {"own_share_min": 0.1}}, "/eligibility/own_share_min"),
    ({"eligibility": {"own_share_min": "NaN"}}, "/eligibility/own_share_min"),
    ({"eligibility": {"own_share_min": "1e99"}}, "/eligibility/own_share_min"),
    ({"questions": [{"key": "Ä"}]}, "/questions/0/key"),
    ({"questions": [{"key": "a", "limit": 0}]}, "/questions/0/limit"),
    ({"questions": [{"key": "a"}, {"key": "a"}]}, "/questions/1"),
    (
        {"evaluation": {"criteria": [{"code": "a", "maximum": "x"}]}},
        "/evaluation/criteria/0/maximum",
    ),
    ({"evaluation": {"tie_break": ["criterion:none"]}}, "/evaluation/tie_break/0"),
    ({"evaluation": {"when_money_runs_out": "pray"}}, "/evaluation/when_money_runs_out"),
    ({"money": {"rule": {}}}, "/money/rule/kind"),
    ({"money": {"rule": {"kind": "fixed_share"}}}, "/money/rule/crowdfunding_share"),
    ({"campaign": 60}, "/campaign"),
    ({"campaign": {"days": "60"}}, "/campaign/days"),
]


@pytest.mark.parametrize(("document", "pointer"), WRONG)
def test_a_bad_document_names_the_place_of_its_fault(document: Any, pointer: str) -> None:
    with pytest.raises(DesignError) as refused:
        CallDesign.from_json(document)
    assert (refused.value.pointer or "/") == pointer


def test_the_templates_follow_the_real_calls() -> None:
    found = {t.code: t for t in templates()}
    assert sorted(found) == [
        "alleanze-2024",
        "axto-3-03",
        "axto-4-01",
        "bilancio-partecipativo",
        "co-city",
        "contributo-semplice",
        "crowdfunding-civico-2020",
        "scuola-quartieri-2019",
        "scuola-quartieri-2024",
    ]
    figures = {}
    for code, one in found.items():
        rule = one.design.money.rule
        if rule is None:
            continue
        figures[code] = (
            one.endowment_cents,
            rule.crowdfunding_share,
            rule.grant_share,
            rule.grant_min_cents,
            rule.grant_cap_cents,
            one.design.eligibility.cost_max_cents,
        )
    half = Decimal("0.5")
    assert figures == {
        "alleanze-2024": (600_000_00, half, half, None, 50_000_00, 100_000_00),
        "axto-3-03": (200_000_00, None, None, 10_000_00, 20_000_00, None),
        "axto-4-01": (1_000_000_00, None, None, None, 100_000_00, None),
        "crowdfunding-civico-2020": (
            550_000_00,
            Decimal("0.4"),
            Decimal("0.6"),
            None,
            60_000_00,
            100_000_00,
        ),
        "scuola-quartieri-2019": (250_000_00, None, None, None, 25_000_00, None),
        "scuola-quartieri-2024": (750_000_00, None, Decimal("0.9"), 20_000_00, 30_000_00, None),
    }


@pytest.mark.parametrize("one", templates(), ids=lambda t: t.code)
def test_what_a_city_never_published_is_empty_in_its_template(one: Any) -> None:
    design: CallDesign = one.design
    evaluation = design.evaluation
    assert [c.maximum for c in evaluation.criteria if c.maximum] == []
    assert evaluation.minimum_total is None
    assert evaluation.sheets == 0
    assert evaluation.tie_break == ()
    assert evaluation.when_money_runs_out is None
    assert design.money.advance_share is None
    assert design.money.integration_days == 0
    assert not design.privacy_notice
    if design.campaign is not None:
        assert design.campaign.days == 60
        assert design.campaign.pledge_min_cents == 0
        assert design.campaign.grace_days == 0
    assert bool(design.sources) == (one.code != "contributo-semplice")


def test_a_vote_is_imported_and_the_training_stands_between_two_selections() -> None:
    found = {t.code: t.design.evaluation for t in templates()}
    imported = {code: [c.result for c in e.criteria if c.result] for code, e in found.items()}
    assert {code: one for code, one in imported.items() if one} == {
        "axto-4-01": ["points"],
        "bilancio-partecipativo": ["votes"],
    }
    assert [s.admitted for s in found["scuola-quartieri-2019"].run] == [20, None]


def test_templates_whose_later_phase_is_not_built_say_so_in_both_languages() -> None:
    said = {t.code: sorted(t.notice) for t in templates() if t.notice}
    assert said == {
        code: ["en", "it"]
        for code in ("axto-4-01", "bilancio-partecipativo", "co-city", "scuola-quartieri-2019")
    }
    assert all(sorted(t.about) == sorted(t.design.title) == ["en", "it"] for t in templates())


def test_an_unknown_template_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        template("nessuno")


def test_a_code_is_made_from_the_title_and_never_twice() -> None:
    taken = {"qualita"}
    assert code_for("Qualità", taken, "x") == "qualita-2"
    assert code_for("?!", taken, "criterion") == "criterion"
    assert taken == {"qualita", "qualita-2", "criterion"}


def test_the_facts_of_a_past_edition_say_what_is_unknown() -> None:
    facts = {
        f.label.source: f
        for f in known_facts(
            {
                "published_on": "2015-11",
                "endowment_eur": 430000,
                "crowdfunding_share": 0.5,
                "application_windows": [{"opens": None, "closes": "2020-07-31T12:00"}],
                "applicants": ["enterprises"],
                "campaign_days": 40,
            }
        )
    }
    assert facts["Published"].text == "11/2015"
    assert facts["Endowment"].money == Money(430_000_00)
    assert facts["Share from the crowd"].share == Decimal("0.5")
    assert facts["Applications"].text == "… – 31/07/2020 12:00"
    assert facts["Who could apply"].words == ("enterprises",)
    assert facts["Days of a campaign"].text == "40"
    assert not facts["Granted by the city"].known
    assert "Largest grant" not in facts
