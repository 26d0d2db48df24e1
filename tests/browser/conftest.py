"""Browser tests: Debian's Chromium against the application in a thread, on both databases.

The server answers on loopback; the clock stands until a test moves it; jobs run when asked.
"""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.browser.company import Company
from tests.browser.looking import Looker
from tests.browser.scene import Scene
from tests.browser.site import WAIT_MS, Site
from tests.databases import Database
from tests.doubles import build_app, close_database

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
WIDE = {"width": 1200, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here, and skip it with the reason where there is no Chromium.

    The journeys, which take minutes, come before everything else: nobody waits for the last one.
    """
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium: apt-get install chromium"))
    items.sort(key=lambda item: item.get_closest_marker("journey") is None)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the installed Chromium, which asks the network for nothing."""
    return {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """Read in Italian, on a screen of usual width, with motion off."""
    return {"locale": "it-IT", "viewport": WIDE, "reduced_motion": "reduce"}


class Quiet(WSGIRequestHandler):
    """Keeps connections open, as a real server does, and writes no line for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@pytest.fixture
def site(fresh_database: Database, tmp_path: Path) -> Iterator[Site]:
    """Serve the application on a database of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = build_app(fresh_database.url, tmp_path, base_url=url)
        app.config["WTF_CSRF_ENABLED"] = True
        server = make_server(
            "127.0.0.1", 0, app, threaded=True, request_handler=Quiet, fd=listener.fileno()
        )
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Site(url, app)
        finally:
            server.shutdown()
            thread.join(10)
            server.server_close()
            close_database(app)


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Page:
    """Give a page of the site; what its console reports as an error fails the test."""
    opened = context.new_page()
    opened.set_default_timeout(WAIT_MS)
    return opened


@pytest.fixture(autouse=True)
def quiet_console(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Fail when a page breaks the content security policy or throws."""
    said: list[str] = []
    if CHROMIUM is not None and "context" in request.fixturenames:
        context: BrowserContext = request.getfixturevalue("context")
        context.on("weberror", lambda error: said.append(str(error.error)))
        context.on(
            "console",
            lambda line: said.append(line.text) if "Content Security Policy" in line.text else None,
        )
    yield said
    assert said == []


# -- journeys ----------------------------------------------------------------------------------


@pytest.fixture
def looker(site: Site, kind: str) -> Iterator[Looker]:
    """Check pages on the way; what was wrong with any of them fails the test at its end.

    What a page looks like does not depend on the database: it is looked at once.
    """
    found = Looker(site.url, looks=kind == "sqlite")
    yield found
    assert not found.faults, "\n".join(found.faults)


@pytest.fixture
def scene(site: Site) -> Scene:
    """Give a city that has areas, a programme and an account for each role, but no call."""
    return Scene(site)


@pytest.fixture
def company(
    site: Site, scene: Scene, looker: Looker, new_context: Callable[..., BrowserContext]
) -> Company:
    """Give the people of the city, each with a browser."""
    return Company(site, looker, new_context)
