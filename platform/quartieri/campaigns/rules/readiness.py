"""What must be known before a campaign can be scheduled, by where it runs and who collects."""

from __future__ import annotations

from quartieri.campaigns.rules.campaign import CampaignState
from quartieri.kit.labels import N_, LabelEnum

C = CampaignState


class Need(LabelEnum):
    """One thing that must be there; the codes of the typed ones name their fields."""

    SERVICE = "service", N_("The payment service of this site is set up")
    OUTSIDE_URL = "outside_url", N_("The campaign's address on the other platform")
    HOLDER = "holder", N_("The legal entity that receives the money")
    TAX_CODE = "tax_code", N_("Its tax code")
    IBAN = "iban", N_("Its bank account (IBAN)")
    MERCHANT = "merchant_account", N_("Its account at the payment service")
    HOW_TO_GIVE = "how_to_give", N_("How people can give, in words")
    CONFIRMED = "confirmed", N_("An official has checked and confirmed it")


TYPED = frozenset(set(Need) - {Need.SERVICE, Need.CONFIRMED})


def needs(*, elsewhere: bool, by_proposer: bool, cards: bool) -> tuple[Need, ...]:
    """Give what a campaign needs, in the order in which it is asked for.

    ``elsewhere``: it runs on another platform; ``by_proposer``: the proposer collects, else the
    authority; ``cards``: this site has a payment service. Source: decision record 0047.
    """
    if elsewhere:
        body = (Need.HOLDER, Need.TAX_CODE) if by_proposer else ()
        return (Need.OUTSIDE_URL, *body, Need.CONFIRMED)
    if by_proposer:
        how = Need.MERCHANT if cards else Need.HOW_TO_GIVE
        return (Need.HOLDER, Need.TAX_CODE, Need.IBAN, how, Need.CONFIRMED)
    return (Need.SERVICE,) if cards else (Need.HOW_TO_GIVE, Need.CONFIRMED)


PROPOSER_FILES = frozenset({C.DRAFT, C.IN_REVIEW, C.CHANGES_REQUESTED})
"""The proposer may write it in these."""

OFFICE_FILES = PROPOSER_FILES | {C.SCHEDULED, C.LIVE, C.SUSPENDED}
"""An official may also mend it later; another one confirms it again."""
