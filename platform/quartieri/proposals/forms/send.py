"""Sending an application."""

from __future__ import annotations

from wtforms import HiddenField

from quartieri.kit.fields import Form


class SubmitForm(Form):
    """The version that the applicant looked over."""

    version = HiddenField()

    def seen(self) -> int | None:
        """Give the version, or None when the page did not say it."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdecimal() else None
