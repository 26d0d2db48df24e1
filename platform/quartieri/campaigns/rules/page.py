"""The parts of a campaign's page: what each holds, what is missing, which videos may be named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from quartieri.campaigns.rules.campaign import CampaignState
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, lazy

C = CampaignState


class PagePart(LabelEnum):
    """A part of the page: one task of the proposer's list, one section of the comments."""

    BASICS = "basics", N_("Title, picture and target")
    STORY = "story", N_("The story")
    BUDGET = "budget", N_("What the money is for")
    PEOPLE = "people", N_("Who and where")
    REWARDS = "rewards", N_("Rewards")
    NEEDS = "needs", N_("Other help that you need")
    SURPLUS = "surplus", N_("Money above the target")
    FAQS = "faqs", N_("Questions and answers")


EDITABLE = frozenset({C.DRAFT, C.CHANGES_REQUESTED})
"""The whole page can change in these."""

SHOWN = frozenset(
    {C.SCHEDULED, C.LIVE, C.SUSPENDED, C.ENDED, C.COLLECTING, C.SUCCEEDED, C.PAYING_OUT}
)
"""The page is online and goes on: questions and answers, and the stock of rewards, may change."""

TELLS = (SHOWN - {C.SCHEDULED}) | {C.FAILED, C.REFUNDING, C.SETTLED}
"""The proposer posts updates and writes to backers in these."""

TAKES_OFFERS = frozenset({C.LIVE, C.ENDED, C.COLLECTING, C.SUCCEEDED, C.PAYING_OUT})
"""People can offer other help than money in these."""


class NeedKind(LabelEnum):
    """What is asked for besides money."""

    IN_KIND = "in_kind", N_("Things")
    TIME = "time", N_("Time (volunteers)")


@dataclass(frozen=True, slots=True)
class BasicsPart:
    """Title, sentence, target in cents; the picture's id in the file store and what tells it."""

    title: str
    summary: str
    target_cents: int
    image_id: int | None = None
    image_text: str = ""


@dataclass(frozen=True, slots=True)
class StoryPart:
    """The story in Markdown, and the address of a video ("" for none)."""

    story: str
    video: str = ""


@dataclass(frozen=True, slots=True)
class BudgetPart:
    """Words on lines of the budget: (the line's description, the words)."""

    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PeoplePart:
    """Words on the place and on the team, and which members agreed to be shown: (name, role)."""

    place: str = ""
    team: str = ""
    members: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NeedFacts:
    """One need: ``quantity`` None is "as much as there is"."""

    kind: NeedKind
    title: str
    text: str = ""
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class NeedsPart:
    """What is needed besides money."""

    needs: tuple[NeedFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class SurplusPart:
    """What is done with money above the target, in Markdown."""

    surplus: str = ""


@dataclass(frozen=True, slots=True)
class FaqsPart:
    """Questions with their answers in Markdown."""

    faqs: tuple[tuple[str, str], ...] = ()


Part = BasicsPart | StoryPart | BudgetPart | PeoplePart | NeedsPart | SurplusPart | FaqsPart

PART_OF: Mapping[type[Part], PagePart] = {
    BasicsPart: PagePart.BASICS,
    StoryPart: PagePart.STORY,
    BudgetPart: PagePart.BUDGET,
    PeoplePart: PagePart.PEOPLE,
    NeedsPart: PagePart.NEEDS,
    SurplusPart: PagePart.SURPLUS,
    FaqsPart: PagePart.FAQS,
}


@dataclass(frozen=True, slots=True)
class RewardData:
    """One reward as it is typed; amounts in cents, ``stock`` None: as many as are asked for.

    ``delivery`` is the first day of the month in which it is handed over.
    """

    title: str
    text: str
    minimum_cents: int
    stock: int | None = None
    image_id: int | None = None
    delivery: date | None = None
    shipping_question: str = ""


def mark_of(part: object) -> str:
    """Give a short mark of a frozen value: a form that was opened on another one is out of date."""
    return hashlib.sha256(repr(part).encode()).hexdigest()[:16]


# -- videos ------------------------------------------------------------------------------------

_PEERTUBE = ("peertube.uno", "video.linux.it", "framatube.org")
VIDEO_HOSTS: Mapping[str, str] = {
    **dict.fromkeys(("www.youtube.com", "youtube.com", "m.youtube.com", "youtu.be"), "YouTube"),
    **dict.fromkeys(("vimeo.com", "www.vimeo.com"), "Vimeo"),
    **{host: f"PeerTube ({host})" for host in _PEERTUBE},
}
"""Where a video may be, and what its provider is called."""


def checked_video(address: str) -> str:
    """Give the address of a video at a known provider, "" for none; raise InvalidError."""
    text = address.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    plain = not parts.username and not parts.password and port is None
    if parts.scheme != "https" or parts.netloc not in VIDEO_HOSTS or not plain:
        raise InvalidError(
            lazy(
                "Use an address that begins with https:// at YouTube, Vimeo or PeerTube "
                "(%(hosts)s).",
                hosts=", ".join(_PEERTUBE),
            ),
            field="video",
        )
    if parts.path in {"", "/"}:
        raise InvalidError(lazy("This is the provider's home page, not a video."), field="video")
    return text


def provider_of(video: str) -> str:
    """Give the name of a video's provider."""
    return VIDEO_HOSTS.get(urlsplit(video).netloc, "")


# -- what is missing ---------------------------------------------------------------------------


class Gap(LabelEnum):
    """What a page must have before it can be approved."""

    SUMMARY = "summary", N_("the sentence that says what it is")
    IMAGE = "image", N_("a picture")
    IMAGE_TEXT = "image_text", N_("what the picture shows, in words")
    STORY = "story", N_("the story")
    SURPLUS = "surplus", N_("what you do with money above the target")


GAP_IN: Mapping[Gap, PagePart] = {
    Gap.SUMMARY: PagePart.BASICS,
    Gap.IMAGE: PagePart.BASICS,
    Gap.IMAGE_TEXT: PagePart.BASICS,
    Gap.STORY: PagePart.STORY,
    Gap.SURPLUS: PagePart.SURPLUS,
}
"""In which part each gap is filled."""
