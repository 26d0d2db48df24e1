"""Which payment provider this installation talks to, by its settings.

Stripe's library is loaded when a payment is first asked for, not with the application: it takes a
quarter of a second, and most pages need none of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from quartieri.config import NO_SANDBOX, Settings, SettingsError
from quartieri.gateways.payments import PaymentProvider, ProviderRefusedError
from quartieri.kit.clock import Clock
from quartieri.kit.labels import lazy


class Later:
    """Stands for a provider that is built when first used."""

    def __init__(self, build: Callable[[], PaymentProvider]) -> None:
        """Keep how it is built."""
        self._build = build

    def __getattr__(self, name: str) -> Any:
        """Build it once, then ask it."""
        if name.startswith("_"):
            raise AttributeError(name)
        built = self.__dict__.setdefault("_built", None) or self._build()
        self.__dict__["_built"] = built
        return getattr(built, name)


def provider(settings: Settings, clock: Clock) -> PaymentProvider:
    """Give Stripe, the sandbox or none; raise SettingsError for the sandbox in production."""
    if not settings.takes_payments:
        return cast(PaymentProvider, Later(_none))
    if settings.payments == "stripe":
        return cast(PaymentProvider, Later(lambda: _stripe(settings)))
    if settings.production:
        raise SettingsError(NO_SANDBOX)
    return cast(PaymentProvider, Later(lambda: _sandbox(settings, clock)))


def sandbox_path(settings: Settings) -> Path:
    """Give the sandbox's own file: one for each database, so that their pledges never meet."""
    digest = hashlib.sha256(settings.database_url.encode()).hexdigest()[:10]
    return settings.var / f"sandbox-{digest}.sqlite3"


def _none() -> PaymentProvider:
    """Refuse in words: pledges from before payments were switched off wait for a person."""
    raise ProviderRefusedError(code="none", message=lazy("This site takes no payments."))


def _stripe(settings: Settings) -> PaymentProvider:
    from quartieri.gateways.stripe import Stripe  # noqa: PLC0415 -- loaded late, see above

    return Stripe(
        settings.stripe_key,
        settings.stripe_webhook_secret,
        api=settings.stripe_api,
        methods=settings.payment_methods,
        rate=settings.provider_rate,
    )


def _sandbox(settings: Settings, clock: Clock) -> PaymentProvider:
    from quartieri.gateways.sandbox.engine import Sandbox  # noqa: PLC0415 -- loaded late, see above
    from quartieri.gateways.sandbox.provider import (  # noqa: PLC0415 -- loaded late, see above
        SandboxProvider,
    )

    sandbox = Sandbox(sandbox_path(settings), now=clock.now)
    return SandboxProvider(sandbox, webhook=settings.base_url + "/payments/webhook")
