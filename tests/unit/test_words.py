"""What a project's card says; without an application the sentences are the English ones."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from quartieri.kit.drawing import bar_of
from quartieri.kit.labels import LabelEnum
from quartieri.kit.money import Money
from quartieri.kit.words import SUMMARY, ProjectCard, bar_words, card_words, shortened, when_words

NOW = datetime(2025, 1, 28, 10, tzinfo=UTC)
NB = "\u00a0"


class Phase(LabelEnum):
    LIVE = "live", "Live"


@dataclass(frozen=True)
class Project:
    slug: str = "orto"
    title: str = "Orto"
    summary: str = "Un orto per tutti."
    place: str = "Via Padova"
    state: LabelEnum = Phase.LIVE
    deadline: datetime | None = NOW + timedelta(days=13)
    opens: datetime | None = None
    picture: int | None = None
    theme: str | None = None
    cost_cents: int = 26_000_00
    crowd_cents: int | None = 10_000_00
    offline_cents: int = 2_400_00
    threshold_cents: int = 13_000_00
    match_cents: int = 13_000_00
    match_counts: bool = False
    backers: int = 143


BADGE = Markup('<b class="q-tone-now">Live</b>')


def drawn(project: Project) -> ProjectCard:
    when = when_words(project, NOW)
    return card_words(
        project, ("/p/", ""), ("/p/", "/picture"), "/drawings.svg", badge=BADGE, when=when
    )


def euros(units: int) -> Money:
    return Money(units * 100)


def test_a_live_card_says_what_is_raised_what_is_missing_and_what_is_left() -> None:
    card = drawn(Project())
    assert card.url == "/p/orto"
    assert card.badge == BADGE
    assert card.raised == f"12.400{NB}€ from 143 people"
    assert card.threshold == f"600{NB}€ to go to the target"
    assert card.left == "Ends tra 13 giorni"
    assert card.cost == ""


def test_a_card_draws_its_parts_in_their_order() -> None:
    card = drawn(Project())
    assert card.bar == (
        '<svg role="none"><rect fill="url(#q-hatch)" x="50%" width="50%"/><rect width="38.4%"/>'
        '<rect class="q-bar-offline" x="38.4%" width="9.2%"/>'
        '<line x1="50%" x2="50%" y2="18"/></svg>'
    )
    assert card.pattern.startswith('<svg class="q-hue-')
    assert card.picture == ""
    assert drawn(replace(Project(), picture=7)).picture == "/p/orto/picture?v=7"


def test_a_card_whose_threshold_is_reached_says_so() -> None:
    card = drawn(Project(crowd_cents=13_000_00, offline_cents=0, backers=1))
    assert card.raised == f"13.000{NB}€ from 1 person"
    assert card.threshold == f"target of 13.000{NB}€ reached"
    assert "q-bar-city" in card.bar


def test_a_card_of_a_campaign_to_come_says_what_it_will_take() -> None:
    card = drawn(
        Project(crowd_cents=0, offline_cents=0, deadline=None, opens=NOW + timedelta(days=3))
    )
    assert (card.raised, card.threshold) == (f"target of 13.000{NB}€", "")
    assert card.left == "Starts tra 3 giorni"


def test_a_card_without_a_campaign_says_its_cost() -> None:
    card = drawn(Project(crowd_cents=None, cost_cents=12_400_50, deadline=None))
    assert card.cost == f"Cost: 12.400,50{NB}€"
    assert (card.raised, card.left, card.bar) == ("", "", "")


def test_a_long_summary_is_cut_after_a_word() -> None:
    text = "Un posto dove incontrarsi, imparare e riparare, " * 4
    short = shortened(text)
    assert len(short) <= SUMMARY + 1
    assert short.endswith(" …")
    assert text.startswith(short[:-2])
    assert shortened("Corto.") == "Corto."


def test_a_bar_says_its_share_of_the_target() -> None:
    threshold = euros(13_000)
    bar = bar_of(euros(10_000), euros(2_400), threshold, euros(26_000), euros(13_000))
    words = bar_words(bar, threshold, 143)
    assert words.share == f"95{NB}% of the target"
    assert words.threshold == f"600{NB}€ to go to the target"


def test_a_bar_without_known_backers_or_threshold_says_what_is_known() -> None:
    words = bar_words(bar_of(euros(500), None, None, None, None), None, None)
    assert words.raised == f"500{NB}€ raised"
    assert words.share == words.raised
    assert words.threshold == ""
