"""Logs are JSON lines: the event first, the request's id, the facts, and the fault."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest

from quartieri import logs


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> object:
    root = logging.getLogger()
    before = root.handlers, root.level
    yield
    root.handlers, root.level = before
    logs.of_request("")


def test_a_line_names_the_event_first_and_carries_request_and_facts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure()
    logs.of_request("0123abcd")
    logs.logger().info("pledge.confirmed", pledge=12, at=datetime(2025, 2, 3, tzinfo=UTC))
    line = json.loads(capsys.readouterr().err)
    assert list(line) == ["event", "level", "timestamp", "request", "pledge", "at"]
    assert (line["event"], line["level"], line["request"]) == (
        "pledge.confirmed",
        "info",
        "0123abcd",
    )
    assert line["pledge"] == 12
    assert datetime.fromisoformat(line["timestamp"]).tzinfo is not None


def test_a_fault_is_one_line_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.of_request("")
    try:
        raise ValueError("two\nlines")  # noqa: EM101, TRY003, TRY301 -- the fault of this test
    except ValueError:
        logs.logger().exception("job.failed", job=7)
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    line = json.loads(printed)
    assert (line["event"], line["level"], line["job"]) == ("job.failed", "error", 7)
    assert line["exception"].endswith("ValueError: two\nlines")
    assert "request" not in line


def test_what_only_developers_read_is_left_out_and_libraries_warn_alike(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure()
    logs.logger().debug("payments.message", message=1)
    logging.getLogger("somebody.else").info("chatter")
    logging.getLogger("somebody.else").warning("over %s", "there")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == [
        "over there"
    ]
