"""The sandbox for tests: in memory, with a clock that is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from socketserver import ThreadingMixIn
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from quartieri.gateways.payments import Reference
from quartieri.gateways.sandbox.engine import SECRET, Sandbox
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.gateways.sandbox.wire import Fault, Wire
from quartieri.gateways.stripe import Stripe
from quartieri.kit.clock import SetClock

START = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)


def make_clock() -> SetClock:
    return SetClock(START)


def make_sandbox(clock: SetClock | None = None, **over: object) -> Sandbox:
    clock = clock or make_clock()
    return Sandbox(now=clock.now, **over)  # type: ignore[arg-type] # what a test overrides


def make_provider(sandbox: Sandbox, fault: Fault | None = None) -> SandboxProvider:
    return SandboxProvider(sandbox, fault=fault)


def make_reference(subject: str = "pledge:12", n: int = 1, site: str = "") -> Reference:
    return Reference(subject, n, site)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        del format, args


@contextmanager
def served(sandbox: Sandbox) -> Iterator[Stripe]:
    """Serve the sandbox on a loopback port and give a provider that talks to it over HTTP."""
    server = _Server(("127.0.0.1", 0), _Quiet)
    server.set_app(Wire(sandbox))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        api = f"http://127.0.0.1:{server.server_port}"
        yield Stripe("sk_test_http", SECRET, api=api)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
