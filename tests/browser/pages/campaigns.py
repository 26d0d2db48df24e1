"""Campaigns: the proposer's page, the office's, the backer's way through the payment page."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from PIL import Image

from quartieri.kit.clock import in_rome
from tests.browser.pages.person import Person, Upload

STORY = """## Perché

Il cortile è chiuso da dieci anni.

## Che cosa facciamo

- panchine
- piante
- laboratori"""


def picture() -> Upload:
    """Give a picture of one colour."""
    out = BytesIO()
    Image.new("RGB", (1600, 900), (0, 90, 110)).save(out, "PNG")
    return Upload("cortile.png", "image/png", out.getvalue())


SURPLUS = "Altre panchine, e luci per la sera."


class CampaignDesk:
    """A proposer's own campaign."""

    def __init__(self, person: Person, title: str, *, looked: bool = False) -> None:
        """Keep the proposer and the project."""
        self.person, self.title, self.looked = person, title, looked

    def look(self, name: str) -> None:
        """Have the page checked, in the one campaign that is looked at."""
        if self.looked:
            self.person.look(name)

    def open(self) -> None:
        """Open it from the list of one's own campaigns."""
        self.person.open("/account/campaigns")
        self.look("my campaigns")
        self.person.follow(self.title)

    def complete(self, rewards: dict[str, int]) -> None:
        """Write the page and ask for approval."""
        person = self.person
        self.open()
        self.look("campaign: draft")
        person.follow("Edit the page")
        self.look("campaign: editor")
        self._save(
            "Title, picture and target",
            {"image": picture(), "image_text": "Il cortile visto dall'alto"},
        )
        self._save("The story", {"story": STORY})
        self._save("Money above the target", {"surplus": SURPLUS})
        for title, euros in rewards.items():
            person.follow("Rewards", exact=True)
            person.follow("Add a reward")
            person.fill({"title": title, "minimum": euros})
            person.press("Save", exact=True)
            person.follow("Back to the list")
        self.look("campaign: page written")
        person.follow("Preview")
        self.look("campaign: preview")
        person.follow("Back", exact=True)
        person.press("Ask for approval")

    def _save(self, part: str, values: dict[str, object]) -> None:
        self.person.follow(part, exact=True)
        self.look(f"campaign: {part}")
        self.person.fill(values)
        self.person.press("Save", exact=True)

    def lower_the_target(self, euros: str) -> None:
        """Try a target below the rule's minimum."""
        self.open()
        self.person.follow("Edit the page")
        self.person.follow("Title, picture and target", exact=True)
        self.person.fill({"target": euros})
        self.person.press("Save", exact=True, status=422)


class CampaignOffice:
    """A campaign as officials see it."""

    def __init__(self, person: Person, title: str) -> None:
        """Keep the official and the project."""
        self.person, self.title = person, title

    def open(self) -> None:
        """Open it from the list of campaigns."""
        self.person.open("/manage/campaigns")
        self.person.follow(self.title)

    def approve(self, starts_at: datetime) -> None:
        """Approve the page, to start at an instant."""
        self.open()
        self.person.unfold("Approve and schedule")
        self.person.fill({"starts_at": f"{in_rome(starts_at):%Y-%m-%dT%H:%M}"}, within="#approve")
        self.person.press("Approve", within="#approve", exact=True)

    def record_offline(self, euros: int, name: str) -> None:
        """Record money that came outside of the site."""
        self.open()
        self.person.unfold("Record an offline pledge")
        now = f"{in_rome(self.person.site.clock.now()):%Y-%m-%dT%H:%M}"
        self.person.fill(
            {
                "amount": euros,
                "name": name,
                "received_at": now,
                "evidence": "Ricevuta 12 del libro cassa",
            },
            within="#offline",
        )
        self.person.press("Record", within="#offline", exact=True)

    def confirm_offline(self) -> None:
        """Confirm the recorded pledge."""
        self.open()
        self.person.press("Confirm", within="main table")

    def record_payout(self, euros: str, reference: str) -> None:
        """Record that the crowd's money was paid to the proposer."""
        self.open()
        self.person.unfold("Record a payout to the proposer")
        self.person.fill({"amount": euros, "reference": reference}, within="#payout")
        self.person.press("Record the payout", within="#payout")


class Backer:
    """Somebody who backs a project, with or without an account."""

    def __init__(self, person: Person, *, looked: bool = False) -> None:
        """Keep who gives."""
        self.person, self.looked, self.address = person, looked, ""

    def look(self, name: str, *, reload: bool = True) -> None:
        """Have the page checked, on the one way that is looked at."""
        if self.looked:
            self.person.look(name, reload=reload)

    def begin(
        self,
        project: str,
        euros: int,
        name: str,
        email: str = "",
        *,
        button: str = "Go on to save your card",
    ) -> None:
        """Choose an amount, say who gives and agree; the provider's page comes."""
        person = self.person
        person.open(project)
        person.follow("Back this project")
        self.look("pledge: how much")
        person.fill({"amount": euros})
        person.press("Go on", exact=True)
        self.look("pledge: your data")
        self.person.unfold("Your name and a message on the project's page, if you like")
        values: dict[str, object] = {"name": name, "public_name": name, "consent": True}
        if email:
            person.email = email
            values["email"] = email
        person.fill(values)
        person.press(button)
        self.look("sandbox: the payment page")

    def card(self, outcome: str) -> None:
        """Choose on the provider's page what happens, and take note of where it leads."""
        self.person.fill({"outcome": outcome})
        self.person.press("Save the card")
        self.address = self.person.page.url

    def says_yes(self) -> None:
        """Approve at the bank, which asks for a second factor."""
        self.look("sandbox: second factor")
        self.person.press("Yes, approve")
        self.address = self.person.page.url

    def counts(self) -> None:
        """Expect the pledge to count, once the provider's message was worked on."""
        self.person.site.work()
        self.person.open(self.address)
        self.person.sees("Thank you: your pledge counts")

    def changes_to(self, euros: int) -> None:
        """Change the amount by the pledge's link, and agree anew."""
        self.person.open(self.address)
        self.person.follow("Change the amount")
        self.person.fill({"amount": euros})
        self.person.press("Go on", exact=True)
        self.person.fill({"consent": True})
        self.person.press("Change it to %(amount)s", amount=f"{euros} €")
        self.person.sees("Your pledge is changed.")

    def cancel(self) -> None:
        """Cancel the pledge."""
        self.person.open(self.address)
        self.person.unfold("Cancel")
        self.person.press("Cancel the pledge")
        self.person.sees("Your pledge is cancelled. Nothing is charged.")

    def top_up(self, project: str, euros: int, name: str, email: str) -> None:
        """Give while others' charges are tried again; it is paid at once."""
        self.begin(project, euros, name, email, button="Go on to pay")
        self.person.fill({"outcome": "succeeds"})
        self.person.press("Pay")
        self.address = self.person.page.url
        self.person.site.work()
        self.person.open(self.address)
        self.look("pledge: paid at once")

    def pay_in_person(self, amount: str, how: str = "succeeds") -> None:
        """Pay on the provider's page what the bank refused, led there by the letter."""
        self.person.open(self.person.letter_link("/pledges/"))
        self.look("pledge: refused at the charge")
        self.person.press("Pay %(amount)s now", amount=amount)
        self.look("sandbox: pay")
        self.person.fill({"outcome": how})
        self.person.press("Pay")
        self.person.site.work()
