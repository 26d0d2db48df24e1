"""Pages of campaigns: for everyone, for backers, for proposers, for officials."""

from quartieri.campaigns.routes import (
    account,
    calculator,
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
)
from quartieri.campaigns.routes.blueprint import bp

blueprints = (bp,)

__all__ = [
    "account",
    "blueprints",
    "calculator",
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
]
