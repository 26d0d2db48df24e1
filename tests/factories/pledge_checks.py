"""Invariants 1 to 4 of the product, checked on one campaign, its pool and what the sandbox took."""

from __future__ import annotations

import json

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign, Pledge, Receipt, Reward
from quartieri.campaigns.rules import (
    COLLECTED,
    HOLDS_MATCH,
    UNDECIDED,
    CampaignState,
    PledgeChannel,
    PledgeState,
    holds_stock,
    is_promised,
)
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.ledger.queries import balance, balances_of_holders, verify
from quartieri.mail.models import Letter
from tests.factories.payments import paid_at_provider

P = PledgeState
TOLD = {
    P.PAID: ("receipt",),
    P.RELEASED: ("released", "lapsed"),
    P.DROPPED: ("dropped",),
    P.REFUNDED: ("refunded",),
}
"""The letters of which a backer must have had one, by how the pledge ended.

Whoever did not agree to a moved end is told that the promise lapsed."""


def all_holds(session: Session, provider: SandboxProvider, campaign_id: int) -> None:
    """Check what holds at every instant."""
    campaign = session.get_one(Campaign, campaign_id)
    pledges = _pledges(session, campaign_id)
    _the_pool_balances(session, campaign)
    _sums_equal_the_pledges(session, campaign, pledges)
    _receipts_follow_the_money(session, pledges)
    _matches_follow_the_pledges(session, campaign, pledges)
    for pledge in pledges:
        _at_most_once(provider, pledge)


def everybody_is_served(session: Session, provider: SandboxProvider, campaign_id: int) -> None:
    """Check how a campaign ends: nothing open, everyone charged as promised or returned, told."""
    campaign = session.get_one(Campaign, campaign_id)
    pledges = _pledges(session, campaign_id)
    open_states = UNDECIDED | {P.CREATED, P.CONFIRMED, P.RECORDED}
    assert [p.state for p in pledges if p.state in open_states] == []
    assert campaign.state in {
        CampaignState.SETTLED,
        CampaignState.PAYING_OUT,
        CampaignState.REFUNDING,
    }
    if not campaign.succeeded or campaign.state is CampaignState.REFUNDING:
        _everyone_has_it_back(provider, pledges)
    letters = set(session.scalars(sa.select(Letter.key)))
    for pledge in pledges:
        words = TOLD.get(pledge.state)
        if words is not None and pledge.email:
            prefixes = tuple(f"pledge-{word}:{pledge.id}:" for word in words)
            assert any(key.startswith(prefixes) for key in letters), (pledge.state, words)
    assert verify(session).faults == []
    all_holds(session, provider, campaign_id)


def _pledges(session: Session, campaign_id: int) -> list[Pledge]:
    found = sa.select(Pledge).where(Pledge.campaign_id == campaign_id)
    return list(session.scalars(found.order_by(Pledge.id)))


def _the_pool_balances(session: Session, campaign: Campaign) -> None:
    grant = session.scalars(sa.select(Grant).where(Grant.proposal_id == campaign.proposal_id)).one()
    holder = f"pool:{grant.pool_id}"
    pool = balances_of_holders(session, [holder])[holder]
    parts = [pool.get(k, 0) for k in ("available", "reserved", "committed", "disbursed")]
    assert sum(parts) == -pool["endowment"]
    assert min(parts) >= 0
    assert pool.get("reserved", 0) == grant.reserved_cents


def _matches_follow_the_pledges(
    session: Session, campaign: Campaign, pledges: list[Pledge]
) -> None:
    grant = session.scalars(sa.select(Grant).where(Grant.proposal_id == campaign.proposal_id)).one()
    matched = balance(session, f"grant:{grant.id}:matched")
    assert matched == sum(p.match_cents for p in pledges)
    if grant.state is GrantState.RELEASED:
        assert matched == 0
    for pledge in pledges:
        assert pledge.match_cents <= pledge.amount_cents
        assert not pledge.match_cents or pledge.state in HOLDS_MATCH


def _sums_equal_the_pledges(session: Session, campaign: Campaign, pledges: list[Pledge]) -> None:
    promised = [p for p in pledges if is_promised(p.state, charged_now=p.charged_now)]
    here = [(p.channel, p.kept_cents) for p in pledges if p.state in COLLECTED]
    assert campaign.promised_cents == sum(p.kept_cents for p in promised)
    assert campaign.backers == len(promised)
    assert campaign.collected_cents == sum(cents for _channel, cents in here)
    offline = sum(cents for channel, cents in here if channel is PledgeChannel.OFFLINE)
    assert campaign.offline_cents == offline
    for reward in session.scalars(sa.select(Reward).where(Reward.campaign_id == campaign.id)):
        own = [p for p in pledges if p.reward_id == reward.id]
        held = [p for p in own if holds_stock(p.state, p.disputed_from)]
        assert reward.taken == len(held)


def _receipts_follow_the_money(session: Session, pledges: list[Pledge]) -> None:
    """Check that receipts stand for at most what was paid, numbered without gaps."""
    papers = list(session.scalars(sa.select(Receipt).order_by(Receipt.id)))
    for recipient, year in {(r.organisation_id, r.year) for r in papers}:
        numbers = [r.number for r in papers if (r.organisation_id, r.year) == (recipient, year)]
        assert numbers == list(range(1, len(numbers) + 1))
    for pledge in pledges:
        signed = [
            -r.amount_cents if r.voids_id else r.amount_cents
            for r in papers
            if r.pledge_id == pledge.id
        ]
        assert 0 <= sum(signed) <= pledge.amount_cents
        if pledge.state in {P.REFUNDED, P.REVERSED, P.CHARGED_BACK}:
            assert sum(signed) == 0


def _at_most_once(provider: SandboxProvider, pledge: Pledge) -> None:
    if pledge.channel is PledgeChannel.OFFLINE:
        return
    taken = paid_at_provider(provider, pledge.subject)
    assert len(taken) <= 1
    assert pledge.paid_at is None or sum(taken) == pledge.amount_cents
    assert sum(taken) <= pledge.amount_cents
    assert returned_at_provider(provider, pledge.subject) <= sum(taken)
    assert pledge.refunded_cents <= pledge.amount_cents
    assert pledge.paid_at is None or taken


def returned_at_provider(provider: SandboxProvider, subject: str) -> int:
    """Add what the sandbox really gave back for a subject, in cents."""
    store = provider.sandbox._desk.store
    with store.unit():
        rows = store._run("SELECT doc FROM object WHERE kind = 'charge'").fetchall()
    charges = [json.loads(row[0]) for row in rows]
    return sum(c["amount_refunded"] for c in charges if c["metadata"]["subject"] == subject)


def _everyone_has_it_back(provider: SandboxProvider, pledges: list[Pledge]) -> None:
    for pledge in pledges:
        assert pledge.state is not P.PAID
        if pledge.state in {P.REFUND_PENDING, P.REFUND_STUCK}:
            assert pledge.refund_due_at is not None
            assert pledge.refund_owner_id is not None
        elif pledge.channel is PledgeChannel.CARD:
            taken = sum(paid_at_provider(provider, pledge.subject))
            back = returned_at_provider(provider, pledge.subject)
            assert back + pledge.hand_cents + pledge.lost_cents >= taken
