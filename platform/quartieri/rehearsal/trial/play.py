"""A rehearsal from publication to the ranking, by the verbs that everybody uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from quartieri.audit.rules import SYSTEM, Role
from quartieri.calls import actions as calls
from quartieri.calls.actions.sessions import set_endowments
from quartieri.db import get, unit_of_work
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import DomainError
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money
from quartieri.people import actions as people
from quartieri.people.models import Authority
from quartieri.people.rules import Scope
from quartieri.programmes.models import Area
from quartieri.programmes.rules import AreaKind
from quartieri.proposals import actions as proposals
from quartieri.proposals.models import IntegrationRequest, Proposal
from quartieri.proposals.rules import CheckOutcome, IncompleteError
from quartieri.rehearsal.cast import NO_PASSWORD, engage_for_replay
from quartieri.rehearsal.stage import Stage
from quartieri.rehearsal.trial.copy import CallCopy
from quartieri.rehearsal.trial.notes import Notebook, Phase, Rule, Trait
from quartieri.rehearsal.trial.script import Invented

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
OFFICE = lazy("The office")
COMMISSION = lazy("The commission")
MISSING = "Lo statuto firmato"


@dataclass(slots=True)
class Performance:
    """A rehearsal under way: the stage, who plays, what was noted, what was made."""

    stage: Stage
    copy: CallCopy
    people: tuple[Invented, ...]
    book: Notebook = field(default_factory=Notebook)
    call_id: int = 0
    windows: list[int] = field(default_factory=list)
    """The ids of the call's sessions."""
    session: int = 0
    """The session that is played now, counted from 0."""
    made: dict[str, int] = field(default_factory=dict)
    """The id of each applicant's application."""

    @property
    def now(self) -> datetime:
        """The instant that the stage's clock shows."""
        return self.stage.now

    @property
    def window_id(self) -> int:
        """The id of the session that is played now."""
        return self.windows[self.session]

    @property
    def here(self) -> list[Invented]:
        """The applicants of the session that is played now."""
        return [one for one in self.people if one.session == self.session]

    @property
    def applied(self) -> bool:
        """Tell whether an application of this session is still in it."""
        return any(one.key in self.made for one in self.here)

    def by_trait(self, trait: Trait) -> list[Invented]:
        """List the applicants that are there to show one thing and whose application is in."""
        return [one for one in self.here if one.trait is trait and one.key in self.made]

    def note(self, phase: Phase, who: str | Lazy, text: Lazy, rule: Rule | None = None) -> None:
        """Note what happens now."""
        self.book.add(self.now, phase, who, text, rule)


def engage(copy: CallCopy, people_: tuple[Invented, ...], clock: SetClock) -> Performance:
    """Set the stage: a city of its own, its officials, the commission and the applicants."""
    clock.set(copy.at)
    with unit_of_work() as session:
        authority = people.add_authority(
            session, slug="rehearsal", name=copy.authority, city=copy.authority, at=copy.at
        )
        session.add_all(
            Area(authority_id=authority.id, code=code, name_it=name, kind=AreaKind.OTHER)
            for code, name in copy.areas
        )
        cast = engage_for_replay(session, authority, at=copy.at)
        for n in range(copy.design.evaluation.sheets + 1):
            key = f"reviewer{n + 1}"
            user = people.register(
                session,
                email=f"{key}@rehearsal.invalid",
                name=f"Commissario {n + 1}",
                password_hash=NO_PASSWORD,
                language="it",
                at=copy.at,
                confirmed=True,
            )
            if user is not None:
                role = Role.COMMISSION_MEMBER
                scope = Scope(authority_id=authority.id)
                people.give_role(session, user, role, scope, actor=SYSTEM, at=copy.at)
                cast.join(key, user, role)
        for one in people_:
            user = people.register(
                session,
                email=one.email,
                name=one.person,
                password_hash=NO_PASSWORD,
                language="it",
                at=copy.at,
                confirmed=True,
            )
            if user is not None:
                cast.join(one.key, user)
        authority_id = authority.id
    show = Performance(Stage(cast, clock, office=copy.design.office), copy, people_)
    _publish(show, authority_id)
    return show


