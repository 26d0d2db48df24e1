"""Grants and payments in the office."""

from __future__ import annotations

from tests.browser.pages.person import PDF, Person

IBAN = "IT60X0542811101000000123456"


class GrantPage:
    """One grant, as each official sees it."""

    def __init__(self, person: Person, title: str) -> None:
        """Keep the official and the project."""
        self.person, self.title = person, title

    def open(self) -> GrantPage:
        """Open it from the list of grants."""
        self.person.open("/manage/grants/")
        self.person.follow(self.title)
        return self

    def record_act(self, number: str) -> None:
        """Record the signed grant act, then publish it."""
        self.open()
        self.person.look("office: grant proposed")
        self.person.unfold("Record the signed grant act (atto di concessione)")
        self.person.fill_act(number, "Concede il contributo", within="#act")
        self.person.press("Record the grant act")
        self.person.press("Publish the grant act")
        self.person.sees("The act is published.")
        self.person.look("office: grant committed")

    def record_entity(self, number: str, name: str, tax_code: str) -> None:
        """Record by act the body that an informal group became."""
        self.open()
        self.person.unfold("Record the new legal entity")
        self.person.fill(
            {"name": name, "tax_code": tax_code, "iban": IBAN, "statute": PDF}, within="#entity"
        )
        self.person.fill_act(number, "Prende atto della costituzione", within="#entity")
        self.person.press("Record the new body")

    def record_agreement(self) -> None:
        """Record the signed agreement."""
        self.open()
        self.person.unfold("Record the signed agreement (convenzione)")
        today = self.person.site.clock.now().date().isoformat()
        self.person.fill({"signed_on": today, "iban": IBAN, "agreement": PDF}, within="#agreement")
        self.person.press("Record the agreement")

    def approve_report(self) -> None:
        """Approve the expense report in full."""
        self.open()
        self.person.unfold("Approve the expense report (rendicontazione)")
        self.person.press("Approve the report")

    def request(self, kind: str, euros: str, *, status: int = 200) -> None:
        """Request a payment."""
        self.open()
        self.person.follow("Request a payment")
        self.person.look("office: request a payment")
        self.person.fill({"kind": kind, "amount": euros})
        self.person.press("Request the payment", status=status)

    def approve(self) -> None:
        """Approve the payment that waits."""
        self.open()
        self.person.press("Approve", within="main #payments ~ *")

    def order_and_pay(self, reference: str) -> None:
        """Order the payment, then record it as paid."""
        self.open()
        self.person.press("Order", within="main #payments ~ *")
        self.person.follow("Record as paid")
        self.person.look("office: record as paid")
        self.person.fill({"reference": reference})
        self.person.press("Record as paid")
