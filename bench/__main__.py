"""Measure: `make bench`, or `python -m bench pages writes closing …` for some of it."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import calls, closing, pages, pledging, rest, writes
from bench.measure import Line

PARTS: dict[str, Callable[[Path], Iterator[Line]]] = {
    "start": rest.start,
    "pages": pages.measure,
    "calls": calls.measure,
    "writes": writes.measure,
    "pledging": pledging.measure,
    "closing": closing.measure,
    "ranking": lambda _folder: rest.ranking(),
    "memory": rest.memory,
}


def main(names: list[str]) -> None:
    """Measure the named parts, or all, and print them as a table."""
    logging.disable(logging.CRITICAL)
    print("| what | must | aim | measured |\n| --- | --- | --- | --- |", flush=True)
    for name in names or PARTS:
        with tempfile.TemporaryDirectory(prefix="quartieri-bench-") as folder:
            for line in PARTS[name](Path(folder)):
                print(f"| {line.what} | {line.must} | {line.aim} | {line.result} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
