"""From a draft to the form of a page, and from what was typed back to a part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, cast

from flask_babel import gettext
from wtforms import BooleanField, FieldList, TextAreaField

from quartieri.calls.design import CallDesign
from quartieri.kit.money import Money
from quartieri.people.rules import OrganisationKind
from quartieri.programmes.models import Area
from quartieri.proposals.forms.application import (
    MOST_ROWS,
    SPARE_ROWS,
    ApplicantForm,
    BudgetForm,
    Counted,
    MoneyForm,
    PlaceForm,
    SectionForm,
    SummaryForm,
    TeamForm,
    Wanted,
    tidy,
)
from quartieri.proposals.rules import (
    DECLARATIONS,
    ApplicantPart,
    BudgetPart,
    DeclarationsPart,
    Draft,
    LineFacts,
    MemberFacts,
    MoneyPart,
    Part,
    PartnerFacts,
    PlacePart,
    Section,
    StoryPart,
    SummaryPart,
    TeamPart,
    in_language,
    mark_of,
)


def build(  # noqa: C901 -- one case for each kind of page
    section: Section, draft: Draft, design: CallDesign, *, areas: Sequence[Area], language: str
) -> SectionForm:
    """Give the form of a page: with what was sent, else with what the draft holds."""
    part = draft.part(section)
    data: dict[str, Any] = {} if part is None else {"seen": mark_of(part)}
    form: SectionForm
    match part:
        case ApplicantPart():
            form = _applicant(part, data)
        case SummaryPart():
            form = SummaryForm(data=data | asdict(part))
        case StoryPart():
            form = _story(part, design, language, data)
        case PlacePart():
            form = _place(part, design, areas, language, data)
        case TeamPart():
            form = _team(part, design, data)
        case BudgetPart():
            form = _budget(part, data)
        case MoneyPart():
            form = _money(part, design, data)
        case DeclarationsPart():
            form = _declarations(part.keys, data)
        case None:
            form = SectionForm()
    if not form.is_submitted():
        add_spare_rows(form)
    return form


def add_spare_rows(form: SectionForm) -> None:
    """Give each table of rows a few empty ones."""
    for field in form:
        if isinstance(field, FieldList):
            for _n in range(SPARE_ROWS):
                if len(field) < MOST_ROWS:
                    field.append_entry()


def _applicant(part: ApplicantPart, data: dict[str, Any]) -> SectionForm:
    form = ApplicantForm(data=data | asdict(part))
    if part.informal:
        del form.tax_code, form.founded_on
    return form


def _budget(part: BudgetPart, data: dict[str, Any]) -> SectionForm:
    rows = [
        {"description": line.description, "amount": Money(line.amount_cents)} for line in part.lines
    ]
    return BudgetForm(data=data | {"lines": rows})


def _story(part: StoryPart, design: CallDesign, language: str, data: dict[str, Any]) -> SectionForm:
    fields: dict[str, Any] = {}
    for question in design.questions:
        asked: list[Any] = [Counted(question.limit)]
        if question.required:
            asked.append(Wanted())
        fields[f"q_{question.key}"] = TextAreaField(
            in_language(question.label, language),
            asked,
            filters=[tidy],
            description=in_language(question.help, language),
        )
    answers = {f"q_{key}": answer for key, answer in part.answers.items()}
    made = type("StoryForm", (SectionForm,), fields)
    return cast(SectionForm, made(data=data | answers))


def _place(
    part: PlacePart,
    design: CallDesign,
    areas: Sequence[Area],
    language: str,
    data: dict[str, Any],
) -> SectionForm:
    chosen = "" if part.area_id is None else str(part.area_id)
    form = PlaceForm(data=data | {"place": part.place, "area": chosen, "months": part.months})
    excluded = design.eligibility.excluded_areas
    if not areas:
        del form.area
        return form
    form.area.choices = [("", gettext("Choose…"))] + [
        (
            str(a.id),
            gettext("%(area)s: left out of this call", area=area_name(a, language))
            if a.code in excluded
            else area_name(a, language),
        )
        for a in areas
    ]
    return form


def area_name(area: Area, language: str) -> str:
    """Give an area's name in a language."""
    return (area.name_en if language == "en" else "") or area.name_it


