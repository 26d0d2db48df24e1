"""Run the checks and the tests, and close with one line that counts them.

The last line on standard output reads `N passed, N failed, N skipped`; errors count as failed.
Called by `make test`, `make soak` and the like with the environment's own Python.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET  # reads only what pytest wrote a moment ago
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
FIRST_EXAMPLES = 10
"""Hypothesis examples of each property in the first round of a soak, which measures."""
ROUND_SECONDS = 90
"""A soak's rounds are made about this long: each starts from a new seed."""
SLOWER = 1.4
"""A round may be this much slower than the one before predicts."""

CHECKS = {
    "lint": {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
        "djlint": ["djlint", "templates", "--lint", "--quiet"],
        "import contract": ["lint-imports", "--no-logo"],
    },
    "types": {"mypy": ["mypy"]},
}


@dataclass(slots=True)
class Tally:
    """What passed, failed and was skipped, by name; a name counts once, its worst result."""

    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    skipped: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, result: str, reason: str = "") -> None:
        """Note a result: passed, failed or skipped with its reason."""
        if result == "failed":
            self.failed.add(name)
        elif result == "skipped":
            self.skipped[name] = reason
        else:
            self.passed.add(name)

    def counts(self) -> tuple[int, int, int]:
        """Give how many passed, failed and were skipped."""
        passed = self.passed - self.failed
        return len(passed), len(self.failed), len(set(self.skipped) - passed - self.failed)


def check(name: str, command: list[str], tally: Tally) -> None:
    """Run one check; show what it says only when it fails."""
    started = time.monotonic()
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    good = done.returncode == 0
    print(f"{'ok  ' if good else 'FAIL'} {name} ({time.monotonic() - started:.0f} s)", flush=True)
    if not good:
        print(done.stdout, flush=True)
    tally.add(name, "passed" if good else "failed")


def run_pytest(words: list[str], tally: Tally, environ: dict[str, str] | None = None) -> None:
    """Run pytest and count its cases from the report that it writes."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "junit.xml")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", f"--junit-xml={report}", *words],
            cwd=ROOT,
            env={**os.environ, **(environ or {})},
            check=False,
        )
        cases = list(ET.parse(report).getroot().iter("testcase")) if report.exists() else []  # noqa: S314 -- our own file
    before = len(tally.failed)
    for case in cases:
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            tally.add(name, "failed")
        elif skipped is not None:
            tally.add(name, "skipped", skipped.get("message") or "no reason given")
        else:
            tally.add(name, "passed")
    if done.returncode and len(tally.failed) == before:
        # pytest could not even begin, or found nothing to run
        tally.add("pytest", "failed")


def soak(minutes: float, tally: Tally) -> None:
    """Run the soak tests again and again, each round with a new seed, within the minutes given.

    The first round measures; each of the next has as many examples as fit into its time.
    """
    end = time.monotonic() + minutes * 60
    examples, rounds, longest = FIRST_EXAMPLES, 0, float(ROUND_SECONDS)
    while examples >= FIRST_EXAMPLES and not tally.failed:
        started = time.monotonic()
        seed = random.SystemRandom().randrange(2**32)
        rounds += 1
        print(f"\nsoak round {rounds}: {examples} examples a property, seed {seed}", flush=True)
        run_pytest(
            # order and examples start from the seed, so that a failure can be found again
            [
                *("-m", "soak", "-n", "2", "--dist", "loadgroup", "-q", "tests"),
                *(f"--randomly-seed={seed}", f"--hypothesis-seed={seed}"),
            ],
            tally,
            {"QUARTIERI_SOAK_EXAMPLES": str(examples)},
        )
        took = max(1.0, time.monotonic() - started)
        longest = max(longest, 3 * took) if rounds == 1 else longest
        room = min(longest, (end - time.monotonic()) / SLOWER)
        examples = int(examples * room / took)


def explain_skips(tally: Tally) -> None:
    """Say what this machine lacks and how to get it; nothing is skipped silently."""
    reasons = Counter(tally.skipped.values())
    if reasons:
        print("\nSkipped:")
    for reason, times in reasons.most_common():
        print(f"  {times} × {reason}")


def main() -> int:
    """Run as a command; the exit code is 0 when nothing failed."""
    parser = argparse.ArgumentParser(description="Run the checks and the tests.")
    parser.add_argument("paths", nargs="*", help="the tests of these places alone")
    parser.add_argument("--only", choices=sorted(CHECKS), help="these checks alone, no tests")
    parser.add_argument("--soak-minutes", type=float, help="the long profiles alone, this long")
    parser.add_argument("--no-skips", action="store_true", help="fail when anything is skipped")
    parser.add_argument("--summary", type=Path, help="also write the counts to this file (JSON)")
    options = parser.parse_args()
    tally = Tally()
    if options.soak_minutes is not None:
        soak(options.soak_minutes, tally)
    else:
        if not options.paths:
            chosen = [options.only] if options.only else sorted(CHECKS)
            for group in chosen:
                for name, command in CHECKS[group].items():
                    check(name, command, tally)
        if not options.only:
            run_pytest(options.paths or ["-n", "2", "--dist", "loadgroup", "-q", "tests"], tally)
    passed, failed, skipped = tally.counts()
    for name in sorted(tally.failed):
        print(f"FAILED {name}")
    explain_skips(tally)
    forbidden = skipped if options.no_skips or os.environ.get("QUARTIERI_NO_SKIPS") else 0
    if forbidden:
        print("Nothing may be skipped here.")
    if options.summary:
        options.summary.write_text(json.dumps([passed, failed, skipped]))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or forbidden else 0


if __name__ == "__main__":
    sys.exit(main())
