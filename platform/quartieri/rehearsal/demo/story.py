"""The demo's story: three invented calls, told day by day until today.

So that a call or a session stands in each phase: the school's first session runs, its second is
under evaluation, its third is open; of the alliances two campaigns are live and one is scheduled;
of the civic crowdfunding one campaign succeeded, one missed, and a session is in the check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls import actions as calls
from quartieri.calls.design import CallDesign
from quartieri.calls.models import Window
from quartieri.calls.shipped import template
from quartieri.campaigns.actions.pages import RewardData
from quartieri.db import get, unit_of_work
from quartieri.extensions import services
from quartieri.files.actions import keep
from quartieri.files.models import StoredFile
from quartieri.grants import actions as grants
from quartieri.grants.queries import live_grant
from quartieri.grants.rules import DisbursementKind
from quartieri.kit.clock import end_of_day, in_rome
from quartieri.kit.money import share_floor
from quartieri.people.models import Authority
from quartieri.proposals import actions as proposals
from quartieri.proposals.models import Proposal
from quartieri.rehearsal.crowd import pledge
from quartieri.rehearsal.demo import projects
from quartieri.rehearsal.demo.designs import ready
from quartieri.rehearsal.demo.paper import blank_pdf
from quartieri.rehearsal.stage import Application, Stage

IBAN = "IT60X0542811101000000123456"
COMMISSION = ("chair", "member")
COMMENT = "Risponde bene al criterio; restano da precisare i tempi."
REWARDS = (
    RewardData("Il tuo nome sul muro", "Lo scriviamo con quello di tutti.", 10_00),
    RewardData("Una cena con noi", "Un posto alla tavolata di fine progetto.", 50_00, 40),
)
NAMES = (
    *("Anna R.", "Marco T.", "Fatima B.", "Giulia", "Pietro e Nadia", "Bar Centrale", "", "Omar"),
    *("Elena M.", "Il condominio al 12", "Sofia", "", "Chen L.", "Davide", "Libreria di via", ""),
)


@dataclass(slots=True)
class Tale:
    """What the story has made so far."""

    stage: Stage
    authority_id: int
    lines: Mapping[str, int]
    today: datetime
    calls: dict[str, int] = field(default_factory=dict)
    made: dict[str, list[int]] = field(default_factory=dict)
    campaigns: dict[str, int] = field(default_factory=dict)

    def day(self, offset: int, hour: int = 10) -> datetime:
        """Give the instant ``offset`` days from today, at an hour of Rome's morning."""
        there = in_rome(self.today + timedelta(days=offset))
        return there.replace(hour=hour, minute=0, second=0, microsecond=0)

    def window(self, call: str, number: int) -> int:
        """Give the id of a session."""
        with unit_of_work() as session:
            return session.scalars(
                sa.select(Window.id).where(
                    Window.call_id == self.calls[call], Window.number == number
                )
            ).one()


def tell(stage: Stage, authority_id: int, lines: Mapping[str, int], *, today: datetime) -> None:
    """Tell the story to its end; the worker follows each step."""
    tale = Tale(stage, authority_id, lines, today)
    for offset, event in sorted(CHAPTERS, key=lambda chapter: chapter[0]):
        stage.go_to(tale.day(offset))
        stage.work()
        event(tale)
    stage.go_to(today)
    stage.work()


def _publish(  # noqa: PLR0917 -- read as one sentence at its three uses
    tale: Tale,
    key: str,
    code: str,
    title: dict[str, str],
    line: str,
    days: Sequence[tuple[int, int]],
) -> None:
    manager, at = tale.stage.cast.actor("manager"), tale.stage.now
    design: CallDesign = ready(code, title)
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
        calls.publish(session, call, tale.stage.act("Pubblicazione"), actor=manager, at=at)
        tale.calls[key] = call.id


def _apply(tale: Tale, key: str, call: str, many: Sequence[Application]) -> None:
    tale.made[key] = []
    for one in many:
        tale.made[key].append(tale.stage.apply(tale.calls[call], one))
        tale.stage.go_to(tale.stage.now + timedelta(minutes=7))


def _check(tale: Tale, key: str, call: str, number: int) -> None:
    tale.stage.start_checking(tale.window(call, number))
    for proposal_id in tale.made[key]:
        tale.stage.check(proposal_id)


def _evaluate(tale: Tale, key: str, call: str, number: int, points: Sequence[str]) -> None:
    shares = {
        proposal_id: (Decimal(given), Decimal(given) - Decimal("0.05"))
        for proposal_id, given in zip(tale.made[key], points, strict=True)
    }
    tale.stage.evaluate(tale.window(call, number), COMMISSION, shares, comment=COMMENT)
    tale.stage.rank(tale.window(call, number), "Approvazione della graduatoria")


