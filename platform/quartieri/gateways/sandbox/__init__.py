"""A payment provider that moves no money: our fake, and the labelled sandbox of a local run.

It speaks Stripe's own HTTP language, so the application talks to it through ``gateways.stripe``
as it would to the real one: in process (tests, replay, local run) or over a socket (``http``).

store       what it knows, in SQLite: a file shared by web and worker, or memory
cards       which card or wallet behaves how
desk        what every verb needs: objects, the clock, events, how to refuse
engine      its objects and verbs, with idempotency keys
verbs       its endpoints, with charges, refunds and complaints (disputes, fraud warnings)
checkout    the hosted page's side: what the payer does
counter     what a person lets happen at its desk: disputes, refunds, slow answers
webhooks    signed messages, delivered normally, twice, late, out of order or never
wire        the line: forms in, JSON out; also as a WSGI application
"""