def _publish(show: Performance, authority_id: int) -> None:
    stage, copy = show.stage, show.copy
    manager = stage.cast.actor("manager")
    with unit_of_work() as session:
        authority = get(session, Authority, authority_id)
        call = calls.create_from_template(
            session, authority, "", slug="rehearsal", actor=manager, at=stage.now
        )
        calls.save_design(session, call, copy.design, version=None, actor=manager, at=stage.now)
        calls.set_windows(session, call, copy.windows, actor=manager, at=stage.now)
        calls.set_pool(
            session,
            call,
            endowment_cents=copy.endowment_cents or None,
            shares={},
            actor=manager,
            at=stage.now,
        )
        set_endowments(
            session, call, dict(enumerate(copy.endowments, 1)), actor=manager, at=stage.now
        )
        calls.publish(session, call, stage.act("Prova"), actor=manager, at=stage.now)
        show.call_id, show.windows = call.id, [w.id for w in call.windows]
        facts = {"act": stage.acts, "hash": call.editions[0].sha256[:12]}
        if copy.design.money.no_money:
            text = lazy(
                "The call is published by act %(act)s; its rules are frozen under the hash"
                " %(hash)s. It gives no money.",
                **facts,
            )
            show.note(Phase.PUBLICATION, OFFICE, text)
            return
        text = lazy(
            "The call is published by act %(act)s; its rules are frozen under the hash"
            " %(hash)s, and %(endowment)s are bound.",
            endowment=Money(copy.endowment_cents),
            **facts,
        )
        show.note(Phase.PUBLICATION, OFFICE, text, Rule.ALLOTMENT)


def apply(show: Performance) -> None:
    """Let everybody apply in their session: in time, too late, or against a limit."""
    opens_at, closes_at = show.copy.windows[show.session]
    stage = show.stage
    stage.go_to(opens_at + SECOND)
    pace = min(DAY, (closes_at - stage.now) / (len(show.here) + 1))
    for one in show.here:
        stage.go_to(closes_at + SECOND if one.trait is Trait.LATE else stage.now + pace)
        _send(show, one)
    for one in show.by_trait(Trait.WITHDRAWS):
        actor = stage.cast.actor(one.key, Role.APPLICANT)
        with unit_of_work() as session:
            proposal = get(session, Proposal, show.made[one.key])
            proposals.withdraw(session, proposal, actor=actor, at=stage.now)
        show.note(Phase.APPLICATIONS, one.person, lazy("Withdraws the application."))
        del show.made[one.key]


def _send(show: Performance, one: Invented) -> None:
    try:
        proposal_id = show.stage.apply(show.call_id, one.application)
    except IncompleteError as error:
        for problem in error.problems:
            show.note(Phase.APPLICATIONS, one.person, problem.message, one.rule or Rule.COMPLETE)
    except DomainError as error:
        late = one.trait is Trait.LATE
        rule = Rule.DEADLINE if late else one.rule or Rule.OTHER
        show.note(Phase.APPLICATIONS, one.person, error.message, rule)
    else:
        show.made[one.key] = proposal_id
        with unit_of_work() as session:
            number = get(session, Proposal, proposal_id).protocol_number
        show.note(
            Phase.APPLICATIONS,
            one.person,
            lazy(
                "Applies with “%(title)s” and gets the protocol number %(number)s.",
                title=one.application.title,
                number=number,
            ),
        )


def check(show: Performance) -> None:
    """Go through the checklist: admit, exclude, ask for papers and get them."""
    stage = show.stage
    stage.go_to(show.copy.windows[show.session][1] + 2 * SECOND)
    stage.start_checking(show.window_id)
    for one in show.here:
        if one.key in show.made:
            _check(show, one)
    for one in show.by_trait(Trait.UNFIT):
        del show.made[one.key]


def _check(show: Performance, one: Invented) -> None:
    stage, proposal_id = show.stage, show.made[one.key]
    if one.trait is Trait.INCOMPLETE:
        _complete(show, one)
    if one.trait is Trait.UNFIT:
        requirement = show.copy.design.checklist[0].text
        reason = requirement.get("it") or next(iter(requirement.values()))
        stage.check(proposal_id, excluded=reason)
        text = lazy("Is excluded: %(reason)s", reason=reason)
        show.note(Phase.CHECK, one.person, text, Rule.REQUIREMENTS)
        return
    stage.check(proposal_id)
    show.note(Phase.CHECK, one.person, lazy("Is admitted to the evaluation."))


def _complete(show: Performance, one: Invented) -> None:
    stage, days = show.stage, show.copy.design.money.integration_days
    officer = stage.cast.actor("officer")
    applicant = stage.cast.actor(one.key, Role.APPLICANT)
    code = show.copy.design.checklist[0].code
    with unit_of_work() as session:
        proposal = get(session, Proposal, show.made[one.key])
        said = {code: (CheckOutcome.UNCLEAR, MISSING)}
        proposals.record_check(session, proposal, said, actor=officer, at=stage.now)
        request = proposals.request_integration(
            session,
            proposal,
            items=MISSING,
            due_at=stage.now + timedelta(days=days),
            actor=officer,
            at=stage.now,
        )
        request_id = request.id
    show.note(
        Phase.CHECK,
        one.person,
        lazy("Is asked to complete the papers within %(days)s days.", days=days),
        Rule.INTEGRATION,
    )
    stage.go_to(stage.now + DAY)
    with unit_of_work() as session:
        proposals.answer_integration(
            session,
            get(session, IntegrationRequest, request_id),
            text="Eccolo.",
            received_at=stage.now,
            actor=applicant,
            at=stage.now,
        )
    show.note(Phase.CHECK, one.person, lazy("Sends what was missing; the check goes on."))
