"""The forms of a campaign's page, one for each part, and the two ways between form and part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import wtforms
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    FieldList,
    FileField,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from quartieri.campaigns.models import Campaign
from quartieri.campaigns.rules import (
    BasicsPart,
    BudgetPart,
    FaqsPart,
    NeedFacts,
    NeedKind,
    NeedsPart,
    PagePart,
    Part,
    PeoplePart,
    StoryPart,
    SurplusPart,
)
from quartieri.kit.fields import Form, IntegerField, MoneyField, Needed
from quartieri.kit.filters import label_filter
from quartieri.kit.money import Money

SPARE_ROWS = 2
MOST_ROWS = 30
MARKDOWN = _l("A blank line begins a paragraph, ## a heading, - a list; [words](address) a link.")
PICTURE = _l("JPEG, PNG or WebP, wider than high; at least 1200 pixels wide looks best.")


class Row(wtforms.Form):
    """One row of a list; a row in which nothing was typed is left out."""

    needed: tuple[str, ...] = ()

    def is_blank(self) -> bool:
        """Tell whether nothing was typed."""
        typed = (f for f in self if f.type != "SelectField")
        return not any(str(f.raw_data[0] if f.raw_data else "").strip() for f in typed)

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for what a row that was begun needs."""
        if self.is_blank():
            return True
        good = bool(super().validate(extra_validators))
        for name in self.needed:
            field = self[name]
            if not field.data and not field.errors:
                field.errors = [*field.errors, _("This must be filled in.")]
                good = False
        return good


class PartForm(Form):
    """The base: ``seen`` marks what the form was opened on."""

    seen = HiddenField()

    def prepare(self, campaign: Campaign) -> None:
        """Fill in what may be chosen."""

    def append_spare_rows(self) -> None:
        """Give every list at least one row to type in."""
        for field in self:
            if isinstance(field, FieldList) and field.name != "lines" and not len(field):
                for _row in range(SPARE_ROWS):
                    field.append_entry()


class BasicsForm(PartForm):
    """Title, sentence, target, picture."""

    title = StringField(_l("Title"), [Needed(), Length(max=140)])
    summary = TextAreaField(
        _l("In one sentence"), [Optional(), Length(max=500)], render_kw={"rows": 3}
    )
    target = MoneyField(_l("Target"), [Needed()])
    image = FileField(_l("Picture"), [Optional()], description=PICTURE)
    image_text = StringField(
        _l("What the picture shows, for those who do not see it"), [Optional(), Length(max=300)]
    )


class StoryForm(PartForm):
    """The story and a video."""

    story = TextAreaField(
        _l("The story"),
        [Optional(), Length(max=20_000)],
        description=MARKDOWN,
        render_kw={"rows": 16},
    )
    video = StringField(
        _l("Address of a video"),
        [Optional(), Length(max=300)],
        description=_l(
            "At YouTube, Vimeo or PeerTube. The page shows a link: nothing is loaded from there."
        ),
    )


class LineRow(wtforms.Form):
    """Words on one line of the budget."""

    line = HiddenField()
    words = StringField(_l("In your words"), [Optional(), Length(max=300)])


class BudgetForm(PartForm):
    """Words on the budget, line by line."""

    lines = FieldList(FormField(LineRow), _l("What the money is for"))


