"""What an official types into the editor of a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from quartieri.calls.models import Call
from quartieri.db import db
from quartieri.people.models import User
from tests.conftest import SiteClient

AsUser = Callable[[User], SiteClient]


ACT = {
    "number": "77",
    "dated": "2025-02-03",
    "office": "Direzione Lavoro",
    "signer": "Ada Negri",
    "decides": "Si pubblica.",
}


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def draft_of(session: Session) -> Call:
    return session.scalars(sa.select(Call).order_by(Call.id.desc()).limit(1)).one()


IDENTITY = {
    "title_it": "Botteghe vive",
    "title_en": "Living shops",
    "summary_it": "Un bando per le botteghe",
    "summary_en": "A call for shops",
    "text_it": "## Scopo\n\nBotteghe.",
    "text_en": "## Aim\n\nShops.",
    "office": "Ufficio Commercio",
    "contact": "bandi@comune.example",
    "legal_basis_it": "Art. 12 L. 241/1990",
    "legal_basis_en": "Art. 12 Law 241/1990",
    "privacy_notice_it": "I dati servono alla domanda.",
    "privacy_notice_en": "Data serve the application.",
    "terms_it": "Chi partecipa accetta il bando.",
    "terms_en": "Who applies accepts the call.",
    "consent_it": "Acconsento all'uso dei miei dati.",
    "consent_en": "I consent to the use of my data.",
}


EVALUATION = {
    "criteria-0-title_it": "Impatto",
    "criteria-0-title_en": "Impact",
    "criteria-0-maximum": "60,5",
    "criteria-0-weight": "1",
    "criteria-1-title_it": "Qualità",
    "criteria-1-title_en": "Quality",
    "criteria-1-maximum": "40",
    "criteria-1-minimum": "10",
    "minimum_total": "50",
    "sheets": "2",
    "tie_1": "criterion:impatto",
    "tie_2": "received",
    "when_money_runs_out": "skip",
}


def money_of(level_id: int, endowment: str = "600.000") -> dict[str, str]:
    return {
        "kind": "fixed_share",
        "crowdfunding_share": "50",
        "grant_share": "50",
        "grant_cap": "50.000",
        "advance_share": "40",
        "integration_days": "10",
        "days": "60",
        "grace_days": "7",
        "pledge_min": "5",
        "pledge_max": "5.000",
        "confirm_minutes": "60",
        "endowment": endowment,
        "shares-0-level": str(level_id),
        "shares-0-amount": endowment,
    }


def paths(call: Call) -> list[tuple[str, str]]:
    base = f"/manage/calls/{call.id}"
    return [
        ("GET", f"{base}/edit/identity"),
        ("POST", f"{base}/edit/identity"),
        ("GET", f"{base}/review"),
        ("POST", f"{base}/publish"),
        ("POST", f"{base}/discard"),
        ("GET", f"{base}/act/suspend"),
        ("POST", f"{base}/act/cancel"),
        ("GET", f"/manage/windows/{call.windows[0].id}/extend"),
        ("POST", f"/manage/windows/{call.windows[0].id}/extend"),
        ("POST", f"/manage/windows/{call.windows[0].id}/desert"),
    ]


def count_queries(session: Session, work: Callable[[], Any]) -> int:
    seen: list[str] = []

    def note(*args: Any) -> None:
        if str(args[2]).lstrip().upper().startswith("SELECT"):
            seen.append(str(args[2]))

    session.commit()
    engine = db.engines[None]
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
