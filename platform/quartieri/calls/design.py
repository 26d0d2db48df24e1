"""A call's design: everything that the notice (avviso) fixes, as one typed document.

While a call is a draft the document is edited; publication freezes it in an edition. ``None``
means "not stated yet" (or "no such limit" where the field says so); amounts are whole cents,
shares and points exact decimals, written as strings in JSON.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import Any

from quartieri.calls.funding import FundingKind, FundingRule
from quartieri.people.rules import OrganisationKind

Text = Mapping[str, str]
"""One text in each language: ``{"it": …, "en": …}``."""


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
    """One criterion: points from 0 to ``maximum``, counted with ``weight``; None: no minimum."""

    code: str
    title: Text
    maximum: Decimal
    weight: Decimal = Decimal(1)
    minimum: Decimal | None = None
    guidance: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How applications are scored and ranked."""

    criteria: tuple[CriterionDesign, ...] = ()
    minimum_total: Decimal | None = None
    sheets: int = 2
    """How many reviewers' sheets each application needs."""
    tie_break: tuple[str, ...] = ()
    """In order: ``criterion:<code>``, ``received``, ``protocol``."""
    when_money_runs_out: str | None = None
    """``stop``, ``skip`` or ``part``; None: not stated yet."""
    provisional: bool = False
    """True when a provisional ranking, open to objections, comes before the final one."""


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
    """How campaigns run, in a call that has them."""

    days: int = 60
    grace_days: int = 7
    pledge_min_cents: int = 500
    pledge_max_cents: int = 500_000
    confirm_minutes: int = 60
    """A pledge started before the deadline counts if it is confirmed within these minutes."""


@dataclass(frozen=True, slots=True)
class MoneyRules:
    """The funding rule and how a grant is paid out. The endowment is the pool's."""

    rule: FundingRule | None = None
    advance_share: Decimal | None = None
    integration_days: int = 10


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
        return _plain(asdict(self))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> CallDesign:
        """Read the document; unknown keys raise ValueError, absent ones take their default."""
        given = _known(cls, document)
        eligibility = dict(_known(Eligibility, given.pop("eligibility", {})))
        evaluation = dict(_known(Evaluation, given.pop("evaluation", {})))
        money = dict(_known(MoneyRules, given.pop("money", {})))
        campaign = given.pop("campaign", None)
        eligibility["kinds"] = tuple(OrganisationKind(k) for k in eligibility.get("kinds", ()))
        eligibility["excluded_areas"] = tuple(eligibility.get("excluded_areas", ()))
        _decimals(eligibility, "own_share_min")
        evaluation["criteria"] = tuple(_criterion(c) for c in evaluation.get("criteria", ()))
        evaluation["tie_break"] = tuple(evaluation.get("tie_break", ()))
        _decimals(evaluation, "minimum_total")
        money["rule"] = _rule(money.get("rule"))
        _decimals(money, "advance_share")
        return cls(
            **{
                **given,
                "sources": tuple(given.get("sources", ())),
                "questions": tuple(
                    Question(**_known(Question, q)) for q in given.get("questions", ())
                ),
                "requirements": tuple(
                    Requirement(**_known(Requirement, r)) for r in given.get("requirements", ())
                ),
                "eligibility": Eligibility(**eligibility),
                "evaluation": Evaluation(**evaluation),
                "money": MoneyRules(**money),
                "campaign": (
                    None if campaign is None else CampaignDesign(**_known(CampaignDesign, campaign))
                ),
            }
        )

    def sha256(self) -> str:
        """Give the hash of the canonical document, published with the edition."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _known(kind: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    unknown = sorted(set(document) - names)
    if unknown:
        msg = f"unknown key: {', '.join(unknown)}"
        raise ValueError(msg)
    return dict(document)


def _decimals(document: dict[str, Any], *names: str) -> None:
    for name in names:
        if document.get(name) is not None:
            document[name] = Decimal(str(document[name]))


def _criterion(document: Mapping[str, Any]) -> CriterionDesign:
    given = _known(CriterionDesign, document)
    _decimals(given, "maximum", "weight", "minimum")
    return CriterionDesign(**given)


def _rule(document: Mapping[str, Any] | None) -> FundingRule | None:
    if document is None:
        return None
    given = _known(FundingRule, document)
    given["kind"] = FundingKind(given["kind"])
    _decimals(given, "crowdfunding_share", "grant_share")
    return FundingRule(**given)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return str(value)
    return value
