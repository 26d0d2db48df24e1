"""Letters that came back: what each was about, and what the office does about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from quartieri.kit.labels import N_, Lazy, lazy
from quartieri.mail.models import Letter

KINDS: dict[str, str] = {
    "pledge": N_("Pledge"),
    "campaign": N_("Campaign"),
    "campaign_update": N_("News of a campaign"),
    "campaign_message": N_("Message to backers"),
    "campaign_offer": N_("Offer of help"),
    "campaign_report": N_("Report"),
    "proposal": N_("Application"),
    "grant": N_("Grant"),
    "assignment": N_("Evaluation"),
    "window": N_("Session"),
    "call_question": N_("Question"),
    "call_follower": N_("News of a call"),
    "meeting_place": N_("Meeting"),
    "user": N_("Account"),
}
"""What a letter can be about."""

_BACKER = lazy(
    "The pledge's own page tells its backer, who can follow it there. The letter holds the link to"
    " the pledge: give it to nobody, and send it to no other address."
)
_APPLICANT = lazy(
    "Reach the applicant another way: a term may be running. When the mailbox works again, send"
    " the letter again."
)
_OFFICIAL = lazy("Tell the member of the commission; when the mailbox works, send it again.")
_NEWS = lazy("Nothing is lost: the news is on the public page.")
_OTHERS = lazy("If it was a passing fault, send it again. A wrong address cannot be reached.")

_TO_DO: dict[str, Lazy] = {
    "pledge": _BACKER,
    "campaign": _APPLICANT,
    "proposal": _APPLICANT,
    "grant": _APPLICANT,
    "assignment": _OFFICIAL,
    "window": _OFFICIAL,
    "campaign_update": _NEWS,
    "call_follower": _NEWS,
}

_PAGES = {
    "pledge": ("campaigns.manage_pledge", "pledge_id"),
    "campaign": ("campaigns.manage_show", "campaign_id"),
    "proposal": ("proposals.manage_show", "proposal_id"),
}


@dataclass(frozen=True, slots=True)
class Lost:
    """A letter that came back, as the office sees it; ``url`` is of what it was about."""

    letter: Letter
    kind: str
    to_do: Lazy
    url: str


def _page_of(endpoint: str, key: str, number: int) -> str:
    values: dict[str, Any] = {key: number}
    return url_for(endpoint, **values)


def lost(letter: Letter) -> Lost:
    """Give a letter with what it was about and what to do."""
    kind = letter.subject_kind
    endpoint, key = _PAGES.get(kind, ("", ""))
    url = _page_of(endpoint, key, letter.subject_id) if endpoint and letter.subject_id else ""
    return Lost(letter, KINDS.get(kind, N_("Letter")), _TO_DO.get(kind, _OTHERS), url)
