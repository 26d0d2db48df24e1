"""A rehearsal's offers: the rest of the money, offered by act, refused once and then accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from quartieri.audit.rules import Role
from quartieri.calls.design import CallDesign, QuestionKind
from quartieri.calls.funding import reserved_at_ranking
from quartieri.calls.models import Window
from quartieri.db import get, unit_of_work
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import LineFacts
from quartieri.proposals.rules.form.values import OWN
from quartieri.rehearsal.trial.notes import Phase, Rule
from quartieri.rehearsal.trial.play import DAY, OFFICE, Performance
from quartieri.rehearsal.trial.script import EURO, Invented, costing
from quartieri.reviews import actions as reviews
from quartieri.reviews.queries.waiting import waiting_list

DAYS_TO_ANSWER = 10
REFUSAL = "Con questa somma il progetto non si può fare."


@dataclass(frozen=True, slots=True)
class Offer:
    """What is left, and to whom it can be offered now; ``last``: nobody waits behind."""

    proposal_id: int
    cents: int
    last: bool


def offer_the_rest(show: Performance) -> None:
    """Offer what is left down the list, where the call says so; each answers in a few days.

    The first refuses while somebody waits behind, so that the list goes down; after that whoever
    can do with less accepts.
    """
    refused = False
    while (found := _next(show)) is not None:
        person = next(p for p in show.people if show.made.get(p.key) == found.proposal_id)
        _offer(show, person, found)
        show.stage.go_to(show.now + 3 * DAY)
        wants = refused or found.last
        if not (wants and _accept(show, person, found)):
            _refuse(show, person, found)
            refused = True


def _next(show: Performance) -> Offer | None:
    with unit_of_work() as session:
        found = waiting_list(session, get(session, Window, show.window_id))
        lines = found.lines if found is not None else ()
        for n, line in enumerate(lines):
            if line.offer_cents:
                return Offer(line.proposal.id, line.offer_cents, last=n + 1 == len(lines))
    return None


def _offer(show: Performance, one: Invented, offer: Offer) -> None:
    stage = show.stage
    with unit_of_work() as session:
        reviews.offer(
            session,
            get(session, Proposal, offer.proposal_id),
            stage.act("Offerta del resto"),
            cents=offer.cents,
            due_at=stage.now + DAYS_TO_ANSWER * DAY,
            actor=stage.cast.actor("manager"),
            at=stage.now,
        )
    text = lazy(
        "Offers %(person)s the %(left)s that are left, for a smaller project.",
        person=one.person,
        left=Money(offer.cents),
    )
    show.note(Phase.RANKING, OFFICE, text, Rule.MONEY_RUNS_OUT)


def _accept(show: Performance, one: Invented, offer: Offer) -> bool:
    """Accept with a budget cut to the offer; tell whether the call's rules let it be so small."""
    design, applicant = show.copy.design, show.stage.cast.actor(one.key, Role.APPLICANT)
    try:
        with unit_of_work() as session:
            proposal = get(session, Proposal, offer.proposal_id)
            cost = _smaller(design, proposal, offer.cents)
            reviews.accept_offer(
                session,
                proposal,
                _answers(design, one, cost),
                received_at=show.now,
                actor=applicant,
                at=show.now,
            )
    except InvalidError:
        return False
    text = lazy("Accepts the offer with a cost of %(cost)s.", cost=Money(cost))
    show.note(Phase.RANKING, one.person, text, Rule.MONEY_RUNS_OUT)
    return True


def _smaller(design: CallDesign, proposal: Proposal, cents: int) -> int:
    """Give a cost in whole euros whose grant the offer covers."""
    rule = design.money.rule
    if rule is None:
        return proposal.cost_cents
    wanted = reserved_at_ranking(rule, proposal.cost_cents, proposal.requested_cents)
    return max(proposal.cost_cents * cents // max(wanted, cents) // EURO * EURO, EURO)


def _answers(design: CallDesign, one: Invented, cost: int) -> dict[str, Any]:
    """Give the answers of cost and sources for a new cost, by question."""
    told = costing(design, one.application, cost)
    found: dict[str, Any] = {}
    for question in design.form.questions:
        if question.kind is QuestionKind.BUDGET:
            found[question.key] = [
                {"category": line.category, "what": line.description, "amount": line.amount_cents}
                for line in (LineFacts(*one) for one in told.budget)
            ]
        elif question.kind is QuestionKind.SOURCES:
            code = question.options[0].code if question.options else OWN
            found[question.key] = {
                "own": {code: told.own_cents},
                "requested": told.requested_cents or None,
                "crowd": told.crowd_cents or None,
            }
    return found


def _refuse(show: Performance, one: Invented, offer: Offer) -> None:
    with unit_of_work() as session:
        reviews.refuse_offer(
            session,
            get(session, Proposal, offer.proposal_id),
            reason=REFUSAL,
            received_at=show.now,
            actor=show.stage.cast.actor(one.key, Role.APPLICANT),
        )
    text = lazy("Refuses the offer: the next on the list is asked.")
    show.note(Phase.RANKING, one.person, text, Rule.MONEY_RUNS_OUT)
