"""Third step: who may apply, with which project, and what is declared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, HiddenField, RadioField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from quartieri.calls.design import (
    CallDesign,
    Declaration,
    DoubleFunding,
    Eligibility,
    MemberDatum,
    PartnerRule,
    Seat,
    Signature,
    StampDuty,
)
from quartieri.calls.forms.base import (
    Boxes,
    Row,
    ShareField,
    StepForm,
    both,
    cents_of,
    code_for,
    money_of,
    spare,
    split,
)
from quartieri.kit.fields import IntegerField, MoneyField
from quartieri.kit.labels import LabelEnum
from quartieri.people.rules import OrganisationKind

CHOSEN: dict[str, type[LabelEnum]] = {
    "seat": Seat,
    "double_funding": DoubleFunding,
    "signature": Signature,
    "stamp_duty": StampDuty,
}
"""Rules of which one is chosen, or none."""
PLAIN = (
    "min_group_members",
    "max_group_members",
    "min_organisation_age_years",
    "max_organisation_age_years",
    "alliance",
    "unconstituted",
    "applications_most",
    "months_min",
    "months_max",
    "own_share_min",
    "in_kind_counts",
)
"""Fields whose value is the design's own."""


class PartnerRow(Row):
    """How many partners of which kinds an alliance needs."""

    least = IntegerField(_l("Partners, at least"), [Optional(), NumberRange(1, 100)])
    kinds = Boxes(_l("Of these kinds (none ticked: of any kind)"))


class DeclarationRow(Row):
    """One declaration of the call's own."""

    code = HiddenField()
    text_it = TextAreaField(_l("Declaration, in Italian"), [Length(max=2000)])
    text_en = TextAreaField(_l("Declaration, in English"), [Length(max=2000)])
    optional = BooleanField(_l("May be left unticked"))


class WhoForm(StepForm):
    """Who may apply, with which project; an empty limit is no limit."""

    kinds = Boxes(_l("Who may apply"))
    min_group_members = IntegerField(
        _l("People in an informal group, at least"), [Optional(), NumberRange(1, 1000)]
    )
    max_group_members = IntegerField(
        _l("People in an informal group, at most"), [Optional(), NumberRange(1, 1000)]
    )
    member_data = Boxes(_l("What is asked of each person of a group, besides the name"))
    min_organisation_age_years = IntegerField(
        _l("Age of an organisation, at least (years)"), [Optional(), NumberRange(1, 200)]
    )
    max_organisation_age_years = IntegerField(
        _l("Age of an organisation, at most (years)"), [Optional(), NumberRange(0, 200)]
    )
    seat = RadioField(_l("Seat or base"))
    alliance = BooleanField(_l("Several may apply together, with one lead partner"))
    partners = FieldList(FormField(PartnerRow), label=_l("Partners that an alliance needs"))
    unconstituted = BooleanField(
        _l("An alliance that is not constituted yet may apply, with a written commitment")
    )
    applications_most = IntegerField(
        _l("Applications of one applicant in a session, at most"),
        [Optional(), NumberRange(1, 100)],
    )
    allowed_areas = Boxes(_l("Areas where a project may take place (none ticked: all)"))
    excluded_areas = Boxes(_l("Areas where no project may take place"))
    cost_min = MoneyField(_l("Lowest cost of a project"))
    cost_max = MoneyField(_l("Highest cost of a project"))
    months_min = IntegerField(_l("Shortest duration (months)"), [Optional(), NumberRange(1, 120)])
    months_max = IntegerField(_l("Longest duration (months)"), [Optional(), NumberRange(1, 120)])
    own_share_min = ShareField(_l("Own share of the cost, at least (%)"))
    in_kind_counts = BooleanField(_l("Work and goods count as own share"))
    double_funding = RadioField(_l("Other public money for the same project"))
    signature = RadioField(_l("How an application is signed"))
    stamp_duty = RadioField(_l("Stamp duty (imposta di bollo) on the application"))
    declarations = FieldList(FormField(DeclarationRow), label=_l("What the applicant declares"))

    def offer(self, kinds: list[tuple[str, str]], areas: list[tuple[str, str]]) -> None:
        """Fill in the choices: kinds of applicants and areas, as (code, label)."""
        self.kinds.choices = kinds
        for row in self.partners:
            row.form.kinds.choices = kinds
        self.member_data.choices = [(d.value, _(d.label)) for d in MemberDatum]
        self.allowed_areas.choices = areas
        self.excluded_areas.choices = areas
        for name, enum in CHOSEN.items():
            self[name].choices = [("", _("No rule")), *((x.value, _(x.label)) for x in enum)]

    @staticmethod
    def data_of(design: CallDesign) -> dict[str, Any]:
        """Give what the form shows of a design."""
        who = design.eligibility
        return {
            "kinds": [k.value for k in who.kinds],
            "member_data": [d.value for d in who.member_data],
            "partners": spare(
                {"least": p.least, "kinds": [k.value for k in p.kinds]} for p in who.partners
            )[: len(who.partners) + 1],
            "allowed_areas": list(who.allowed_areas),
            "excluded_areas": list(who.excluded_areas),
            "cost_min": money_of(who.cost_min_cents),
            "cost_max": money_of(who.cost_max_cents),
            "declarations": spare(
                {"code": d.code, **split(d.text, "text"), "optional": not d.required}
                for d in who.declarations
            )[: len(who.declarations) + 1],
            **{name: getattr(who, name) for name in PLAIN},
            **{name: getattr(who, name) or "" for name in CHOSEN},
        }

    def apply(self, design: CallDesign) -> CallDesign:
        """Give the design with this step's answers."""
        single: dict[str, Any] = {name: self[name].data for name in PLAIN}
        single |= {name: self[name].data or None for name in CHOSEN}
        who = Eligibility(
            kinds=_kinds(self.kinds.data),
            member_data=tuple(d for d in MemberDatum if d.value in (self.member_data.data or ())),
            partners=tuple(
                PartnerRule(row.least.data, _kinds(row.kinds.data))
                for row in (r.form for r in self.partners)
                if row.least.data
            ),
            allowed_areas=tuple(self.allowed_areas.data or ()),
            excluded_areas=tuple(self.excluded_areas.data or ()),
            cost_min_cents=cents_of(self.cost_min.data),
            cost_max_cents=cents_of(self.cost_max.data),
            declarations=self._declarations(design),
            **single,
        )
        return replace(design, eligibility=who)

    def _declarations(self, design: CallDesign) -> tuple[Declaration, ...]:
        known = {d.code for d in design.eligibility.declarations}
        rows = [r.form for r in self.declarations]
        taken = {row.code.data for row in rows if row.code.data in known}
        found = []
        for row in rows:
            text = both(row.text_it, row.text_en)
            if not text:
                continue
            kept = row.code.data if row.code.data in known else ""
            code = kept or code_for(text.get("it") or text["en"], taken, "declaration")
            found.append(Declaration(code, text, required=not row.optional.data))
        return tuple(found)


def _kinds(codes: list[str] | None) -> tuple[OrganisationKind, ...]:
    return tuple(k for k in OrganisationKind if k.value in (codes or ()))
