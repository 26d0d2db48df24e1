"""Saving cards on the provider's page, for a charge that may come later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import connection_to_write, get, insert, lock, table_of
from quartieri.gateways.payments import PaymentProvider, ProviderRefusedError, Reference
from quartieri.logs import logger
from quartieri.payments import queries, rules
from quartieri.payments.actions.records import (
    MOST_READINGS,
    OvertakenError,
    Units,
    another_key,
    keys,
    record_setup,
    reference,
    register,
)
from quartieri.payments.models import PaymentSetup
from quartieri.payments.rules import LEAST_AHEAD, CardStatus, split_subject


def prepare(
    session: Session,
    subject: str,
    *,
    success_url: str,
    cancel_url: str,
    locale: str,
    expires_at: datetime,
    at: datetime,
) -> PaymentSetup:
    """Write down that a card is to be saved; give the page that is still open if there is one.

    ``expires_at`` is 30 minutes to 24 hours ahead (Stripe's limits for a Checkout Session). One
    that was prepared while the provider was away, and would end too soon now, is prepared anew.
    """
    split_subject(subject)
    newest = session.connection().execute(_LAST, {"subject": subject}).first()
    ahead = {CardStatus.PREPARED: LEAST_AHEAD, CardStatus.OPEN: timedelta()}
    if (
        newest is not None
        and newest.status in ahead
        and at + ahead[newest.status] < newest.expires_at
    ):
        return get(session, PaymentSetup, newest.id)
    return insert(
        session,
        PaymentSetup(
            subject=subject,
            n=newest.n + 1 if newest else 1,
            customer_id=queries.customer(session, subject),
            success_url=success_url,
            cancel_url=cancel_url,
            locale=locale,
            expires_at=expires_at,
            session_id=None,
            url=None,
            created_at=at,
            looked_at=at,
        ),
    )


_SETUP = table_of(PaymentSetup).c
_LAST = (
    sa.select(_SETUP.id, _SETUP.n, _SETUP.status, _SETUP.expires_at)
    .where(_SETUP.subject == sa.bindparam("subject"))
    .order_by(_SETUP.n.desc())
    .limit(1)
)
"""The newest page of a subject: a pledge that was just made has none, and no row to load."""


def open_page(
    units: Units, provider: PaymentProvider, setup_id: int, *, email: str, at: datetime
) -> str:
    """Open the page that saves the card and give its address; the same page if asked again.

    Raises ProviderUnavailableError or ProviderRefusedError, with nothing lost.
    """
    with units() as session:
        page = card_page(session, lock(session, PaymentSetup, setup_id), at=at)
    return go(units, provider, page, email=email, at=at)


@dataclass(frozen=True, slots=True)
class CardPage:
    """The provider's page that saves a card, as it was written down; ``url`` once it is open."""

    setup_id: int
    about: Reference
    success_url: str
    cancel_url: str
    locale: str
    expires_at: datetime
    customer: str | None
    url: str | None
    version: int


def card_page(session: Session, row: PaymentSetup, *, at: datetime) -> CardPage:
    """Give all that the provider is asked with, to be used outside of the unit of work."""
    return CardPage(
        row.id,
        reference(session, row.subject, row.n, at=at),
        row.success_url,
        row.cancel_url,
        row.locale,
        row.expires_at,
        row.customer_id,
        row.url if row.session_id is not None else None,
        row.version,
    )


def go(
    units: Units, provider: PaymentProvider, asked: CardPage, *, email: str, at: datetime
) -> str:
    """Open a page that was written down, and give its address; raises as ``open_page`` does."""
    if asked.url:
        return asked.url
    about, customer, version = asked.about, asked.customer, asked.version
    with another_key(units, PaymentSetup, asked.setup_id, seen=version):
        customer = customer or register(provider, about, email=email, version=version)
        page = provider.create_setup_checkout(
            customer=customer,
            reference=about,
            success_url=asked.success_url,
            cancel_url=asked.cancel_url,
            locale=asked.locale,
            expires_at=asked.expires_at,
            key=keys(about).setup(version),
        )
    opened = {
        "key": asked.setup_id,
        "customer": customer,
        "page": page.id,
        "setup": page.setup,
        "address": page.url,
        "at": at,
    }
    with units() as session:
        connection_to_write(session).execute(_OPENED, opened)
    return page.url or asked.success_url


_OPENED = (
    sa.update(table_of(PaymentSetup))
    .where(_SETUP.id == sa.bindparam("key"), _SETUP.session_id.is_(None))
    .values(
        customer_id=sa.bindparam("customer"),
        session_id=sa.bindparam("page"),
        setup_id=sa.bindparam("setup"),
        url=sa.bindparam("address"),
        status=CardStatus.OPEN,
        looked_at=sa.bindparam("at"),
        version=_SETUP.version + 1,
    )
)
"""Notes the page that was opened, unless somebody noted it meanwhile."""


def correct_address(
    units: Units, provider: PaymentProvider, subject: str, email: str, *, token: str, at: datetime
) -> None:
    """Write a payer's new address down at the provider; ``token`` is the change's own word.

    Nothing is done for a payer that it does not know (any more).
    """
    with units() as session:
        customer = queries.customer(session, subject)
        about = reference(session, subject, 1, at=at)
    if customer is None:
        return
    try:
        provider.correct_customer(
            customer, email=email, key=keys(about).correct_customer(email, token)
        )
    except ProviderRefusedError as error:
        if error.code in rules.NOT_THE_CARD:
            raise
        logger().warning("payments.no_such_payer", subject=subject, why=str(error))


def refresh(units: Units, provider: PaymentProvider, setup_id: int, *, at: datetime) -> CardStatus:
    """Read the page and its card at the provider and write them down; give the status."""
    for _ in range(MOST_READINGS):
        with units() as session:
            row = lock(session, PaymentSetup, setup_id)
            status, session_id, version = row.status, row.session_id, row.version
        if session_id is None or status is CardStatus.SAVED:
            return status
        page = provider.read_checkout(session_id)
        setup = provider.read_setup(page.setup) if page.setup else None
        saved = setup.method if setup is not None else None
        method = provider.read_method(saved) if saved else None
        with units() as session:
            if record_setup(session, setup_id, page, setup, method=method, seen=version, at=at):
                return lock(session, PaymentSetup, setup_id).status
    raise OvertakenError


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that still saves a card."""

    setup_id: int
    session_id: str
    about: Reference
    version: int


def close(units: Units, provider: PaymentProvider, subject: str, *, at: datetime) -> None:
    """Close the subject's open pages, so that no card is saved there any more.

    A card that was saved at the last moment is recorded as saved: read the facts afterwards.
    """
    with units() as session:
        pages, _saved = _left(session, subject, at=at)
    _close(units, provider, pages, at=at)


def forget(units: Units, provider: PaymentProvider, subject: str, *, at: datetime) -> None:
    """Close the subject's open pages and detach its saved cards: they can't be charged any more."""
    with units() as session:
        pages, saved = _left(session, subject, at=at)
    if pages:
        _close(units, provider, pages, at=at)
        with units() as session:
            _pages, saved = _left(session, subject, at=at)
    for setup_id, method in saved:
        provider.detach_method(method)
        with units() as session:
            connection_to_write(session).execute(_FORGET, {"card": setup_id, "now": at})


def _left(
    session: Session, subject: str, *, at: datetime
) -> tuple[list[_Page], list[tuple[int, str]]]:
    """List the subject's open pages, and its saved cards that are not forgotten yet."""
    rows = queries.setups(session, subject)
    pages = [
        _Page(row.id, row.session_id, reference(session, subject, row.n, at=at), row.version)
        for row in rows
        if row.status is CardStatus.OPEN and row.session_id
    ]
    cards = [(row.id, row.method_id) for row in rows if row.method_id and row.forgotten_at is None]
    return pages, cards


def _close(
    units: Units, provider: PaymentProvider, pages: Iterable[_Page], *, at: datetime
) -> None:
    for page in pages:
        with another_key(units, PaymentSetup, page.setup_id, seen=page.version):
            provider.expire_checkout(
                page.session_id, key=keys(page.about).close_setup(page.version)
            )
        refresh(units, provider, page.setup_id, at=at)


_FORGET = (
    sa.update(table_of(PaymentSetup))
    .where(_SETUP.id == sa.bindparam("card"), _SETUP.forgotten_at.is_(None))
    .values(forgotten_at=sa.bindparam("now"), version=_SETUP.version + 1)
)
