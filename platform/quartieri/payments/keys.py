"""Idempotency keys: what is asked of a provider twice under one of them is done once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """Idempotency keys of one numbered try of a subject; ``site`` keeps installations apart.

    A key names the verb, the subject and the number, so no two verbs share one (Stripe refuses
    that). Source: https://docs.stripe.com/api/idempotent_requests.

    A provider keeps what it answered for a day, its refusals and its own faults too: where asking
    anew can harm nothing, the row's ``version`` (1 at first) makes another key.
    """

    subject: str
    n: int
    site: str = ""

    def _key(self, verb: str, *more: int | str) -> str:
        words = [verb, self.subject, *(str(word) for word in more)]
        return ":".join([self.site, *words] if self.site else words)

    def customer(self, email: str, version: int = 1) -> str:
        """Give the key of registering the payer, once for a subject and an address."""
        digest = hashlib.sha256(email.encode()).hexdigest()[:8]
        return self._key("customer", digest, *_again(version))

    def correct_customer(self, email: str, token: str) -> str:
        """Give the key of correcting the payer's address; ``token`` is the change's own."""
        digest = hashlib.sha256(email.encode()).hexdigest()[:8]
        return self._key("correct_customer", token, digest)

    def setup(self, version: int = 1) -> str:
        """Give the key of opening the page that saves a card."""
        return self._key("setup", self.n, *_again(version))

    def close_setup(self, version: int) -> str:
        """Give the key of closing that page, as it stands."""
        return self._key("close_setup", self.n, version)

    def charge(self, version: int = 1) -> str:
        """Give the key of preparing the charge."""
        return self._key("charge", self.n, *_again(version))

    def page(self, version: int = 1) -> str:
        """Give the key of the page that charges at once."""
        return self._key("page", self.n, *_again(version))

    def close_page(self, version: int) -> str:
        """Give the key of closing that page, as its charge stands."""
        return self._key("close_page", self.n, version)

    def confirm(self, attempt: int) -> str:
        """Give the key of one attempt to make the charge."""
        return self._key("confirm", self.n, attempt)

    def cancel(self, version: int) -> str:
        """Give the key of giving the charge up, as it stands."""
        return self._key("cancel", self.n, version)

    @property
    def refund(self) -> str:
        """Sending money back; ``n`` counts the subject's refunds. Never under another key."""
        return self._key("refund", self.n)


def _again(version: int) -> tuple[int, ...]:
    return (version,) if version > 1 else ()
