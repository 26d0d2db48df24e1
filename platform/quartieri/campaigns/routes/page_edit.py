"""The proposer's page builder: a list of parts, each saved on its own; pictures."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.acts.routes import kept_file
from quartieri.audit.rules import Actor, Role
from quartieri.campaigns import actions
from quartieri.campaigns.actions.parts import least_target
from quartieri.campaigns.forms import FORMS, READ, ImageForm, PartForm, values_of
from quartieri.campaigns.links import image_path
from quartieri.campaigns.models import Campaign, CampaignImage
from quartieri.campaigns.queries.around import comments_of
from quartieri.campaigns.queries.parts import gaps, image_of, images_of, is_begun, part_of
from quartieri.campaigns.routes.blueprint import Answer, bp, load, tried
from quartieri.campaigns.routes.public import picture_of
from quartieri.campaigns.rules import (
    EDITABLE,
    GAP_IN,
    SHOWN,
    BasicsPart,
    PagePart,
    Part,
    mark_of,
)
from quartieri.db import db, writes
from quartieri.extensions import services
from quartieri.files.pictures import size_of
from quartieri.files.rules import PICTURES
from quartieri.kit.answers import seeother
from quartieri.kit.errors import ConflictError, DomainError, NotFoundError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.people.access import actor, current_now, owner


def me(campaign: Campaign) -> Actor:
    """Give the proposer as who acts."""
    return actor(campaign, Role.APPLICANT)


class Desk:
    """A campaign and the part of its page that is open."""

    def __init__(self, campaign: Campaign, part: PagePart) -> None:
        """Keep both."""
        self.campaign, self.part = campaign, part

    @property
    def owner_id(self) -> int:
        """Whose page it is."""
        return self.campaign.owner_id

    @property
    def can_change(self) -> bool:
        """Tell whether this part may be saved now."""
        state = self.campaign.state
        return state in EDITABLE or (self.part is PagePart.FAQS and state in SHOWN)


def _desk(campaign_id: int, part: str) -> Desk:
    campaign = load(campaign_id)
    if part not in {p.value for p in FORMS}:
        raise NotFoundError(lazy("There is nothing at this address."))
    return Desk(campaign, PagePart(part))


@bp.get("/account/campaigns/<int:campaign_id>/edit")
@owner(load)
def edit(campaign: Campaign) -> Answer:
    """Show the page's parts as a list of tasks."""
    missing = gaps(campaign)
    tasks = [
        (
            part,
            is_begun(campaign, part),
            [gap for gap in missing if GAP_IN[gap] is part],
            url_for("campaigns.rewards", campaign_id=campaign.id)
            if part is PagePart.REWARDS
            else url_for("campaigns.edit_part", campaign_id=campaign.id, part=part.value),
        )
        for part in PagePart
    ]
    return render_template(
        "campaigns/edit.html",
        campaign=campaign,
        tasks=tasks,
        comments=comments_of(db.session(), campaign.id),
        missing=missing,
        editable=campaign.state in EDITABLE,
    )


@bp.get("/account/campaigns/<int:campaign_id>/edit/<part>")
@owner(_desk)
def edit_part(desk: Desk) -> Answer:
    """Open one part of the page."""
    part = part_of(desk.campaign, desk.part)
    data = values_of(part, desk.campaign) | {"seen": mark_of(part)}
    form = FORMS[desk.part](formdata=None, data=data)
    form.prepare(desk.campaign)
    return _draw(desk, form)


def _draw(desk: Desk, form: PartForm, saved: Part | None = None) -> str:
    campaign = desk.campaign
    return render_template(
        "campaigns/edit_part.html",
        campaign=campaign,
        part=desk.part,
        form=form,
        saved=saved,
        can_change=desk.can_change,
        comments=[
            said
            for said in comments_of(db.session(), campaign.id)
            if said.part is desk.part and said.resolved_at is None
        ],
        least=Money(least_target(campaign.proposal)),
        picture=picture_of(campaign),
    )