def _team(part: TeamPart, design: CallDesign, data: dict[str, Any]) -> SectionForm:
    members = [{"name": m.name, "role": m.role} for m in part.members]
    partners = [
        {"name": p.name, "kind": p.kind.value, "tax_code": p.tax_code, "role": p.role}
        for p in part.partners
        if not p.lead
    ]
    form = TeamForm(data=data | {"members": members, "partners": partners})
    if not design.eligibility.alliance:
        del form.partners
    return form


def _money(part: MoneyPart, design: CallDesign, data: dict[str, Any]) -> SectionForm:
    amounts = {
        "own": part.own_cents,
        "requested": part.requested_cents,
        "crowd": part.crowd_cents,
    }
    shown = {name: Money(cents) if cents else None for name, cents in amounts.items()}
    form = MoneyForm(data=data | shown)
    rule = design.money.rule
    if rule is not None and rule.kind.has_campaign:
        del form.requested
    else:
        del form.crowd
    return form


def _declarations(keys: frozenset[str], data: dict[str, Any]) -> SectionForm:
    fields = {key: BooleanField(gettext(text), [Wanted()]) for key, text in DECLARATIONS.items()}
    made = type("DeclarationsForm", (SectionForm,), fields)
    return cast(SectionForm, made(data=data | dict.fromkeys(keys, True)))


# -- from a form to a part ---------------------------------------------------------------------


def read(form: SectionForm, section: Section, draft: Draft) -> Part:
    """Give what was typed on a page as a part; empty rows fall away."""
    return _READERS[section](form, draft)


def _read_applicant(form: Any, draft: Draft) -> Part:
    kind = draft.applicant.kind
    if draft.applicant.informal:
        return ApplicantPart(kind, form.name.data, seat=form.seat.data)
    return ApplicantPart(
        kind, form.name.data, form.tax_code.data, form.seat.data, form.founded_on.data
    )


def _read_story(form: Any, _draft: Draft) -> Part:
    return StoryPart(
        {f.name.removeprefix("q_"): f.data for f in form if f.name.startswith("q_") and f.data}
    )


def _read_place(form: Any, draft: Draft) -> Part:
    chosen = form.area.data if draft.areas_exist else ""
    return PlacePart(form.place.data, int(chosen) if chosen else None, form.months.data)


def _read_team(form: Any, draft: Draft) -> Part:
    members = tuple(
        MemberFacts(row["name"], row["role"])
        for row in form.members.data
        if row["name"] or row["role"]
    )
    if "partners" not in form:
        return TeamPart(members, draft.team.partners)
    lead = next((p for p in draft.team.partners if p.lead), None)
    me = draft.applicant
    partners = (
        PartnerFacts(me.name, me.kind, me.tax_code, lead.role if lead else "", lead=True),
        *(
            PartnerFacts(row["name"], OrganisationKind(row["kind"]), row["tax_code"], row["role"])
            for row in form.partners.data
            if row["name"] or row["tax_code"] or row["role"]
        ),
    )
    return TeamPart(members, partners)


def _read_budget(form: Any, _draft: Draft) -> Part:
    return BudgetPart(
        tuple(
            LineFacts(row["description"], row["amount"].cents if row["amount"] else 0)
            for row in form.lines.data
            if row["description"] or row["amount"]
        )
    )


def _read_money(form: Any, _draft: Draft) -> Part:
    typed = {
        name: form[name].data.cents if name in form and form[name].data else 0
        for name in ("own", "requested", "crowd")
    }
    return MoneyPart(typed["own"], typed["requested"], typed["crowd"])


_READERS: dict[Section, Callable[[Any, Draft], Part]] = {
    Section.APPLICANT: _read_applicant,
    Section.SUMMARY: lambda form, _draft: SummaryPart(form.title.data, form.summary.data),
    Section.STORY: _read_story,
    Section.PLACE: _read_place,
    Section.TEAM: _read_team,
    Section.BUDGET: _read_budget,
    Section.MONEY: _read_money,
    Section.DECLARATIONS: lambda form, _draft: DeclarationsPart(
        frozenset(key for key in DECLARATIONS if form[key].data)
    ),
}
