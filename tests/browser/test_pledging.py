"""Backing a project: in a minute on a phone, and whatever the bank says; taken back by a link."""

from __future__ import annotations

from tests.browser.company import Company
from tests.browser.pages.campaigns import Backer
from tests.browser.scene import Scene
from tests.browser.site import on_postgresql, on_sqlite

A_MINUTE = 60
CARD_SIGNS = len("42424242424242421230123")
"""Number, month and year, and the code: the provider's page moves on from one to the next."""
SECONDS_A_PAGE = 3
"""What a page may take to come on a phone, generously: the machine's part of the minute."""


@on_sqlite
def test_a_guest_backs_a_project_on_a_phone_in_under_a_minute(
    company: Company, scene: Scene
) -> None:
    """Three pages from the project's to the thanks, and a minute by what a person has to do.

    The minute is counted, not clocked: taps, signs typed and the words of the consent, each at its
    published pace (see `Thumb`), a card's 23 signs on the provider's page although the sandbox
    asks for none, and three seconds for each page to come. Whoever also reads the facts above the
    consent takes longer.
    """
    guest = company.on_a_phone()
    backer = Backer(guest, looked=True)
    guest.open(scene.live_project())
    begun = len(guest.pages)

    guest.email = "nadia@example.org"
    guest.press_sum(20)
    guest.fill({"email": guest.email, "name": "Nadia Neri"})
    guest.read("label[for=consent]")
    guest.fill({"consent": True})
    guest.press("Go on to save your card")
    guest.signs += CARD_SIGNS
    backer.card("succeeds")

    came = guest.pages[begun:]
    assert len(came) == len(("who and consent", "the provider's", "thank you")), came
    assert guest.typed == ["email", "name"]
    assert guest.seconds + SECONDS_A_PAGE * len(came) < A_MINUTE
    backer.counts()
    backer.look("pledge: counts, on a phone")
    assert any("20,00" in letter for letter in guest.letters())


@on_postgresql
def test_a_declined_card_is_told_and_the_next_one_counts(company: Company, scene: Scene) -> None:
    guest = Backer(company.visitor())
    guest.begin(scene.live_project(), 30, "Delia Decisa", "delia@example.org")
    for outcome in ("declined", "no_funds"):
        guest.card(outcome)
        guest.person.sees("The card was declined. You can choose again, or go back.")
        guest.person.sees("Save a card")
    assert guest.person.letters() == []
    guest.card("succeeds")
    guest.counts()
    assert len(guest.person.letters()) == 1
    assert scene.charges() == 0


@on_sqlite
def test_a_bank_that_asks_for_a_second_factor_is_refused_once_and_then_approved(
    company: Company, scene: Scene
) -> None:
    guest = Backer(company.visitor())
    guest.begin(scene.live_project(), 30, "Sara Sicura", "sara@example.org")
    guest.card("second_factor")
    guest.person.sees("Your bank asks: is it you?")
    guest.person.press("No, refuse")
    guest.person.sees("The card was declined. You can choose again, or go back.")
    guest.card("second_factor")
    guest.says_yes()
    guest.counts()
    assert len(guest.person.letters()) == 1


@on_postgresql
def test_a_pledge_is_cancelled_by_the_link_of_its_letter(company: Company, scene: Scene) -> None:
    project = scene.live_project()
    guest = Backer(company.visitor())
    guest.begin(project, 50, "Ida Incerta", "ida@example.org")
    guest.card("succeeds")
    guest.counts()
    # the letter is opened later, on another machine
    later = company.visitor()
    later.email = "ida@example.org"
    reader = Backer(later)
    reader.address = later.letter_link("/pledges/")
    reader.cancel()
    assert scene.charges() == 0
    assert any("Ida Incerta" in letter for letter in later.letters()[1:])
    later.open(reader.address)
    later.sees_not("Cancel the pledge")
    later.open(project)
    later.sees("Nobody yet: be the first.")
