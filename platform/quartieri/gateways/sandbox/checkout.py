"""What the payer does on the sandbox's hosted page."""

from __future__ import annotations

from enum import StrEnum

from quartieri.gateways.sandbox import charges
from quartieri.gateways.sandbox.desk import Desk, RefusedError, public
from quartieri.gateways.sandbox.store import Doc


class Step(StrEnum):
    """What the payer sees next."""

    DONE = "done"
    DECLINED = "declined"
    SECOND_FACTOR = "second_factor"
    OVER = "over"


def submit(desk: Desk, key: str, number: str) -> Step:
    """Type in a card: it is saved or charged, refused, or the bank asks for a second factor."""
    session = _open_session(desk, key)
    method = charges.make_method(desk, number, session["customer"])
    card = charges.card_of(method)
    if session["mode"] == "setup":
        return _save_card(desk, session, method)
    intent = _intent_of(desk, session)
    code = charges.attempt(desk, intent, method, asks=card.asks_at_setup or card.asks_at_charge)
    if code:
        return Step.DECLINED
    if intent["status"] == "requires_action":
        desk.save(session, _method=method["id"])
        return Step.SECOND_FACTOR
    return _complete(desk, session)


def answer(desk: Desk, key: str, *, approve: bool) -> Step:
    """Answer the bank's question; without an open question nothing happens."""
    session = _open_session(desk, key)
    if session["_method"] is None:
        return Step.DECLINED
    method = desk.find("payment_method", session["_method"])
    desk.save(session, _method=None)
    if session["mode"] == "setup":
        return _answer_setup(desk, session, method, approve=approve)
    intent = _intent_of(desk, session)
    if not approve:
        code = "payment_intent_authentication_failure"
        charges.fail(desk, intent, method, code, "authentication_required")
        return Step.DECLINED
    if charges.attempt(desk, intent, method, asks=False):
        return Step.DECLINED
    return _complete(desk, session)


def waits_for_answer(session: Doc) -> bool:
    """Tell whether the bank's question is open."""
    return session["status"] == "open" and session["_method"] is not None


def _open_session(desk: Desk, key: str) -> Doc:
    session = desk.find("checkout.session", key)
    if session["status"] != "open":
        raise RefusedError(410, "This page is over.")
    return session


def _save_card(desk: Desk, session: Doc, method: Doc) -> Step:
    setup = desk.find("setup_intent", session["setup_intent"])
    card = charges.card_of(method)
    if card.setup_decline:
        code = charges.code_of(card.setup_decline)
        return _refuse_setup(desk, setup, method, code, card.setup_decline)
    if card.asks_at_setup:
        desk.save(setup, status="requires_action", payment_method=method["id"])
        desk.save(session, _method=method["id"])
        desk.emit("setup_intent.requires_action", setup)
        return Step.SECOND_FACTOR
    return _finish_setup(desk, session, setup, method)


def _answer_setup(desk: Desk, session: Doc, method: Doc, *, approve: bool) -> Step:
    setup = desk.find("setup_intent", session["setup_intent"])
    if approve:
        return _finish_setup(desk, session, setup, method)
    code = "setup_intent_authentication_failure"
    return _refuse_setup(desk, setup, method, code, "authentication_required")


def _refuse_setup(desk: Desk, setup: Doc, method: Doc, code: str, decline: str) -> Step:
    error = {
        "type": "card_error",
        "code": code,
        "decline_code": decline,
        "message": charges.WORDS[code],
        "payment_method": public(method),
    }
    desk.save(setup, status="requires_payment_method", payment_method=None, last_setup_error=error)
    desk.emit("setup_intent.setup_failed", setup)
    return Step.DECLINED


def _finish_setup(desk: Desk, session: Doc, setup: Doc, method: Doc) -> Step:
    desk.save(setup, status="succeeded", payment_method=method["id"], last_setup_error=None)
    desk.emit("payment_method.attached", method)
    desk.emit("setup_intent.succeeded", setup)
    return _complete(desk, session)


def _intent_of(desk: Desk, session: Doc) -> Doc:
    if session["payment_intent"]:
        return desk.find("payment_intent", session["payment_intent"])
    words = {
        "amount": session["amount_total"],
        "currency": "eur",
        "customer": session["customer"],
    } | session["_intent_data"]
    intent = charges.new_intent(desk, words, session=session["id"])
    desk.save(session, payment_intent=intent["id"])
    return intent


def _complete(desk: Desk, session: Doc) -> Step:
    paid = "no_payment_required"
    if session["mode"] == "payment":
        slow = _intent_of(desk, session)["status"] == "processing"
        paid = "unpaid" if slow else "paid"
    desk.save(session, status="complete", payment_status=paid, url=None)
    desk.emit("checkout.session.completed", session)
    return Step.DONE
