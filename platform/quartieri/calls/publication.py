"""What a draft call still lacks, or what in it cannot be: the checklist before publication.

Pure. Each gap names the editor's step and the field where it is mended. Blocking gaps refuse the
publication; the others are worth a thought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from quartieri.calls.design import (
    LANGUAGES,
    CallDesign,
    CampaignDesign,
    CriterionDesign,
    Text,
    WhenMoneyRunsOut,
)
from quartieri.calls.funding import FundingRule, grant_ceiling
from quartieri.calls.gaps import City, Gap, PoolDraft, Share, Step, WindowDates
from quartieri.kit.labels import N_, Lazy, lazy
from quartieri.kit.money import Money
from quartieri.people.rules import OrganisationKind

LANGUAGE_NAMES = {"it": N_("Italian"), "en": N_("English")}
ONE = Decimal(1)


def missing_for_publication(
    design: CallDesign,
    windows: Sequence[WindowDates],
    pool: PoolDraft,
    now: datetime,
    city: City | None = None,
) -> list[Gap]:
    """List what is missing or incoherent in a call, in the editor's order; empty: publish.

    The law asks for criteria and methods fixed and published beforehand (art. 12 L. 241/1990), so
    nothing here is optional but what the design calls "no such limit".
    """
    city = city or City()
    return [
        *_identity(design),
        *_windows(windows, now),
        *_who(design, city),
        *_application(design),
        *_evaluation(design),
        *_money(design, pool, city),
        *_campaign(design),
    ]


def _both(where: Step, name: str, what: str, text: Text) -> Iterator[Gap]:
    for language in LANGUAGES:
        if not text.get(language, "").strip():
            yield Gap(
                where,
                lazy(
                    "%(what)s: the text in %(language)s is missing.",
                    what=Lazy(what),
                    language=Lazy(LANGUAGE_NAMES[language]),
                ),
                f"{name}_{language}",
            )


def _identity(design: CallDesign) -> Iterator[Gap]:
    here = Step.IDENTITY
    yield from _both(here, "title", N_("Title"), design.title)
    yield from _both(here, "summary", N_("Summary"), design.summary)
    yield from _both(here, "text", N_("Text of the notice"), design.text)
    if not design.office.strip():
        yield Gap(here, lazy("The office in charge is missing."), "office")
    if not design.contact.strip():
        yield Gap(here, lazy("The contact for questions is missing."), "contact")
    yield from _both(here, "legal_basis", N_("Legal basis"), design.legal_basis)
    yield from _both(here, "privacy_notice", N_("Privacy notice"), design.privacy_notice)


def _windows(windows: Sequence[WindowDates], now: datetime) -> Iterator[Gap]:
    here = Step.WINDOWS
    if not windows:
        yield Gap(here, lazy("The call has no session: state when one can apply."), "windows")
    for window in windows:
        if window.opens_at >= window.closes_at:
            yield Gap(
                here,
                lazy("Session %(number)s closes before it opens.", number=window.number),
                "windows",
            )
        elif window.closes_at <= now:
            yield Gap(
                here,
                lazy("Session %(number)s would be closed already.", number=window.number),
                "windows",
            )
    for first, second in pairwise(windows):
        if second.opens_at <= first.closes_at:
            yield Gap(
                here,
                lazy(
                    "Session %(second)s opens before session %(first)s closes.",
                    first=first.number,
                    second=second.number,
                ),
                "windows",
            )


def _who(design: CallDesign, city: City) -> Iterator[Gap]:
    here, who = Step.WHO, design.eligibility
    if not who.kinds:
        yield Gap(here, lazy("State who may apply."), "kinds")
    if OrganisationKind.INFORMAL_GROUP in who.kinds and not who.min_group_members:
        yield Gap(here, lazy("State how many people an informal group needs."), "min_group_members")
    for low, high, name, sentence in (
        (
            who.cost_min_cents,
            who.cost_max_cents,
            "cost_max_cents",
            lazy("The highest cost of a project is below the lowest."),
        ),
        (
            who.months_min,
            who.months_max,
            "months_max",
            lazy("The longest duration of a project is below the shortest."),
        ),
    ):
        if low is not None and high is not None and high < low:
            yield Gap(here, sentence, name)
    if who.own_share_min is not None and who.own_share_min >= ONE:
        yield Gap(here, lazy("The own share must be below 100 %."), "own_share_min")
    for code in who.excluded_areas:
        if code not in city.areas:
            yield Gap(
                here,
                lazy("The excluded area %(code)s is not among the city's areas.", code=code),
                "excluded_areas",
            )


def _application(design: CallDesign) -> Iterator[Gap]:
    here = Step.APPLICATION
    if not design.questions:
        yield Gap(here, lazy("The application form has no question."), "questions")
    for n, question in enumerate(design.questions):
        yield from _row(here, f"questions-{n}-label", N_("Question %(n)s"), n, question.label)
    if not design.requirements:
        yield Gap(here, lazy("The checklist of the admissibility check is empty."), "requirements")
    for n, line in enumerate(design.requirements):
        yield from _row(here, f"requirements-{n}-text", N_("Requirement %(n)s"), n, line.text)


def _row(where: Step, name: str, what: str, n: int, text: Text) -> Iterator[Gap]:
    for language in LANGUAGES:
        if not text.get(language, "").strip():
            yield Gap(
                where,
                lazy(
                    "%(what)s: the text in %(language)s is missing.",
                    what=lazy(what, n=n + 1),
                    language=Lazy(LANGUAGE_NAMES[language]),
                ),
                f"{name}_{language}",
            )


def _evaluation(design: CallDesign) -> Iterator[Gap]:
    here, evaluation = Step.EVALUATION, design.evaluation
    complete = all(c.maximum > 0 and c.weight > 0 for c in evaluation.criteria)
    if not evaluation.criteria:
        yield Gap(here, lazy("There are no evaluation criteria."), "criteria")
    for n, criterion in enumerate(evaluation.criteria):
        yield from _criterion(n, criterion)
    if evaluation.minimum_total is None:
        yield Gap(
            here,
            lazy("State the lowest total score that can be funded (0: none is asked)."),
            "minimum_total",
        )
    elif complete and evaluation.minimum_total > evaluation.maximum_total:
        yield Gap(
            here,
            lazy(
                "Nobody can reach the minimum of %(minimum)s points: all criteria together"
                " give at most %(maximum)s.",
                minimum=_points(evaluation.minimum_total),
                maximum=_points(evaluation.maximum_total),
            ),
            "minimum_total",
        )
    if evaluation.sheets < 1:
        yield Gap(here, lazy("State how many reviewers score each application."), "sheets")
    if not evaluation.tie_break:
        yield Gap(here, lazy("State how ties are broken."), "tie_break")
    elif evaluation.tie_break[-1] != "protocol":
        yield Gap(
            here,
            lazy("The last way to break a tie must be the protocol number: it settles each one."),
            "tie_break",
        )
    yield from _money_out(design)


def _money_out(design: CallDesign) -> Iterator[Gap]:
    rule, stated = design.money.rule, design.evaluation.when_money_runs_out
    if stated is None:
        yield Gap(
            Step.EVALUATION,
            lazy("State what happens when the money runs out."),
            "when_money_runs_out",
        )
    elif rule is not None and rule.part_funding != (stated == WhenMoneyRunsOut.PART):
        yield Gap(
            Step.EVALUATION,
            lazy("What happens when the money runs out does not agree with the money rule."),
            "when_money_runs_out",
        )


def _criterion(n: int, criterion: CriterionDesign) -> Iterator[Gap]:
    here = Step.EVALUATION
    yield from _row(here, f"criteria-{n}-title", N_("Criterion %(n)s"), n, criterion.title)
    if criterion.maximum <= 0:
        yield Gap(
            here,
            lazy("Criterion %(n)s: state its highest points.", n=n + 1),
            f"criteria-{n}-maximum",
        )
    elif criterion.minimum is not None and criterion.minimum > criterion.maximum:
        yield Gap(
            here,
            lazy("Criterion %(n)s: its minimum is above its highest points.", n=n + 1),
            f"criteria-{n}-minimum",
        )
    if criterion.weight <= 0:
        yield Gap(
            here,
            lazy("Criterion %(n)s: its weight must be more than zero.", n=n + 1),
            f"criteria-{n}-weight",
        )


def _money(design: CallDesign, pool: PoolDraft, city: City) -> Iterator[Gap]:
    here, money = Step.MONEY, design.money
    if money.rule is None:
        yield Gap(here, lazy("State how the grant is computed."), "kind")
    else:
        yield from _rule(design, money.rule)
    if money.advance_share is None:
        yield Gap(
            here,
            lazy("State which share of the grant is paid in advance (0: none)."),
            "advance_share",
        )
    elif money.advance_share > ONE:
        yield Gap(here, lazy("A share is at most 100 %."), "advance_share")
    if money.integration_days < 1:
        yield Gap(
            here,
            lazy("State how many days an applicant has to complete the papers."),
            "integration_days",
        )
    yield from _pool(design, pool, city)


def _rule(design: CallDesign, rule: FundingRule) -> Iterator[Gap]:
    here, who = Step.MONEY, design.eligibility
    if rule.kind.has_campaign and not design.has_campaigns:
        yield Gap(here, lazy("This rule needs campaigns: state how they run."), "days")
    if not rule.kind.has_campaign and design.has_campaigns:
        yield Gap(here, lazy("A direct grant has no campaign."), "kind")
    if rule.grant_share is None and rule.grant_cap_cents is None:
        yield Gap(here, lazy("State the grant's share of the cost or its cap."), "grant_share")
    if rule.grant_min_cents is None or who.cost_max_cents is None:
        return
    most = grant_ceiling(rule, who.cost_max_cents)
    if most is not None and most < rule.grant_min_cents:
        yield Gap(
            here,
            lazy(
                "Nobody can get the smallest grant of %(minimum)s: the highest cost allows at most"
                " %(most)s.",
                minimum=Money(rule.grant_min_cents),
                most=Money(most),
            ),
            "grant_min_cents",
        )


def _pool(design: CallDesign, pool: PoolDraft, city: City) -> Iterator[Gap]:
    here, rule = Step.MONEY, design.money.rule
    if not pool.endowment_cents:
        yield Gap(here, lazy("State the call's endowment."), "endowment")
        return
    if rule is not None and (rule.grant_min_cents or 0) > pool.endowment_cents:
        yield Gap(here, lazy("The endowment is below the smallest grant."), "endowment")
    if not pool.shares:
        if city.has_programme:
            yield Gap(
                here,
                lazy("The endowment comes from no line of the programme."),
                "shares",
                blocking=False,
            )
        return
    total = sum(s.cents for s in pool.shares)
    if total != pool.endowment_cents:
        yield Gap(
            here,
            lazy(
                "The shares add up to %(shares)s, but the endowment is %(endowment)s.",
                shares=Money(total),
                endowment=Money(pool.endowment_cents),
            ),
            "shares",
        )
    yield from _cover(pool.shares)


def _cover(shares: Iterable[Share]) -> Iterator[Gap]:
    asked: dict[str, int] = {}
    available: dict[str, int] = {}
    for share in shares:
        if share.available_cents is not None:
            asked[share.nearest] = asked.get(share.nearest, 0) + share.cents
            available[share.nearest] = share.available_cents
    for level, cents in asked.items():
        if cents > available[level]:
            yield Gap(
                Step.MONEY,
                lazy(
                    "%(level)s does not have enough money available: %(missing)s are missing.",
                    level=level,
                    missing=Money(cents - available[level]),
                ),
                "shares",
            )


def _campaign(design: CallDesign) -> Iterator[Gap]:
    campaign = design.campaign
    if campaign is None:
        return
    yield from _campaign_figures(campaign)
    if 0 < campaign.pledge_max_cents < campaign.pledge_min_cents:
        yield Gap(Step.MONEY, lazy("The largest pledge is below the smallest."), "pledge_max_cents")


def _campaign_figures(campaign: CampaignDesign) -> Iterator[Gap]:
    for value, name, sentence in (
        (campaign.days, "days", lazy("State how many days a campaign lasts.")),
        (
            campaign.grace_days,
            "grace_days",
            lazy("State for how many days after the deadline charges are tried again."),
        ),
        (campaign.pledge_min_cents, "pledge_min_cents", lazy("State the smallest pledge.")),
        (campaign.pledge_max_cents, "pledge_max_cents", lazy("State the largest pledge.")),
        (
            campaign.confirm_minutes,
            "confirm_minutes",
            lazy("State within how many minutes a pledge must be confirmed after the deadline."),
        ),
    ):
        if value < 1:
            yield Gap(Step.MONEY, sentence, name)


def _points(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
