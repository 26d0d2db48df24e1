"""Letters leave by an encrypted way where the server offers one."""

from __future__ import annotations

import smtplib
import ssl
from typing import Any, Self

import pytest

from quartieri.gateways.email import SmtpEmail, Undeliverable


class Server:
    """A mail server that tells its extensions only when it is greeted, as real ones do."""

    def __init__(self, *_where: Any, **_how: Any) -> None:
        self.said: list[str] = []
        said.append(self.said)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def ehlo(self) -> None:
        self.said.append("ehlo")

    def has_extn(self, name: str) -> bool:
        return name == "starttls" and "ehlo" in self.said

    def starttls(self, *, context: ssl.SSLContext) -> None:
        assert context.verify_mode is ssl.CERT_REQUIRED
        self.said.append("starttls")

    def login(self, *_who: str) -> None:
        self.said.append("login")

    def send_message(self, _mail: object) -> None:
        self.said.append("send")


said: list[list[str]] = []


def test_a_letter_and_its_password_are_sent_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    said.clear()
    monkeypatch.setattr(smtplib, "SMTP", Server)
    mail = SmtpEmail("smtp://post:secret@mail.example", "city@example.org")
    mail.send("letter-1", to="ada@example.org", subject="Ciao", text="Testo\n")
    assert said == [["ehlo", "starttls", "login", "send"]]


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.it": (550, b"unknown")}), True),
        (smtplib.SMTPRecipientsRefused({"a@b.it": (450, b"greylisted")}), False),
        (smtplib.SMTPDataError(554, b"refused"), True),
        (smtplib.SMTPDataError(451, b"later"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
    ],
)
def test_only_what_is_refused_for_good_is_given_up(
    monkeypatch: pytest.MonkeyPatch, error: smtplib.SMTPException, *, lost: bool
) -> None:
    class Refusing(Server):
        def send_message(self, _mail: object) -> None:
            raise error

    monkeypatch.setattr(smtplib, "SMTP", Refusing)
    mail = SmtpEmail("smtp://mail.example", "city@example.org")
    with pytest.raises(Undeliverable if lost else OSError):
        mail.send("letter-1", to="a@b.it", subject="Ciao", text="Testo\n")
