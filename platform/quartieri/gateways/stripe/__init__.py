"""Stripe. The only place that imports its library, and the only one that reads its numbers.

The sandbox speaks the same language, so this is also how the application talks to it: in process
(``InProcess``) or at another address.

client    what is asked        reading   what is read
shapes    its JSON read as our objects
errors    its errors under our names
line      requests that go to a function instead of a socket

Source: https://docs.stripe.com/api, /payments/save-and-reuse, /payments/checkout, /webhooks,
/api/idempotent_requests; API version as pinned by the library.
"""

from quartieri.gateways.stripe.client import Stripe
from quartieri.gateways.stripe.line import InProcess

__all__ = ["InProcess", "Stripe"]