# -- La Scuola dei Quartieri -------------------------------------------------------------------


def _school_published(tale: Tale) -> None:
    title = {
        "it": "La Scuola dei Quartieri – edizione dimostrativa",
        "en": "The School of Neighbourhoods – demo edition",
    }
    days = ((-235, -180), (-170, -20), (-15, 45))
    _publish(tale, "scuola", "scuola-quartieri-2024", title, "F", days)


def _school_granted(tale: Tale) -> None:
    """Grant the first session; one group became an association, the other not yet."""
    officer, at = tale.stage.cast.actor("officer"), tale.stage.now
    first, group, _waiting = tale.made["school-1"]
    with unit_of_work() as session:
        statute = _paper(tale, session, "Statuto")
        grant = live_grant(session, group)
        if grant is not None:
            grants.record_legal_entity(
                session,
                grant,
                tale.stage.act("Passaggio alla nuova associazione"),
                name="Filo e Ago APS",
                tax_code=tale.stage.tax_code(),
                iban=IBAN,
                statute=statute,
                actor=officer,
                at=at,
            )
    for proposal_id in (first, group):
        _grant(tale, proposal_id)


def _school_paid(tale: Tale) -> None:
    for proposal_id in tale.made["school-1"][:2]:
        _pay_advance(tale, proposal_id)


def _school_second_evaluation(tale: Tale) -> None:
    """Leave the second session half evaluated: one application is scored, two wait."""
    first, *rest = tale.made["school-2"]
    tale.stage.evaluate(
        tale.window("scuola", 2),
        COMMISSION,
        {first: (Decimal("0.8"), Decimal("0.7"))},
        comment=COMMENT,
        leave=rest,
    )


# -- Alleanze di quartiere ---------------------------------------------------------------------


def _alliances_published(tale: Tale) -> None:
    title = {
        "it": "Alleanze di quartiere – edizione dimostrativa",
        "en": "Neighbourhood alliances – demo edition",
    }
    _publish(tale, "alleanze", "alleanze-2024", title, "E", ((-105, -85), (-10, 60)))


def _alliances_launched(tale: Tale) -> None:
    first, second, third, _fourth = tale.made["alliances"]
    for key, proposal_id, offset, colour in (
        ("vitruvio", first, -58, (196, 98, 45)),
        ("mercato", second, -40, (46, 125, 80)),
        ("botteghe", third, 5, (90, 70, 160)),
    ):
        tale.campaigns[key] = _launch(tale, proposal_id, tale.day(offset), colour)


def _alliances_pledged(tale: Tale) -> None:
    """Bring the first near to its target, two days before its end; the second half way."""
    _crowd(tale, "vitruvio", 24_400_00, people=28)
    _crowd(tale, "mercato", 17_500_00, people=16)


# -- Crowdfunding civico -----------------------------------------------------------------------


def _civic_published(tale: Tale) -> None:
    title = {
        "it": "Crowdfunding civico – edizione dimostrativa",
        "en": "Civic crowdfunding – demo edition",
    }
    days = ((-148, -128), (-60, -6))
    _publish(tale, "civico", "crowdfunding-civico-2020", title, "G", days)


def _civic_launched(tale: Tale) -> None:
    first, second = tale.made["civic-1"]
    tale.campaigns["forno"] = _launch(tale, first, tale.day(-100), (150, 90, 40))
    tale.campaigns["cinema"] = _launch(tale, second, tale.day(-100), (40, 60, 110))


def _civic_pledged(tale: Tale) -> None:
    _crowd(tale, "forno", 13_200_00, people=22)
    _crowd(tale, "cinema", 3_150_00, people=9)


def _civic_granted(tale: Tale) -> None:
    _grant(tale, tale.made["civic-1"][0])


def _civic_in_check(tale: Tale) -> None:
    """Leave the second session in the check: one is asked for a document, one waits."""
    tale.stage.start_checking(tale.window("civico", 2))
    with unit_of_work() as session:
        proposals.request_integration(
            session,
            get(session, Proposal, tale.made["civic-2"][0]),
            items="Manca la firma del legale rappresentante: carica la domanda firmata.",
            due_at=end_of_day(in_rome(tale.day(8)).date()),
            actor=tale.stage.cast.actor("officer"),
            at=tale.stage.now,
        )


# -- verbs of several calls --------------------------------------------------------------------


def _launch(tale: Tale, proposal_id: int, starts_at: datetime, colour: tuple[int, int, int]) -> int:
    with unit_of_work() as session:
        summary = get(session, Proposal, proposal_id).summary
    return tale.stage.launch(
        proposal_id,
        starts_at=starts_at,
        story=projects.STORY.format(summary=summary),
        colour=colour,
        rewards=REWARDS,
    )


