"""Writing the tree, its budgets, pools, and the money from reserved to disbursed."""

from quartieri.programmes.actions.levels import (
    create_area,
    create_level,
    edit_level,
    set_budget,
    spend_directly,
)
from quartieri.programmes.actions.matches import (
    lock_available,
    release_match,
    reserve_match,
)
from quartieri.programmes.actions.money import (
    commit,
    decommit,
    disburse,
    put_back,
    recover,
    release,
    reserve,
    return_payment,
)
from quartieri.programmes.actions.pools import (
    bind_pool,
    change_endowment,
    create_pool,
    set_endowment,
    unbind_pool,
)

__all__ = [
    "bind_pool",
    "change_endowment",
    "commit",
    "create_area",
    "create_level",
    "create_pool",
    "decommit",
    "disburse",
    "edit_level",
    "lock_available",
    "put_back",
    "recover",
    "release",
    "release_match",
    "reserve",
    "reserve_match",
    "return_payment",
    "set_budget",
    "set_endowment",
    "spend_directly",
    "unbind_pool",
]
