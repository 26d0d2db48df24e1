"""Writing a campaign's page part by part; what is shown is drawn here, when it is saved."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.calls.funding import rule_target
from quartieri.campaigns.links import image_path
from quartieri.campaigns.models import Campaign, CampaignImage, Reward
from quartieri.campaigns.queries.parts import images_of, part_of
from quartieri.campaigns.rules import (
    CAMPAIGN,
    EDITABLE,
    PART_OF,
    SHOWN,
    BasicsPart,
    BudgetPart,
    FaqsPart,
    NeedsPart,
    Part,
    PeoplePart,
    StoryPart,
    SurplusPart,
    checked_video,
    mark_of,
)
from quartieri.db import get, lock
from quartieri.files.models import StoredFile
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.markdown import Picture, rendered
from quartieri.kit.money import Money
from quartieri.proposals.models import Proposal

MOST_IMAGES = 40


def refuse_unless_editable(campaign: Campaign) -> None:
    """Raise IllegalMoveError where the page is being approved or was approved."""
    if campaign.state not in EDITABLE:
        raise IllegalMoveError(
            lazy("The page is being approved or is online: it cannot change now.")
        )


def least_target(proposal: Proposal) -> int:
    """Give the lowest lawful target of a proposal's campaign, in cents."""
    rule = proposal.edition.design.money.rule
    if rule is None or not rule.kind.has_campaign:
        raise IllegalMoveError(lazy("This call has no campaigns."))
    return rule_target(rule, proposal.cost_cents)


def save_part(
    session: Session,
    campaign: Campaign,
    part: Part,
    *,
    seen: str | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Save one part of the page; questions and answers also while the campaign is online.

    ``seen`` is the mark (``mark_of``) of the part as it was when the form was opened: if another
    window changed it since, ConflictError. Raises InvalidError for a target outside of the rule's
    limits, an unknown video provider or words on a line that the budget has not.
    """
    campaign = lock(session, Campaign, campaign.id)
    if not (isinstance(part, FaqsPart) and campaign.state in SHOWN):
        refuse_unless_editable(campaign)
    name = PART_OF[type(part)]
    before = part_of(campaign, name)
    if seen is not None and mark_of(before) != seen:
        raise ConflictError(
            lazy(
                "This page was saved in another window meanwhile. Your words are kept below,"
                " beside the saved ones: save again to keep yours."
            )
        )
    target = campaign.target_cents
    _put(session, campaign, part)
    campaign.version += 1
    session.flush()
    changed = campaign.target_cents != target
    record(
        session,
        "save_page",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        before={"target": target} if changed else {},
        after={"part": name.value} | ({"target": campaign.target_cents} if changed else {}),
    )


def _put(session: Session, campaign: Campaign, part: Part) -> None:
    page = campaign.page
    match part:
        case BasicsPart():
            _put_basics(session, campaign, part)
        case StoryPart():
            page.video = checked_video(part.video)
            campaign.story = part.story
            campaign.story_html = rendered(part.story, pictures=_pictures(session, campaign))
        case BudgetPart():
            _put_budget(campaign, part)
        case PeoplePart():
            _put_people(campaign, part)
        case NeedsPart():
            page.needs = [
                {
                    "key": number,
                    "kind": need.kind.value,
                    "title": need.title.strip(),
                    "text": need.text.strip(),
                    "quantity": need.quantity,
                    "promised": 0,
                }
                for number, need in enumerate(part.needs, start=1)
            ]
        case SurplusPart():
            page.surplus, page.surplus_html = part.surplus, rendered(part.surplus)
        case FaqsPart():
            page.faqs = [
                {"question": question.strip(), "answer": answer, "html": rendered(answer)}
                for question, answer in part.faqs
            ]


def _put_basics(session: Session, campaign: Campaign, part: BasicsPart) -> None:
    least = least_target(campaign.proposal)
    if part.target_cents < least:
        raise InvalidError(
            lazy("The target cannot be below %(least)s.", least=Money(least)), field="target"
        )
    if part.target_cents <= campaign.city_cents:
        city = Money(campaign.city_cents)
        raise InvalidError(
            lazy("The target must be above the %(city)s that the city pledges itself.", city=city),
            field="target",
        )
    if part.target_cents > campaign.cost_cents:
        cost = Money(campaign.cost_cents)
        raise InvalidError(
            lazy("The target cannot be above the cost of %(cost)s.", cost=cost), field="target"
        )
    campaign.title, campaign.summary = part.title.strip(), part.summary.strip()
    campaign.target_cents = part.target_cents
    if part.image_id is not None:
        campaign.image = get(session, StoredFile, part.image_id)
        campaign.image.alternative_text = part.image_text.strip()


def _put_budget(campaign: Campaign, part: BudgetPart) -> None:
    lines = {line.description for line in campaign.proposal.budget}
    words = {line: text.strip() for line, text in part.words if text.strip()}
    if words.keys() - lines:
        raise InvalidError(lazy("The budget has no such line."))
    campaign.page.budget_words = words


def _put_people(campaign: Campaign, part: PeoplePart) -> None:
    known = {(member.name, member.role) for member in campaign.proposal.members}
    if set(part.members) - known:
        raise InvalidError(lazy("The application names no such member."), field="members")
    page = campaign.page
    page.place, page.team = part.place.strip(), part.team.strip()
    page.members = [{"name": name, "role": role} for name, role in part.members]


# -- pictures ----------------------------------------------------------------------------------


def _pictures(session: Session, campaign: Campaign) -> dict[str, Picture]:
    """Give the pictures that a campaign's texts may show, by their address."""
    return {
        image_path(campaign, image.id): Picture(
            image.file.alternative_text, image.width, image.height
        )
        for image in images_of(session, campaign.id)
    }


def add_image(
    session: Session,
    campaign: Campaign,
    stored: StoredFile,
    *,
    text: str,
    size: tuple[int, int],
    actor: Actor,
    at: datetime,
) -> CampaignImage:
    """Add a picture for the story or a reward; ``text`` tells it to those who do not see it."""
    campaign = lock(session, Campaign, campaign.id)
    refuse_unless_editable(campaign)
    if not text.strip():
        raise InvalidError(lazy("Say what the picture shows."), field="text")
    if len(images_of(session, campaign.id)) >= MOST_IMAGES:
        raise InvalidError(
            lazy("A page has at most %(most)s pictures.", most=MOST_IMAGES), field="image"
        )
    stored.alternative_text = text.strip()
    image = CampaignImage(
        campaign_id=campaign.id, file=stored, width=size[0], height=size[1], added_at=at
    )
    session.add(image)
    session.flush()
    after = {"image": image.id}
    record(session, "add_image", CAMPAIGN.name, campaign.id, actor=actor, at=at, after=after)
    return image


def remove_image(
    session: Session, campaign: Campaign, image: CampaignImage, *, actor: Actor, at: datetime
) -> None:
    """Take a picture off; refused while the story or a reward shows it."""
    campaign = lock(session, Campaign, campaign.id)
    refuse_unless_editable(campaign)
    held = session.scalar(sa.select(Reward.id).where(Reward.image_id == image.id).limit(1))
    if held is not None or f"({image_path(campaign, image.id)})" in campaign.story:
        raise IllegalMoveError(
            lazy("The story or a reward shows this picture: take it off there first.")
        )
    before = {"image": image.id}
    session.delete(image)
    session.flush()
    record(session, "remove_image", CAMPAIGN.name, campaign.id, actor=actor, at=at, before=before)
