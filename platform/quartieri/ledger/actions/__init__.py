"""Posting to the book, sealing what was posted, erasing the private part."""

from quartieri.ledger.actions.posting import Posting, account, lock_balance, post, post_once
from quartieri.ledger.actions.seals import SEAL_LIMIT, SEAL_LOOKBACK, erase_private, seal

__all__ = [
    "SEAL_LIMIT",
    "SEAL_LOOKBACK",
    "Posting",
    "account",
    "erase_private",
    "lock_balance",
    "post",
    "post_once",
    "seal",
]
