"""Fifth step: criteria, thresholds, ties, and what happens when the money runs out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional

from quartieri.calls.design import (
    TITLE_LIMIT,
    CallDesign,
    CriterionDesign,
    Evaluation,
    WhenMoneyRunsOut,
)
from quartieri.calls.forms.base import ExactField, Row, StepForm, both, code_for, spare, split

PROTOCOL = "protocol"


class CriterionRow(Row):
    """One criterion; a row with no title is left out."""

    code = HiddenField()
    title_it = StringField(_l("Criterion, in Italian"), [Length(max=TITLE_LIMIT)])
    title_en = StringField(_l("Criterion, in English"), [Length(max=TITLE_LIMIT)])
    maximum = ExactField(_l("Points, at most"))
    weight = ExactField(_l("Weight (empty: 1)"))
    minimum = ExactField(_l("Points, at least (empty: none asked)"))
    guidance_it = TextAreaField(_l("Guidance for reviewers, in Italian"), [Length(max=2000)])
    guidance_en = TextAreaField(_l("Guidance for reviewers, in English"), [Length(max=2000)])


class EvaluationForm(StepForm):
    """How applications are scored and ranked."""

    criteria = FieldList(FormField(CriterionRow), label=_l("Criteria"))
    minimum_total = ExactField(_l("Lowest total score that can be funded (0: none is asked)"))
    sheets = IntegerField(
        _l("How many reviewers score each application"), [Optional(), NumberRange(1, 30)]
    )
    tie_1 = SelectField(_l("At the same score, first comes"), validate_choice=False)
    tie_2 = SelectField(_l("then"), validate_choice=False)
    tie_3 = SelectField(_l("then"), validate_choice=False)
    when_money_runs_out = RadioField(
        _l("When the next project does not fit in the money left"), [Optional()]
    )
    provisional = BooleanField(
        _l("A provisional ranking, open to objections, comes before the final one")
    )

    def offer(self, design: CallDesign, language: str) -> None:
        """Fill in the choices that follow from the saved criteria."""
        ties = [
            ("", _("– not stated –")),
            *(
                (
                    f"criterion:{c.code}",
                    _(
                        "more points in: %(criterion)s",
                        criterion=c.title.get(language) or c.title.get("it") or c.code,
                    ),
                )
                for c in design.evaluation.criteria
            ),
            ("received", _("who applied earlier")),
            (PROTOCOL, _("the lower protocol number")),
        ]
        for field in (self.tie_1, self.tie_2, self.tie_3):
            field.choices = ties
        self.when_money_runs_out.choices = [(w.value, _(w.label)) for w in WhenMoneyRunsOut]

    @staticmethod
    def data_of(design: CallDesign) -> dict[str, Any]:
        """Give what the form shows of a design."""
        evaluation = design.evaluation
        rows = (
            {
                "code": c.code,
                **split(c.title, "title"),
                "maximum": c.maximum or None,
                "weight": c.weight,
                "minimum": c.minimum,
                **split(c.guidance, "guidance"),
            }
            for c in evaluation.criteria
        )
        ties = [*evaluation.tie_break, "", "", ""]
        return {
            "criteria": spare(rows),
            "minimum_total": evaluation.minimum_total,
            "sheets": evaluation.sheets or None,
            "tie_1": ties[0],
            "tie_2": ties[1],
            "tie_3": ties[2],
            "when_money_runs_out": evaluation.when_money_runs_out,
            "provisional": evaluation.provisional,
        }

    def apply(self, design: CallDesign) -> CallDesign:
        """Give the design with this step's answers; the money rule follows "gets what is left"."""
        criteria = self._criteria(design)
        known = {f"criterion:{c.code}" for c in criteria} | {"received", PROTOCOL}
        chosen = (self.tie_1.data, self.tie_2.data, self.tie_3.data)
        ties = list(dict.fromkeys(t for t in chosen if t in known))
        if PROTOCOL in ties:
            ties = [*ties[: ties.index(PROTOCOL)], PROTOCOL]
        elif ties:
            ties.append(PROTOCOL)
        stated = self.when_money_runs_out.data or None
        rule = design.money.rule
        if rule is not None and stated is not None:
            rule = replace(rule, part_funding=stated == WhenMoneyRunsOut.PART)
        return replace(
            design,
            evaluation=Evaluation(
                criteria=criteria,
                minimum_total=self.minimum_total.data,
                sheets=self.sheets.data or 0,
                tie_break=tuple(ties),
                when_money_runs_out=stated,
                provisional=self.provisional.data,
            ),
            money=replace(design.money, rule=rule),
        )

    def _criteria(self, design: CallDesign) -> tuple[CriterionDesign, ...]:
        known = {c.code for c in design.evaluation.criteria}
        taken = {row.form.code.data for row in self.criteria if row.form.code.data}
        found = []
        for row in (r.form for r in self.criteria):
            title = both(row.title_it, row.title_en)
            if not title:
                continue
            kept = row.code.data if row.code.data in known else ""
            found.append(
                CriterionDesign(
                    code=kept or code_for(title.get("it") or title["en"], taken, "criterion"),
                    title=title,
                    maximum=row.maximum.data or Decimal(0),
                    weight=Decimal(1) if row.weight.data is None else row.weight.data,
                    minimum=row.minimum.data,
                    guidance=both(row.guidance_it, row.guidance_en),
                )
            )
        return tuple(found)
