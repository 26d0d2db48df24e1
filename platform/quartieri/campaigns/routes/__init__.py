"""Pages of campaigns: for everyone, for backers, for proposers, for officials."""

from quartieri.campaigns.routes import (
    account,
    backing,
    calculator,
    cases,
    change,
    collection,
    extension,
    manage,
    money,
    offers,
    offline,
    page_edit,
    page_review,
    page_rewards,
    paying,
    pledge,
    public,
    receipts,
    reports,
    telling,
)
from quartieri.campaigns.routes.blueprint import bp

blueprints = (bp,)

__all__ = [
    "account",
    "backing",
    "blueprints",
    "calculator",
    "cases",
    "change",
    "collection",
    "extension",
    "manage",
    "money",
    "offers",
    "offline",
    "page_edit",
    "page_review",
    "page_rewards",
    "paying",
    "pledge",
    "public",
    "receipts",
    "reports",
    "telling",
]
