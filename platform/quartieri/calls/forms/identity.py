"""First step: title, texts, office, legal basis, privacy notice, terms and consent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from quartieri.calls.design import MOST_SHORT, SUMMARY_LIMIT, TITLE_LIMIT, CallDesign
from quartieri.calls.forms.base import StepForm, both, split

LONG = 40_000


class IdentityForm(StepForm):
    """What the call is called and says; each text in both languages."""

    title_it = StringField(_l("Title, in Italian"), [Length(max=TITLE_LIMIT)])
    title_en = StringField(_l("Title, in English"), [Length(max=TITLE_LIMIT)])
    summary_it = TextAreaField(_l("Summary, in Italian"), [Length(max=SUMMARY_LIMIT)])
    summary_en = TextAreaField(_l("Summary, in English"), [Length(max=SUMMARY_LIMIT)])
    text_it = TextAreaField(_l("Text of the notice, in Italian"), [Length(max=LONG)])
    text_en = TextAreaField(_l("Text of the notice, in English"), [Length(max=LONG)])
    office = StringField(_l("Office in charge"), [Length(max=MOST_SHORT)])
    contact = StringField(_l("Contact for questions"), [Length(max=MOST_SHORT)])
    legal_basis_it = TextAreaField(_l("Legal basis, in Italian"), [Length(max=2000)])
    legal_basis_en = TextAreaField(_l("Legal basis, in English"), [Length(max=2000)])
    privacy_notice_it = TextAreaField(_l("Privacy notice, in Italian"), [Length(max=LONG)])
    privacy_notice_en = TextAreaField(_l("Privacy notice, in English"), [Length(max=LONG)])
    terms_it = TextAreaField(
        _l("Terms that whoever applies accepts, in Italian"), [Length(max=LONG)]
    )
    terms_en = TextAreaField(
        _l("Terms that whoever applies accepts, in English"), [Length(max=LONG)]
    )
    consent_it = TextAreaField(_l("Words of consent, in Italian"), [Length(max=2000)])
    consent_en = TextAreaField(_l("Words of consent, in English"), [Length(max=2000)])

    @staticmethod
    def data_of(design: CallDesign) -> dict[str, Any]:
        """Give what the form shows of a design."""
        return {
            **split(design.title, "title"),
            **split(design.summary, "summary"),
            **split(design.text, "text"),
            "office": design.office,
            "contact": design.contact,
            **split(design.legal_basis, "legal_basis"),
            **split(design.privacy_notice, "privacy_notice"),
            **split(design.terms, "terms"),
            **split(design.consent, "consent"),
        }

    def apply(self, design: CallDesign) -> CallDesign:
        """Give the design with this step's answers."""
        return replace(
            design,
            title=both(self.title_it, self.title_en),
            summary=both(self.summary_it, self.summary_en),
            text=both(self.text_it, self.text_en),
            office=(self.office.data or "").strip(),
            contact=(self.contact.data or "").strip(),
            legal_basis=both(self.legal_basis_it, self.legal_basis_en),
            privacy_notice=both(self.privacy_notice_it, self.privacy_notice_en),
            terms=both(self.terms_it, self.terms_en),
            consent=both(self.consent_it, self.consent_en),
        )
