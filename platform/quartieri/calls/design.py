"""A call's design: everything that the notice (avviso) fixes, as one typed document.

While a call is a draft the document is edited; publication freezes it in an edition. ``None``
means "not stated yet" (or "no such limit" where the field says so), and so does 0 in figures that
cannot be zero; amounts are whole cents, shares and points exact decimals, written as strings in
JSON. Unknown is never filled in: publication is refused until somebody states it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from quartieri.calls.document import DesignError, Reader, different, one_of, plain, word
from quartieri.calls.funding import FundingKind, FundingRule
from quartieri.kit.errors import DomainError
from quartieri.kit.labels import N_, LabelEnum
from quartieri.people.rules import OrganisationKind

Text = Mapping[str, str]
"""One text in each language: ``{"it": …, "en": …}``."""

MOST_LIMIT = 20_000
MOST_NUMBER = 10_000
TITLE_LIMIT = 200
SUMMARY_LIMIT = 500
TIE_FIXED = ("received", "protocol")
_CODE = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")


class WhenMoneyRunsOut(LabelEnum):
    """What happens when the next project in the ranking does not fit in the money left."""

    STOP = "stop", N_("The list stops there")
    SKIP = "skip", N_("It is skipped; the next one that fits is funded")
    PART = "part", N_("It gets what is left")


@dataclass(frozen=True, slots=True)
class Question:
    """One narrative question of the application form; ``limit`` in characters."""

    key: str
    label: Text
    help: Text = field(default_factory=dict)
    limit: int = 3000
    required: bool = True


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the admissibility checklist."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class CriterionDesign:
    """One criterion: points from 0 to ``maximum``, counted with ``weight``; None: no minimum.

    A ``maximum`` of 0: not stated yet.
    """

    code: str
    title: Text
    maximum: Decimal = Decimal(0)
    weight: Decimal = Decimal(1)
    minimum: Decimal | None = None
    guidance: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How applications are scored and ranked."""

    criteria: tuple[CriterionDesign, ...] = ()
    minimum_total: Decimal | None = None
    """None: not stated yet; 0: none is asked."""
    sheets: int = 0
    """How many reviewers' sheets each application needs; 0: not stated yet."""
    tie_break: tuple[str, ...] = ()
    """In order: ``criterion:<code>``, ``received``, ``protocol``; the last settles every tie."""
    when_money_runs_out: str | None = None
    """``stop``, ``skip`` or ``part``; None: not stated yet."""
    provisional: bool = False
    """True when a provisional ranking, open to objections, comes before the final one."""

    @property
    def maximum_total(self) -> Decimal:
        """The most points that an application can reach, weights counted."""
        return sum((c.maximum * c.weight for c in self.criteria), Decimal(0))


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may apply and with what; None: no such limit."""

    kinds: tuple[OrganisationKind, ...] = ()
    min_group_members: int | None = None
    max_organisation_age_years: int | None = None
    alliance: bool = False
    excluded_areas: tuple[str, ...] = ()
    """Codes of areas in which a project may not take place."""
    cost_min_cents: int | None = None
    cost_max_cents: int | None = None
    months_min: int | None = None
    months_max: int | None = None
    own_share_min: Decimal | None = None
    in_kind_counts: bool = False


@dataclass(frozen=True, slots=True)
class CampaignDesign:
    """How campaigns run, in a call that has them; 0: not stated yet."""

    days: int = 0
    grace_days: int = 0
    """How many days charges may be tried again after the deadline."""
    pledge_min_cents: int = 0
    pledge_max_cents: int = 0
    confirm_minutes: int = 0
    """A pledge started before the deadline counts if it is confirmed within these minutes."""


@dataclass(frozen=True, slots=True)
class MoneyRules:
    """The funding rule and how a grant is paid out. The endowment is the pool's."""

    rule: FundingRule | None = None
    advance_share: Decimal | None = None
    """Of the grant, paid before the project is reported; 0: no advance; None: not stated yet."""
    integration_days: int = 0
    """How long an applicant may take to complete the papers; 0: not stated yet."""


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
    template: str = ""
    sources: tuple[str, ...] = ()
    eligibility: Eligibility = Eligibility()
    questions: tuple[Question, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    evaluation: Evaluation = Evaluation()
    money: MoneyRules = MoneyRules()
    campaign: CampaignDesign | None = None
    """None in a call without crowdfunding."""

    @property
    def has_campaigns(self) -> bool:
        """True when a project must win its crowd before it is funded."""
        return self.campaign is not None

    def to_json(self) -> dict[str, Any]:
        """Give the document as plain JSON values."""
        document: dict[str, Any] = plain(asdict(self))
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
            template=given.string("template"),
            sources=given.items("sources", word),
            eligibility=_eligibility(given.inner("eligibility")),
            questions=given.items("questions", _question),
            requirements=given.items("requirements", _requirement),
            evaluation=_evaluation(given.inner("evaluation")),
            money=_money(given.inner("money")),
            campaign=_campaign(given.take("campaign"), given.at("campaign")),
        )
        different(given, "questions", (q.key for q in design.questions))
        different(given, "requirements", (r.code for r in design.requirements))
        given.done()
        return design

    def sha256(self) -> str:
        """Give the hash of the canonical document, published with the edition."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _code(given: Reader, key: str) -> str:
    code = given.string(key)
    if not _CODE.match(code):
        given.refuse(key, "must be of small letters, digits, - and _")
    return code


def _question(value: Any, pointer: str) -> Question:
    given = Reader(value, pointer)
    limit = given.whole("limit", most=MOST_LIMIT)
    question = Question(
        key=_code(given, "key"),
        label=given.text("label"),
        help=given.text("help"),
        limit=3000 if limit is None else limit,
        required=given.flag("required", default=True),
    )
    if question.limit < 1:
        given.refuse("limit", "must be more than 0")
    given.done()
    return question


def _requirement(value: Any, pointer: str) -> Requirement:
    given = Reader(value, pointer)
    requirement = Requirement(code=_code(given, "code"), text=given.text("text"))
    given.done()
    return requirement


def _criterion(value: Any, pointer: str) -> CriterionDesign:
    given = Reader(value, pointer)
    weight = given.decimal("weight")
    criterion = CriterionDesign(
        code=_code(given, "code"),
        title=given.text("title", most=TITLE_LIMIT),
        maximum=given.decimal("maximum") or Decimal(0),
        weight=Decimal(1) if weight is None else weight,
        minimum=given.decimal("minimum"),
        guidance=given.text("guidance"),
    )
    given.done()
    return criterion


def _evaluation(given: Reader) -> Evaluation:
    criteria = given.items("criteria", _criterion)
    different(given, "criteria", (c.code for c in criteria))
    ties = (*(f"criterion:{c.code}" for c in criteria), *TIE_FIXED)
    tie_break = given.items("tie_break", one_of(ties))
    different(given, "tie_break", tie_break)
    evaluation = Evaluation(
        criteria=criteria,
        minimum_total=given.decimal("minimum_total"),
        sheets=given.whole("sheets", most=MOST_NUMBER) or 0,
        tie_break=tie_break,
        when_money_runs_out=given.choice("when_money_runs_out", WhenMoneyRunsOut),
        provisional=given.flag("provisional"),
    )
    given.done()
    return evaluation


def _eligibility(given: Reader) -> Eligibility:
    eligibility = Eligibility(
        kinds=tuple(OrganisationKind(k) for k in given.items("kinds", one_of(OrganisationKind))),
        min_group_members=given.whole("min_group_members", most=MOST_NUMBER),
        max_organisation_age_years=given.whole("max_organisation_age_years", most=MOST_NUMBER),
        alliance=given.flag("alliance"),
        excluded_areas=given.items("excluded_areas", word),
        cost_min_cents=given.whole("cost_min_cents"),
        cost_max_cents=given.whole("cost_max_cents"),
        months_min=given.whole("months_min", most=MOST_NUMBER),
        months_max=given.whole("months_max", most=MOST_NUMBER),
        own_share_min=given.decimal("own_share_min"),
        in_kind_counts=given.flag("in_kind_counts"),
    )
    given.done()
    return eligibility


def _money(given: Reader) -> MoneyRules:
    money = MoneyRules(
        rule=_rule(given.take("rule"), given.at("rule")),
        advance_share=given.decimal("advance_share"),
        integration_days=given.whole("integration_days", most=MOST_NUMBER) or 0,
    )
    given.done()
    return money


def _rule(value: Any, pointer: str) -> FundingRule | None:
    if value is None:
        return None
    given = Reader(value, pointer)
    kind = given.choice("kind", FundingKind)
    if kind is None:
        given.refuse("kind", "is missing")
    try:
        rule = FundingRule(
            kind=FundingKind(kind),
            crowdfunding_share=given.decimal("crowdfunding_share"),
            grant_share=given.decimal("grant_share"),
            grant_min_cents=given.whole("grant_min_cents"),
            grant_cap_cents=given.whole("grant_cap_cents"),
            part_funding=given.flag("part_funding"),
        )
    except DomainError as error:
        given.refuse(error.field or "kind", error.message.source)
    given.done()
    return rule


def _campaign(value: Any, pointer: str) -> CampaignDesign | None:
    if value is None:
        return None
    given = Reader(value, pointer)
    campaign = CampaignDesign(
        days=given.whole("days", most=MOST_NUMBER) or 0,
        grace_days=given.whole("grace_days", most=MOST_NUMBER) or 0,
        pledge_min_cents=given.whole("pledge_min_cents") or 0,
        pledge_max_cents=given.whole("pledge_max_cents") or 0,
        confirm_minutes=given.whole("confirm_minutes", most=MOST_NUMBER) or 0,
    )
    given.done()
    return campaign


__all__ = [
    "CallDesign",
    "CampaignDesign",
    "CriterionDesign",
    "DesignError",
    "Eligibility",
    "Evaluation",
    "MoneyRules",
    "Question",
    "Requirement",
    "Text",
    "WhenMoneyRunsOut",
]
