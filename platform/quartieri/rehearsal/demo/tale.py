"""The verbs of the demo's story: what happens in each of its calls, a day at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls import actions as calls
from quartieri.calls.design import CallDesign
from quartieri.calls.models import Call, Window
from quartieri.calls.shipped import template
from quartieri.campaigns import actions as campaigns
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.rules import NeedFacts, NeedKind, NeedsPart, RewardData
from quartieri.db import get, unit_of_work
from quartieri.extensions import services
from quartieri.files.actions import keep
from quartieri.files.models import StoredFile
from quartieri.gateways.sandbox.cards import AUTHENTICATE_ALWAYS, REFUSED_LATER
from quartieri.grants import actions as grants
from quartieri.grants.queries import live_grant
from quartieri.grants.rules import DisbursementKind
from quartieri.kit.clock import end_of_day, in_rome, rome
from quartieri.kit.money import share_floor
from quartieri.people.models import Authority
from quartieri.proposals.models import Proposal
from quartieri.rehearsal.crowd import pledge
from quartieri.rehearsal.demo import projects
from quartieri.rehearsal.demo.designs import ready
from quartieri.rehearsal.demo.pictures import ALTERNATIVE, street
from quartieri.rehearsal.paper import blank_pdf
from quartieri.rehearsal.stage import Application, Stage

IBAN = "IT60X0542811101000000123456"
COMMISSION = ("chair", "member")
COMMENTS = (
    "Risponde bene al criterio; restano da precisare i tempi.",
    "Il gruppo conosce la zona e porta già tre accordi firmati.",
    "Buona idea; il preventivo delle attrezzature è un po' generoso.",
    "Convincente: si capisce chi fa che cosa, e quando.",
    "Va bene, ma il piano per dopo il contributo è ancora vago.",
)
DINNER = 50_00
NEEDS = (
    NeedFacts(NeedKind.TIME, "Mani per montare", "Due sabati di lavoro insieme.", 12),
    NeedFacts(NeedKind.IN_KIND, "Tavoli e sedie", "Anche usati, purché solidi.", 20),
)
NAMES = (
    *("Anna R.", "Marco T.", "Fatima B.", "Giulia", "Pietro e Nadia", "Bar Centrale", "", "Omar"),
    *("Elena M.", "Il condominio al 12", "Sofia", "", "Chen L.", "Davide", "Libreria di via", ""),
)
MEALS = ("Mangio di tutto", "Niente maiale", "Sono celiaca", "Vegetariano")
MESSAGES = ("Forza!", "Ci vediamo sabato al banchetto.", "Era ora.", "Da tutto il pianerottolo.")


@dataclass(slots=True)
class Tale:
    """What the story has made so far."""

    stage: Stage
    authority_id: int
    lines: Mapping[str, int]
    today: datetime
    calls: dict[str, int] = field(default_factory=dict)
    made: dict[str, list[int]] = field(default_factory=dict)
    rankings: dict[tuple[str, int], int] = field(default_factory=dict)
    campaigns: dict[str, int] = field(default_factory=dict)

    def day(self, offset: int, hour: int = 10) -> datetime:
        """Give the instant ``offset`` days from today, at an hour of Rome."""
        return rome(in_rome(self.today).date() + timedelta(days=offset), time(hour))

    def window(self, call: str, number: int) -> int:
        """Give the id of a session."""
        with unit_of_work() as session:
            return session.scalars(
                sa.select(Window.id).where(
                    Window.call_id == self.calls[call], Window.number == number
                )
            ).one()


# -- calls and sessions ------------------------------------------------------------------------


def draft(  # noqa: PLR0917 -- read as one sentence at its uses
    tale: Tale,
    key: str,
    code: str,
    title: dict[str, str],
    line: str,
    days: Sequence[tuple[int, int]],
    *,
    provisional: bool = False,
    reshape: Callable[[CallDesign], CallDesign] = lambda design: design,
) -> None:
    """Draft a call from a template, with sessions by days from today and its endowment.

    ``reshape``: what is different from the template.
    """
    manager, at = tale.stage.cast.actor("manager"), tale.stage.now
    design = reshape(ready(code, title, provisional=provisional))
    endowment = template(code).endowment_cents or 0
    dates = [
        (tale.day(opens), end_of_day(in_rome(tale.day(closes)).date())) for opens, closes in days
    ]
    with unit_of_work() as session:
        authority = get(session, Authority, tale.authority_id)
        call = calls.create_from_template(
            session, authority, code, actor=manager, at=at, invented=True, slug=f"demo-{key}"
        )
        calls.save_design(session, call, design, version=None, actor=manager, at=at)
        calls.set_windows(session, call, dates, actor=manager, at=at)
        calls.set_pool(
            session,
            call,
            endowment_cents=endowment,
            shares={tale.lines[line]: endowment},
            actor=manager,
            at=at,
        )
        tale.calls[key] = call.id


def publish(tale: Tale, key: str) -> None:
    """Publish a drafted call by act."""
    manager, act = tale.stage.cast.actor("manager"), tale.stage.act("Pubblicazione del bando")
    with unit_of_work() as session:
        call = get(session, Call, tale.calls[key])
        calls.publish(session, call, act, actor=manager, at=tale.stage.now)


def apply(tale: Tale, key: str, call: str, many: Sequence[Application]) -> None:
    """Submit applications, some minutes apart."""
    tale.made[key] = []
    for one in many:
        tale.made[key].append(tale.stage.apply(tale.calls[call], one))
        tale.stage.go_to(tale.stage.now + timedelta(minutes=7))


def check(tale: Tale, key: str, call: str, number: int) -> None:
    """Check and admit a session's applications."""
    tale.stage.start_checking(tale.window(call, number))
    for proposal_id in tale.made[key]:
        tale.stage.check(proposal_id)


