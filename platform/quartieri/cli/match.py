"""Any funding rule on a document, without a database."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import BinaryIO

import click

from quartieri.calls.exchange import MOST_MATCH_BYTES, MatchDocument, checked_match
from quartieri.calls.funding import Computed
from quartieri.kit.money import Money

BAD_INPUT = 2
NAME_WIDTH = 40


@click.group("match")
def group() -> None:
    """Work with funding rules."""


@group.command("compute")
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON alone.")
def compute(file: BinaryIO, *, as_json: bool) -> None:
    """Apply the rule of FILE (- reads standard input) to its projects; no database is needed.

    Prints raised, match, payout and outcome of each, and what of the pool is used and left. A
    document with faults exits 2 and names the place of each.
    """
    document, found = checked_match(file.read(MOST_MATCH_BYTES + 1))
    if document is None:
        if as_json:
            errors = [note.as_json() for note in found]
            click.echo(json.dumps({"ok": False, "errors": errors}, ensure_ascii=False, indent=2))
        else:
            for note in found:
                click.echo(f"{note.pointer or '/'}: {note.message.source}", err=True)
        sys.exit(BAD_INPUT)
    computed = document.compute()
    if as_json:
        click.echo(json.dumps(document.result(computed), ensure_ascii=False, indent=2))
    else:
        click.echo(_table(document, computed))


def _table(document: MatchDocument, computed: Computed) -> str:
    head = ("Project", "Raised", "Target", "Match", "Payout", "Outcome")
    rows: list[Sequence[str]] = [head]
    for title, one in zip(document.titles, computed.results, strict=True):
        cents = (one.raised_cents, one.target_cents, one.match_cents, one.payout_cents)
        name = f"{one.key} {title}".strip()[:NAME_WIDTH]
        rows.append((name, *(f"{Money(c).units:.2f}" for c in cents), one.outcome.value))
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    lines = [
        "  ".join(
            text.ljust(width) if n in {0, len(head) - 1} else text.rjust(width)
            for n, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    left = computed.pool_left
    lines.append(
        f"Pool used: {Money(computed.pool_used)}; left: "
        + ("no limit" if left is None else str(Money(left)))
    )
    return "\n".join(lines)


commands = (group,)
