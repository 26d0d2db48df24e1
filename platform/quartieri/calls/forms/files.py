"""Adding a picture or a document to a draft."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectField, StringField
from wtforms.validators import Length

from quartieri.kit.fields import Form, Needed


class CoverForm(Form):
    """The picture and what it shows, in words."""

    file = FileField(_l("Picture (JPEG, PNG or WebP)"), [Needed()])
    title_it = StringField(_l("What it shows, in Italian"), [Needed(), Length(max=200)])
    title_en = StringField(_l("What it shows, in English"), [Needed(), Length(max=200)])


class DocumentForm(Form):
    """A document and its title; or the accessible copy of another one."""

    file = FileField(_l("Document (PDF)"), [Needed()])
    title_it = StringField(_l("Title, in Italian"), [Needed(), Length(max=200)])
    title_en = StringField(_l("Title, in English"), [Length(max=200)])
    copy_of = SelectField(_l("Accessible copy of"), validate_choice=False)

    def offer(self, documents: Sequence[tuple[int, str]]) -> None:
        """Fill in the choices: the documents of which it may be a copy, as (id, title)."""
        self.copy_of.choices = [("", _("– no, a document of its own –"))] + [
            (str(number), title) for number, title in documents
        ]
