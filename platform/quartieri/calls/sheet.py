"""A call's rules, form and criteria as one sheet of plain blocks: the page and the PDF draw it.

What is in the PDF is on the page and the other way round, because both are drawn from this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from quartieri.calls.campaign_words import campaign_sentences
from quartieri.calls.design import CallDesign, CriterionDesign, Text
from quartieri.calls.design.form import SHORT_LIMIT, Question, QuestionKind
from quartieri.calls.evaluating import evaluation_sentences, points
from quartieri.calls.funding import percent
from quartieri.calls.models import Window
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money

PAPER = Path(__file__).parent / "papers" / "rules.typ"
"""The template of the PDF: title, summary and sections of blocks."""
Say = Callable[[object], str]
Block = dict[str, Any]
"""``{"kind": "facts" | "list" | "table" | "questions" | "text", …}``: see ``calls/_sheet.html``."""
Section = dict[str, Any]


def sheet(
    design: CallDesign,
    windows: list[Window],
    *,
    say: Say,
    language: str,
    areas: Mapping[str, str],
    cards: bool,
) -> list[Section]:
    """Give the sections of the sheet in a language: title and blocks, texts only.

    ``areas`` maps the codes of the city's areas to their names; ``cards``: the site has a payment
    service.
    """
    writer = _Writer(design, say, language, areas, cards=cards)
    sections = (
        (lazy("Who can apply, and with what"), [*writer.who()]),
        (lazy("When"), [*writer.dates(windows)]),
        (lazy("The money rule"), [*writer.money()]),
        (lazy("How applications are scored"), [*writer.scores()]),
        (lazy("What is checked first"), [*writer.checked()]),
        *((Lazy(title), blocks) for title, blocks in writer.form()),
        (lazy("What you declare"), [*writer.declared()]),
        (lazy("Terms"), [{"kind": "text", "text": writer.text(design.terms)}]),
        (lazy("Privacy notice"), [{"kind": "text", "text": writer.text(design.privacy_notice)}]),
    )
    return [
        {"title": say(title), "blocks": blocks}
        for title, blocks in sections
        if any(b.get("items") or b.get("rows") or b.get("text") for b in blocks)
    ]


class _Writer:
    """Writes the parts of one sheet."""

    def __init__(
        self,
        design: CallDesign,
        say: Say,
        language: str,
        areas: Mapping[str, str],
        *,
        cards: bool,
    ) -> None:
        self.design, self.say, self.language, self.areas = design, say, language, areas
        self.cards = cards

    def text(self, text: Text) -> str:
        return text.get(self.language) or next((t for t in text.values() if t), "")

    def who(self) -> Iterator[Block]:
        who = self.design.eligibility
        facts: list[tuple[Lazy, Lazy | str]] = [
            (lazy("Who can apply"), ", ".join(self.say(Lazy(k.label)) for k in who.kinds)),
            (lazy("Together with others"), _alliance(who.alliance)),
            (
                lazy("Informal group"),
                _between(
                    who.min_group_members,
                    who.max_group_members,
                    lazy("from %(low)s to %(high)s people"),
                    lazy("at least %(low)s people"),
                    lazy("at most %(high)s people"),
                ),
            ),
            (
                lazy("Age of an organisation"),
                _between(
                    who.min_organisation_age_years,
                    who.max_organisation_age_years,
                    lazy("from %(low)s to %(high)s years"),
                    lazy("at least %(low)s years"),
                    lazy("at most %(high)s years"),
                ),
            ),
            (lazy("Where"), self._where()),
            (
                lazy("Cost of a project"),
                _between(
                    _euros(who.cost_min_cents),
                    _euros(who.cost_max_cents),
                    lazy("from %(low)s to %(high)s"),
                    lazy("at least %(low)s"),
                    lazy("up to %(high)s"),
                ),
            ),
            (
                lazy("Duration"),
                _between(
                    who.months_min,
                    who.months_max,
                    lazy("from %(low)s to %(high)s months"),
                    lazy("at least %(low)s months"),
                    lazy("at most %(high)s months"),
                ),
            ),
        ]
        for rule in who.partners:
            kinds = ", ".join(self.say(Lazy(k.label)) for k in rule.kinds)
            partners = (
                lazy("at least %(least)s: %(kinds)s", least=rule.least, kinds=kinds)
                if kinds
                else lazy("at least %(least)s", least=rule.least)
            )
            facts.append((lazy("Partners in an alliance"), partners))
        if who.own_share_min is not None:
            share = lazy("at least %(share)s %% of the cost", share=percent(who.own_share_min))
            facts.append((lazy("What you put in"), share))
        if self.design.money.integration_days:
            days = lazy("%(days)s days", days=self.design.money.integration_days)
            facts.append((lazy("To complete the papers (soccorso istruttorio)"), days))
        yield _facts((self.say(term), self.say(value)) for term, value in facts if value)

    def _where(self) -> Lazy:
        who = self.design.eligibility
        if who.allowed_areas:
            names = ", ".join(self.areas.get(c, c) for c in who.allowed_areas)
            return lazy("only in %(areas)s", areas=names)
        if who.excluded_areas:
            names = ", ".join(self.areas.get(c, c) for c in who.excluded_areas)
            return lazy("the whole city but %(areas)s", areas=names)
        return lazy("the whole city")

    def dates(self, windows: list[Window]) -> Iterator[Block]:
        if windows:
            head = (lazy("Session"), lazy("Opens"), lazy("Deadline"))
            yield {
                "kind": "table",
                "head": [self.say(h) for h in head],
                "numeric": [],
                "rows": [
                    [str(w.number), self._instant(w.opens_at), self._instant(w.closes_at)]
                    for w in windows
                ],
            }

    def _instant(self, at: datetime) -> str:
        return self.say(lazy("%(at)s", at=at))

    def money(self) -> Iterator[Block]:
        campaign = self.design.campaign
        sentences = list(self.design.money.sentences)
        advance = self.design.money.advance_share
        if advance is not None:
            sentences.append(
                lazy(
                    "%(share)s %% of the grant is paid in advance, the rest after the report.",
                    share=percent(advance),
                )
                if advance
                else lazy("The whole grant is paid after the report.")
            )
        if campaign is not None:
            sentences += campaign_sentences(campaign, cards=self.cards)
        yield self._list(sentences)

    def scores(self) -> Iterator[Block]:
        evaluation = self.design.evaluation
        head = (lazy("Criterion"), lazy("Points"), lazy("Weight"), lazy("At least"))
        yield {
            "kind": "table",
            "head": [self.say(h) for h in head],
            "numeric": [1, 2, 3],
            "rows": [
                [
                    self.text(c.title),
                    self._number(c.maximum),
                    self._number(c.weight),
                    "–" if c.minimum is None else self._number(c.minimum),
                ]
                for c in evaluation.criteria
            ],
        }
        guidance = [(self.text(c.title), self._guidance(c)) for c in evaluation.criteria]
        yield _facts((title, words) for title, words in guidance if words)
        yield self._list(evaluation_sentences(self.design, self.text))

    def _guidance(self, criterion: CriterionDesign) -> str:
        lines = [self.text(criterion.guidance)]
        for band in criterion.bands:
            span = points(band.low)
            if band.high != band.low:
                span += f"-{points(band.high)}"
            lines.append(f"{span}: {self.text(band.text)}")
        return "\n".join(line for line in lines if line)

    def checked(self) -> Iterator[Block]:
        yield {"kind": "list", "items": [self.text(r.text) for r in self.design.checklist]}

    def declared(self) -> Iterator[Block]:
        yield {"kind": "list", "items": [self.text(d.text) for d in self.design.declarations]}

    def form(self) -> Iterator[tuple[str, list[Block]]]:
        for page in self.design.form.pages:
            title = self.say(
                lazy("What the application asks: %(page)s", page=self.text(page.section.title))
            )
            items = [self._question(q) for q in page.questions if q.asks]
            yield title, [{"kind": "questions", "items": items}]

    def _question(self, question: Question) -> dict[str, Any]:
        return {
            "label": self.text(question.label),
            "help": self.text(question.help),
            "notes": [self.say(note) for note in _notes(question)],
            "options": [self.text(o.label) for o in question.options],
        }

    def _list(self, sentences: list[Lazy]) -> Block:
        return {"kind": "list", "items": [self.say(s) for s in sentences]}

    def _number(self, number: Decimal) -> str:
        return self.say(lazy("%(number)s", number=number))


def _facts(pairs: Iterator[tuple[str, str]]) -> Block:
    return {"kind": "facts", "items": [list(p) for p in pairs]}


def _notes(question: Question) -> Iterator[Lazy]:
    yield Lazy(question.kind.label)
    if question.kind.text:
        most = question.limit
        if question.kind is QuestionKind.SHORT_TEXT:
            most = min(most, SHORT_LIMIT)
        yield lazy("at most %(n)s characters", n=most)
    if not question.required:
        yield lazy("optional")
    if question.shown_if is not None:
        yield lazy("asked only after certain answers")


def _alliance(allowed: bool) -> Lazy:  # noqa: FBT001 -- private
    if allowed:
        return lazy("also together, with a lead partner (capofila)")
    return lazy("no: each applies alone")


def _between(low: object, high: object, both: Lazy, least: Lazy, most: Lazy) -> Lazy | str:
    if low is not None and high is not None:
        return lazy(both.msgid, low=low, high=high)
    if low is not None:
        return lazy(least.msgid, low=low)
    return "" if high is None else lazy(most.msgid, high=high)


def _euros(cents: int | None) -> Money | None:
    return Money(cents) if cents else None
