"""A campaign on another platform: its totals as they are reported, and its final certificate.

Its money never passes here: decision record 0047.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.campaigns.actions.sums import wake
from quartieri.campaigns.models import Campaign, OutsideCertificate, OutsideTotal
from quartieri.campaigns.queries import certificates_of, certified, design_of, last_total
from quartieri.campaigns.rules import (
    CAMPAIGN,
    CampaignState,
    CertificateState,
    refuse_silent_fall,
)
from quartieri.db import lock
from quartieri.files.models import StoredFile
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.people.rules import refuse_excluded

REPORTS = frozenset({CampaignState.LIVE, CampaignState.SUSPENDED, CampaignState.ENDED})


@dataclass(frozen=True, slots=True)
class TotalData:
    """What a platform reports of a campaign at an instant; cents and persons."""

    as_of: datetime
    raised_cents: int
    backers: int
    source: str
    reason: str = ""


def check_total(session: Session, campaign: Campaign, data: TotalData, *, at: datetime) -> bool:
    """Tell whether a report is new; the one that stands for its instant is not, sent again.

    Other figures for the newest instant replace what stood for it. Raises IllegalMoveError for a
    campaign that runs here or is not under way, InvalidError for a report from the future, an
    older one than the last, or one that falls without a reason.
    """
    if not design_of(campaign).is_elsewhere:
        raise IllegalMoveError(lazy("This campaign runs on this site: it has no totals to import."))
    stands = last_total(session, campaign.id, as_of=data.as_of)
    figures = (data.raised_cents, data.backers)
    if stands is not None and (stands.raised_cents, stands.backers) == figures:
        return False
    if campaign.state not in REPORTS or certified(session, campaign.id) is not None:
        raise IllegalMoveError(lazy("This campaign is not under way: it takes no totals."))
    if data.as_of > at:
        raise InvalidError(lazy("the date of the report lies in the future"), field="as_of")
    last = last_total(session, campaign.id)
    if last is not None and data.as_of < last.as_of:
        raise InvalidError(lazy("a later report was imported already"), field="as_of")
    before = None if last is None else (last.raised_cents, last.backers)
    refuse_silent_fall(before, figures, reason=data.reason)
    return True


def import_total(
    session: Session, campaign: Campaign, data: TotalData, *, actor: Actor, at: datetime
) -> OutsideTotal | None:
    """Keep a report and show its figures; None where it stood already. See ``check_total``."""
    campaign = lock(session, Campaign, campaign.id)
    if not check_total(session, campaign, data, at=at):
        return None
    total = OutsideTotal(
        campaign_id=campaign.id,
        as_of=data.as_of,
        raised_cents=data.raised_cents,
        backers=data.backers,
        source=data.source,
        reason=data.reason.strip(),
        recorded_by=actor.user_id,
        at=at,
    )
    session.add(total)
    before = {"raised": campaign.promised_cents, "backers": campaign.backers}
    campaign.promised_cents, campaign.backers = data.raised_cents, data.backers
    session.flush()
    record(
        session,
        "import_total",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        before=before,
        after={"raised": data.raised_cents, "backers": data.backers, "source": data.source},
        reason=data.reason,
    )
    return total


def record_certificate(
    session: Session,
    campaign: Campaign,
    *,
    raised_cents: int,
    backers: int,
    issued_on: date,
    file: StoredFile | None,
    note: str,
    actor: Actor,
    at: datetime,
) -> OutsideCertificate:
    """Record the platform's final certificate, after the end; it decides once another confirms."""
    campaign = lock(session, Campaign, campaign.id)
    if not design_of(campaign).is_elsewhere:
        raise IllegalMoveError(lazy("This campaign runs on this site: it needs no certificate."))
    if campaign.state is not CampaignState.ENDED:
        raise IllegalMoveError(lazy("A certificate is final: it is recorded after the end."))
    if file is None:
        raise InvalidError(lazy("Add the certificate as a file."), field="file")
    if issued_on > in_rome(at).date():
        raise InvalidError(lazy("This day lies in the future."), field="issued_on")
    if campaign.ends_at is not None and issued_on < in_rome(campaign.ends_at).date():
        raise InvalidError(
            lazy(
                "The campaign ended on %(end)s: a final certificate is not older.",
                end=campaign.ends_at,
            ),
            field="issued_on",
        )
    if any(
        one.state is not CertificateState.REJECTED for one in certificates_of(session, campaign.id)
    ):
        raise ConflictError(lazy("A certificate is recorded already: confirm or reject it."))
    found = OutsideCertificate(
        campaign_id=campaign.id,
        state=CertificateState.RECORDED,
        raised_cents=raised_cents,
        backers=backers,
        issued_on=issued_on,
        file_id=file.id,
        note=note.strip(),
        recorded_by=actor.user_id,
        recorded_at=at,
    )
    session.add(found)
    session.flush()
    record(
        session,
        "record_certificate",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        after={"raised": raised_cents, "backers": backers, "sha256": file.sha256},
    )
    return found


def decide_certificate(
    session: Session,
    certificate: OutsideCertificate,
    *,
    confirmed: bool,
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> None:
    """Confirm or reject a certificate, never who recorded it: a confirmed one decides."""
    campaign = lock(session, Campaign, certificate.campaign_id)
    certificate = lock(session, OutsideCertificate, certificate.id)
    refuse_excluded("certificate", "confirm", actor.user_id, {"record": certificate.recorded_by})
    if certificate.state is not CertificateState.RECORDED:
        raise IllegalMoveError(lazy("This certificate is decided already."))
    if campaign.state is not CampaignState.ENDED:
        raise IllegalMoveError(lazy("The campaign does not wait for a certificate."))
    if not confirmed and not reason.strip():
        raise InvalidError(lazy("Say why it is rejected."), field="reason")
    state = CertificateState.CONFIRMED if confirmed else CertificateState.REJECTED
    certificate.state, certificate.decided_by, certificate.decided_at = state, actor.user_id, at
    if confirmed:
        campaign.promised_cents = campaign.collected_cents = certificate.raised_cents
        campaign.backers = certificate.backers
        wake(session, campaign, at=at)
    session.flush()
    record(
        session,
        "confirm_certificate" if confirmed else "reject_certificate",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        after={"raised": certificate.raised_cents, "backers": certificate.backers},
        reason=reason,
    )
