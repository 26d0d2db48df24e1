"""Personal data around campaigns is deleted after its time, and nothing that the books need."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns import actions, jobs
from quartieri.campaigns.actions.around import OfferData
from quartieri.campaigns.models import Offer, Pledge, Receipt, Report
from quartieri.campaigns.rules import PledgeState, ReportReason
from quartieri.kit.clock import SetClock
from quartieri.mail.models import Letter
from tests.factories.campaigns import STARTS, make_confirmed, make_live

YEAR = timedelta(days=366)


def test_each_kind_of_personal_data_goes_after_its_own_time(
    session: Session, clock: SetClock
) -> None:
    clock.set(STARTS)
    scene = make_live(session)
    campaign, officer = scene.campaign, scene.by(scene.officer)
    campaign.page.needs = [
        {"key": 1, "kind": "in_kind", "title": "Sedie", "text": "", "quantity": 9, "promised": 0}
    ]
    data = OfferData(2, "Ugo Neri", "ugo@example.org", "02 1234", "Passo sabato.")
    offer = actions.make_offer(session, campaign, 1, data, language="it", at=STARTS)
    told = actions.report(
        session,
        campaign,
        reason=ReportReason.OTHER,
        text="Non mi torna.",
        email="eva@example.org",
        language="it",
        at=STARTS,
    )
    actions.decide_report(session, told, "dismiss", note="Tutto a posto.", actor=officer, at=STARTS)
    unpaid = make_confirmed(session, campaign, email="bea@example.org")
    unpaid.state = PledgeState.RELEASED
    paid = actions.record_offline(
        session,
        campaign,
        amount_cents=50_00,
        name="Ada Verdi",
        email="ada@example.org",
        evidence="Cassa 3",
        received_at=STARTS,
        actor=officer,
        at=STARTS,
    )
    actions.accept_offline(session, paid, actor=scene.by(scene.manager), at=STARTS)
    paid.shipping_answer = "Via Padova 1"
    session.commit()
    assert campaign.ends_at is not None

    def after(years: int) -> tuple[set[str], str]:
        assert campaign.ends_at is not None
        clock.set(campaign.ends_at + years * YEAR)
        jobs.forget()
        session.expire_all()
        kept = session.scalars(sa.select(Letter.to).where(Letter.to.like("%@example.org")))
        return {name.partition("@")[0] for name in kept if "utente" not in name}, (
            session.get_one(Pledge, paid.id).shipping_answer
        )

    assert after(0) == ({"ugo", "eva", "bea", "ada"}, "Via Padova 1")
    assert after(1) == ({"ada"}, "Via Padova 1")
    offer, told = session.get_one(Offer, offer.id), session.get_one(Report, told.id)
    assert (offer.name, offer.email, offer.phone, offer.message) == ("", "", "", "")
    assert (offer.title, offer.quantity) == ("Sedie", 2)
    assert (told.email, told.text, told.note) == ("", "", "Tutto a posto.")
    unpaid = session.get_one(Pledge, unpaid.id)
    assert (unpaid.name, unpaid.email, unpaid.mailbox, unpaid.consent) == ("", "", "", "")
    assert unpaid.amount_cents == 50_00
    assert after(2) == (set(), "")
    assert session.get_one(Pledge, paid.id).name == "Ada Verdi"
    after(10)
    assert session.get_one(Pledge, paid.id).name == "Ada Verdi"
    after(12)
    assert session.get_one(Pledge, paid.id).name == ""
    paper = session.scalars(sa.select(Receipt)).one()
    assert "Ada Verdi" not in str(paper.snapshot)
    assert paper.amount_cents == 50_00
