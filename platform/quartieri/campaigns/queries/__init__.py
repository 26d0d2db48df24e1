"""Reading campaigns and pledges: one at a time, for everyone, for backers, for officials."""

from quartieri.campaigns.queries.backers import (
    claimable,
    pledges_of_account,
    pledges_to_link,
)
from quartieri.campaigns.queries.cards import Card, CardList, Group, project_cards
from quartieri.campaigns.queries.cases import acts_at_stake, cases_of, count_cases, open_cases
from quartieri.campaigns.queries.choices import Choices, choices
from quartieri.campaigns.queries.extensions import Promises, extensions_of, promises_of
from quartieri.campaigns.queries.forecast import (
    Forecast,
    Progress,
    charging_progress,
    forecast,
)
from quartieri.campaigns.queries.gift import cover_for, design_of, gift_for, gift_of, offers_cover
from quartieri.campaigns.queries.manage import (
    PLEDGE_SORTS,
    CampaignList,
    Filters,
    PledgeList,
    Unconfirmed,
    campaign_page,
    campaigns_of_owner,
    claim_payments,
    count_refunds,
    money_of,
    pledge_page,
    recorded_by_others,
    refunds_to_see_to,
    submitted_content,
    unconfirmed_offline,
)
from quartieri.campaigns.queries.outside import (
    PublicTotal,
    campaigns_by_slug,
    certificates_of,
    certified,
    last_total,
    public_totals,
    totals_of,
)
from quartieri.campaigns.queries.project import (
    ProjectPage,
    Supporter,
    campaign_by_slug,
    campaign_to_back,
    figures_page,
    preview_page,
    project_page,
    reward_of,
)
from quartieri.campaigns.queries.readiness import (
    collection_of,
    confirmed_collection,
    needs_of,
    readiness,
)
from quartieri.campaigns.queries.receipts import (
    receipts_of,
    receipts_of_campaign,
    recipient_of,
)
from quartieri.campaigns.queries.reminding import ending_campaigns
from quartieri.campaigns.queries.rescoping import approved_rescopings, rescopings_of
from quartieri.campaigns.queries.rounds import due_rounds, open_rounds
from quartieri.campaigns.queries.single import (
    campaign_of_proposal,
    due_campaigns,
    promised_by,
    scorer_of,
    standing_of,
    terms_of,
)
from quartieri.campaigns.queries.team import team_of

__all__ = [
    "PLEDGE_SORTS",
    "CampaignList",
    "Card",
    "CardList",
    "Choices",
    "Filters",
    "Forecast",
    "Group",
    "PledgeList",
    "Progress",
    "ProjectPage",
    "Promises",
    "PublicTotal",
    "Supporter",
    "Unconfirmed",
    "acts_at_stake",
    "approved_rescopings",
    "campaign_by_slug",
    "campaign_of_proposal",
    "campaign_page",
    "campaign_to_back",
    "campaigns_by_slug",
    "campaigns_of_owner",
    "cases_of",
    "certificates_of",
    "certified",
    "charging_progress",
    "choices",
    "claim_payments",
    "claimable",
    "collection_of",
    "confirmed_collection",
    "count_cases",
    "count_refunds",
    "cover_for",
    "design_of",
    "due_campaigns",
    "due_rounds",
    "ending_campaigns",
    "extensions_of",
    "figures_page",
    "forecast",
    "gift_for",
    "gift_of",
    "last_total",
    "money_of",
    "needs_of",
    "offers_cover",
    "open_cases",
    "open_rounds",
    "pledge_page",
    "pledges_of_account",
    "pledges_to_link",
    "preview_page",
    "project_cards",
    "project_page",
    "promised_by",
    "promises_of",
    "public_totals",
    "readiness",
    "receipts_of",
    "receipts_of_campaign",
    "recipient_of",
    "recorded_by_others",
    "refunds_to_see_to",
    "rescopings_of",
    "reward_of",
    "scorer_of",
    "standing_of",
    "submitted_content",
    "team_of",
    "terms_of",
    "totals_of",
    "unconfirmed_offline",
]
