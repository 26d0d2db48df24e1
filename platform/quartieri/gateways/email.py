"""Sending letters: a protocol, SMTP, and files for a local run."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import NoReturn, Protocol
from urllib.parse import unquote, urlsplit

FOR_GOOD = 500
LINE_LIMIT = 998
"""Characters of a line of a message at most (RFC 5322, 2.1.1)."""


class Undeliverable(Exception):  # noqa: N818 -- says what the letter is
    """The address is refused for good; trying again is of no use."""


class EmailGateway(Protocol):
    """What the application asks of a mail service."""

    def send(
        self, name: str, *, to: str, subject: str, text: str, unsubscribe_url: str = ""
    ) -> None:
        """Send one letter, ``name`` being unique; raise Undeliverable, or OSError to try again.

        ``unsubscribe_url``: where a POST takes the address off the list (RFC 8058); "" for none.
        """


def message(
    name: str, sender: str, *, to: str, subject: str, text: str, unsubscribe_url: str = ""
) -> EmailMessage:
    """Build the message; its id follows from what it says, so that one sent twice shows once."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = " ".join(subject.splitlines())
    digest = hashlib.sha256(repr((name, sender, to, subject, text)).encode()).hexdigest()
    mail["Message-ID"] = f"<{name}.{digest[:24]}@quartieri.invalid>"
    if unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text)
    if unsubscribe_url:  # an address in a header is one word: folding would encode it
        mail.policy = mail.policy.clone(max_line_length=LINE_LIMIT)
    return mail


class FileEmail:
    """Letters as .eml files in a folder."""

    def __init__(self, folder: Path, sender: str) -> None:
        """Keep where letters go and who they come from."""
        self._folder = folder
        self._sender = sender

    def send(
        self, name: str, *, to: str, subject: str, text: str, unsubscribe_url: str = ""
    ) -> None:
        """Write one letter; the same name overwrites itself."""
        self._folder.mkdir(parents=True, exist_ok=True)
        mail = message(
            name,
            self._sender,
            to=to,
            subject=subject,
            text=text,
            unsubscribe_url=unsubscribe_url,
        )
        (self._folder / f"{name}.eml").write_bytes(bytes(mail))


class SmtpEmail:
    """Letters through SMTP: ``smtp://user:password@host:587`` or ``smtps://…:465``."""

    def __init__(self, url: str, sender: str) -> None:
        """Read the address of the server."""
        self._url = urlsplit(url)
        self._sender = sender

    def send(
        self, name: str, *, to: str, subject: str, text: str, unsubscribe_url: str = ""
    ) -> None:
        """Send one letter; Undeliverable is what the server refuses for good (5xx)."""
        mail = message(
            name,
            self._sender,
            to=to,
            subject=subject,
            text=text,
            unsubscribe_url=unsubscribe_url,
        )
        host = self._url.hostname or "localhost"
        secure = self._url.scheme == "smtps"
        port = self._url.port or (465 if secure else 587)
        trust = ssl.create_default_context()
        try:
            with (
                smtplib.SMTP_SSL(host, port, timeout=20, context=trust)
                if secure
                else smtplib.SMTP(host, port, timeout=20)
            ) as server:
                server.ehlo()  # before it the server's extensions are not known
                if not secure and server.has_extn("starttls"):
                    server.starttls(context=trust)
                if self._url.username:
                    server.login(unquote(self._url.username), unquote(self._url.password or ""))
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            ((code, said),) = error.recipients.values()
            _give_up(code, said, error)
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            _give_up(error.smtp_code, error.smtp_error, error)


def _give_up(code: int, said: bytes | str, error: smtplib.SMTPException) -> NoReturn:
    """Raise Undeliverable for a refusal for good (5xx); 4xx, as of greylists, is tried again."""
    if code >= FOR_GOOD:
        text = said.decode(errors="replace") if isinstance(said, bytes) else said
        msg = f"{code} {text}"
        raise Undeliverable(msg) from error
    raise error
