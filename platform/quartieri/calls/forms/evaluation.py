"""Fifth step: criteria, stages, thresholds, ties, lists, and what happens when money runs out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, RadioField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional

from quartieri.calls.design import (
    Aggregation,
    CallDesign,
    DividedBy,
    Evaluation,
    GroupDesign,
    ImportedResult,
    Normalisation,
    NotApplicable,
    Question,
    QuestionKind,
    Scoring,
    Text,
    WhenMoneyRunsOut,
)
from quartieri.calls.forms.base import ExactField, StepForm, both, spare, split
from quartieri.calls.forms.scored import (
    CriterionRow,
    GroupRow,
    PartRow,
    StageRow,
    division,
    ordered,
    titled,
)
from quartieri.kit.fields import IntegerField

PROTOCOL = "protocol"
SETTLING = (PROTOCOL, "draw")
"""Rules that settle every tie: nothing comes after the first of them."""


class EvaluationForm(StepForm):
    """How applications are scored and ranked."""

    groups = FieldList(FormField(GroupRow), label=_l("Groups of criteria"))
    criteria = FieldList(FormField(CriterionRow), label=_l("Criteria"))
    scoring = RadioField(_l("How a criterion counts"), [Optional()])
    stated_total = ExactField(_l("All criteria together give at most (empty: not checked)"))
    not_applicable = RadioField(_l("If a criterion does not apply to a project"), [Optional()])
    minimum_total = ExactField(_l("Lowest total score that can be funded (0: none is asked)"))
    sheets = IntegerField(
        _l("How many reviewers score each application"), [Optional(), NumberRange(1, 30)]
    )
    collegial = BooleanField(
        _l("The commission agrees on one sheet, which its secretary writes (collegial)")
    )
    blind = BooleanField(_l("Reviewers do not see who applies (blind)"))
    aggregation = RadioField(_l("How the totals of the sheets become the score"), [Optional()])
    normalisation = RadioField(
        _l("Are severe and generous reviewers brought together?"), [Optional()]
    )
    stages = FieldList(FormField(StageRow), label=_l("Stages"))
    tie_1 = SelectField(_l("At the same score, first comes"), validate_choice=False)
    tie_2 = SelectField(_l("then"), validate_choice=False)
    tie_3 = SelectField(_l("then"), validate_choice=False)
    draw_source_it = StringField(
        _l("What the seed of the draw is taken from, in Italian"), [Length(max=500)]
    )
    draw_source_en = StringField(
        _l("What the seed of the draw is taken from, in English"), [Length(max=500)]
    )
    places = IntegerField(
        _l("How many are funded at most, in all (empty: as the money goes)"),
        [Optional(), NumberRange(0, 10_000)],
    )
    lists_by = SelectField(_l("Lists go by"), validate_choice=False)
    lists_question = SelectField(_l("The question that decides"), validate_choice=False)
    lists = FieldList(FormField(PartRow), label=_l("Lists"))
    quotas_by = SelectField(_l("Quotas go by"), validate_choice=False)
    quotas_question = SelectField(_l("The question that decides"), validate_choice=False)
    quotas = FieldList(FormField(PartRow), label=_l("Quotas"))
    when_money_runs_out = RadioField(
        _l("When the next project does not fit in the money left"), [Optional()]
    )
    provisional = BooleanField(
        _l("A provisional ranking, open to objections, comes before the final one")
    )

    def offer(self, design: CallDesign, language: str) -> None:
        """Fill in the choices that follow from the saved criteria and groups."""
        evaluation = design.evaluation
        criteria = [(c.code, _named(c.title, c.code, language)) for c in evaluation.criteria]
        groups = [(g.code, _named(g.title, g.code, language)) for g in evaluation.groups]
        ties = [
            ("", _("– not stated –")),
            *(
                (f"criterion:{code}", _("more points in: %(criterion)s", criterion=title))
                for code, title in criteria
            ),
            ("received", _("who applied earlier")),
            (PROTOCOL, _("the lower protocol number")),
            ("draw", _("a public draw")),
        ]
        for field in (self.tie_1, self.tie_2, self.tie_3):
            field.choices = ties
        for row in self.criteria:
            row.form.group.choices = [("", _("– none –")), *groups]
            row.form.result.choices = [
                ("", _("The commission scores it")),
                *_labels(ImportedResult),
            ]
        for row in self.stages:
            row.form.criteria.choices = criteria
        dividing = [("", _("– nothing: there is one list –")), *_labels(DividedBy)]
        self.lists_by.choices = dividing
        self.quotas_by.choices = [("", _("– nothing: there are none –")), *_labels(DividedBy)]
        questions = [(q.key, _named(q.label, q.key, language)) for q in deciding(design)]
        for field in (self.lists_question, self.quotas_question):
            strange = {field.data or ""} - {"", *(key for key, _label in questions)}
            field.choices = [("", _("– none –")), *questions, *((key, key) for key in strange)]
        self.scoring.choices = _labels(Scoring)
        self.not_applicable.choices = _labels(NotApplicable)
        self.aggregation.choices = _labels(Aggregation)
        self.normalisation.choices = _labels(Normalisation)
        self.when_money_runs_out.choices = _labels(WhenMoneyRunsOut)

    @staticmethod
    def data_of(design: CallDesign) -> dict[str, Any]:
        """Give what the form shows of a design."""
        evaluation = design.evaluation
        ties = [*evaluation.tie_break, "", "", ""]
        one_more: list[dict[str, Any]] = [{}]
        return {
            "criteria": spare(ordered(CriterionRow.data_of(c) for c in evaluation.criteria)),
            "groups": [*ordered(GroupRow.data_of(g) for g in evaluation.groups), *one_more],
            "stages": [*ordered(StageRow.data_of(s) for s in evaluation.stages), *one_more],
            "scoring": evaluation.scoring,
            "stated_total": evaluation.stated_total,
            "not_applicable": evaluation.not_applicable,
            "minimum_total": evaluation.minimum_total,
            "sheets": evaluation.sheets or None,
            "collegial": evaluation.collegial,
            "blind": evaluation.blind,
            "aggregation": evaluation.aggregation,
            "normalisation": evaluation.normalisation,
            "tie_1": ties[0],
            "tie_2": ties[1],
            "tie_3": ties[2],
            **split(evaluation.draw_source, "draw_source"),
            "places": evaluation.places,
            "lists_by": evaluation.lists.by or "",
            "lists_question": evaluation.lists.question,
            "lists": [*ordered(map(PartRow.data_of, evaluation.lists.parts)), *one_more],
            "quotas_by": evaluation.quotas.by or "",
            "quotas_question": evaluation.quotas.question,
            "quotas": [*ordered(map(PartRow.data_of, evaluation.quotas.parts)), *one_more],
            "when_money_runs_out": evaluation.when_money_runs_out,
            "provisional": evaluation.provisional,
        }

    def apply(self, design: CallDesign) -> CallDesign:
        """Give the design with this step's answers; the money rule follows "gets what is left"."""
        before = design.evaluation
        groups = tuple(
            GroupDesign(code, row.title, row.minimum.data, row.gate.data)
            for row, code in titled(self.groups, {g.code for g in before.groups}, "group")
        )
        names = {g.code for g in groups}
        criteria = tuple(
            row.read(code, names)
            for row, code in titled(self.criteria, {c.code for c in before.criteria}, "criterion")
        )
        codes = {c.code for c in criteria}
        stages = tuple(
            row.read(code, codes)
            for row, code in titled(self.stages, {s.code for s in before.stages}, "stage")
        )
        stated = self.when_money_runs_out.data or None
        rule = design.money.rule
        if rule is not None and stated is not None:
            rule = replace(rule, part_funding=stated == WhenMoneyRunsOut.PART)
        return replace(
            design,
            evaluation=Evaluation(
                criteria=criteria,
                groups=groups,
                stages=stages,
                scoring=self.scoring.data or before.scoring,
                stated_total=self.stated_total.data,
                not_applicable=self.not_applicable.data or before.not_applicable,
                minimum_total=self.minimum_total.data,
                sheets=self.sheets.data or 0,
                collegial=self.collegial.data,
                blind=self.blind.data,
                aggregation=self.aggregation.data or before.aggregation,
                normalisation=self.normalisation.data or before.normalisation,
                tie_break=self._ties(codes),
                draw_source=both(self.draw_source_it, self.draw_source_en),
                places=self.places.data,
                lists=division(
                    self.lists_by.data or "",
                    self.lists_question.data or "",
                    self.lists,
                    before.lists,
                ),
                quotas=division(
                    self.quotas_by.data or "",
                    self.quotas_question.data or "",
                    self.quotas,
                    before.quotas,
                ),
                when_money_runs_out=stated,
                provisional=self.provisional.data,
            ),
            money=replace(design.money, rule=rule),
        )

    def _ties(self, criteria: set[str]) -> tuple[str, ...]:
        """Give the rules for ties up to the first that settles them; at the end the register's."""
        known = {f"criterion:{code}" for code in criteria} | {"received", *SETTLING}
        chosen = (self.tie_1.data, self.tie_2.data, self.tie_3.data)
        ties = list(dict.fromkeys(t for t in chosen if t in known))
        for place, rule in enumerate(ties):
            if rule in SETTLING:
                return tuple(ties[: place + 1])
        return (*ties, PROTOCOL) if ties else ()


def deciding(design: CallDesign) -> list[Question]:
    """Give the questions whose answer can decide where an application belongs."""
    return [q for q in design.form.questions if q.kind is QuestionKind.CHOICE]


def _labels(enum: type[Any]) -> list[tuple[str, str]]:
    return [(one.value, str(_(one.label))) for one in enum]


def _named(title: Text, code: str, language: str) -> str:
    return title.get(language) or title.get("it") or code
