"""Campaigns, rewards, pledges, payouts."""

from quartieri.campaigns.models.campaign import Campaign, Payout, Reward
from quartieri.campaigns.models.extension import CampaignExtension
from quartieri.campaigns.models.pledge import Pledge

__all__ = ["Campaign", "CampaignExtension", "Payout", "Pledge", "Reward"]