def _crowd(tale: Tale, campaign: str, total: int, *, people: int) -> None:
    """Let ``people`` pledge ``total`` in uneven round sums."""
    left = total
    for n in range(people):
        rest = people - n
        share = left if rest == 1 else max(left // rest // 500 * 500 + (n % 5 - 2) * 500, 500)
        left -= share
        name = NAMES[n % len(NAMES)]
        pledge(
            tale.stage,
            tale.campaigns[campaign],
            share,
            email=f"{campaign}-{n}@demo.example",
            name=name or "Anonimo",
            public_name=name,
            message="Forza!" if n % 4 == 0 else "",
        )
    tale.stage.work()


def _paper(tale: Tale, session: Session, title: str) -> StoredFile:
    return keep(
        session,
        services().storage,
        name=f"{title}.pdf",
        content=blank_pdf(),
        user_id=tale.stage.cast.user("officer").id,
        at=tale.stage.now,
        most_bytes=services().settings.max_upload_bytes,
    )


def _grant(tale: Tale, proposal_id: int) -> None:
    """Record the grant act, publish it, record the agreement."""
    officer, at = tale.stage.cast.actor("officer"), tale.stage.now
    with unit_of_work() as session:
        grant = live_grant(session, proposal_id)
        if grant is None:
            return
        act = tale.stage.act("Concessione del contributo")
        grants.record_grant_act(session, grant, act, actor=officer, at=at)
        grants.publish_grant_act(session, grant, actor=officer, at=at)
        grants.record_agreement(
            session,
            grant,
            signed_on=in_rome(at).date(),
            file=_paper(tale, session, "Convenzione"),
            iban=IBAN,
            actor=officer,
            at=at,
        )


def _pay_advance(tale: Tale, proposal_id: int) -> None:
    """Pay half in advance: the officer requests, the manager approves, the treasurer pays."""
    cast, at = tale.stage.cast, tale.stage.now
    with unit_of_work() as session:
        grant = live_grant(session, proposal_id)
        if grant is None:
            return
        payment = grants.request_disbursement(
            session,
            grant,
            kind=DisbursementKind.ADVANCE,
            cents=share_floor(grant.granted_cents, Decimal("0.5")),
            actor=cast.actor("officer"),
            at=at,
        )
        grants.approve_disbursement(session, payment, actor=cast.actor("manager"), at=at)
        treasurer = cast.actor("treasurer")
        grants.order_disbursement(session, payment, actor=treasurer, at=at)
        grants.pay_disbursement(
            session, payment, reference=f"MANDATO-{payment.id}", actor=treasurer, at=at
        )


Event = Callable[[Tale], None]

CHAPTERS: tuple[tuple[int, Event], ...] = (
    (-236, _school_published),
    (-200, lambda t: _apply(t, "school-1", "scuola", projects.SCHOOL_FIRST)),
    (-178, lambda t: _check(t, "school-1", "scuola", 1)),
    (-165, lambda t: _evaluate(t, "school-1", "scuola", 1, ("0.9", "0.8", "0.7"))),
    (-155, _school_granted),
    (-150, _school_paid),
    (-149, _civic_published),
    (-135, lambda t: _apply(t, "civic-1", "civico", projects.CIVIC_FIRST)),
    (-126, lambda t: _check(t, "civic-1", "civico", 1)),
    (-118, lambda t: _evaluate(t, "civic-1", "civico", 1, ("0.85", "0.75"))),
    (-110, _civic_launched),
    (-106, _alliances_published),
    (-95, lambda t: _apply(t, "alliances", "alleanze", projects.ALLIANCES)),
    (-90, _civic_pledged),
    (-84, lambda t: _check(t, "alliances", "alleanze", 1)),
    (-75, lambda t: _evaluate(t, "alliances", "alleanze", 1, ("0.9", "0.85", "0.8", "0.7"))),
    (-65, _alliances_launched),
    (-39, _alliances_pledged),
    (-35, _civic_granted),
    (-30, lambda t: _apply(t, "school-2", "scuola", projects.SCHOOL_SECOND)),
    (-25, lambda t: _apply(t, "civic-2", "civico", projects.CIVIC_SECOND)),
    (-19, lambda t: _check(t, "school-2", "scuola", 2)),
    (-12, _school_second_evaluation),
    (-5, _civic_in_check),
    (-4, lambda t: _apply(t, "school-3", "scuola", projects.SCHOOL_THIRD)),
)
"""Days from today, and what happens then."""
