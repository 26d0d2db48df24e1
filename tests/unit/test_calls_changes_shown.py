"""Changes in words: fields by name, items by title, values as people read them."""

from __future__ import annotations

from quartieri.calls.changes_shown import Line, shown
from quartieri.calls.rectifying import Change
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from tests.factories.calls import ready_design


def test_an_item_is_called_by_its_title_and_a_field_by_its_name() -> None:
    change = Change("/design/evaluation/criteria/impact/maximum", "60", "50")
    found = shown(change, ready_design(), language="it")
    assert found.way == (
        lazy("Evaluation"),
        lazy("Criterion"),
        "“Impatto”",
        lazy("Highest points"),
    )
    assert (found.before, found.after) == ((Line("60"),), (Line("50"),))


def test_an_item_that_nobody_knows_is_called_by_its_code() -> None:
    found = shown(Change("/design/questions/gone", {"key": "gone"}, None), language="it")
    assert found.way == (lazy("Question"), "gone")
    assert found.after == (Line(lazy("not stated")),)


def test_texts_show_both_languages_and_amounts_are_money() -> None:
    change = Change("/design/title", {"it": "Prima", "en": "Before"}, {"it": "Dopo"})
    found = shown(change, language="en")
    assert found.before == (Line("Prima", "it"), Line("Before", "en"))
    assert found.after == (Line("Dopo", "it"),)
    money = shown(Change("/endowment_cents", 100, None), language="en")
    assert money.before == (Line(Money(100)),)
    flag = shown(Change("/design/eligibility/alliance", False, True), language="en")
    assert (flag.before, flag.after) == ((Line(lazy("no")),), (Line(lazy("yes")),))


def test_a_code_is_said_in_words_and_an_unknown_one_as_it_is() -> None:
    change = Change("/design/campaign/mode", "all_or_nothing", "something_else")
    found = shown(change, language="en")
    assert found.way == (lazy("Campaign"), lazy("What is collected"))
    assert found.before == (Line(lazy("All or nothing: only if the target is reached")),)
    assert found.after == (Line("something_else"),)


def test_a_rule_of_another_kind_is_told_in_words() -> None:
    live = {"kind": "live_match", "live": {"factor": "2", "per_donation_cents": 100}}
    change = Change("/design/money/rule", {"kind": "direct"}, live)
    found = shown(change, language="en")
    assert found.before == (Line(lazy("Direct grant, without a campaign"), "", lazy("Kind")),)
    assert [(line.field, line.value) for line in found.after][1:] == [
        (lazy("Factor"), "2"),
        (lazy("Most matched of a donation"), Money(100)),
    ]
