"""A rehearsal's money: campaigns with their crowd, grants, advance and balance."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial

from sqlalchemy.orm import Session

from quartieri.calls import actions as calls
from quartieri.calls.design import CampaignDesign
from quartieri.calls.funding import FundingRule
from quartieri.calls.models import Window
from quartieri.calls.rules import WindowState
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.rules import next_wave
from quartieri.db import get, unit_of_work
from quartieri.extensions import services
from quartieri.files.actions import keep
from quartieri.gateways.sandbox.cards import REFUSED_LATER
from quartieri.grants import actions as grants
from quartieri.grants.models import Grant
from quartieri.grants.queries import live_grant
from quartieri.grants.rules import DisbursementKind
from quartieri.kit.clock import in_rome
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money, share_floor
from quartieri.rehearsal.crew import work_alone
from quartieri.rehearsal.crowd import GOOD_CARD, pledge
from quartieri.rehearsal.paper import blank_pdf
from quartieri.rehearsal.trial.notes import Phase, Rule, follows_crowd
from quartieri.rehearsal.trial.play import DAY, Performance
from quartieri.rehearsal.trial.script import Crowd, Invented

IBAN = "IT60X0542811101000000123456"
STORY = "Un progetto inventato per provare il bando."
USUAL_PLEDGES = 6
MOST_PLEDGES = 20


def run_campaigns(show: Performance) -> None:
    """Launch each selected project's campaign, let the crowd give, close them all."""
    design = show.copy.design.campaign
    if design is None:
        return
    stage = show.stage
    starts_at = stage.now + 14 * DAY
    launched = {
        one.key: stage.launch(proposal_id, starts_at=starts_at, story=STORY)
        for one in show.people
        if (proposal_id := _selected(show, one)) is not None
    }
    stage.work = partial(work_alone, list(launched.values()))
    stage.go_to(starts_at)
    stage.work()
    for one in show.people:
        if one.key in launched:
            _give(show, one, launched[one.key], design)
    stage.go_to(starts_at + timedelta(days=design.days, seconds=1))
    stage.work()
    stage.go_to(next_wave(stage.now))
    stage.work()
    stage.go_to(stage.now + timedelta(days=design.grace_days + 1))
    stage.work()
    for one in show.people:
        if one.key in launched:
            _note_outcome(show, one, launched[one.key])


def _selected(show: Performance, one: Invented) -> int | None:
    """Give the application's id when money is reserved for it."""
    proposal_id = show.made.get(one.key)
    if proposal_id is None:
        return None
    with unit_of_work() as session:
        return proposal_id if live_grant(session, proposal_id) is not None else None


def _give(show: Performance, one: Invented, campaign_id: int, design: CampaignDesign) -> None:
    with unit_of_work() as session:
        campaign = get(session, Campaign, campaign_id)
        target = campaign.target_cents - campaign.city_cents
    refused = max(design.pledge_min_cents, min(20_00, design.pledge_max_cents))
    wanted = {
        Crowd.GENEROUS: target + target // 10,
        Crowd.EXACT: target,
        Crowd.SHORT: target * 2 // 3,
    }[one.crowd]
    for n, cents in enumerate(split(wanted, design), start=1):
        email = f"{one.key}-backer{n}@rehearsal.invalid"
        pledge(show.now, campaign_id, cents, email=email, name=f"Sostenitore {n}", card=GOOD_CARD)
    if one.crowd is Crowd.EXACT:
        email = f"{one.key}-refused@rehearsal.invalid"
        pledge(show.now, campaign_id, refused, email=email, name="Carta", card=REFUSED_LATER)
        show.note(
            Phase.CAMPAIGNS,
            one.person,
            lazy(
                "One card will be refused: %(amount)s on top of the target.", amount=Money(refused)
            ),
            Rule.RETRIES,
        )


