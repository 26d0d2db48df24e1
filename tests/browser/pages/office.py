"""The office's work on applications: check, commission, ranking."""

from __future__ import annotations

from typing import Any

from tests.browser.pages.person import Person
from tests.browser.words import say


class Checks:
    """The admissibility check of a session."""

    def __init__(self, person: Person, call: str) -> None:
        """Keep the officer and the address of the call's page in the office."""
        self.person, self.call = person, call

    def list(self) -> None:
        """Open the applications of the call's session."""
        self.person.open(self.call)
        self.person.follow("Applications", within="main section section")

    def start(self) -> None:
        """Close the intake."""
        self.list()
        self.person.look("office: applications, to be checked")
        self.person.press("Start the check of the session")

    def open(self, number: str) -> None:
        """Open one application."""
        self.list()
        self.person.follow(number)

    def outcomes(self, outcome: str, first: str = "") -> dict[str, Any]:
        """Give an outcome for every requirement; ``first`` for the first one."""
        names = self.person.page.locator("input[name^=outcome_]").evaluate_all(
            "all => [...new Set(all.map(f => f.name))]"
        )
        values = dict.fromkeys(names, outcome)
        if first:
            values[names[0]] = first
            values[names[0].replace("outcome_", "note_")] = "Non risulta dai documenti."
        return values

    def admit(self, number: str) -> None:
        """Find every requirement met, and admit."""
        self.open(number)
        self.person.fill(self.outcomes("met"))
        self.person.press("Save and admit")
        self.person.sees("The application is admitted; the applicant gets a letter.")

    def exclude(self, number: str, reason: str) -> None:
        """Find a requirement not met, and exclude with the reason."""
        self.open(number)
        self.person.fill(self.outcomes("met", first="not_met"))
        self.person.press("Save the checklist")
        self.person.unfold("Exclude the application")
        self.person.fill({"reason": reason})
        self.person.press("Exclude and write to the applicant")

    def ask(self, number: str, what: str) -> None:
        """Ask for what is missing."""
        self.open(number)
        self.person.look("office: checklist")
        self.person.unfold("Ask for what is missing (soccorso istruttorio)")
        self.person.fill({"items": what})
        self.person.press("Ask the applicant")
        self.person.sees("The applicant is asked for it by letter.")
        self.person.look("office: integration asked")

    def end(self) -> None:
        """Begin the evaluation: every application is decided."""
        self.list()
        self.person.look("office: applications, all decided")
        self.person.press("Start the evaluation")


class Commission:
    """The secretary's pages of a session under evaluation."""

    def __init__(self, person: Person, call: str) -> None:
        """Keep who runs it and the address of the call's page in the office."""
        self.person, self.call = person, call

    def open(self) -> None:
        """Open the session's evaluation."""
        self.person.open(self.call)
        self.person.follow("Evaluation", within="main section section")

    def share_out(self, each: int) -> None:
        """Assign every application to so many reviewers, after a preview."""
        self.open()
        self.person.look("office: evaluation, to be shared out")
        self.person.fill({"each": each})
        self.person.press("Show who would get what")
        self.person.look("office: evaluation, preview")
        self.person.press("Assign them")
        self.person.look("office: evaluation, assigned")

    def replace(self, title: str) -> None:
        """Assign one more reviewer to an application."""
        self.open()
        self.person.follow(title)
        self.person.look("office: reviewers of an application")
        self.person.press("Assign", exact=True)


class Desk:
    """A reviewer's desk."""

    def __init__(self, person: Person, *, looked: bool = False) -> None:
        """Keep the reviewer."""
        self.person, self.looked = person, looked

    def titles(self) -> list[str]:
        """Give the applications on the desk."""
        self.person.open("/reviews")
        links = self.person.page.locator("main tbody th a")
        return [text.strip() for text in links.all_inner_texts()]

    def open(self, title: str) -> None:
        """Open one application."""
        self.person.open("/reviews")
        self.person.follow(title)

    def declare_conflict(self, title: str, reason: str) -> None:
        """Declare a conflict of interest on an application."""
        self.open(title)
        self.person.unfold("I have a conflict to declare")
        cause = self.person.page.locator("[name=cause]").first
        value = cause.get_attribute("value") or ""
        if cause.evaluate("f => f.tagName") == "SELECT":
            value = cause.locator("option").nth(1).get_attribute("value") or ""
        self.person.fill({"cause": value, "reason": reason, "what": "ask"})
        self.person.press("Declare the conflict")

    def score(self, title: str, points: list[int], comment: str) -> None:
        """Declare no conflict, give points and comments, submit."""
        self.open(title)
        if self.looked:
            self.person.look("review: declaration")
        self.person.press("I declare no conflict: open the application")
        if self.looked:
            self.person.look("review: sheet")
        fields = self.person.page.locator("input[name^=points-]")
        codes = [
            name.removeprefix("points-") for name in fields.evaluate_all("a => a.map(f => f.name)")
        ]
        for code, given in zip(codes, points, strict=True):
            self.person.fill({f"points-{code}": given, f"comment-{code}": comment})
        self.person.press("Submit the sheet")
        if self.looked:
            self.person.look("review: sheet submitted")


class Rankings:
    """The call manager's ranking of a session."""

    def __init__(self, person: Person, call: str) -> None:
        """Keep the manager and the address of the call's page in the office."""
        self.person, self.call = person, call

    def open(self) -> None:
        """Open the session's ranking."""
        self.person.open(self.call)
        self.person.follow("Ranking", within="main section section")

    def compute(self) -> None:
        """Compute; nobody else sees it yet."""
        self.open()
        self.person.look("office: ranking, none yet")
        self.person.press("Compute the ranking")
        self.person.look("office: ranking, computed")

    def publish(self, number: str) -> str:
        """Publish the final ranking by act; give its public address."""
        self.open()
        self.person.fill_act(number, "Approva la graduatoria finale")
        self.person.press("Publish as final")
        link = self.person.page.get_by_role("link", name=say("See it as everybody does"))
        return str(link.get_attribute("href"))
