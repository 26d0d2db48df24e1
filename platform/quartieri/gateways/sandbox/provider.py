"""The sandbox as a payment provider: Stripe's own client, talking to it in process."""

from __future__ import annotations

from quartieri.gateways.sandbox.engine import Sandbox
from quartieri.gateways.sandbox.wire import Fault, Wire
from quartieri.gateways.stripe import InProcess, Stripe


class SandboxProvider(Stripe):
    """Moves no money; ``sandbox`` is what stands behind it, for its pages and messages."""

    def __init__(self, sandbox: Sandbox, *, fault: Fault | None = None, webhook: str = "") -> None:
        """Talk to ``sandbox``; ``fault`` cuts the line. Nothing is retried behind our back.

        ``webhook`` is the address that messages are posted to; empty: handed over in process.
        """
        super().__init__(
            "sk_test_sandbox",
            sandbox.secret,
            api="http://sandbox.invalid",
            client=InProcess(Wire(sandbox, fault=fault).answer),
            retries=0,
            methods=("card", "paypal"),
        )
        self.sandbox = sandbox
        self.webhook = webhook
