"""Permissions, deeds that exclude each other, links and passwords."""

from __future__ import annotations

import pytest

from quartieri.audit.rules import Role
from quartieri.kit.errors import NotFoundError, NotYoursError
from quartieri.people import links
from quartieri.people.passwords import decoy, hashed, matches
from quartieri.people.rules import (
    EXCLUSIONS,
    GRANTS,
    Exclusion,
    Permission,
    grants,
    refuse_excluded,
)


def test_every_permission_names_the_roles_that_grant_it() -> None:
    assert set(GRANTS) == set(Permission)
    assert all(GRANTS.values())


def test_no_permission_is_granted_to_nobody_s_roles() -> None:
    assert not any(grants(frozenset(), permission) for permission in Permission)
    assert not any(grants(frozenset({Role.ACCOUNT}), permission) for permission in Permission)


def test_an_administrator_touches_neither_money_nor_scores() -> None:
    roles = frozenset({Role.ADMINISTRATOR})
    forbidden = {
        Permission.GRANT_RECORD,
        Permission.DISBURSEMENT_PAY,
        Permission.DISBURSEMENT_APPROVE,
        Permission.REVIEW,
        Permission.RANK,
        Permission.PLEDGE_CONFIRM,
    }
    assert not any(grants(roles, permission) for permission in forbidden)


def test_an_auditor_changes_nothing() -> None:
    readers = {
        Permission.AUDIT_READ,
        Permission.BANK_READ,
        Permission.CAMPAIGN_PREVIEW,
        Permission.COMMENTS_READ,
        Permission.REPORTS_READ,
        Permission.RULES_TRY,
        Permission.MANAGE_READ,
        Permission.PROPOSALS_READ,
        Permission.MONEY_READ,
        Permission.LEDGER_READ,
        Permission.PLEDGES_READ,
        Permission.RECONCILIATION_READ,
    }
    given = {p for p in Permission if grants(frozenset({Role.AUDITOR}), p)}
    assert given == readers


@pytest.mark.parametrize("line", EXCLUSIONS, ids=lambda e: f"{e.matter}-{e.first}-{e.then}")
def test_who_did_one_thing_may_not_do_the_other_either_way(line: Exclusion) -> None:
    for one, other in ((line.first, line.then), (line.then, line.first)):
        with pytest.raises(NotYoursError):
            refuse_excluded(line.matter, other, 7, {one: 7})
        refuse_excluded(line.matter, other, 7, {one: 8})
        refuse_excluded(line.matter, other, 7, {})
        refuse_excluded(line.matter, other, None, {one: None})


def test_a_link_is_good_for_one_purpose_of_one_installation() -> None:
    token = links.sign("secret", "confirm-address", "12:1")
    assert links.read("secret", "confirm-address", token, seconds=60) == "12:1"
    for secret, purpose in (("other", "confirm-address"), ("secret", "reset-password")):
        with pytest.raises(NotFoundError):
            links.read(secret, purpose, token, seconds=60)
    with pytest.raises(NotFoundError):
        links.read("secret", "confirm-address", token + "x", seconds=60)


def test_a_password_matches_its_own_hash_alone() -> None:
    kept = hashed("four words only mine", "cheap")
    assert matches(kept, "four words only mine", "cheap")
    assert not matches(kept, "four words only yours", "cheap")
    assert not matches("!", "anything", "cheap")
    assert not matches(decoy("cheap"), "", "cheap")
