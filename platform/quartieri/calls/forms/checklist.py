"""Fourth step: the admissibility checklist; the questions have pages of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, HiddenField, TextAreaField
from wtforms.validators import Length

from quartieri.calls.design import CallDesign, Requirement
from quartieri.calls.forms.base import Row, StepForm, both, code_for, spare, split


class RequirementRow(Row):
    """One line of the admissibility checklist."""

    code = HiddenField()
    text_it = TextAreaField(_l("Requirement, in Italian"), [Length(max=500)])
    text_en = TextAreaField(_l("Requirement, in English"), [Length(max=500)])


class ChecklistForm(StepForm):
    """What the office looks at, in its order."""

    requirements = FieldList(FormField(RequirementRow), label=_l("Admissibility checklist"))

    @staticmethod
    def data_of(design: CallDesign) -> dict[str, Any]:
        """Give what the form shows of a design."""
        lines = ({"code": r.code, **split(r.text, "text")} for r in design.requirements)
        return {"requirements": spare(lines)}

    def apply(self, design: CallDesign) -> CallDesign:
        """Give the design with this step's answers; rows without a text fall out."""
        known = {r.code for r in design.requirements}
        rows = [r.form for r in self.requirements]
        codes = {row.code.data for row in rows if row.code.data in known}
        lines = []
        for row in rows:
            text = both(row.text_it, row.text_en)
            if not text:
                continue
            kept = row.code.data if row.code.data in known else ""
            code = kept or code_for(text.get("it") or text["en"], codes, "requirement")
            lines.append(Requirement(code=code, text=text))
        return replace(design, requirements=tuple(lines))
