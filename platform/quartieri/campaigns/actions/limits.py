"""What a call demands of who gives: a cap for one person, and its word on the project's team."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.design import TeamBacking
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import design_of, team_of
from quartieri.campaigns.queries.persons import GIVEN, of_same_person
from quartieri.campaigns.rules import COLLECTED, HOLDS_STOCK, Giver
from quartieri.kit.errors import ConflictError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money


def refuse_over_cap(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    gift_cents: int,
) -> None:
    """Refuse what would take one person over the call's cap; the campaign is locked by the caller.

    ``pledge`` says who gives, new or changed; what else its person gave is added up, begun pledges
    until they expire. Raises ConflictError.
    """
    cap = design_of(campaign).person_cap_cents
    if not cap:
        return
    given = _given_besides(session, campaign, pledge)
    if given + gift_cents > cap:
        raise ConflictError(
            lazy(
                "One person can give this project %(cap)s at most. You have given %(given)s: "
                "%(left)s are left.",
                cap=Money(cap),
                given=Money(given),
                left=Money(max(cap - given, 0)),
            ),
            field="amount",
        )


def _given_besides(session: Session, campaign: Campaign, pledge: Pledge) -> int:
    found = sa.select(sa.func.coalesce(sa.func.sum(GIVEN), 0)).where(
        Pledge.campaign_id == campaign.id,
        Pledge.state.in_(HOLDS_STOCK | COLLECTED),
        of_same_person(session, pledge),
    )
    if pledge.id is not None:
        found = found.where(Pledge.id != pledge.id)
    return int(session.scalar(found) or 0)


def is_of_team(session: Session, campaign: Campaign, giver: Giver) -> bool:
    """Tell whether to note that one of the team gives; InvalidError where the call forbids it.

    Somebody who only has the name of one of the team is noted and never refused.
    """
    word = design_of(campaign).team_backing
    if word == TeamBacking.ALLOWED:
        return False
    team = team_of(session, campaign.proposal_id)
    if word == TeamBacking.REFUSED and team.surely_holds(giver):
        raise InvalidError(lazy("In this call a project's own team cannot back it."), field="email")
    return team.may_hold(giver)
