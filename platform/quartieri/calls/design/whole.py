"""A call's design: everything that the notice (avviso) fixes, as one typed document.

While a call is a draft the document is edited; publication freezes it in an edition. ``None``
means "not stated yet" (or "no such limit" where the field says so), and so does 0 in figures that
cannot be zero; amounts are whole cents, shares and points exact decimals, written as strings in
JSON. Unknown is never filled in: publication is refused until somebody states it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from quartieri.calls.design.automatic import (
    automatic_declarations,
    automatic_requirements,
    signature_page,
)
from quartieri.calls.design.campaign import CampaignDesign, read_campaign
from quartieri.calls.design.evaluation import Evaluation, read_evaluation
from quartieri.calls.design.form import (
    FormSection,
    Question,
    Requirement,
    read_question,
    read_requirement,
    read_section,
)
from quartieri.calls.design.money import MoneyRules, read_money
from quartieri.calls.design.pages import ApplicationForm, check_form, form_of, standard_form
from quartieri.calls.design.reading import (
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    Reader,
    Text,
    different,
    plain,
    word,
)
from quartieri.calls.design.sessions import SessionRules, read_sessions
from quartieri.calls.design.who import Declaration, Eligibility, read_eligibility


@dataclass(frozen=True, slots=True)
class CallDesign:
    """The whole document."""

    title: Text = field(default_factory=dict)
    summary: Text = field(default_factory=dict)
    text: Text = field(default_factory=dict)
    """The notice in Markdown."""
    office: str = ""
    contact: str = ""
    legal_basis: Text = field(default_factory=dict)
    privacy_notice: Text = field(default_factory=dict)
    terms: Text = field(default_factory=dict)
    """The terms that whoever applies accepts, in Markdown."""
    consent: Text = field(default_factory=dict)
    """The words by which whoever applies consents to how personal data are used."""
    template: str = ""
    sources: tuple[str, ...] = ()
    sessions: SessionRules = field(default_factory=SessionRules)
    eligibility: Eligibility = field(default_factory=Eligibility)
    sections: tuple[FormSection, ...] = ()
    """The pages of the form; none: the standard form (see ``form``)."""
    questions: tuple[Question, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    evaluation: Evaluation = field(default_factory=Evaluation)
    money: MoneyRules = field(default_factory=MoneyRules)
    campaign: CampaignDesign | None = None
    """None in a call without crowdfunding."""

    @property
    def has_campaigns(self) -> bool:
        """True when a project must win its crowd before it is funded."""
        return self.campaign is not None

    @property
    def checklist(self) -> tuple[Requirement, ...]:
        """The admissibility checklist: the call's own lines, then what other rules add to it."""
        return (*self.requirements, *automatic_requirements(self.eligibility))

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """What the applicant declares: the call's own, then what other rules add to it."""
        who = self.eligibility
        return (*who.declarations, *automatic_declarations(who))

    @property
    def own_form(self) -> ApplicationForm:
        """The pages of the form that the call's office designs."""
        return form_of(self.sections, self.questions, alliance=self.eligibility.alliance)

    @property
    def form(self) -> ApplicationForm:
        """All pages of the form with their questions; keep it where it is asked often.

        After the call's own stands what other rules add: the page of the signature.
        """
        own, signature = self.own_form, signature_page(self.eligibility)
        return own if signature is None else ApplicationForm((*own.pages, signature))

    def with_sections(self) -> CallDesign:
        """Give the design with its standard form written out, to be changed; else as it is."""
        if self.sections:
            return self
        sections, questions = standard_form(self.questions, alliance=self.eligibility.alliance)
        return replace(self, sections=sections, questions=questions)

    def to_json(self) -> dict[str, Any]:
        """Give the document as plain JSON values."""
        document: dict[str, Any] = plain(asdict(replace(self, sections=(), questions=())))
        document["sections"] = [section.to_json() for section in self.sections]
        document["questions"] = [question.to_json() for question in self.questions]
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> CallDesign:
        """Read the document; absent keys take their default.

        Raises DesignError with the JSON pointer of the first fault: an unknown key, a value of the
        wrong kind, a figure that no call can have.
        """
        given = Reader(document)
        design = cls(
            title=given.text("title", most=TITLE_LIMIT),
            summary=given.text("summary", most=SUMMARY_LIMIT),
            text=given.text("text"),
            office=given.string("office"),
            contact=given.string("contact"),
            legal_basis=given.text("legal_basis"),
            privacy_notice=given.text("privacy_notice"),
            terms=given.text("terms"),
            consent=given.text("consent"),
            template=given.string("template"),
            sources=given.items("sources", word),
            sessions=read_sessions(given.inner("sessions")),
            eligibility=read_eligibility(given.inner("eligibility")),
            sections=given.items("sections", read_section),
            questions=given.items("questions", read_question),
            requirements=given.items("requirements", read_requirement),
            evaluation=read_evaluation(given.inner("evaluation")),
            money=read_money(given.inner("money")),
            campaign=read_campaign(given.take("campaign"), given.at("campaign")),
        )
        check_form(design.sections, design.questions)
        different(given, "requirements", (r.code for r in design.requirements))
        given.done()
        return design

    def sha256(self) -> str:
        """Give the hash of the canonical document, published with the edition."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
