"""What a backer and the treasury hear when a bank asks a payment back, or takes it in part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.campaigns.links import pledge_token
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.queries import count_cases, open_cases
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.campaigns.rules.cases import CaseState
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.clock import SetClock
from quartieri.mail.models import Letter
from quartieri.payments import jobs as payment_jobs
from quartieri.payments.models import ReconciliationCase
from quartieri.payments.queries import unsettled_charges
from tests.conftest import SiteClient
from tests.factories import complaints
from tests.factories.pledging import back, pay_now
from tests.integration.test_outcomes import case_of, disputed, end, live, state

# what the databases do differently is tried by the machine of random steps
pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

P = PledgeState
Run = Callable[[], None]
BANK = ("pledge-disputed", "pledge-dispute_", "pledge-taken", "case-")


def told(session: Session) -> list[str]:
    """Give the occasions of the letters about what a bank did, and empty the outbox."""
    found = session.scalars(sa.select(Letter.key).order_by(Letter.id)).all()
    session.execute(sa.delete(Letter))
    return [key.partition(":")[0] for key in found if key.startswith(BANK)]


@pytest.mark.parametrize("cents", [50_00, 15_00])
def test_backer_and_treasury_hear_once_that_a_dispute_opens_and_how_it_ends(
    *,
    session: Session,
    clock: SetClock,
    payments: SandboxProvider,
    run: Run,
    client: SiteClient,
    cents: int,
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00)
    run()
    told(session)
    intent = disputed(session, payments, pledge_id, cents)
    run()
    letter = session.scalars(sa.select(Letter).where(Letter.key.startswith("pledge-disp"))).one()
    case = session.scalars(sa.select(Letter).where(Letter.key.startswith("case-"))).one()
    pledge = session.get_one(Pledge, pledge_id)
    assert (letter.to, case.to) == (pledge.email, scene.treasurer.email)
    assert "contesta il tuo pagamento" in letter.subject
    assert "bea" not in case.text.lower()
    assert told(session) == ["case-opened", "pledge-disputed"]
    path = f"/pledges/{pledge_token(pledge)}"
    page = unescape(client.get(path).text)
    assert "Che cosa dice la tua banca" in page
    for sentence in letter.text.split("\n\n")[2].splitlines():
        if "@" not in sentence:
            assert sentence in page
    run()
    assert told(session) == []
    complaints.decide(payments, intent, won=False)
    run()
    assert told(session) == ["pledge-dispute_lost", "case-decided"]
    assert "per sempre" in client.get(path).text
    clock.advance(timedelta(days=1, minutes=1))
    payment_jobs.run_reconciliation()
    waiting = sa.select(ReconciliationCase.key).where(ReconciliationCase.state == "open")
    assert session.scalars(waiting).all() == []
    session.info["writing"] = True
    complaints.decide(payments, intent, won=True)
    run()
    assert told(session) == ["case-opened", "pledge-dispute_won", "case-decided"]
    assert "il pagamento resta valido" in client.get(path).text


def test_a_question_that_the_bank_ends_is_over_for_everybody(
    *,
    session: Session,
    clock: SetClock,
    payments: SandboxProvider,
    run: Run,
    client: SiteClient,
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00, cards.ASKED_ABOUT)
    run()
    intent = complaints.intent_of(session, pledge_id)
    assert intent is not None
    complaints.decide(payments, intent, won=False)
    run()
    case = case_of(session, pledge_id)
    assert (case.state, case.closed_at) == (CaseState.WON, clock.now())
    assert count_cases(session, scopes=None) == len(open_cases(session, scopes=None)) == 0
    letters = session.scalars(sa.select(Letter.text).order_by(Letter.id.desc()).limit(2)).all()
    assert "Non si è mosso denaro" in letters[0]
    assert "senza riprendere nulla" in letters[1]
    heard = ["case-opened", "pledge-disputed", "pledge-dispute_won", "case-decided"]
    assert told(session) == heard
    assert (state(session, pledge_id), scene.campaign.collected_cents) == (P.PAID, 50_00)
    page = client.get(f"/pledges/{pledge_token(session.get_one(Pledge, pledge_id))}").text
    assert "senza riprendere nulla" in page
    clock.advance(timedelta(days=1))
    assert unsettled_charges(session, before=clock.now(), limit=9) == []


def test_of_a_payment_that_came_in_part_the_backer_reads_what_counts(
    *,
    session: Session,
    clock: SetClock,
    payments: SandboxProvider,
    run: Run,
    client: SiteClient,
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00, cards.TAKES_HALF)
    run()
    found = session.scalars(sa.select(Letter).where(Letter.key.contains("taken_in_part"))).one()
    text = found.text.replace("\xa0", " ")
    assert "promesso 50 €; il servizio di pagamento ne ha preso solo 25 €" in text
    assert told(session) == ["case-opened", "pledge-taken_in_part"]
    page = client.get(f"/pledges/{pledge_token(session.get_one(Pledge, pledge_id))}").text
    assert "ne ha preso solo" in page


def test_what_a_bank_warns_of_goes_back_while_the_campaign_collects_and_counts_no_more(
    *,
    session: Session,
    clock: SetClock,
    payments: SandboxProvider,
    run: Run,
    as_user: Callable[..., SiteClient],
) -> None:
    scene = live(session, clock)
    good = back(payments, scene.campaign.id, 9_500_00)
    warned = back(payments, scene.campaign.id, 500_00, cards.WARNED_OF)
    back(payments, scene.campaign.id, 100_00, cards.REFUSED_LATER)
    run()
    end(clock, scene)
    run()
    assert scene.campaign.state is CampaignState.COLLECTING
    assert scene.campaign.collected_cents == 10_000_00
    treasurer, path = as_user(scene.treasurer), f"/manage/pledges/{warned}"
    assert "non è ancora decisa" in treasurer.get(path).text
    assert treasurer.post(f"{path}/refund", data={"reason": ""}).status_code == 422
    assert treasurer.post(f"{path}/refund", data={"reason": "Frode"}).status_code == 303
    run()
    assert state(session, warned) is P.REFUNDED
    assert case_of(session, warned).state is CaseState.DONE
    assert scene.campaign.collected_cents == 9_500_00
    reasons = session.scalars(
        sa.select(AuditEntry.reason).where(
            AuditEntry.subject_kind == "pledge",
            AuditEntry.subject_id == warned,
            AuditEntry.verb == "refund",
        )
    ).all()
    assert reasons == ["Frode"]
    assert scene.campaign.grace_ends_at is not None
    clock.set(scene.campaign.grace_ends_at + timedelta(days=1))
    run()
    assert not scene.campaign.succeeded
    assert scene.campaign.decided_cents == 9_500_00
    assert state(session, good) is P.REFUNDED
