"""How campaigns end: missed, saved after a bank's refusal, or topped up in the days of grace."""

from __future__ import annotations

from datetime import timedelta

from quartieri.gateways.sandbox.cards import REFUSED_LATER, SUCCEEDS
from tests.browser.company import Company
from tests.browser.pages.campaigns import Backer, CampaignDesk, CampaignOffice
from tests.browser.scene import COURTYARD, Scene
from tests.browser.site import on_sqlite

PROMISES = ((4_000_00, SUCCEEDS), (4_000_00, SUCCEEDS), (2_000_00, REFUSED_LATER))
"""They come to the target, but for one bank."""


@on_sqlite
def test_a_campaign_fails_and_all_are_told_that_nobody_pays(company: Company, scene: Scene) -> None:
    site, project = scene.site, scene.live_project()
    guest = Backer(company.visitor(), looked=True)
    guest.looked = False
    guest.begin(project, 1_000, "Fede Fiducia", "fede@example.org")
    guest.card("succeeds")
    guest.counts()
    site.go_to(scene.ends_at + timedelta(minutes=1))

    visitor = company.visitor()
    visitor.open(project)
    visitor.sees("Target missed")
    visitor.sees(
        "%(raised)s of the %(target)s needed. Nobody pays: who was not charged never will be, and"
        " what was charged goes back.",
        raised="1.000 €",
        target="10.000 €",
    )
    visitor.sees_not("Back this project")
    visitor.look("project, failed")

    guest.person.open(guest.person.letter_link("/pledges/"))
    guest.person.sees("You are not charged")
    guest.person.sees("The campaign did not collect its target of %(target)s.", target="10.000 €")
    guest.person.sees_not("Cancel the pledge")
    guest.person.look("pledge: released")
    assert scene.charges() == 0

    proposer = company["citizen"]
    assert any("1.000,00" in letter for letter in proposer.letters())
    CampaignDesk(proposer, COURTYARD.title).open()
    proposer.sees("Target missed")
    proposer.look("campaign: failed")
    office = CampaignOffice(company["manager"], COURTYARD.title)
    office.open()
    office.person.sees("Target missed")
    office.person.look("office: campaign, failed")


@on_sqlite
def test_a_refused_charge_is_rescued_with_another_method_and_the_campaign_succeeds(
    company: Company, scene: Scene
) -> None:
    site, project = scene.site, scene.live_project()
    scene.promise(*PROMISES)
    site.go_to(scene.ends_at + timedelta(days=1, hours=1))
    backer = Backer(company.visitor(), looked=True)
    person = backer.person
    person.email = "b2@example.org"
    letter = person.letters()[-1]
    assert "2.000,00" in letter
    assert letter.count("http") == letter.count(site.url), "it links to this site alone"

    backer.pay_in_person("2.000 €", "paypal")
    person.sees("Thank you: it is paid")
    site.work()
    person.open(person.letter_link("/pledges/").split("/receipts/")[0])
    backer.look("pledge: rescued, with its receipt")
    receipt = person.page.locator("main a[href*='/receipts/']").get_attribute("href")
    paper = person.context.request.get(f"{site.url}{receipt}")
    assert paper.headers["content-type"] == "application/pdf"
    site.go_to(scene.ends_at + timedelta(days=9))
    person.open(project)
    person.sees("Target reached")


@on_sqlite
def test_in_the_days_of_grace_another_gives_what_a_bank_refuses(
    company: Company, scene: Scene
) -> None:
    site = scene.site
    project = scene.live_project(top_up_in_grace=True)
    scene.promise(*PROMISES)
    site.go_to(scene.ends_at + timedelta(days=1, hours=1))
    neighbour = Backer(company.visitor(), looked=True)
    neighbour.top_up(project, 2_000, "Nadia Neri", "nadia@example.org")
    site.go_to(scene.ends_at + timedelta(days=9))
    neighbour.person.open(project)
    neighbour.person.sees("Target reached")
    neighbour.person.look("project, topped up")
