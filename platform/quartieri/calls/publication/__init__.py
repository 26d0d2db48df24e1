"""What a draft call still lacks, or what in it cannot be: the checklist before publication.

Pure, a file for each step of the editor. Each gap names the step and the field where it is
mended. Blocking gaps refuse the publication; the others are worth a thought.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quartieri.calls.design import CallDesign
from quartieri.calls.gaps import City, Gap, PoolDraft, WindowDates
from quartieri.calls.publication.campaign import of_campaign
from quartieri.calls.publication.evaluation import of_evaluation
from quartieri.calls.publication.form import of_form
from quartieri.calls.publication.identity import of_identity
from quartieri.calls.publication.money import of_money
from quartieri.calls.publication.who import of_who
from quartieri.calls.publication.windows import of_windows


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
        *of_identity(design),
        *of_windows(design.sessions, windows, pool, now),
        *of_who(design, city),
        *of_form(design),
        *of_evaluation(design, pool, city),
        *of_money(design, pool, city),
        *of_campaign(design),
    ]
