"""A large call: publishing it, and its public page, with 60 questions and 12 criteria."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from time import perf_counter

from bench.measure import Line, counted, fetch, seconds
from bench.pages import bare
from quartieri.calls import actions
from quartieri.calls.design import CallDesign, CriterionDesign, Evaluation, Question
from quartieri.calls.models import Call
from quartieri.db import unit_of_work, upgrade_database
from tests.doubles import build_app
from tests.factories.acts import act_data
from tests.factories.calls import AT, MANAGER, both, make_call, ready_design

QUESTIONS, CRITERIA, TIMES = 60, 12, 5


def large_design() -> CallDesign:
    """Give a design with as many questions and criteria as the largest calls have."""
    design = ready_design()
    return replace(
        design,
        questions=tuple(
            Question(f"question-{n}", both(f"Domanda {n}?"), help=both("Spiega " * 20))
            for n in range(QUESTIONS)
        ),
        evaluation=Evaluation(
            criteria=tuple(
                CriterionDesign(
                    f"criterion-{n}",
                    both(f"Criterio {n}"),
                    Decimal(10),
                    guidance=both("Che cosa si guarda. " * 10),
                )
                for n in range(CRITERIA)
            ),
            minimum_total=Decimal(60),
            sheets=3,
            tie_break=("received", "protocol"),
            when_money_runs_out="skip",
        ),
    )


def measure(folder: Path) -> Iterator[Line]:
    """Measure the publication of large calls, one after the other, and the page of the last."""
    app = build_app(f"sqlite:///{folder / 'bench.sqlite3'}", folder)
    taken, statements, slug = [], 0, ""
    with app.app_context():
        upgrade_database()
        for n in range(TIMES):
            with unit_of_work() as session:
                call_id = make_call(session, design=large_design()).id
            with counted() as made:
                start = perf_counter()
                with unit_of_work() as session:
                    call = session.get_one(Call, call_id)
                    act = act_data(number=f"{n + 1}/2025")
                    actions.publish(session, call, act, actor=MANAGER, at=AT)
                    slug = call.slug
                taken.append(perf_counter() - start)
            statements = len(made)
    middle = sorted(taken)[TIMES // 2]
    size = f"{QUESTIONS} questions and {CRITERIA} criteria"
    result = f"{middle * 1000:.0f} ms, {statements} statements"
    yield Line(f"publishing a call with {size}", "–", "–", result)
    plain = bare(folder)
    base = seconds(lambda: fetch(plain, "/"))
    page = seconds(lambda: fetch(app, f"/calls/{slug}"))
    with counted() as made:
        sent = fetch(app, f"/calls/{slug}")
    result = f"{base / page:.2f} × bare, {len(made)} queries, {len(sent) / 1000:.0f} KB"
    yield Line(f"the public page of a call with {size}", "–", "–", result)
