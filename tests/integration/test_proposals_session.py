"""A session that ended while somebody wrote: nothing typed is lost, nothing forged is offered."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories.proposals import make_draft

Opener = Callable[[Any], Any]
TEXT = 'Trecento parole sul cortile, con <segni> & "virgolette".'


@pytest.fixture(autouse=True)
def guarded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


def hidden(page: str) -> dict[str, str]:
    """Give the hidden fields of the form that sends again."""
    form = page[page.index('class="q-form"') :]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: html.unescape(value) for name, value in found}


def test_what_was_typed_is_sent_again_after_signing_in(
    session: Session, client: Any, as_user: Opener
) -> None:
    proposal = make_draft(session)
    address = f"/applications/{proposal.id}/edit/summary"
    answer = client.post(address, data={"title": "Cortile", "summary": TEXT, "csrf_token": "old"})
    assert answer.status_code == 400
    assert html.escape(TEXT, quote=True).replace("&quot;", "&#34;") in answer.text
    fields = hidden(answer.text)
    assert fields["summary"] == TEXT
    client.sign_in(proposal.owner)
    assert client.post(address, data=fields).status_code == 303
    assert (proposal.title, proposal.summary) == ("Cortile", TEXT)


def test_a_valid_token_without_an_account_keeps_the_text_too(session: Session, client: Any) -> None:
    proposal = make_draft(session)
    address = f"/applications/{proposal.id}/edit/summary"
    first = client.post(address, data={"title": "Cortile", "csrf_token": "old"})
    second = client.post(address, data=hidden(first.text))
    assert second.status_code == 401
    assert "Cortile" in second.text


def test_a_form_from_elsewhere_is_not_offered_again(session: Session, client: Any) -> None:
    proposal = make_draft(session)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://cattivo.example"}):
        answer = client.post(
            f"/applications/{proposal.id}/edit/summary",
            data={"title": "Frode"},
            headers=headers,
        )
        assert answer.status_code == 400
        assert "Frode" not in answer.text


def test_a_password_is_never_shown_back(client: Any) -> None:
    answer = client.post("/sign-in", data={"email": "a@example.org", "password": "segretissima"})
    assert answer.status_code == 400
    assert "segretissima" not in answer.text


def test_a_page_asked_for_without_an_account_leads_back_after_signing_in(client: Any) -> None:
    answer = client.get("/account/applications")
    assert answer.status_code == 302
    assert answer.location.endswith("/sign-in?next=%2Faccount%2Fapplications")
