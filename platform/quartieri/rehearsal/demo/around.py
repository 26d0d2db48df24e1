"""What goes on around the demo's campaigns: news, help, comments, reports, trouble with banks.

And two small calls of their own: one whose city doubles each gift as it comes, one whose campaigns
run on another platform.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from quartieri.audit.rules import Actor, Role
from quartieri.calls.design import CallDesign, Venue
from quartieri.calls.funding import FundingKind, FundingRule, LiveMatch
from quartieri.campaigns import actions as campaigns
from quartieri.campaigns.actions.around import OfferData
from quartieri.campaigns.actions.elsewhere import TotalData
from quartieri.campaigns.models import Campaign, Offer, Pledge
from quartieri.campaigns.rules import PagePart, PledgeState, ReportReason
from quartieri.db import get, unit_of_work
from quartieri.extensions import services
from quartieri.gateways.email import message
from quartieri.gateways.sandbox.cards import REFUSED_LATER
from quartieri.gateways.sandbox.counter import Deed
from quartieri.jobs import registry
from quartieri.mail.actions import came_back
from quartieri.mail.bounces import Bounce
from quartieri.mail.models import Letter, LetterState
from quartieri.payments.jobs import sandbox
from quartieri.payments.models import PaymentCharge
from quartieri.rehearsal.crowd import pledge
from quartieri.rehearsal.demo import tale as told
from quartieri.rehearsal.demo.tale import Tale

DOUBLED, ELSEWHERE = "raddoppio", "altrove"
PLATFORM = "https://piattaforma.demo.example/progetti/teatro-in-cortile"


# -- a match as the gifts come -----------------------------------------------------------------


def _doubled(design: CallDesign) -> CallDesign:
    rule = FundingRule(
        FundingKind.LIVE_MATCH,
        Decimal("0.4"),
        Decimal("0.5"),
        grant_cap_cents=10_000_00,
        live=LiveMatch(per_donation_cents=200_00),
    )
    campaign = design.campaign
    if campaign is not None:
        campaign = replace(campaign, top_up_in_grace=True)
    return replace(design, money=replace(design.money, rule=rule), campaign=campaign)


def publish_doubled(tale: Tale) -> None:
    """Publish the call whose city doubles each gift."""
    title = {"it": "Il quartiere raddoppia", "en": "The neighbourhood doubles"}
    days = ((-115, -100),)
    told.draft(tale, DOUBLED, "crowdfunding-civico-2020", title, "H", days, reshape=_doubled)
    told.publish(tale, DOUBLED)


def launch_doubled(tale: Tale) -> None:
    """Launch its two campaigns: one ends two days ago, one goes on."""
    told.evaluate(tale, DOUBLED, DOUBLED, 1, ("0.9", "0.8"))
    told.rank(tale, DOUBLED, 1)
    ended, live = tale.made[DOUBLED]
    told.launch(tale, "lampioni", ended, tale.day(-62, 0))
    told.launch(tale, "teatro", live, tale.day(-25, 0))


def pledge_doubled(tale: Tale) -> None:
    """Promise the first all that it needs, with two cards that will be refused."""
    told.crowd(tale, "lampioni", 5_820_00, people=9)
    made = tale.campaigns["lampioni"]
    for name, cents in (("Rosa P.", 120_00), ("Ivo S.", 60_00)):
        address = f"{name.partition(' ')[0].lower()}.lampioni@demo.example"
        pledge(tale.stage.now, made, cents, email=address, name=name, card=REFUSED_LATER)


def pledge_live(tale: Tale) -> None:
    """Bring the second to a third."""
    told.crowd(tale, "teatro", 2_400_00, people=7)


# -- a campaign elsewhere ----------------------------------------------------------------------


def _outside(design: CallDesign) -> CallDesign:
    campaign = design.campaign
    if campaign is not None:
        campaign = replace(
            campaign,
            venue=Venue.ELSEWHERE,
            venue_name="Piattaforma dimostrativa",
            venue_url="https://piattaforma.demo.example",
        )
    return replace(design, campaign=campaign)


def publish_elsewhere(tale: Tale) -> None:
    """Publish the call whose campaigns run on another platform."""
    title = {"it": "Cortili in scena", "en": "Courtyards on stage"}
    days = ((-114, -99),)
    told.draft(tale, ELSEWHERE, "crowdfunding-civico-2020", title, "G", days, reshape=_outside)
    told.publish(tale, ELSEWHERE)


def launch_elsewhere(tale: Tale) -> None:
    """Have the address on the platform written down, confirmed, and the campaign scheduled."""
    told.evaluate(tale, ELSEWHERE, ELSEWHERE, 1, ("0.85",))
    told.rank(tale, ELSEWHERE, 1)
    (proposal_id,) = tale.made[ELSEWHERE]
    told.launch(tale, "cortile", proposal_id, tale.day(-40, 0), approve=False)
    cast, at = tale.stage.cast, tale.stage.now
    with unit_of_work() as session:
        campaign = get(session, Campaign, tale.campaigns["cortile"])
        officer, manager = cast.actor("officer"), cast.actor("manager")
        typed = {"outside_url": PLATFORM}
        campaigns.file_collection(session, campaign, typed, cards=True, actor=officer, at=at)
        campaigns.confirm_collection(session, campaign, cards=True, actor=manager, at=at)
        campaigns.approve(session, campaign, starts_at=tale.day(-40, 0), actor=manager, at=at)


def report_total(tale: Tale, raised_cents: int, backers: int) -> None:
    """Take over what the platform reports."""
    at = tale.stage.now
    with unit_of_work() as session:
        campaigns.import_total(
            session,
            get(session, Campaign, tale.campaigns["cortile"]),
            TotalData(at - timedelta(hours=1), raised_cents, backers, "Piattaforma dimostrativa"),
            actor=tale.stage.cast.actor("officer"),
            at=at,
        )


# -- news, help, comments, reports -------------------------------------------------------------


def _proposer(tale: Tale, campaign: Campaign) -> Actor:
    """Give who runs a campaign."""
    cast = tale.stage.cast
    return cast.actor(cast.key_of(campaign.owner_id), Role.APPLICANT)


def tell_news(tale: Tale) -> None:
    """Put news on two pages; the letters to backers follow."""
    for key, title, text in (
        (
            "vitruvio",
            "Le prime dieci vetrine",
            "Dieci negozi hanno detto di sì: **le luci si accendono insieme** il primo venerdì.",
        ),
        (
            "mercato",
            "La cucina ha un cuoco",
            "Si chiama Samir, ha il banco delle spezie e farà la prima cena sociale.",
        ),
    ):
        with unit_of_work() as session:
            campaign = get(session, Campaign, tale.campaigns[key])
            by = _proposer(tale, campaign)
            campaigns.post_update(
                session, campaign, title=title, text=text, actor=by, at=tale.stage.now
            )


def offer_help(tale: Tale) -> None:
    """Offer help: one offer is accepted, one waits."""
    at = tale.stage.now
    with unit_of_work() as session:
        campaign = get(session, Campaign, tale.campaigns["vitruvio"])
        for need, name, number, words in (
            (1, "Karim Haddad", 2, "Vengo con mio fratello, abbiamo il trapano."),
            (2, "Teresa Lo Cascio", 6, "Sei sedie della sala, ancora buone."),
        ):
            address = f"{name.lower().replace(' ', '.')}@demo.example"
            data = OfferData(number, name, address, "", words)
            campaigns.make_offer(session, campaign, need, data, language="it", at=at)
        first = session.scalars(sa.select(Offer).order_by(Offer.id)).first()
        if first is not None:
            by = _proposer(tale, campaign)
            words = "Grazie! Ci vediamo sabato alle nove davanti alla farmacia."
            campaigns.answer_offer(session, first, "accept", answer=words, actor=by, at=at)


def comment(tale: Tale) -> None:
    """Let the tutor comment on the page that waits for approval."""
    at, tutor = tale.stage.now, tale.stage.cast.actor("tutor")
    with unit_of_work() as session:
        campaign = get(session, Campaign, tale.campaigns["portici"])
        for part, text in (
            (PagePart.STORY, "Comincia dalle persone: chi passa sotto i portici, e quando?"),
            (PagePart.REWARDS, "La cena piace sempre. Aggiungi una ricompensa da 25 €."),
        ):
            campaigns.comment(session, campaign, part, text, actor=tutor, at=at)


def report(tale: Tale) -> None:
    """Report two campaigns: the office has decided one, one waits."""
    at, officer = tale.stage.now, tale.stage.cast.actor("officer")
    with unit_of_work() as session:
        for key, reason, text in (
            (
                "vitruvio",
                ReportReason.OTHER,
                "Nella foto si vede la mia vetrina: la togliete?",
            ),
            ("dergano", ReportReason.OTHER, "La piazza è già piena di tavoli: servono davvero?"),
        ):
            campaign = get(session, Campaign, tale.campaigns[key])
            made = campaigns.report(
                session,
                campaign,
                reason=reason,
                text=text,
                email="paolo.brambilla@demo.example",
                language="it",
                at=at,
            )
            if key == "vitruvio":
                note = "È un disegno, non una foto: nessuna vetrina vera è riconoscibile."
                campaigns.decide_report(session, made, "dismiss", note=note, actor=officer, at=at)


# -- trouble with banks ------------------------------------------------------------------------


def trouble(tale: Tale) -> None:
    """Let a backer's bank dispute a payment, and another one send a refund back."""
    box, at = sandbox(), tale.stage.now
    with unit_of_work() as session:
        paid = (Pledge.campaign_id == tale.campaigns["forno"], Pledge.state == PledgeState.PAID)
        found = session.scalars(sa.select(Pledge).where(*paid).order_by(Pledge.amount_cents)).all()
        first, last = found[0], found[-1]
        intents = [
            session.scalar(
                sa.select(PaymentCharge.intent_id).where(PaymentCharge.subject == one.subject)
            )
            for one in (first, last)
        ]
        reason, treasurer = "Ha pagato due volte", tale.stage.cast.actor("treasurer")
        campaigns.refund_paid(session, last, reason=reason, actor=treasurer, at=at)
    tale.stage.work()
    for intent, deed in zip(intents, (Deed.DISPUTE, Deed.REFUND_FAILS), strict=True):
        if box is not None and intent is not None:
            box.do(intent, deed)
    registry.run("payments.reconcile", {})


def bounce(tale: Tale) -> None:
    """Let a letter to a backer come back: the office sees it, and the pledge's page says it."""
    sender = services().settings.mail_from
    with unit_of_work() as session:
        about = (Letter.subject_kind == "pledge", Letter.state == LetterState.SENT)
        letter = session.scalars(sa.select(Letter).where(*about).order_by(Letter.id.desc())).first()
        if letter is None:
            return
        sent = message(letter.name, sender, to=letter.to, subject=letter.subject, text=letter.text)
        reason = "5.2.2 552 Mailbox full"
        told_of = Bounce(letter.id, str(sent["Message-ID"]), reason)
        came_back(session, told_of, sender=sender, at=tale.stage.now)
