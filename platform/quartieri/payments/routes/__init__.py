"""The provider's messages come in here, the books are compared, and the sandbox has its pages."""

from quartieri.payments.routes import reconciliation, sandbox, webhook

blueprints = (webhook.bp, reconciliation.bp, sandbox.bp)