def evaluate(  # noqa: PLR0917 -- read as one sentence at its uses
    tale: Tale, key: str, call: str, number: int, points: Sequence[str], left: int = 0
) -> None:
    """Score a session's applications, but for the last ``left``."""
    made = tale.made[key]
    scored, waiting = made[: len(made) - left], made[len(made) - left :]
    shares = {
        proposal_id: (Decimal(given), Decimal(given) - Decimal("0.05"))
        for proposal_id, given in zip(scored, points, strict=True)
    }
    window = tale.window(call, number)
    tale.stage.evaluate(window, COMMISSION, shares, comments=COMMENTS, leave=waiting)


def rank(tale: Tale, call: str, number: int) -> None:
    """Publish a session's ranking, as final."""
    tale.stage.rank(tale.window(call, number), "Approvazione della graduatoria")


def rank_provisionally(tale: Tale, call: str, number: int) -> None:
    """Publish a session's ranking, open to objections."""
    decides = "Approvazione della graduatoria provvisoria"
    tale.rankings[call, number] = tale.stage.rank(tale.window(call, number), decides, final=False)


def make_final(tale: Tale, call: str, number: int) -> None:
    """Publish as final what was open to objections."""
    tale.stage.make_final(tale.rankings[call, number], "Approvazione della graduatoria definitiva")


def start_projects(tale: Tale, call: str, number: int) -> None:
    """Let a session's projects begin."""
    manager, window_id = tale.stage.cast.actor("manager"), tale.window(call, number)
    with unit_of_work() as session:
        window = get(session, Window, window_id)
        calls.start_projects(session, window, actor=manager, at=tale.stage.now)


# -- campaigns ---------------------------------------------------------------------------------


def launch(
    tale: Tale, key: str, proposal_id: int, starts_at: datetime, *, approve: bool = True
) -> None:
    """Write a campaign's page and have it approved, or leave it with the manager."""
    with unit_of_work() as session:
        proposal = get(session, Proposal, proposal_id)
        story = projects.story(proposal)
        title = proposal.title
    tale.campaigns[key] = tale.stage.launch(
        proposal_id,
        starts_at=starts_at,
        story=story,
        picture=street(title),
        alternative_text=ALTERNATIVE,
        rewards=_rewards(tale),
        more=(NeedsPart(NEEDS),),
        approve=approve,
    )


def _rewards(tale: Tale) -> tuple[RewardData, ...]:
    """Give the rewards of every page: one that is a word, one that is handed over."""
    delivery = in_rome(tale.day(120)).date().replace(day=1)
    return (
        RewardData("Il tuo nome sul muro", "Lo scriviamo con quello di tutti.", 10_00),
        RewardData(
            "Una cena con noi",
            "Un posto alla tavolata di fine progetto.",
            DINNER,
            40,
            delivery=delivery,
            shipping_question="C'è qualcosa che non mangi?",
        ),
    )


def _dinner(tale: Tale, campaign: str) -> int | None:
    """Give the id of the reward that is handed over."""
    with unit_of_work() as session:
        found = get(session, Campaign, tale.campaigns[campaign]).rewards
        return next((one.id for one in found if one.minimum_cents == DINNER), None)


