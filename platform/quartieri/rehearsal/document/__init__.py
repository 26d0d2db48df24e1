"""The replay's input and output as documents: reading, checking, classifying, reporting.

``load("milano-cfc-2024")`` or ``load("edition.json")`` gives a frozen ``Edition``; ``report``
builds the JSON answer. Pure: no database, no request, no clock. The formats are described in
docs/data-formats.md.
"""

from quartieri.rehearsal.document.cells import ReplayInputError
from quartieri.rehearsal.document.reading import (
    assumed_rules,
    edition_ids,
    load,
    parse_document,
    shipped_calls,
    shipped_edition,
    shipped_rows,
)
from quartieri.rehearsal.document.report import (
    NO_ROWS,
    RowResult,
    agrees,
    as_lines,
    forecast,
    report,
)
from quartieri.rehearsal.document.values import (
    CampaignOutcome,
    Edition,
    EditionWindow,
    ProjectRow,
    Status,
)

__all__ = [
    "NO_ROWS",
    "CampaignOutcome",
    "Edition",
    "EditionWindow",
    "ProjectRow",
    "ReplayInputError",
    "RowResult",
    "Status",
    "agrees",
    "as_lines",
    "assumed_rules",
    "edition_ids",
    "forecast",
    "load",
    "parse_document",
    "report",
    "shipped_calls",
    "shipped_edition",
    "shipped_rows",
]
