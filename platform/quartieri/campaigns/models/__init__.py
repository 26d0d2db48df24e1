"""Campaigns, rewards, pledges, receipts, cases, payouts."""

from quartieri.campaigns.models.around import Comment, Offer
from quartieri.campaigns.models.campaign import Campaign, ClaimPayment, Payout, Reward
from quartieri.campaigns.models.case import PledgeCase
from quartieri.campaigns.models.collection import Collection
from quartieri.campaigns.models.extension import CampaignExtension
from quartieri.campaigns.models.outside import OutsideCertificate, OutsideTotal
from quartieri.campaigns.models.page import CampaignImage, CampaignPage
from quartieri.campaigns.models.pledge import Pledge
from quartieri.campaigns.models.receipt import Receipt, ReceiptCounter
from quartieri.campaigns.models.report import Report
from quartieri.campaigns.models.rescoping import Rescoping
from quartieri.campaigns.models.telling import Message, Silence, Update, UpdateEdit

__all__ = [
    "Campaign",
    "CampaignExtension",
    "CampaignImage",
    "CampaignPage",
    "ClaimPayment",
    "Collection",
    "Comment",
    "Message",
    "Offer",
    "OutsideCertificate",
    "OutsideTotal",
    "Payout",
    "Pledge",
    "PledgeCase",
    "Receipt",
    "ReceiptCounter",
    "Report",
    "Rescoping",
    "Reward",
    "Silence",
    "Update",
    "UpdateEdit",
]
