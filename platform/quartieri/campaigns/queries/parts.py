"""A campaign's page part by part, as its proposer edits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.campaigns.models import Campaign, CampaignImage, Reward
from quartieri.campaigns.rules import (
    BasicsPart,
    BudgetPart,
    FaqsPart,
    Gap,
    NeedFacts,
    NeedKind,
    NeedsPart,
    PagePart,
    Part,
    PeoplePart,
    RewardData,
    StoryPart,
    SurplusPart,
)


def _basics(campaign: Campaign) -> BasicsPart:
    return BasicsPart(
        title=campaign.title,
        summary=campaign.summary,
        target_cents=campaign.target_cents,
        image_id=campaign.image_id,
        image_text=campaign.image.alternative_text if campaign.image else "",
    )


def _people(campaign: Campaign) -> PeoplePart:
    page = campaign.page
    members = tuple((m["name"], m["role"]) for m in page.members)
    return PeoplePart(page.place, page.team, members)


def _needs(campaign: Campaign) -> NeedsPart:
    return NeedsPart(
        tuple(
            NeedFacts(NeedKind(n["kind"]), n["title"], n["text"], n["quantity"])
            for n in campaign.page.needs
        )
    )


def _faqs(campaign: Campaign) -> FaqsPart:
    return FaqsPart(tuple((f["question"], f["answer"]) for f in campaign.page.faqs))


_READ: Mapping[PagePart, Callable[[Campaign], Part]] = {
    PagePart.BASICS: _basics,
    PagePart.STORY: lambda c: StoryPart(c.story, c.page.video),
    PagePart.BUDGET: lambda c: BudgetPart(tuple(sorted(c.page.budget_words.items()))),
    PagePart.PEOPLE: _people,
    PagePart.NEEDS: _needs,
    PagePart.SURPLUS: lambda c: SurplusPart(c.page.surplus),
    PagePart.FAQS: _faqs,
}


def part_of(campaign: Campaign, name: PagePart) -> Part:
    """Give a part of the page as it is saved; rewards are rows of their own and no part here."""
    return _READ[name](campaign)


_EMPTY: Mapping[PagePart, Part] = {
    PagePart.STORY: StoryPart(""),
    PagePart.BUDGET: BudgetPart(),
    PagePart.PEOPLE: PeoplePart(),
    PagePart.NEEDS: NeedsPart(),
    PagePart.SURPLUS: SurplusPart(),
    PagePart.FAQS: FaqsPart(),
}


def reward_data_of(reward: Reward) -> RewardData:
    """Give a reward as it is saved."""
    return RewardData(
        title=reward.title,
        text=reward.text,
        minimum_cents=reward.minimum_cents,
        stock=reward.stock,
        image_id=reward.image_id,
        delivery=reward.delivery,
        shipping_question=reward.shipping_question,
    )


def is_begun(campaign: Campaign, name: PagePart) -> bool:
    """Tell whether anything was written in a part."""
    if name is PagePart.REWARDS:
        return bool(campaign.rewards)
    return part_of(campaign, name) != _EMPTY.get(name)


def gaps(campaign: Campaign) -> list[Gap]:
    """Name what a page still lacks before it can be approved, in the order of its parts."""
    image = campaign.image
    values = {
        Gap.SUMMARY: campaign.summary,
        Gap.IMAGE: image,
        Gap.IMAGE_TEXT: image is None or image.alternative_text,
        Gap.STORY: campaign.story.strip(),
        Gap.SURPLUS: campaign.page.surplus.strip(),
    }
    return [gap for gap, value in values.items() if not value]


def image_of(session: Session, campaign_id: int, image_id: int) -> CampaignImage | None:
    """Give a picture of a campaign, or None."""
    return session.scalars(
        sa.select(CampaignImage)
        .where(CampaignImage.id == image_id, CampaignImage.campaign_id == campaign_id)
        .options(joinedload(CampaignImage.file))
    ).first()


def images_of(session: Session, campaign_id: int) -> list[CampaignImage]:
    """List a campaign's pictures, the oldest first."""
    return list(
        session.scalars(
            sa.select(CampaignImage)
            .where(CampaignImage.campaign_id == campaign_id)
            .options(joinedload(CampaignImage.file))
            .order_by(CampaignImage.id)
        )
    )
