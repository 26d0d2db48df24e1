"""Third and fourth step: who may apply with what, and what the application asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from quartieri.calls.design import (
    MOST_LIMIT,
    CallDesign,
    Eligibility,
    Question,
    Requirement,
)
from quartieri.calls.forms.base import (
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
from quartieri.kit.fields import MoneyField
from quartieri.people.rules import OrganisationKind

USUAL_LIMIT = 3000


class Boxes(SelectMultipleField):
    """Several choices as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WhoForm(StepForm):
    """Who may apply, with which project; an empty limit is no limit."""

    kinds = Boxes(_l("Who may apply"))
    min_group_members = IntegerField(
        _l("People in an informal group, at least"), [Optional(), NumberRange(1, 1000)]
    )
    max_organisation_age_years = IntegerField(
        _l("Age of an organisation, at most (years)"), [Optional(), NumberRange(0, 200)]
    )
    alliance = BooleanField(_l("Several may apply together, with one lead partner"))
    excluded_areas = Boxes(_l("Areas where no project may take place"))
    cost_min = MoneyField(_l("Lowest cost of a project"))
    cost_max = MoneyField(_l("Highest cost of a project"))
    months_min = IntegerField(_l("Shortest duration (months)"), [Optional(), NumberRange(1, 120)])
    months_max = IntegerField(_l("Longest duration (months)"), [Optional(), NumberRange(1, 120)])
    own_share_min = ShareField(_l("Own share of the cost, at least (%)"))
    in_kind_counts = BooleanField(_l("Work and goods count as own share"))

    def offer(self, kinds: list[tuple[str, str]], areas: list[tuple[str, str]]) -> None:
        """Fill in the choices: kinds of applicants and areas, as (code, label)."""
        self.kinds.choices = kinds
        self.excluded_areas.choices = areas

    @staticmethod
    def data_of(design: CallDesign) -> dict[str, Any]:
        """Give what the form shows of a design."""
        who = design.eligibility
        return {
            "kinds": [k.value for k in who.kinds],
            "min_group_members": who.min_group_members,
            "max_organisation_age_years": who.max_organisation_age_years,
            "alliance": who.alliance,
            "excluded_areas": list(who.excluded_areas),
            "cost_min": money_of(who.cost_min_cents),
            "cost_max": money_of(who.cost_max_cents),
            "months_min": who.months_min,
            "months_max": who.months_max,
            "own_share_min": who.own_share_min,
            "in_kind_counts": who.in_kind_counts,
        }

    def apply(self, design: CallDesign) -> CallDesign:
        """Give the design with this step's answers."""
        return replace(
            design,
            eligibility=Eligibility(
                kinds=tuple(k for k in OrganisationKind if k.value in (self.kinds.data or ())),
                min_group_members=self.min_group_members.data,
                max_organisation_age_years=self.max_organisation_age_years.data,
                alliance=self.alliance.data,
                excluded_areas=tuple(self.excluded_areas.data or ()),
                cost_min_cents=cents_of(self.cost_min.data),
                cost_max_cents=cents_of(self.cost_max.data),
                months_min=self.months_min.data,
                months_max=self.months_max.data,
                own_share_min=self.own_share_min.data,
                in_kind_counts=self.in_kind_counts.data,
            ),
        )


class QuestionRow(Row):
    """One narrative question; a row with no text is left out."""

    key = HiddenField()
    label_it = StringField(_l("Question, in Italian"), [Length(max=300)])
    label_en = StringField(_l("Question, in English"), [Length(max=300)])
    help_it = StringField(_l("Help, in Italian"), [Length(max=500)])
    help_en = StringField(_l("Help, in English"), [Length(max=500)])
    limit = IntegerField(
        _l("Characters of the answer, at most"), [Optional(), NumberRange(1, MOST_LIMIT)]
    )
    optional = BooleanField(_l("The answer may stay empty"))


class RequirementRow(Row):
    """One line of the admissibility checklist."""

    code = HiddenField()
    text_it = TextAreaField(_l("Requirement, in Italian"), [Length(max=500)])
    text_en = TextAreaField(_l("Requirement, in English"), [Length(max=500)])


class ApplicationForm(StepForm):
    """Questions and checklist, in their order."""

    questions = FieldList(FormField(QuestionRow), label=_l("Questions"))
    requirements = FieldList(FormField(RequirementRow), label=_l("Admissibility checklist"))

    @staticmethod
    def data_of(design: CallDesign) -> dict[str, Any]:
        """Give what the form shows of a design."""
        questions = (
            {
                "key": q.key,
                **split(q.label, "label"),
                **split(q.help, "help"),
                "limit": q.limit,
                "optional": not q.required,
            }
            for q in design.questions
        )
        lines = ({"code": r.code, **split(r.text, "text")} for r in design.requirements)
        return {"questions": spare(questions), "requirements": spare(lines)}

    def apply(self, design: CallDesign) -> CallDesign:
        """Give the design with this step's answers; rows without a text fall out."""
        keys = {row.form.key.data for row in self.questions if row.form.key.data}
        codes = {row.form.code.data for row in self.requirements if row.form.code.data}
        known = {q.key for q in design.questions}, {r.code for r in design.requirements}
        questions, lines = [], []
        for row in (r.form for r in self.questions):
            label = both(row.label_it, row.label_en)
            if not label:
                continue
            kept = row.key.data if row.key.data in known[0] else ""
            questions.append(
                Question(
                    key=kept or code_for(label.get("it") or label["en"], keys, "question"),
                    label=label,
                    help=both(row.help_it, row.help_en),
                    limit=row.limit.data or USUAL_LIMIT,
                    required=not row.optional.data,
                )
            )
        for row in (r.form for r in self.requirements):
            text = both(row.text_it, row.text_en)
            if not text:
                continue
            kept = row.code.data if row.code.data in known[1] else ""
            code = kept or code_for(text.get("it") or text["en"], codes, "requirement")
            lines.append(Requirement(code=code, text=text))
        return replace(design, questions=tuple(questions), requirements=tuple(lines))
