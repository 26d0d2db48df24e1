"""Reading the book: balances, statements, and the walk that verifies it all."""

from quartieri.ledger.queries.balances import (
    Line,
    balance,
    balances,
    balances_of_book,
    balances_of_holders,
    statement,
    totals,
)
from quartieri.ledger.queries.movements import (
    Row,
    count_unsealed,
    leaves,
    movements_of,
    shown,
    unsealed_transactions,
)
from quartieri.ledger.queries.verify import Fault, Report, verify

__all__ = [
    "Fault",
    "Line",
    "Report",
    "Row",
    "balance",
    "balances",
    "balances_of_book",
    "balances_of_holders",
    "count_unsealed",
    "leaves",
    "movements_of",
    "shown",
    "statement",
    "totals",
    "unsealed_transactions",
    "verify",
]
