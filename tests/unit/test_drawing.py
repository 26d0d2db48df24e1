"""Where the parts of the progress bar stand, and which pattern is chosen."""

from quartieri.kit.drawing import Part, bar_of, pattern_of
from quartieri.kit.money import Money


def euros(units: int) -> Money:
    return Money(units * 100)


def test_a_campaign_below_its_threshold_shows_what_is_missing() -> None:
    bar = bar_of(euros(10_000), euros(2_400), euros(13_000), euros(26_000), euros(13_000))
    assert bar.crowd == Part("0%", "38.4%")
    assert bar.offline == Part("38.4%", "9.2%")
    assert bar.city == Part("50%", "50%")
    assert (bar.tick, bar.tick_anchor) == ("50%", "middle")
    assert bar.raised == euros(12_400)
    assert bar.missing == euros(600)
    assert bar.hundredths == 95


def test_money_beyond_the_threshold_pushes_the_citys_share_on() -> None:
    bar = bar_of(euros(30_000), None, euros(25_000), euros(50_000), euros(25_000))
    assert bar.city == Part("54.5%", "45.5%")
    assert bar.tick == "45.4%"
    assert bar.missing == euros(0)
    assert bar.hundredths == 120


def test_nothing_given_yet_draws_no_crowd() -> None:
    bar = bar_of(euros(0), euros(0), euros(13_000), euros(26_000), euros(13_000))
    assert bar.crowd is None
    assert bar.offline is None


def test_one_cent_can_be_seen() -> None:
    bar = bar_of(Money(1), None, euros(9_999_999), euros(9_999_999), None)
    assert bar.crowd == Part("0%", "0.4%")
    assert bar.city is None
    assert bar.tick_anchor == "end"


def test_unknown_figures_draw_what_is_known() -> None:
    bar = bar_of(euros(500), None, None, None, None)
    assert bar.crowd == Part("0%", "100%")
    assert bar.tick is None
    assert bar.hundredths == 0


def test_a_pattern_stays_the_same_and_a_theme_keeps_its_hue() -> None:
    assert pattern_of(7) == pattern_of(7)
    assert pattern_of("orto") == pattern_of("orto")
    assert pattern_of(1, "green")[1] == pattern_of(2, "green")[1]
    assert len({pattern_of(n) for n in range(72)}) == 72
