"""What the slice does, by two kinds of functions, told apart by their first argument.

``session``
    runs inside the caller's unit of work, flushes, never commits: it writes an intent down
    (``prepare_…``) or an answer (``record_…``).
``units``
    asks the provider. It must be called **outside** of any transaction: it opens short units of
    work of its own (``units`` is ``db.unit_of_work``), commits the intent, calls, commits the
    answer. Killed at any point it is simply called again and ends the same; called twice at once it
    charges once.

For the slice above, with ``subject`` such as "pledge:12"::

    setups.prepare(session, subject, success_url=…, cancel_url=…, locale=…, expires_at=…, at=…)
        -> PaymentSetup            a page to save a card; the open one again if there is one
    setups.open_page(units, provider, setup_id, email=…, at=…) -> str        where to send the payer
    setups.refresh(units, provider, setup_id, at=…) -> CardStatus            read and record
    setups.close(units, provider, subject, at=…)               close open pages: no card any more
    setups.forget(units, provider, subject, at=…)              detach the saved cards
    setups.correct_address(units, provider, subject, email, token=…, at=…)

    charges.prepare(session, known, amount, description=…, at=…) -> Plan              or NoCardError
    charges.charge(units, provider, plan, at=…) -> ChargeStatus          create, confirm; or resume
    charges.cancel(units, provider, charge_id, at=…) -> ChargeStatus     PAID if it came too late
    charges.refresh(units, provider, charge_id, at=…) -> ChargeStatus
    pages.prepare(session, subject, amount, description=…, success_url=…, cancel_url=…, locale=…,
                  expires_at=…, at=…) -> PaymentCharge      charged on the provider's page
    pages.open_page(units, provider, charge_id, email=…, at=…) -> str
    pages.rescue(units, provider, subject, amount, email=…, …) -> str    cancel the old, open a page

    refunds.prepare(session, charge_id, amount, at=…) -> PaymentRefund       or TooMuchError
    refunds.send(units, provider, refund_id, at=…) -> ReturnStatus

    look.present(session, provider, subject) -> Present       as it is there now; writes nothing
    look.again(units, provider, subject, at=…)                "check again": read and record

    messages.take(session, message, at=…) -> bool                  inbox and job; False if known
    messages.handle(units, provider, message_id, at=…)
    messages.reconcile(units, provider, at=…) -> int

Each recorded change enqueues a job "pledge.settle" with ``pledge_id``: its handler reads
``queries.facts(session, subject)`` and acts on that alone, so order and repetition do not matter.
"""
