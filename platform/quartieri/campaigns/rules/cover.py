"""The payment service's fee as estimated from its price list, and what covers it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Prices:
    """A call's price list of the payment service: a share of each charge, and cents beside it."""

    share: Decimal
    fixed_cents: int

    def fee(self, charged_cents: int) -> int:
        """Estimate the fee of a charge, in cents: the share is rounded half up to whole cents."""
        part = (charged_cents * self.share).quantize(Decimal(1), ROUND_HALF_UP)
        return int(part) + self.fixed_cents

    def cover(self, gift_cents: int) -> int:
        """Give the fewest cents which, added to a gift, leave the whole gift after the fee."""
        whole = (gift_cents + self.fixed_cents) / (1 - self.share)
        charged = int(whole.quantize(Decimal(1), ROUND_CEILING))
        while charged - self.fee(charged) < gift_cents:
            charged += 1
        while charged - 1 - self.fee(charged - 1) >= gift_cents:
            charged -= 1
        return charged - gift_cents
