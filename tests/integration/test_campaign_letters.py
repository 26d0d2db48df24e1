"""Every letter to a backer, read in both languages: whole sentences, dates, code, one host."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns import address_letters, bank_letters, letters, reminder_letters
from quartieri.campaigns.models import CampaignExtension, Pledge, PledgeCase, Receipt, Reward
from quartieri.campaigns.rules import TO_RETURN, CampaignState, PledgeChannel, PledgeState
from quartieri.campaigns.rules.cases import CaseKind, CaseState, Withheld
from quartieri.kit.clock import SetClock
from quartieri.mail.models import Letter
from tests.factories.campaigns import STARTS, Scene, make_confirmed, make_live

P, C = PledgeState, CampaignState
DAY = timedelta(days=1)
LINK = re.compile(r"https?://([^/\s]+)")
TORN = re.compile(r"\S+https?://|\n{3,}|  |None|\bpending\b|%\(|\{\{|,,|\(\)")


def write_all(session: Session, scene: Scene, pledge: Pledge) -> None:
    """Write each letter once, the pledge and its campaign set to where it belongs."""
    campaign, at = scene.campaign, STARTS + DAY
    assert campaign.ends_at is not None
    old = CampaignExtension(id=1, old_ends_at=STARTS, new_ends_at=campaign.ends_at)
    paper = Receipt(id=1, year=2025, number=1, amount_cents=pledge.amount_cents, issued_at=at)
    vase, cases = Reward(title="Un vaso"), count(1)

    def bank(state: CaseState, withheld: Withheld, kept: bool = True) -> Callable[..., None]:
        case = PledgeCase(
            id=next(cases),
            pledge=pledge,
            kind=CaseKind.DISPUTE,
            state=state,
            withheld=withheld,
            amount_cents=10_00,
            part_cents=10_00 if kept else 0,
            from_cost_cents=0 if kept else 10_00,
            moves=1,
            opened_at=at,
            closed_at=at,
            due_at=at + 9 * DAY,
        )
        return lambda session, campaign, _pledge, **k: bank_letters.disputed(
            session, campaign, case, **k
        )

    tell: dict[str, tuple[P, C, Callable[..., None]]] = {
        "confirmed": (P.CONFIRMED, C.LIVE, letters.confirmed),
        "changed": (P.CONFIRMED, C.LIVE, letters.changed),
        "too_late": (P.EXPIRED, C.ENDED, letters.too_late),
        "cancelled": (P.CANCELLED, C.LIVE, letters.cancelled),
        "card_ends": (P.CONFIRMED, C.LIVE, partial(reminder_letters.card_ends, days=3)),
        "charge_comes": (
            P.CONFIRMED,
            C.LIVE,
            partial(reminder_letters.charge_comes, charged_from=at),
        ),
        "extended": (P.CONFIRMED, C.LIVE, lambda *a, **k: letters.extended(*a, old, **k)),
        "lapsed": (P.RELEASED, C.LIVE, letters.lapsed),
        "collecting": (P.CONFIRMED, C.COLLECTING, letters.collecting),
        "action_required": (P.ACTION_REQUIRED, C.COLLECTING, letters.action_required),
        "declined": (P.RETRY_DUE, C.COLLECTING, partial(letters.declined, code="expired_card")),
        "refused": (P.REFUSED, C.LIVE, partial(letters.refused, code="insufficient_funds")),
        "dropped": (P.DROPPED, C.COLLECTING, letters.dropped),
        "released": (P.RELEASED, C.FAILED, letters.released),
        "receipt": (P.PAID, C.COLLECTING, lambda *a, **k: letters.receipt(*a, paper, **k)),
        "succeeded": (P.PAID, C.SUCCEEDED, letters.succeeded),
        "going_back": (P.REFUND_PENDING, C.REFUNDING, letters.going_back),
        "refunded": (P.REFUNDED, C.REFUNDING, letters.refunded),
        "refunded_part": (
            P.PAID,
            C.SUCCEEDED,
            lambda *a, **k: letters.refunded_part(*a, 5_00, **k),
        ),
        "refund_stuck": (P.REFUND_STUCK, C.REFUNDING, letters.refund_stuck),
        "reward_gone": (P.PAID, C.SUCCEEDED, lambda *a, **k: letters.reward_gone(*a, vase, **k)),
        "not_counted": (P.REJECTED, C.LIVE, letters.not_counted),
        "taken_in_part": (
            P.PAID,
            C.LIVE,
            lambda *a, **k: bank_letters.taken_in_part(*a, 5_00, **k),
        ),
        "address": (
            P.CONFIRMED,
            C.LIVE,
            lambda *a, **k: address_letters.changed(*a, "", **k),
        ),
        "asked": (P.PAID, C.LIVE, bank(CaseState.OPEN, Withheld.NOTHING)),
        "disputed": (P.DISPUTED, C.LIVE, bank(CaseState.OPEN, Withheld.HELD)),
        "twice": (P.REFUNDED, C.LIVE, bank(CaseState.OPEN, Withheld.HELD, kept=False)),
        "won": (P.PAID, C.LIVE, bank(CaseState.WON, Withheld.NOTHING)),
        "lost": (P.CHARGED_BACK, C.LIVE, bank(CaseState.LOST, Withheld.GONE)),
        "lost later": (P.CHARGED_BACK, C.SUCCEEDED, bank(CaseState.LOST, Withheld.GONE)),
        "had": (P.REFUNDED, C.REFUNDING, bank(CaseState.LOST, Withheld.GONE, kept=False)),
    }
    campaign.decided_cents = campaign.target_cents
    for word, (pledge.state, campaign.state, write) in tell.items():
        over = campaign.state in {C.FAILED, C.SUCCEEDED, C.REFUNDING}
        campaign.decided_at = at if over else None
        paid = pledge.state in TO_RETURN | {P.REFUNDED, P.CHARGED_BACK}
        pledge.paid_at = at if paid else None
        by_hand = word in {"going_back", "not_counted"}
        pledge.channel = PledgeChannel.OFFLINE if by_hand else PledgeChannel.CARD
        write(session, campaign, pledge, at=at)


@pytest.mark.parametrize("language", ["it", "en"])
def test_each_letter_to_a_backer_is_whole_and_links_only_to_this_site(
    session: Session, clock: SetClock, language: str, request: pytest.FixtureRequest
) -> None:
    clock.set(STARTS)
    scene = make_live(session)
    pledge = make_confirmed(session, scene.campaign, email="bea@example.org")
    pledge.language, pledge.retry_at = language, STARTS + 2 * DAY
    pledge.refund_due_at = STARTS + 9 * DAY
    session.execute(sa.delete(Letter))
    with session.no_autoflush:
        write_all(session, scene, pledge)
        found = [one for one in session.new if isinstance(one, Letter)]
        found += session.scalars(sa.select(Letter).order_by(Letter.id))
    assert len(found) == len({one.key for one in found}) == 31
    for one in found:
        whole = f"{one.subject}\n{one.text}"
        assert TORN.search(whole) is None, whole
        assert pledge.code in one.text
        assert scene.campaign.title in one.subject
        assert re.search(r"\d,\d\d\s€|€\d+\.\d\d", one.text), whole
        assert set(LINK.findall(one.text)) <= {"localhost"}, whole