def split(total: int, design: CampaignDesign) -> list[int]:
    """Split a sum into pledges that the call allows; what no pledge may be is left out.

    Cents; each from the smallest to the largest pledge of the call.
    """
    least, most = max(design.pledge_min_cents, 1), design.pledge_max_cents
    number = min(max(USUAL_PLEDGES, -(-total // most)), max(total // least, 1))
    if number > MOST_PLEDGES and -(-total // MOST_PLEDGES) <= most:
        number = MOST_PLEDGES
    share, odd = divmod(total, number)
    found = [share + (1 if n < odd else 0) for n in range(number)]
    return [cents for cents in found if least <= cents <= most]


def _note_outcome(show: Performance, one: Invented, campaign_id: int) -> None:
    with unit_of_work() as session:
        campaign = get(session, Campaign, campaign_id)
        failed = campaign.succeeded is not True
        decided = Money(campaign.decided_cents or 0)
        target = Money(campaign.target_cents - campaign.city_cents)
    if failed:
        show.note(
            Phase.CAMPAIGNS,
            one.person,
            lazy(
                "%(raised)s raised of a target of %(target)s: the campaign fails, nobody"
                " pays, the money reserved for it is free again.",
                raised=decided,
                target=target,
            ),
            Rule.TARGET_MISSED,
        )
        return
    show.note(
        Phase.CAMPAIGNS,
        one.person,
        lazy(
            "%(collected)s collected, the target was %(target)s: the campaign succeeds.",
            collected=decided,
            target=target,
        ),
        Rule.TARGET_REACHED,
    )


def award(show: Performance) -> None:
    """Grant, sign, pay the advance, approve the report, pay the balance: three officials."""
    stage = show.stage
    with unit_of_work() as session:
        for window_id in show.windows:
            window = get(session, Window, window_id)
            if window.state is WindowState.FINAL:
                manager = stage.cast.actor("manager")
                calls.start_projects(session, window, actor=manager, at=stage.now)
    for one in show.people:
        if one.key in show.made:
            _award(show, one)


def _award(show: Performance, one: Invented) -> None:
    stage, at = show.stage, show.now
    officer = stage.cast.actor("officer")
    with unit_of_work() as session:
        found = live_grant(session, show.made[one.key])
        if found is None or (show.copy.design.has_campaigns and found.proposed_at is None):
            return
        paper = keep(
            session,
            services().storage,
            name="Prova.pdf",
            content=blank_pdf(),
            user_id=officer.user_id,
            at=at,
            most_bytes=services().settings.max_upload_bytes,
        )
        if found.waits_for_body:
            grants.record_legal_entity(
                session,
                found,
                stage.act("Passaggio alla nuova associazione"),
                name=one.application.applicant,
                tax_code=stage.tax_code(),
                iban=IBAN,
                statute=paper,
                actor=officer,
                at=at,
            )
            text = lazy("The group has become a body that can be paid; an act says so.")
            show.note(Phase.GRANTS, one.person, text)
        _act(session, show, one, found)
        grants.record_agreement(
            session,
            found,
            signed_on=in_rome(at).date(),
            file=paper,
            iban=IBAN,
            actor=officer,
            at=at,
        )
        if show.copy.design.money.no_money:
            grants.approve_report(session, found, final_cents=0, actor=officer, at=at)
            return
        share = show.copy.design.money.advance_share or Decimal(0)
        advance = share_floor(found.granted_cents, share)
        _pay(session, show, one, found, DisbursementKind.ADVANCE, advance)
        if found.granted_cents > advance:
            grants.approve_report(
                session, found, final_cents=found.granted_cents, actor=officer, at=at
            )
            rest = found.granted_cents - advance
            _pay(session, show, one, found, DisbursementKind.BALANCE, rest)


def _act(session: Session, show: Performance, one: Invented, grant: Grant) -> None:
    stage, officer = show.stage, show.stage.cast.actor("officer")
    act = stage.act("Concessione di prova")
    grants.record_grant_act(session, grant, act, actor=officer, at=stage.now)
    grants.publish_grant_act(session, grant, actor=officer, at=stage.now)
    rule, cost = show.copy.design.money.rule, grant.proposal.cost_cents
    if rule is None:
        show.note(Phase.GRANTS, one.person, lazy("Signs the pact, which an act approves."))
        return
    show.note(
        Phase.GRANTS,
        one.person,
        lazy(
            "Gets a grant of %(grant)s for a cost of %(cost)s.",
            grant=Money(grant.granted_cents),
            cost=Money(cost),
        ),
        _binds(rule, cost, grant.granted_cents),
    )


def _binds(rule: FundingRule, cost_cents: int, granted_cents: int) -> Rule:
    """Say which part of a call's rule made a grant as large as it is."""
    if granted_cents == rule.grant_cap_cents:
        return Rule.GRANT_CAP
    share = rule.grant_share
    if share is not None and granted_cents == share_floor(cost_cents, share):
        return Rule.GRANT_SHARE
    return Rule.MATCH if follows_crowd(rule) else Rule.GRANT_SHARE


def _pay(  # noqa: PLR0917 -- private; read as one sentence at its uses
    session: Session,
    show: Performance,
    one: Invented,
    grant: Grant,
    kind: DisbursementKind,
    cents: int,
) -> None:
    if cents == 0:
        return
    cast, at = show.stage.cast, show.now
    payment = grants.request_disbursement(
        session, grant, kind=kind, cents=cents, actor=cast.actor("officer"), at=at
    )
    grants.approve_disbursement(session, payment, actor=cast.actor("manager"), at=at)
    treasurer = cast.actor("treasurer")
    grants.order_disbursement(session, payment, actor=treasurer, at=at)
    grants.pay_disbursement(
        session, payment, reference=f"PROVA-{payment.id}", actor=treasurer, at=at
    )
    advance = kind is DisbursementKind.ADVANCE
    text = (
        lazy("%(amount)s are paid in advance.", amount=Money(cents))
        if advance
        else lazy("The balance of %(amount)s is paid.", amount=Money(cents))
    )
    show.note(Phase.GRANTS, one.person, text, Rule.ADVANCE if advance else Rule.BALANCE)
