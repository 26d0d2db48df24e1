"""The one place that executes a state's move."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.kit.errors import IllegalMoveError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.kit.states import Machine


class Stateful(Protocol):
    """A row with an id and a state."""

    @property
    def id(self) -> int:
        """The row's id, for the audit entry."""

    state: Any


def move(
    session: Session,
    thing: Stateful,
    machine: Machine,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
    state: str | None = None,
    at_once: bool = True,
    **facts: Any,
) -> None:
    """Bring ``thing`` to the next state, with its audit entry in the same transaction.

    ``state`` overrides the stored one where it is computed (a window by its clock). ``facts`` are
    handed to the table's guard and kept in the audit entry when they are plain.
    ``at_once`` False leaves the writing to the next flush: for thousands that move together.
    Raises IllegalMoveError (the table has no such move, or its guard refuses) and NotYoursError.
    """
    before = str(state if state is not None else thing.state)
    lawful = machine.find(verb, before)
    if not lawful.who.intersection(actor.roles):
        raise NotYoursError(lazy("Your role does not allow this step."))
    if lawful.guard is not None:
        refusal = lawful.guard(facts)
        if refusal is not None:
            raise IllegalMoveError(refusal)
    thing.state = lawful.target
    if at_once:
        session.flush()
    plain = {k: v for k, v in facts.items() if isinstance(v, str | int | bool | None)}
    record(
        session,
        verb,
        machine.name,
        thing.id,
        actor=actor,
        at=at,
        before={"state": before},
        after={"state": str(lawful.target), **plain},
        reason=reason,
    )
