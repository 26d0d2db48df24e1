"""Who gave how much: gifts summed by person, as a fixed sum and a quadratic round count them.

Gifts of one account, from one mailbox, or with one fiscal code are one person's; an account's
verified address is its own. Gifts that say nothing of these (cash in an official's list) count as
one person's together, so that nothing is gained by splitting them. What a backer adds for the fees
is no gift.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.models import Pledge
from quartieri.campaigns.rules import PledgeState, mailbox
from quartieri.people.models import User
from quartieri.people.queries import user_by_email

Node = tuple[str, object]
UNKNOWN: Node = ("unknown", None)
MAILBOX = sa.func.coalesce(sa.func.nullif(Pledge.mailbox, ""), Pledge.email)
"""An official's list gives an address as it is typed."""
_LEFT = Pledge.amount_cents - Pledge.cover_cents - Pledge.refunded_cents - Pledge.lost_cents
GIVEN = sa.case((_LEFT > 0, _LEFT), else_=0)
"""What of a pledge is a gift that was not given back, in cents."""


def gifts_by_person(
    session: Session, campaign_ids: Iterable[int], states: frozenset[PledgeState]
) -> dict[int, dict[Node, int]]:
    """Give ``{campaign: {person: cents}}`` for pledges in some states, less what was given back.

    One query for all campaigns, since a person is the same in each of them.
    """
    wanted = sorted(set(campaign_ids))
    rows = session.execute(
        sa.select(
            Pledge.campaign_id,
            Pledge.user_id,
            MAILBOX,
            Pledge.tax_code,
            User.email.label("own"),
            User.confirmed_at,
            sa.func.sum(GIVEN),
        )
        .outerjoin(User, User.id == Pledge.user_id)
        .where(Pledge.campaign_id.in_(wanted), Pledge.state.in_(states))
        .group_by(
            Pledge.campaign_id,
            Pledge.user_id,
            MAILBOX,
            Pledge.tax_code,
            User.email,
            User.confirmed_at,
        )
        .order_by(Pledge.campaign_id, Pledge.user_id, MAILBOX, Pledge.tax_code)
    ).all()
    same = _Groups()
    found: dict[int, list[tuple[Node, int]]] = {campaign_id: [] for campaign_id in wanted}
    for campaign_id, user_id, box, tax_code, own, confirmed_at, cents in rows:
        names: list[Node] = [
            ("user", user_id),
            ("mailbox", box),
            ("tax code", tax_code),
            ("mailbox", mailbox(own) if confirmed_at is not None else ""),
        ]
        known = [node for node in names if node[1]] or [UNKNOWN]
        for other in known[1:]:
            same.join(known[0], other)
        found[campaign_id].append((known[0], int(cents)))
    return {campaign_id: _summed(gifts, same) for campaign_id, gifts in found.items()}


def _summed(gifts: list[tuple[Node, int]], same: _Groups) -> dict[Node, int]:
    sums: dict[Node, int] = {}
    for node, cents in gifts:
        person = same.of(node)
        sums[person] = sums.get(person, 0) + cents
    return sums


class _Groups:
    """Names that turn out to be one person's."""

    def __init__(self) -> None:
        self.above: dict[Node, Node] = {}

    def of(self, node: Node) -> Node:
        while node in self.above:
            node = self.above[node]
        return node

    def join(self, one: Node, other: Node) -> None:
        first, second = self.of(one), self.of(other)
        if first != second:
            self.above[second] = first


def of_same_person(session: Session, pledge: Pledge) -> sa.ColumnElement[bool]:
    """Say in SQL that a pledge is by the person of this one."""
    account = session.get(User, pledge.user_id) if pledge.user_id is not None else None
    if account is None and pledge.email:
        account = user_by_email(session, pledge.email)
    verified = account is not None and account.confirmed_at is not None
    boxes = {pledge.mailbox or mailbox(pledge.email)}
    if account is not None and verified:
        boxes.add(mailbox(account.email))
    same: list[sa.ColumnElement[bool]] = []
    if boxes - {""}:
        same.append(MAILBOX.in_(sorted(boxes - {""})))
    if account is not None and (verified or account.id == pledge.user_id):
        same.append(Pledge.user_id == account.id)
    if pledge.tax_code:
        same.append(Pledge.tax_code == pledge.tax_code)
    nothing = sa.and_(Pledge.user_id.is_(None), MAILBOX == "", Pledge.tax_code == "")
    return sa.or_(*same) if same else nothing