@bp.post("/account/campaigns/<int:campaign_id>/edit/<part>")
@writes
@owner(_desk)
def save_part(desk: Desk) -> Answer:
    """Save one part; what was typed stays when something is wrong or was saved meanwhile."""
    form = FORMS[desk.part]()
    form.prepare(desk.campaign)
    if not form.validate_on_submit():
        form.append_spare_rows()
        return _draw(desk, form), 422
    try:
        _save(desk, form)
    except ConflictError as error:
        return _conflict(desk, form, error), error.status
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        form.append_spare_rows()
        return _draw(desk, form), error.status
    flash(_("Saved."), "success")
    return seeother(url_for("campaigns.edit", campaign_id=desk.campaign.id))


def _save(desk: Desk, form: PartForm) -> None:
    campaign = desk.campaign
    part = READ[desk.part](form, campaign)
    if isinstance(part, BasicsPart):
        image = kept_file(
            form["image"].data, user_id=campaign.owner_id, allowed=PICTURES, public=True
        )
        part = replace(part, image_id=image.id if image else campaign.image_id)
    actions.save_part(
        db.session(),
        campaign,
        part,
        seen=form.seen.data or None,
        actor=me(campaign),
        at=current_now(),
    )


def _conflict(desk: Desk, form: PartForm, error: ConflictError) -> str:
    """Draw the form as it was typed beside what is saved now, so that it may be sent again."""
    db.session.rollback()
    saved = part_of(desk.campaign, desk.part)
    form.say(error)
    form.seen.data = mark_of(saved)
    form.append_spare_rows()
    return _draw(desk, form, saved)


# -- pictures ----------------------------------------------------------------------------------


@bp.get("/account/campaigns/<int:campaign_id>/images")
@owner(load)
def images(campaign: Campaign) -> Answer:
    """Show the page's pictures, each with the words that put it into the story."""
    return _draw_images(campaign, ImageForm(formdata=None))


def _draw_images(campaign: Campaign, form: ImageForm) -> str:
    found = images_of(db.session(), campaign.id)
    return render_template(
        "campaigns/images.html",
        campaign=campaign,
        images=[(image, image_path(campaign, image.id)) for image in found],
        form=form,
        editable=campaign.state in EDITABLE,
    )


@bp.post("/account/campaigns/<int:campaign_id>/images")
@writes
@owner(load)
def add_image(campaign: Campaign) -> Answer:
    """Keep a picture: checked by its content, drawn anew, told in words."""
    form = ImageForm()
    if not form.validate_on_submit():
        return _draw_images(campaign, form), 422
    try:
        stored = kept_file(
            form.image.data, user_id=campaign.owner_id, allowed=PICTURES, public=True
        )
        assert stored is not None  # noqa: S101 -- the form asks for it
        actions.add_image(
            db.session(),
            campaign,
            stored,
            text=form.text.data,
            size=size_of(services().storage.get(stored.sha256)),
            actor=me(campaign),
            at=current_now(),
        )
    except DomainError as error:
        db.session.rollback()
        if error.field is None:
            error.field = "image"
        form.say(error)
        return _draw_images(campaign, form), error.status
    flash(_("The picture is added."), "success")
    return seeother(url_for("campaigns.images", campaign_id=campaign.id))


class _Pictured:
    """A picture with the campaign that it belongs to."""

    def __init__(self, campaign: Campaign, image: CampaignImage) -> None:
        self.campaign, self.image = campaign, image
        self.owner_id = campaign.owner_id


def _pictured(campaign_id: int, image_id: int) -> _Pictured:
    image = image_of(db.session(), campaign_id, image_id)
    if image is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return _Pictured(load(campaign_id), image)


@bp.post("/account/campaigns/<int:campaign_id>/images/<int:image_id>/remove")
@writes
@owner(_pictured)
def remove_image(found: _Pictured) -> Response:
    """Take a picture off that nothing shows."""
    return tried(
        lambda: actions.remove_image(
            db.session(), found.campaign, found.image, actor=me(found.campaign), at=current_now()
        ),
        _("The picture is taken off."),
        url_for("campaigns.images", campaign_id=found.campaign.id),
    )
