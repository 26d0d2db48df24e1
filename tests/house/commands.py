"""Every command of `flask --app app`, with the words that a test runs it with."""

from __future__ import annotations

TEMPLATE = "platform/quartieri/calls/templates/alleanze-2024.json"
COMMANDS: dict[str, tuple[str, ...]] = {
    "calls import": (TEMPLATE, "--json"),
    "calls validate": (TEMPLATE, "--json"),
    "campaigns close": ("--dry-run", "--json"),
    "db branches": (),
    "db check": (),
    "db current": (),
    "db heads": (),
    "db history": (),
    "db list-templates": (),
    "db show": (),
    "db upgrade": (),
    "ledger seal": (),
    "ledger verify": ("--json",),
    "mail bounced": ("--json",),
    "payments reconcile": ("--since", "2025-01-01", "--json"),
    "rankings verify": ("--all", "--json"),
    "replay": ("milano-cfc-2015", "--json"),
}
NOT_RUN: dict[str, str] = {
    "calls export": "needs a call; a test of its own exports one",
    "campaigns import-totals": "needs a call; a test of its own imports a table",
    "db downgrade": "would undo what the other commands work on",
    "db edit": "opens an editor",
    "db init": "writes files into the tree",
    "db merge": "writes files into the tree",
    "db migrate": "writes files into the tree",
    "db revision": "writes files into the tree",
    "db stamp": "would lie about the database",
    "install": "asks questions; a test of its own answers them",
    "match compute": "needs a document; tests of its own give many",
    "prepare": "`make run` runs it; a test of its own does",
    "worker": "runs until it is stopped; a test of its own does",
}
