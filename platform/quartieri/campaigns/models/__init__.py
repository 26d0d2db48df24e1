"""Campaigns, rewards, pledges, payouts."""

from quartieri.campaigns.models.campaign import Campaign, Payout, Reward
from quartieri.campaigns.models.pledge import Pledge

__all__ = ["Campaign", "Payout", "Pledge", "Reward"]
