"""Reading money across slices; each page takes a fixed number of queries."""

from quartieri.transparency.queries.book import (
    AccountRow,
    StatementLine,
    account_by_code,
    account_page,
    statement_page,
)
from quartieri.transparency.queries.calls import (
    PROJECT_SORTS,
    call_money,
    past_money,
    project_page,
)
from quartieri.transparency.queries.register import GRANT_ACT_SORTS, GrantAct, grant_act_page, years
from quartieri.transparency.queries.seals import (
    batch_leaves,
    batches_after,
    seal_batches,
    seal_status,
)
from quartieri.transparency.queries.site import SiteCall, SiteMoney, site_calls, site_money

__all__ = [
    "GRANT_ACT_SORTS",
    "PROJECT_SORTS",
    "AccountRow",
    "GrantAct",
    "SiteCall",
    "SiteMoney",
    "StatementLine",
    "account_by_code",
    "account_page",
    "batch_leaves",
    "batches_after",
    "call_money",
    "grant_act_page",
    "past_money",
    "project_page",
    "seal_batches",
    "seal_status",
    "site_calls",
    "site_money",
    "statement_page",
    "years",
]
