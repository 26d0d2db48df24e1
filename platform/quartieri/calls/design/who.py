"""Who may apply, and with which project."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quartieri.calls.design.reading import (
    MOST_NUMBER,
    Reader,
    Text,
    code_of,
    different,
    one_of,
    word,
)
from quartieri.kit.labels import N_, LabelEnum
from quartieri.people.rules import OrganisationKind

AUTOMATIC = "auto-"
"""How the codes begin of what follows from the other rules (``design.automatic``)."""


class Seat(LabelEnum):
    """Where the applicant must have its seat or its base."""

    SEAT = "seat", N_("The legal seat is in the city")
    BASE = "base", N_("An operational base is in the city")
    BASE_LATER = "base_later", N_("An operational base is in the city before the agreement")


class MemberDatum(LabelEnum):
    """What is asked of each member of an informal group, besides the name."""

    BORN_ON = "born_on", N_("Date of birth")
    TAX_CODE = "tax_code", N_("Tax code")
    RESIDENCE = "residence", N_("Residence")
    CONTACT = "contact", N_("Email or telephone")


class Signature(LabelEnum):
    """How an application is signed."""

    SESSION = "session", N_("By signing in")
    DIGITAL = "digital", N_("With a digital signature on the PDF")
    HAND = "hand", N_("By hand on the PDF, with a copy of an identity document")


class StampDuty(LabelEnum):
    """Whether stamp duty (imposta di bollo) is due on an application."""

    NOT_DUE = "not_due", N_("Not due")
    DUE = "due", N_("Due")
    EXEMPTIBLE = "exemptible", N_("Due, unless the applicant declares an exemption")


class DoubleFunding(LabelEnum):
    """Whether other public money may pay for the same project."""

    OTHER_COSTS = "other_costs", N_("Allowed for other costs, and declared")
    FORBIDDEN = "forbidden", N_("Not allowed")


@dataclass(frozen=True, slots=True)
class PartnerRule:
    """An alliance needs at least ``least`` partners of these kinds (none named: of any kind)."""

    least: int
    kinds: tuple[OrganisationKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the applicant declares; one that is not required may be left unticked."""

    code: str
    text: Text = field(default_factory=dict)
    required: bool = True


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may apply and with what; None: no such limit."""

    kinds: tuple[OrganisationKind, ...] = ()
    min_group_members: int | None = None
    max_group_members: int | None = None
    member_data: tuple[MemberDatum, ...] = ()
    min_organisation_age_years: int | None = None
    max_organisation_age_years: int | None = None
    seat: str | None = None
    """A code of :class:`Seat`."""
    alliance: bool = False
    partners: tuple[PartnerRule, ...] = ()
    unconstituted: bool = False
    """An alliance that is not constituted yet may apply, with a written commitment."""
    allowed_areas: tuple[str, ...] = ()
    """Codes of the only areas in which a project may take place; empty: all of them."""
    excluded_areas: tuple[str, ...] = ()
    """Codes of areas in which a project may not take place."""
    applications_most: int | None = None
    """How many applications one applicant may have in a session."""
    cost_min_cents: int | None = None
    cost_max_cents: int | None = None
    months_min: int | None = None
    months_max: int | None = None
    own_share_min: Decimal | None = None
    in_kind_counts: bool = False
    double_funding: str | None = None
    """A code of :class:`DoubleFunding`."""
    signature: str | None = None
    """A code of :class:`Signature`; None: signing in is enough."""
    stamp_duty: str | None = None
    """A code of :class:`StampDuty`."""
    declarations: tuple[Declaration, ...] = ()


def read_eligibility(given: Reader) -> Eligibility:
    """Read who may apply with what."""
    eligibility = Eligibility(
        kinds=tuple(OrganisationKind(k) for k in given.items("kinds", one_of(OrganisationKind))),
        min_group_members=given.whole("min_group_members", most=MOST_NUMBER),
        max_group_members=given.whole("max_group_members", most=MOST_NUMBER),
        member_data=tuple(MemberDatum(d) for d in given.items("member_data", one_of(MemberDatum))),
        min_organisation_age_years=given.whole("min_organisation_age_years", most=MOST_NUMBER),
        max_organisation_age_years=given.whole("max_organisation_age_years", most=MOST_NUMBER),
        seat=given.choice("seat", Seat),
        alliance=given.flag("alliance"),
        partners=given.items("partners", _partner_rule),
        unconstituted=given.flag("unconstituted"),
        allowed_areas=given.items("allowed_areas", word),
        excluded_areas=given.items("excluded_areas", word),
        applications_most=given.whole("applications_most", most=MOST_NUMBER),
        cost_min_cents=given.whole("cost_min_cents"),
        cost_max_cents=given.whole("cost_max_cents"),
        months_min=given.whole("months_min", most=MOST_NUMBER),
        months_max=given.whole("months_max", most=MOST_NUMBER),
        own_share_min=given.decimal("own_share_min"),
        in_kind_counts=given.flag("in_kind_counts"),
        double_funding=given.choice("double_funding", DoubleFunding),
        signature=given.choice("signature", Signature),
        stamp_duty=given.choice("stamp_duty", StampDuty),
        declarations=given.items("declarations", _declaration),
    )
    different(given, "declarations", (d.code for d in eligibility.declarations))
    given.done()
    return eligibility


def _partner_rule(value: Any, pointer: str) -> PartnerRule:
    given = Reader(value, pointer)
    rule = PartnerRule(
        least=given.whole("least", most=MOST_NUMBER) or 0,
        kinds=tuple(OrganisationKind(k) for k in given.items("kinds", one_of(OrganisationKind))),
    )
    if rule.least < 1:
        given.refuse("least", "must be more than 0")
    given.done()
    return rule


def _declaration(value: Any, pointer: str) -> Declaration:
    given = Reader(value, pointer)
    declaration = Declaration(
        code=code_of(given, "code"),
        text=given.text("text"),
        required=given.flag("required", default=True),
    )
    if declaration.code.startswith(AUTOMATIC):
        given.refuse("code", f"must not begin with {AUTOMATIC}")
    given.done()
    return declaration
