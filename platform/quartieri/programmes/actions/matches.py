"""Live matches: what single pledges reserve of a pool, counted on an account of their grant.

The grant's *matched* account is the public number of its matches: it goes up and down with each
pledge's own entries, which name the pledge in their private part.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor
from quartieri.db import get
from quartieri.kit.money import Money
from quartieri.ledger import actions as ledger
from quartieri.ledger.models import LedgerTransaction
from quartieri.ledger.rules import (
    Account,
    GrantAccount,
    PoolAccount,
    PostingKind,
    Transfer,
    grant_account,
    pool_account,
)
from quartieri.programmes.actions.money import move_in_pool
from quartieri.programmes.models import EndowmentPool


def lock_available(session: Session, pool_id: int) -> int:
    """Give what a pool has available, in cents, under the lock of that account.

    Nobody reserves or releases before the caller's transaction ends. 0 for a pool that is not
    bound or was given back.
    """
    pool = get(session, EndowmentPool, pool_id)
    if not pool.is_bound:
        return 0
    wanted = pool_account(pool.id, PoolAccount.AVAILABLE, authority_id=pool.authority_id)
    return ledger.lock_balance(session, wanted)


def reserve_match(
    session: Session,
    pool_id: int,
    cents: int,
    *,
    grant_id: int,
    pledge_id: int,
    key: str,
    actor: Actor,
    at: datetime,
) -> LedgerTransaction:
    """Reserve ``cents`` of a pool for a grant, as the match of one pledge.

    Raises PoolShortError when less is available.
    """
    pool = get(session, EndowmentPool, pool_id)
    counted = Transfer(_matching(pool), _matched(pool, grant_id), Money(cents))
    return move_in_pool(
        session,
        pool,
        PostingKind.MATCH_RESERVED,
        ((PoolAccount.AVAILABLE, PoolAccount.RESERVED),),
        cents,
        key=key,
        about=f"grant:{grant_id}",
        actor=actor,
        at=at,
        act_id=None,
        more=[counted],
        pledge_id=pledge_id,
    )


def release_match(
    session: Session,
    pool_id: int,
    cents: int,
    *,
    grant_id: int,
    pledge_id: int | None,
    key: str,
    actor: Actor,
    at: datetime,
) -> LedgerTransaction:
    """Give the match of one pledge back to its pool; no pledge: those of all of them at once.

    Raises PoolShortError when the grant has less than that matched.
    """
    pool = get(session, EndowmentPool, pool_id)
    counted = Transfer(_matched(pool, grant_id), _matching(pool), Money(cents))
    return move_in_pool(
        session,
        pool,
        PostingKind.MATCH_RELEASED,
        ((PoolAccount.RESERVED, PoolAccount.AVAILABLE),),
        cents,
        key=key,
        about=f"grant:{grant_id}",
        actor=actor,
        at=at,
        act_id=None,
        more=[counted],
        pledge_id=pledge_id,
    )


def _matching(pool: EndowmentPool) -> Account:
    return pool_account(pool.id, PoolAccount.MATCHING, authority_id=pool.authority_id)


def _matched(pool: EndowmentPool, grant_id: int) -> Account:
    return grant_account(grant_id, GrantAccount.MATCHED, authority_id=pool.authority_id)
