"""One JSON document of a whole call: to move it, keep it as a template, or write it by hand.

``text`` reads bytes that anybody may have sent, ``document`` the values, ``checks`` lists every
fault and what publication still lacks, each with its JSON pointer. The same is said by the JSON
Schema in ``calls/schema``, for whoever writes documents with other tools.
"""

from quartieri.calls.exchange.checks import checked, faults, lacks, notes
from quartieri.calls.exchange.document import (
    FORMAT,
    CallDocument,
    DocumentFile,
    DocumentWindow,
    LevelShare,
)
from quartieri.calls.exchange.faults import Note
from quartieri.calls.exchange.match import (
    MATCH_FORMAT,
    MOST_MATCH_BYTES,
    BoundAt,
    MatchDocument,
    checked_match,
    read_match,
)
from quartieri.calls.exchange.published import schema, schema_text
from quartieri.calls.exchange.text import MOST_BYTES, read_text, written

__all__ = [
    "FORMAT",
    "MATCH_FORMAT",
    "MOST_BYTES",
    "MOST_MATCH_BYTES",
    "BoundAt",
    "CallDocument",
    "DocumentFile",
    "DocumentWindow",
    "LevelShare",
    "MatchDocument",
    "Note",
    "checked",
    "checked_match",
    "faults",
    "lacks",
    "notes",
    "read_match",
    "read_text",
    "schema",
    "schema_text",
    "written",
]
