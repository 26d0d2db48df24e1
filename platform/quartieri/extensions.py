"""Flask extensions and the services that are handed in: clock, gateways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf import CSRFProtect

from quartieri.config import Settings
from quartieri.gateways.email import EmailGateway
from quartieri.gateways.payments import PaymentProvider
from quartieri.gateways.storage import StorageGateway
from quartieri.kit.clock import Clock

babel = Babel()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=True)
login_manager = LoginManager()


@dataclass(slots=True)
class Services:
    """What the application asks of the outside; tests and replays hand in their own."""

    settings: Settings
    clock: Clock
    payments: PaymentProvider
    email: EmailGateway
    storage: StorageGateway


def services() -> Services:
    """Give the running application's services."""
    return cast(Services, current_app.extensions["services"])
