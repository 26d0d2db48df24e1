"""What a campaign needs before it is scheduled, and the dates that it gets."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor, Role
from quartieri.calls.design import CampaignDesign
from quartieri.campaigns.models import Campaign, Collection
from quartieri.campaigns.queries import collection_of, needs_of, readiness
from quartieri.campaigns.rules import (
    CAMPAIGN,
    OFFICE_FILES,
    PROPOSER_FILES,
    TYPED,
    Need,
)
from quartieri.db import lock
from quartieri.grants.rules import check_iban, check_tax_code
from quartieri.kit.clock import is_late
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.kit.labels import Lazy, lazy
from quartieri.people.rules import refuse_excluded

SOON = timedelta(minutes=1)
"""How far back a start may lie that was typed as "now"."""


def dates_of(
    design: CampaignDesign, *, starts_at: datetime | None, round_number: int | None, at: datetime
) -> tuple[datetime, datetime]:
    """Give start and end: a round's own, or the start that was chosen and the call's days.

    A campaign that joins a round which has begun starts now. Raises InvalidError for a round that
    is over, a start in the past, or one where the call has rounds.
    """
    if design.rounds:
        if round_number is None or not 1 <= round_number <= len(design.rounds):
            raise InvalidError(lazy("Choose one of the call's rounds."), field="round")
        chosen = design.rounds[round_number - 1]
        if is_late(at, chosen.ends_at):
            raise InvalidError(lazy("This round is over."), field="round")
        return max(chosen.starts_at, at), chosen.ends_at
    if starts_at is None:
        raise InvalidError(lazy("Say when the campaign starts."), field="starts_at")
    if starts_at < at - SOON:
        raise InvalidError(lazy("The start lies in the past."), field="starts_at")
    return starts_at, starts_at + timedelta(days=design.days)


def refuse_unready(session: Session, campaign: Campaign, *, cards: bool) -> None:
    """Refuse to schedule a campaign that lacks what its call's setting needs; name the first."""
    missing = [need for need, there in readiness(session, campaign, cards=cards) if not there]
    if missing:
        raise IllegalMoveError(
            lazy(
                "Before the campaign can be scheduled this is missing: %(need)s.",
                need=Lazy(missing[0].label),
            )
        )


def file_collection(
    session: Session,
    campaign: Campaign,
    typed: dict[str, str],
    *,
    cards: bool,
    actor: Actor,
    at: datetime,
) -> Collection:
    """Write down who receives the money and how; whoever confirms it is another person.

    Only what the call's setting needs is taken from ``typed``. What changes after a confirmation
    needs a new one. Raises InvalidError for an account, a code or an address that cannot be right.
    """
    campaign = lock(session, Campaign, campaign.id)
    allowed = PROPOSER_FILES if Role.APPLICANT in actor.roles else OFFICE_FILES
    if campaign.state not in allowed:
        raise IllegalMoveError(lazy("This cannot change any more: ask the office."))
    wanted = [need for need in needs_of(campaign, cards=cards) if need in TYPED]
    if not wanted:
        raise IllegalMoveError(lazy("This call's campaigns need nothing more."))
    after = {need.value: _checked(need, typed.get(need, "").strip()) for need in wanted}
    found = collection_of(session, campaign.id)
    if found is None:
        found = Collection(campaign_id=campaign.id)
    before = {need.value: getattr(found, need) or "" for need in wanted}
    for name, value in after.items():
        setattr(found, name, value)
    found.filed_by, found.filed_at = actor.user_id, at
    found.confirmed_by = found.confirmed_at = None
    session.add(found)
    session.flush()
    record(
        session,
        "file_collection",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        before=before,
        after=after,
    )
    return found


def _checked(need: Need, text: str) -> str:
    if not text:
        raise InvalidError(lazy("This must be filled in."), field=need.value)
    if need is Need.TAX_CODE:
        return check_tax_code(text)
    if need is Need.IBAN:
        return check_iban(text)
    if need is Need.OUTSIDE_URL and not text.startswith("https://"):
        raise InvalidError(lazy("Write an address that begins with https://."), field=need.value)
    return text


def confirm_collection(
    session: Session,
    campaign: Campaign,
    *,
    seen: str | None = None,
    cards: bool,
    actor: Actor,
    at: datetime,
) -> None:
    """Vouch for who receives the money: never who wrote it down.

    ``seen`` is the ``mark`` of what was read before: ConflictError where it was written anew since.
    """
    campaign = lock(session, Campaign, campaign.id)
    found = collection_of(session, campaign.id)
    lacking = [
        need
        for need, there in readiness(session, campaign, cards=cards)
        if need in TYPED and not there
    ]
    if found is None or lacking:
        raise IllegalMoveError(lazy("There is nothing to confirm yet: something is missing."))
    if seen is not None and seen != found.mark:
        raise ConflictError(
            lazy("This was written anew meanwhile: read it again before you confirm it.")
        )
    refuse_excluded("collection", "confirm", actor.user_id, {"file": found.filed_by})
    if found.confirmed:
        return
    found.confirmed_by, found.confirmed_at = actor.user_id, at
    record(session, "confirm_collection", CAMPAIGN.name, campaign.id, actor=actor, at=at)
