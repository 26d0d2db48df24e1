"""Documents as PDF/UA, typeset by typst from data: never from markup that people typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def typeset(template: Path, data: Mapping[str, Any]) -> bytes:
    """Give the tagged PDF (PDF/UA-1) of a typst template; ``data`` is plain JSON values.

    The template reads it as ``json(bytes(sys.inputs.data))``, so texts stay texts.
    """
    import typst  # noqa: PLC0415 -- loaded late: 80 MB of library, and few requests need it

    return bytes(
        typst.compile(
            str(template),
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["ua-1"],
        )
    )
