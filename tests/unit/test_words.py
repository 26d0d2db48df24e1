"""What a project's card says; without an application the sentences are the English ones."""

from datetime import UTC, datetime, timedelta

from quartieri.kit.drawing import bar_of
from quartieri.kit.labels import LabelEnum
from quartieri.kit.money import Money
from quartieri.kit.words import card_words

NOW = datetime(2025, 1, 28, 10, tzinfo=UTC)
NB = "\u00a0"


class Phase(LabelEnum):
    LIVE = "live", "Live"


def euros(units: int) -> Money:
    return Money(units * 100)


def test_a_live_card_says_what_is_raised_what_is_missing_and_what_is_left() -> None:
    threshold = euros(13_000)
    bar = bar_of(euros(10_000), euros(2_400), threshold, euros(26_000), euros(13_000))
    words = card_words(
        bar,
        now=lambda: NOW,
        state=Phase.LIVE,
        threshold=threshold,
        cost=euros(26_000),
        backers=143,
        deadline=NOW + timedelta(days=13),
    )
    assert words.state == "Live"
    assert words.raised == f"12.400{NB}€ from 143 people"
    assert words.threshold == f"600{NB}€ to go to the threshold"
    assert words.share == f"95{NB}% of the threshold"
    assert words.left == "Ends tra 13 giorni"
    assert words.cost == ""


def test_a_card_that_has_not_begun_says_its_threshold_and_when_it_begins() -> None:
    threshold = euros(18_000)
    bar = bar_of(euros(0), None, threshold, euros(36_000), euros(18_000))
    opens = NOW + timedelta(days=5)
    words = card_words(bar, now=lambda: NOW, threshold=threshold, backers=0, opens=opens)
    assert (words.raised, words.threshold) == (f"threshold of 18.000{NB}€", "")
    assert words.left == "Starts tra 5 giorni"


def test_a_card_whose_threshold_is_reached_says_so() -> None:
    threshold = euros(13_000)
    bar = bar_of(euros(13_000), None, threshold, euros(26_000), euros(13_000))
    words = card_words(bar, now=lambda: NOW, threshold=threshold, reached=True, backers=1)
    assert words.raised == f"13.000{NB}€ from 1 person"
    assert words.threshold == f"threshold of 13.000{NB}€ reached"


def test_a_card_without_known_backers_or_threshold_says_what_is_known() -> None:
    words = card_words(bar_of(euros(500), None, None, None, None), now=lambda: NOW)
    assert words.raised == f"500{NB}€ raised"
    assert words.share == words.raised
    assert words.threshold == ""


def test_a_card_without_a_campaign_says_its_cost() -> None:
    words = card_words(None, now=lambda: NOW, cost=Money(1_240_050))
    assert words.cost == f"Cost: 12.400,50{NB}€"
    assert (words.raised, words.left, words.state) == ("", "", "")
