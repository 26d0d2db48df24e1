"""The officials' navigation: only what the account may open."""

from __future__ import annotations

from flask import current_app, request
from flask_babel import gettext as _

from quartieri.people.access import allowed
from quartieri.people.rules import Permission


def manage_nav() -> list[tuple[str, str, bool]]:
    """Give (endpoint, label, active) for each officials' page that the account may open."""
    pages = (
        ("calls.manage_index", _("Calls"), Permission.MANAGE_READ),
        ("programmes.index", _("Programmes"), Permission.MONEY_READ),
        ("proposals.manage_index", _("Applications"), Permission.PROPOSALS_READ),
        ("reviews_manage.index", _("Evaluations"), Permission.REVIEW_ASSIGN),
        ("reviews_manage.conflicts", _("Conflicts of interest"), Permission.REVIEW_CLEAR),
        ("reviews.desk", _("My evaluations"), Permission.REVIEW),
        ("campaigns.manage_index", _("Campaigns"), Permission.MANAGE_READ),
        ("grants.manage_index", _("Grants"), Permission.MONEY_READ),
        ("ledger.index", _("Ledger"), Permission.LEDGER_READ),
        ("people_manage.index", _("People and roles"), Permission.PEOPLE_MANAGE),
        ("web.audit", _("Audit log"), Permission.AUDIT_READ),
        ("web.jobs", _("Jobs"), Permission.SITE_RUN),
    )
    return [
        (endpoint, label, request.endpoint == endpoint)
        for endpoint, label, permission in pages
        if endpoint in current_app.view_functions and allowed(permission)
    ]