def crowd(tale: Tale, campaign: str, total: int, *, people: int) -> None:
    """Let ``people`` pledge ``total`` in uneven round sums."""
    left, dinner = total, _dinner(tale, campaign)
    for n in range(people):
        rest = people - n
        share = left if rest == 1 else max(left // rest // 500 * 500 + (n % 5 - 2) * 2500, 500)
        left -= share
        name = NAMES[n % len(NAMES)]
        pledge(
            tale.stage.now,
            tale.campaigns[campaign],
            share,
            email=f"{campaign}-{n}@demo.example",
            name=name or "Anonimo",
            public_name=name,
            message=MESSAGES[n // 4 % len(MESSAGES)] if n % 4 == 0 else "",
            reward_id=dinner if n % 3 == 0 and share >= DINNER else None,
            shipping_answer=MEALS[n % len(MEALS)] if n % 3 == 0 and share >= DINNER else "",
        )


def difficult(tale: Tale, campaign: str) -> None:
    """Add two small pledges that will give trouble: a refused card, a bank that asks its payer."""
    for name, cents, card in (
        ("Rosa P.", 20_00, REFUSED_LATER),
        ("Ivo S.", 30_00, AUTHENTICATE_ALWAYS),
    ):
        address = name.partition(" ")[0].lower() + "@demo.example"
        pledge(
            tale.stage.now,
            tale.campaigns[campaign],
            cents,
            email=address,
            name=name,
            public_name=name,
            card=card,
        )


def offline(tale: Tale, campaign: str, cents: int, name: str, *, confirm: bool) -> None:
    """Record money that came by hand; another official confirms it, or has not yet."""
    cast, at = tale.stage.cast, tale.stage.now
    with unit_of_work() as session:
        made = campaigns.record_offline(
            session,
            get(session, Campaign, tale.campaigns[campaign]),
            amount_cents=cents,
            name=name,
            email="",
            evidence="Ricevuta di cassa 14/B",
            received_at=at,
            public_name=name,
            actor=cast.actor("officer"),
            at=at,
        )
        if confirm:
            campaigns.accept_offline(session, made, actor=cast.actor("officer2"), at=at)


# -- grants ------------------------------------------------------------------------------------


def paper(tale: Tale, session: Session, title: str) -> StoredFile:
    """Keep a blank document."""
    return keep(
        session,
        services().storage,
        name=f"{title}.pdf",
        content=blank_pdf(),
        user_id=tale.stage.cast.user("officer").id,
        at=tale.stage.now,
        most_bytes=services().settings.max_upload_bytes,
    )


def incorporate(tale: Tale, proposal_id: int, name: str) -> None:
    """Record by act that an informal group has become an association."""
    act = tale.stage.act("Passaggio alla nuova associazione")
    with unit_of_work() as session:
        grant = live_grant(session, proposal_id)
        if grant is not None:
            grants.record_legal_entity(
                session,
                grant,
                act,
                name=name,
                tax_code=tale.stage.tax_code(),
                iban=IBAN,
                statute=paper(tale, session, "Statuto"),
                actor=tale.stage.cast.actor("officer"),
                at=tale.stage.now,
            )


def grant(tale: Tale, proposal_id: int) -> None:
    """Record the grant act, publish it, record the agreement."""
    officer, at = tale.stage.cast.actor("officer"), tale.stage.now
    act = tale.stage.act("Concessione del contributo")
    with unit_of_work() as session:
        found = live_grant(session, proposal_id)
        if found is None:
            return
        grants.record_grant_act(session, found, act, actor=officer, at=at)
        grants.publish_grant_act(session, found, actor=officer, at=at)
        grants.record_agreement(
            session,
            found,
            signed_on=in_rome(at).date(),
            file=paper(tale, session, "Convenzione"),
            iban=IBAN,
            actor=officer,
            at=at,
        )


def pay_advance(tale: Tale, proposal_id: int) -> None:
    """Pay half in advance: the officer requests, the manager approves, the treasurer pays."""
    cast, at = tale.stage.cast, tale.stage.now
    with unit_of_work() as session:
        found = live_grant(session, proposal_id)
        if found is None:
            return
        payment = grants.request_disbursement(
            session,
            found,
            kind=DisbursementKind.ADVANCE,
            cents=share_floor(found.granted_cents, Decimal("0.5")),
            actor=cast.actor("officer"),
            at=at,
        )
        grants.approve_disbursement(session, payment, actor=cast.actor("manager"), at=at)
        treasurer = cast.actor("treasurer")
        grants.order_disbursement(session, payment, actor=treasurer, at=at)
        grants.pay_disbursement(
            session, payment, reference=f"MANDATO-{payment.id}", actor=treasurer, at=at
        )
