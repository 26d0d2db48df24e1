"""Projects for everyone: the list, one project's page, its picture."""

from __future__ import annotations

from typing import Any

from flask import Response as FileResponse
from flask import render_template, request, url_for

from quartieri.calls.campaign_words import campaign_sentences
from quartieri.campaigns import queries, words
from quartieri.campaigns.actions.pledging import is_charged_now, takes_top_ups
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.queries import Group, ProjectPage, terms_of
from quartieri.campaigns.queries.parts import image_of
from quartieri.campaigns.routes.blueprint import Answer, bp, takes_cards
from quartieri.campaigns.rules import (
    PUBLIC_CAMPAIGN_STATES,
    TAKES_OFFERS,
    Phase,
    provider_of,
    suggested,
)
from quartieri.db import db
from quartieri.files.models import StoredFile
from quartieri.files.serving import send
from quartieri.kit.errors import NotFoundError
from quartieri.kit.formats import language
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money
from quartieri.kit.numbers import page_number
from quartieri.people.access import allowed, current_now, public, signed_in_user
from quartieri.people.rules import Permission


@bp.get("/projects")
@public
def index() -> Answer:
    """List the projects, campaigns that end soonest first."""
    args = request.args
    code = args.get("state", "")
    group = Group(code) if code in set(Group) else None
    found = queries.project_cards(
        db.session(),
        now=current_now(),
        language=language(),
        group=group,
        area=args.get("area", ""),
        call=args.get("call", ""),
        words=args.get("q", "")[:100],
        page=page_number(),
    )
    return render_template(
        "campaigns/index.html",
        found=found,
        choices=queries.choices(db.session(), language=language()),
        groups=tuple(Group),
        group=group,
    )


@bp.get("/projects/<slug>")
@public
def project(slug: str) -> Answer:
    """Show a project: what it wants, how far it is, how to back it."""
    page = queries.project_page(db.session(), slug, now=current_now())
    return draw_project(page)


@bp.get("/projects/<slug>/figures")
@public
def figures(slug: str) -> Answer:
    """Give a campaign's figures alone, for pages that stay open; kept and tagged as pages are."""
    page = queries.figures_page(db.session(), slug, now=current_now())
    return render_template("campaigns/_figures.html", page=page)


def draw_project(page: ProjectPage, **more: Any) -> str:
    """Draw a project's page, also as a preview."""
    campaign = page.campaign
    amounts: list[Money] = []
    design = page.proposal.edition.design.campaign
    promise, tops_up = None, campaign is not None and takes_top_ups(campaign, current_now())
    if campaign is not None and (page.phase is Phase.LIVE or tops_up):
        amounts = suggested(terms_of(campaign))
        promise = words.when_charged(campaign, now=is_charged_now(campaign))
    return render_template(
        "campaigns/project.html",
        page=page,
        proposal=page.proposal,
        campaign=campaign,
        amounts=amounts,
        promise=promise,
        sentences=campaign_sentences(design, cards=takes_cards()) if design is not None else (),
        tops_up=tops_up,
        history=history_of(page),
        **giving_of(campaign),
        rescopings=queries.approved_rescopings(db.session(), campaign),
        extensions=queries.extensions_of(db.session(), campaign),
        picture=picture_of(campaign),
        can_offer=campaign is not None and campaign.state in TAKES_OFFERS,
        video_at=provider_of(campaign.page.video) if campaign else "",
        total=Money(sum(line.amount_cents for line in page.proposal.budget)),
        **more,
    )


def giving_of(campaign: Campaign | None) -> dict[str, Any]:
    """Give how one can back a campaign: by card here, on another platform, or as is told."""
    if campaign is None:
        return {"cards": False, "elsewhere": None, "collection": None, "reported": None}
    design = queries.design_of(campaign)
    cards = takes_cards() and not design.is_elsewhere
    return {
        "cards": cards,
        "elsewhere": design.venue_name if design.is_elsewhere else None,
        "reported": queries.last_total(db.session(), campaign.id) if design.is_elsewhere else None,
        "collection": None if cards else queries.confirmed_collection(db.session(), campaign.id),
    }


def picture_of(campaign: Campaign | None) -> str:
    """Give the address of a campaign's picture, or "" without one."""
    if campaign is None or campaign.image_id is None:
        return ""
    return url_for("campaigns.picture", slug=campaign.slug, v=campaign.image_id)


def _result(page: ProjectPage) -> Lazy:
    if page.phase is Phase.MISSED:
        return lazy("Target missed")
    reached = page.phase is Phase.REACHED and page.reached
    return lazy("Target reached") if reached else lazy("Campaign closed")


def history_of(page: ProjectPage) -> list[dict[str, Any]]:
    """Give the project's way from idea to result: what was and what comes."""
    proposal, campaign, now = page.proposal, page.campaign, current_now()
    items: list[dict[str, Any]] = []
    if proposal.received_at is not None:
        items.append({"label": lazy("Application received"), "when": proposal.received_at})
    if campaign is not None and campaign.starts_at is not None:  # a draft has no dates yet
        items.append({"label": lazy("Start of the campaign"), "when": campaign.starts_at})
        items.append(
            {"label": lazy("End of the campaign"), "when": campaign.ends_at, "deadline": True}
        )
        if campaign.decided_at is not None:
            items.append({"label": _result(page), "when": campaign.decided_at})
        elif campaign.grace_ends_at is not None and page.phase is not Phase.STOPPED:
            text = lazy("On money that is really collected, by this instant at the latest.")
            if queries.design_of(campaign).is_elsewhere:
                text = lazy("On the final certificate of the platform where people gave.")
            last = campaign.grace_ends_at
            result = {"label": lazy("Result"), "when": last, "deadline": True, "text": text}
            items.append(result)
    for item in items:
        item["state"] = "done" if item["when"] <= now else "next"
    act = page.grant.act if page.grant is not None else None
    if act is not None:
        items.append({"label": lazy("Grant act signed"), "day": act.dated, "state": "done"})
    return items


@bp.get("/projects/<slug>/picture")
@public
def picture(slug: str) -> FileResponse:
    """Hand out a campaign's picture; before its approval only to its proposer and officials."""
    campaign = queries.campaign_by_slug(db.session(), slug)
    if campaign is None or campaign.image is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return _sent(campaign, campaign.image)


@bp.get("/projects/<slug>/images/<int:image_id>")
@public
def image(slug: str, image_id: int) -> FileResponse:
    """Hand out a picture of the story or of a reward, to whoever may see the page."""
    campaign = queries.campaign_by_slug(db.session(), slug)
    found = image_of(db.session(), campaign.id, image_id) if campaign is not None else None
    if campaign is None or found is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return _sent(campaign, found.file)


def _sent(campaign: Campaign, stored: StoredFile) -> FileResponse:
    approved = campaign.state in PUBLIC_CAMPAIGN_STATES and campaign.starts_at is not None
    if not approved and not _may_look(campaign):
        raise NotFoundError(lazy("There is nothing at this address."))
    response = send(stored)
    if not approved:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _may_look(campaign: Campaign) -> bool:
    user = signed_in_user()
    if user is None:
        return False
    return user.id == campaign.owner_id or allowed(Permission.CAMPAIGN_PREVIEW, campaign)
