"""The officials' navigation: only what the account may open."""

from __future__ import annotations

from flask import current_app, request
from flask_babel import gettext as _

from quartieri.people.access import allowed
from quartieri.people.rules import Permission

SECTIONS = {
    "calls": "calls.manage_index",
    "programmes": "programmes.index",
    "proposals": "proposals.manage_index",
    "reviews_manage": "reviews_manage.index",
    "rankings_manage": "reviews_manage.index",
    "rehearsal": "calls.manage_index",
    "reviews": "reviews.desk",
    "campaigns": "campaigns.manage_index",
    "campaigns.manage_page": "campaigns.tutoring",
    "grants": "grants.manage_index",
    "disbursements": "grants.manage_index",
    "ledger": "ledger.index",
    "reconciliation": "reconciliation.index",
    "people_manage": "people_manage.index",
    "proposals.preview": "calls.manage_index",
}
"""Under which page of the navigation a page, or the pages of a blueprint, stand."""


def manage_nav() -> list[tuple[str, str, bool]]:
    """Give (endpoint, label, active) for each officials' page that the account may open."""
    pages = (
        ("calls.manage_index", _("Calls"), Permission.MANAGE_READ),
        ("calls.inbox", _("Questions"), Permission.QUESTION_ANSWER),
        ("calls.manage_meetings", _("Meetings"), Permission.MEETING_RUN),
        ("programmes.index", _("Programmes"), Permission.MONEY_READ),
        ("proposals.manage_index", _("Applications"), Permission.PROPOSALS_READ),
        ("reviews_manage.index", _("Evaluations"), Permission.REVIEW_ASSIGN),
        ("reviews_manage.conflicts", _("Conflicts of interest"), Permission.REVIEW_CLEAR),
        ("reviews.desk", _("My evaluations"), Permission.REVIEW),
        ("campaigns.manage_index", _("Campaigns"), Permission.MANAGE_READ),
        ("campaigns.tutoring", _("Pages to comment"), Permission.COMMENTS_READ),
        ("campaigns.manage_reports", _("Reports"), Permission.REPORTS_READ),
        ("web.lost_letters", _("Letters that came back"), Permission.LETTERS_SEE_TO),
        ("grants.manage_index", _("Grants"), Permission.MONEY_READ),
        ("ledger.index", _("Ledger"), Permission.LEDGER_READ),
        ("reconciliation.index", _("Reconciliation"), Permission.RECONCILIATION_READ),
        ("people_manage.index", _("People and roles"), Permission.PEOPLE_MANAGE),
        ("web.audit", _("Audit log"), Permission.AUDIT_READ),
        ("web.jobs", _("Jobs"), Permission.SITE_RUN),
    )
    names = {endpoint for endpoint, _label, _permission in pages}
    asked = request.endpoint or ""
    section = SECTIONS.get(asked) or SECTIONS.get(request.blueprint or "")
    here = asked if asked in names else section
    return [
        (endpoint, label, endpoint == here)
        for endpoint, label, permission in pages
        if endpoint in current_app.view_functions and allowed(permission)
    ]
