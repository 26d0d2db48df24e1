"""What happened in a rehearsal, which rules fired, and for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from quartieri.calls.design import CallDesign
from quartieri.calls.funding import FundingKind, FundingRule
from quartieri.kit.labels import N_, LabelEnum, Lazy


class Phase(LabelEnum):
    """A chapter of a call's life."""

    PUBLICATION = "publication", N_("Publication")
    APPLICATIONS = "applications", N_("Applications")
    CHECK = "check", N_("Admissibility check")
    EVALUATION = "evaluation", N_("Evaluation")
    RANKING = "ranking", N_("Ranking")
    CAMPAIGNS = "campaigns", N_("Campaigns")
    GRANTS = "grants", N_("Grants and payments")


class Trait(LabelEnum):
    """What an applicant is invented for."""

    STRONG = "strong", N_("A strong project")
    GOOD = "good", N_("A good project")
    TIED = "tied", N_("The same score as the one before")
    WEAK = "weak", N_("Scored below the minimum")
    INCOMPLETE = "incomplete", N_("Papers are missing at first")
    UNFIT = "unfit", N_("Does not meet a requirement")
    WITHDRAWS = "withdraws", N_("Withdraws after submitting")
    LATE = "late", N_("Sends a second after the deadline")
    BREAKS = "breaks", N_("Breaks a limit of the call")


class Rule(LabelEnum):
    """A rule of the call that a rehearsal can see at work."""

    ALLOTMENT = "allotment", N_("Publication binds the endowment")
    DEADLINE = "deadline", N_("The deadline is exact: a late draft waits for the next session")
    COMPLETE = "complete", N_("An application is sent only when nothing is missing")
    COST_MIN = "cost_min", N_("Lowest cost of a project")
    COST_MAX = "cost_max", N_("Highest cost of a project")
    MONTHS = "months", N_("Duration of a project")
    AREA = "area", N_("Areas where no project may take place")
    AGE = "age", N_("Age of an organisation")
    MEMBERS = "members", N_("Size of an informal group")
    OWN_SHARE = "own_share", N_("Own share of the cost")
    REQUIREMENTS = "requirements", N_("Admissibility checklist")
    INTEGRATION = "integration", N_("Papers are completed within the days that the call gives")
    CONFLICT = "conflict", N_("A reviewer with a conflict abstains")
    MINIMUM_CRITERION = "minimum_criterion", N_("Minimum score of a criterion")
    MINIMUM_TOTAL = "minimum_total", N_("Minimum total score")
    STAGES = "stages", N_("Only some go on from one stage to the next")
    PLACES = "places", N_("Places of a list, and quotas")
    TIE_BREAK = "tie_break", N_("Ties are broken by the written rule")
    MONEY_RUNS_OUT = "money_runs_out", N_("What happens when the money runs out")
    PROVISIONAL = "provisional", N_("A provisional ranking comes before the final one")
    GRANT_SHARE = "grant_share", N_("Share of the cost that the city gives")
    GRANT_CAP = "grant_cap", N_("Largest grant")
    MATCH = "match", N_("What the city adds follows from what the crowd gave")
    TARGET_REACHED = "target_reached", N_("At the target the campaign succeeds and backers pay")
    TARGET_MISSED = "target_missed", N_("Below the target nobody pays and the money is released")
    RETRIES = "retries", N_("A refused card is tried again for some days, then dropped")
    ADVANCE = "advance", N_("Part of the grant is paid in advance")
    BALANCE = "balance", N_("The rest is paid when the report is approved")
    OTHER = "other", N_("Another rule of the call")


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that happened: when, in which phase, to whom, and the rule that made it so."""

    at: datetime
    phase: Phase
    who: str | Lazy
    text: Lazy
    rule: Rule | None = None


@dataclass(slots=True)
class Notebook:
    """The notes in the order in which they were taken."""

    notes: list[Note] = field(default_factory=list)

    def add(
        self,
        at: datetime,
        phase: Phase,
        who: str | Lazy,
        text: Lazy,
        rule: Rule | None = None,
    ) -> None:
        """Take a note."""
        self.notes.append(Note(at, phase, who, text, rule))

    def fired(self) -> dict[Rule, int]:
        """Count how often each rule fired."""
        counts: dict[Rule, int] = {}
        for note in self.notes:
            if note.rule is not None:
                counts[note.rule] = counts.get(note.rule, 0) + 1
        return counts


def follows_crowd(rule: FundingRule) -> bool:
    """Tell whether the city's part depends on more than the target that is reached."""
    return rule.kind.has_campaign and rule.kind is not FundingKind.FIXED_SHARE


def rules_of(design: CallDesign) -> list[Rule]:
    """List the rules that a call has and a rehearsal could see, in the order of its phases."""
    who, money, evaluation = design.eligibility, design.money, design.evaluation
    rule = money.rule
    pays = not money.no_money
    has = {
        Rule.ALLOTMENT: pays,
        Rule.MONEY_RUNS_OUT: pays,
        Rule.COST_MIN: who.cost_min_cents is not None,
        Rule.COST_MAX: who.cost_max_cents is not None,
        Rule.MONTHS: who.months_min is not None or who.months_max is not None,
        Rule.AREA: bool(who.excluded_areas),
        Rule.AGE: who.max_organisation_age_years is not None,
        Rule.MEMBERS: who.min_group_members is not None,
        Rule.OWN_SHARE: who.own_share_min is not None,
        Rule.MINIMUM_CRITERION: any(c.minimum is not None for c in evaluation.criteria),
        Rule.MINIMUM_TOTAL: bool(evaluation.minimum_total),
        Rule.STAGES: bool(evaluation.stages),
        Rule.PLACES: bool(evaluation.places or evaluation.lists.parts or evaluation.quotas.parts),
        Rule.PROVISIONAL: evaluation.provisional,
        Rule.GRANT_SHARE: rule is not None and rule.grant_share is not None,
        Rule.GRANT_CAP: rule is not None and rule.grant_cap_cents is not None,
        Rule.MATCH: rule is not None and follows_crowd(rule),
        Rule.TARGET_REACHED: design.has_campaigns,
        Rule.TARGET_MISSED: design.has_campaigns,
        Rule.RETRIES: design.has_campaigns,
        Rule.ADVANCE: bool(money.advance_share),
        Rule.BALANCE: rule is not None,
        Rule.OTHER: False,
    }
    return [r for r in Rule if has.get(r, True)]
