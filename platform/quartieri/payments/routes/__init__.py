"""The provider's messages come in here; and, in a local run, the sandbox's payment pages."""

from quartieri.payments.routes import sandbox, webhook

blueprints = (webhook.bp, sandbox.bp)