class PeopleForm(PartForm):
    """Place, team, members."""

    place = TextAreaField(
        _l("About the place"), [Optional(), Length(max=1000)], render_kw={"rows": 3}
    )
    team = TextAreaField(_l("About you"), [Optional(), Length(max=2000)], render_kw={"rows": 4})
    members = SelectMultipleField(
        _l("Members to show on the page"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Only those who agreed to be named."),
    )

    def prepare(self, campaign: Campaign) -> None:
        """Offer the members of the application."""
        self.members.choices = [
            (str(n), f"{m.name} · {m.role}" if m.role else m.name)
            for n, m in enumerate(campaign.proposal.members)
        ]


class NeedRow(Row):
    """One need."""

    needed = ("title",)
    kind = SelectField(_l("Kind"))
    title = StringField(_l("What"), [Length(max=140)])
    text = StringField(_l("Details"), [Length(max=300)])
    quantity = IntegerField(
        _l("How many (empty: no limit)"), [Optional(), NumberRange(min=1, max=100_000)]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the kinds."""
        super().__init__(*args, **kwargs)
        self.kind.choices = [(kind.value, label_filter(kind)) for kind in NeedKind]


class NeedsForm(PartForm):
    """Other help than money."""

    needs = FieldList(FormField(NeedRow), _l("Other help that you need"), max_entries=MOST_ROWS)


class SurplusForm(PartForm):
    """Money above the target."""

    surplus = TextAreaField(
        _l("What you do with money above the target"),
        [Optional(), Length(max=4000)],
        description=MARKDOWN,
        render_kw={"rows": 6},
    )


class FaqRow(Row):
    """One question with its answer."""

    needed = ("question", "answer")
    question = StringField(_l("Question"), [Length(max=200)])
    answer = TextAreaField(_l("Answer"), [Length(max=2000)])


class FaqsForm(PartForm):
    """Questions and answers."""

    faqs = FieldList(FormField(FaqRow), _l("Questions and answers"), max_entries=MOST_ROWS)


class ImageForm(Form):
    """A picture for the story or a reward."""

    image = FileField(_l("Picture"), [Needed()], description=PICTURE)
    text = StringField(
        _l("What the picture shows, for those who do not see it"), [Needed(), Length(max=300)]
    )


FORMS: Mapping[PagePart, type[PartForm]] = {
    PagePart.BASICS: BasicsForm,
    PagePart.STORY: StoryForm,
    PagePart.BUDGET: BudgetForm,
    PagePart.PEOPLE: PeopleForm,
    PagePart.NEEDS: NeedsForm,
    PagePart.SURPLUS: SurplusForm,
    PagePart.FAQS: FaqsForm,
}


# -- from a part to its form -------------------------------------------------------------------


def values_of(part: Part, campaign: Campaign) -> dict[str, Any]:
    """Give what a form shows of a part as it is saved, with spare rows."""
    spare: list[dict[str, Any]] = [{} for _row in range(SPARE_ROWS)]
    match part:
        case BasicsPart():
            return {
                "title": part.title,
                "summary": part.summary,
                "target": Money(part.target_cents),
                "image_text": part.image_text,
            }
        case BudgetPart():
            words, budget = dict(part.words), campaign.proposal.budget
            lines = [{"line": b.description, "words": words.get(b.description, "")} for b in budget]
            return {"lines": lines}
        case PeoplePart():
            chosen = [
                str(n)
                for n, m in enumerate(campaign.proposal.members)
                if (m.name, m.role) in part.members
            ]
            return {"place": part.place, "team": part.team, "members": chosen}
        case NeedsPart():
            rows = [
                {"kind": n.kind.value, "title": n.title, "text": n.text, "quantity": n.quantity}
                for n in part.needs
            ]
            return {"needs": [*rows, *spare]}
        case FaqsPart():
            faqs = [{"question": q, "answer": a} for q, a in part.faqs]
            return {"faqs": [*faqs, *spare]}
    return asdict(part)


# -- from a form to its part -------------------------------------------------------------------


def _basics(form: Any, _campaign: Campaign) -> BasicsPart:
    return BasicsPart(
        title=form.title.data,
        summary=form.summary.data or "",
        target_cents=form.target.cents,
        image_text=form.image_text.data or "",
    )


def _people(form: Any, campaign: Campaign) -> PeoplePart:
    members = campaign.proposal.members
    chosen = tuple((members[int(n)].name, members[int(n)].role) for n in form.members.data or ())
    return PeoplePart(form.place.data or "", form.team.data or "", chosen)


def _needs(form: Any, _campaign: Campaign) -> NeedsPart:
    rows = (row.form for row in form.needs if not row.form.is_blank())
    return NeedsPart(
        tuple(
            NeedFacts(NeedKind(r.kind.data), r.title.data, r.text.data or "", r.quantity.data)
            for r in rows
        )
    )


def _faqs(form: Any, _campaign: Campaign) -> FaqsPart:
    rows = (row.form for row in form.faqs if not row.form.is_blank())
    return FaqsPart(tuple((r.question.data, r.answer.data) for r in rows))


READ: Mapping[PagePart, Callable[[Any, Campaign], Part]] = {
    PagePart.BASICS: _basics,
    PagePart.STORY: lambda form, _c: StoryPart(form.story.data or "", form.video.data or ""),
    PagePart.BUDGET: lambda form, _c: BudgetPart(
        tuple((row.form.line.data, row.form.words.data or "") for row in form.lines)
    ),
    PagePart.PEOPLE: _people,
    PagePart.NEEDS: _needs,
    PagePart.SURPLUS: lambda form, _c: SurplusPart(form.surplus.data or ""),
    PagePart.FAQS: _faqs,
}
"""What was typed, as a part."""
