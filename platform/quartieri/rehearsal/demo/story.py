"""The demo's story: three invented calls, told day by day until today.

So that a call or a session stands in each phase. The school: its first session's projects run, its
second is under evaluation, its third is open, its fourth is to come. The civic crowdfunding: of the
first session one campaign succeeded and one missed, the second waits for objections to its
provisional ranking, the third is in the check, the fourth is open. The alliances: of the first
session's campaigns one reaches its target in two days, one is half way, one is nearly there, one is
scheduled and one waits for approval; the second session has just closed, the third is open. Two
small calls: in one the city doubles each gift as it comes, and a campaign is in its grace, where
others may top up what two cards refused; in the other the campaign runs on another platform. A
last call is still a draft.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from quartieri.db import get, unit_of_work
from quartieri.jobs import registry
from quartieri.kit.clock import end_of_day, in_rome
from quartieri.proposals import actions as proposals
from quartieri.proposals.models import Proposal
from quartieri.rehearsal.crew import work_alone
from quartieri.rehearsal.demo import around, projects, square
from quartieri.rehearsal.demo import tale as told
from quartieri.rehearsal.demo.tale import Tale
from quartieri.rehearsal.stage import Stage

SCHOOL, CIVIC, ALLIANCES = "scuola", "civico", "alleanze"


def tell(stage: Stage, authority_id: int, lines: Mapping[str, int], *, today: datetime) -> None:
    """Tell the story to its end; the timed work follows each step."""
    tale = Tale(stage, authority_id, lines, today)
    stage.work = partial(work_alone, tale.campaigns.values(), send=True)
    for offset, event in sorted(CHAPTERS, key=lambda chapter: chapter[0]):
        stage.go_to(tale.day(offset))
        stage.work()
        event(tale)
        stage.work()
    stage.go_to(today)
    stage.work()
    registry.run("ledger.seal", {})


# -- La Scuola dei Quartieri -------------------------------------------------------------------


def _school_published(tale: Tale) -> None:
    title = {
        "it": "La Scuola dei Quartieri – edizione dimostrativa",
        "en": "The School of Neighbourhoods – demo edition",
    }
    days = ((-235, -180), (-170, -20), (-15, 45), (70, 130))
    told.draft(tale, SCHOOL, "scuola-quartieri-2024", title, "F", days)
    told.publish(tale, SCHOOL)


def _school_evaluated(tale: Tale) -> None:
    told.evaluate(tale, "school-1", SCHOOL, 1, ("0.9", "0.8", "0.7"))
    told.rank(tale, SCHOOL, 1)


def _school_granted(tale: Tale) -> None:
    """Grant the first session; one group became an association, the other not yet."""
    first, group, _waiting = tale.made["school-1"]
    told.incorporate(tale, group, "Filo e Ago APS")
    told.grant(tale, first)
    told.grant(tale, group)
    told.start_projects(tale, SCHOOL, 1)


def _school_paid(tale: Tale) -> None:
    for proposal_id in tale.made["school-1"][:2]:
        told.pay_advance(tale, proposal_id)


# -- Alleanze di quartiere ---------------------------------------------------------------------


def _alliances_published(tale: Tale) -> None:
    title = {
        "it": "Alleanze di quartiere – edizione dimostrativa",
        "en": "Neighbourhood alliances – demo edition",
    }
    days = ((-105, -85), (-40, -2), (-1, 60))
    told.draft(tale, ALLIANCES, "alleanze-2024", title, "E", days)
    told.publish(tale, ALLIANCES)


def _alliances_evaluated(tale: Tale) -> None:
    told.evaluate(tale, "alliances-1", ALLIANCES, 1, ("0.9", "0.85", "0.8", "0.75", "0.7"))
    told.rank(tale, ALLIANCES, 1)


def _alliances_launched(tale: Tale) -> None:
    vitruvio, mercato, botteghe, dergano, portici = tale.made["alliances-1"]
    told.launch(tale, "vitruvio", vitruvio, tale.day(-58, 0))
    told.launch(tale, "mercato", mercato, tale.day(-40, 0))
    told.launch(tale, "dergano", dergano, tale.day(-30, 0))
    told.launch(tale, "botteghe", botteghe, tale.day(5, 0))
    told.launch(tale, "portici", portici, tale.day(20, 0), approve=False)


def _alliances_pledged(tale: Tale) -> None:
    """Bring the first over its target, two days before its end; the second half way."""
    told.crowd(tale, "vitruvio", 24_800_00, people=34)
    told.difficult(tale, "vitruvio")
    told.offline(tale, "vitruvio", 600_00, "Comitato di via Vitruvio", confirm=True)
    told.crowd(tale, "mercato", 17_500_00, people=16)


def _dergano_pledged(tale: Tale) -> None:
    """Leave one that a visitor can bring home: 600 € are missing."""
    told.crowd(tale, "dergano", 29_400_00, people=25)
    told.offline(tale, "dergano", 250_00, "Bocciofila Dergano", confirm=False)


# -- Crowdfunding civico -----------------------------------------------------------------------


def _civic_published(tale: Tale) -> None:
    title = {
        "it": "Crowdfunding civico – edizione dimostrativa",
        "en": "Civic crowdfunding – demo edition",
    }
    days = ((-148, -128), (-75, -45), (-30, -6), (-2, 50))
    told.draft(tale, CIVIC, "crowdfunding-civico-2020", title, "G", days, provisional=True)
    told.publish(tale, CIVIC)


def _civic_evaluated(tale: Tale) -> None:
    told.evaluate(tale, "civic-1", CIVIC, 1, ("0.85", "0.75"))
    told.rank_provisionally(tale, CIVIC, 1)


def _civic_launched(tale: Tale) -> None:
    forno, cinema = tale.made["civic-1"]
    told.launch(tale, "forno", forno, tale.day(-100, 0))
    told.launch(tale, "cinema", cinema, tale.day(-100, 0))


def _civic_pledged(tale: Tale) -> None:
    told.crowd(tale, "forno", 13_200_00, people=22)
    told.crowd(tale, "cinema", 3_150_00, people=9)


def _civic_granted(tale: Tale) -> None:
    told.grant(tale, tale.made["civic-1"][0])
    told.start_projects(tale, CIVIC, 1)


def _civic_in_check(tale: Tale) -> None:
    """Leave the third session in the check: one is asked for a document, one waits."""
    tale.stage.start_checking(tale.window(CIVIC, 3))
    with unit_of_work() as session:
        proposals.request_integration(
            session,
            get(session, Proposal, tale.made["civic-3"][0]),
            items="Manca la firma del legale rappresentante: carica la domanda firmata.",
            due_at=end_of_day(in_rome(tale.day(8)).date()),
            actor=tale.stage.cast.actor("officer"),
            at=tale.stage.now,
        )


def _drafted(tale: Tale) -> None:
    """Leave a call that is not published yet."""
    title = {
        "it": "Crowdfunding civico – prossima edizione (bozza)",
        "en": "Civic crowdfunding – next edition (draft)",
    }
    told.draft(tale, "bozza", "crowdfunding-civico-2020", title, "G", ((30, 75),))


Event = Callable[[Tale], None]

CHAPTERS: tuple[tuple[int, Event], ...] = (
    (-236, _school_published),
    (-200, lambda t: told.apply(t, "school-1", SCHOOL, projects.SCHOOL_FIRST)),
    (-178, lambda t: told.check(t, "school-1", SCHOOL, 1)),
    (-165, _school_evaluated),
    (-155, _school_granted),
    (-150, _school_paid),
    (-149, _civic_published),
    (-135, lambda t: told.apply(t, "civic-1", CIVIC, projects.CIVIC_FIRST)),
    (-126, lambda t: told.check(t, "civic-1", CIVIC, 1)),
    (-118, _civic_evaluated),
    (-112, lambda t: told.make_final(t, CIVIC, 1)),
    (-110, _civic_launched),
    (-116, around.publish_doubled),
    (-115, around.publish_elsewhere),
    (-110, lambda t: told.apply(t, around.DOUBLED, around.DOUBLED, projects.DOUBLED)),
    (-109, lambda t: told.apply(t, around.ELSEWHERE, around.ELSEWHERE, projects.ELSEWHERE)),
    (-106, _alliances_published),
    (-98, lambda t: told.check(t, around.DOUBLED, around.DOUBLED, 1)),
    (-97, lambda t: told.check(t, around.ELSEWHERE, around.ELSEWHERE, 1)),
    (-104, square.listen),
    (-96, square.answer),
    (-95, lambda t: told.apply(t, "alliances-1", ALLIANCES, projects.ALLIANCES_FIRST)),
    (-90, _civic_pledged),
    (-84, lambda t: told.check(t, "alliances-1", ALLIANCES, 1)),
    (-75, _alliances_evaluated),
    (-65, _alliances_launched),
    (-64, square.invite),
    (-64, around.launch_doubled),
    (-63, around.comment),
    (-63, around.launch_elsewhere),
    (-61, around.pledge_doubled),
    (-60, lambda t: told.apply(t, "civic-2", CIVIC, projects.CIVIC_SECOND)),
    (-49, square.present),
    (-43, lambda t: told.check(t, "civic-2", CIVIC, 2)),
    (-39, _alliances_pledged),
    (-37, around.offer_help),
    (-35, _civic_granted),
    (-35, lambda t: around.report_total(t, 1_850_00, 31)),
    (-34, lambda t: told.evaluate(t, "civic-2", CIVIC, 2, ("0.85", "0.8"))),
    (-30, lambda t: told.apply(t, "school-2", SCHOOL, projects.SCHOOL_SECOND)),
    (-29, _dergano_pledged),
    (-28, around.tell_news),
    (-25, lambda t: told.apply(t, "civic-3", CIVIC, projects.CIVIC_THIRD)),
    (-19, lambda t: told.check(t, "school-2", SCHOOL, 2)),
    (-15, lambda t: told.apply(t, "alliances-2", ALLIANCES, projects.ALLIANCES_SECOND)),
    (-12, lambda t: told.evaluate(t, "school-2", SCHOOL, 2, ("0.8",), 2)),
    (-20, around.pledge_live),
    (-10, lambda t: around.report_total(t, 5_420_00, 96)),
    (-9, around.report),
    (-8, lambda t: told.rank_provisionally(t, CIVIC, 2)),
    (-7, square.invite_again),
    (-5, _civic_in_check),
    (-4, lambda t: told.apply(t, "school-3", SCHOOL, projects.SCHOOL_THIRD)),
    (-3, _drafted),
    (-3, around.trouble),
    (-2, around.bounce),
    (-2, square.ask),
)
"""Days from today, and what happens then."""
