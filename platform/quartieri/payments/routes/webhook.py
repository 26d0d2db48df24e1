"""Where the provider posts its messages."""

from __future__ import annotations

from flask import Blueprint, Response, request

from quartieri.db import writes_in_steps
from quartieri.extensions import csrf
from quartieri.gateways.payments import BadSignatureError
from quartieri.logs import logger
from quartieri.payments import jobs
from quartieri.people.access import public

bp = Blueprint("payments", __name__)


@bp.post("/payments/webhook")
@csrf.exempt  # type: ignore[untyped-decorator] # Flask-WTF publishes no types
@writes_in_steps
@public
def webhook() -> Response:
    """Keep a signed message and answer 200, also if it is known; 400 without a good signature.

    The signature covers the raw bytes (https://docs.stripe.com/webhooks/signature). What the
    message means is worked out later, by a job.
    """
    try:
        jobs.receive(request.get_data(), request.headers.get("Stripe-Signature", ""))
    except BadSignatureError as error:
        logger().warning("payments.bad_signature", detail=error.detail)
        return Response("bad signature\n", status=400, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
