"""The provider's messages come in here, the books are compared, and the sandbox has its pages."""

from quartieri.payments.routes import reconciliation, sandbox, sandbox_desk, webhook

blueprints = (webhook.bp, reconciliation.bp, sandbox.bp, sandbox_desk.bp)
