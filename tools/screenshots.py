"""Take pictures of the demo city's pages, to be looked at: one of each kind of page.

Starts the site on a scratch database, signs in as each demo account and follows its links. The
pictures lie in var/screenshots, by language and width. Words name what to keep to: parts of a
page's endpoint or an account's name (`make screenshots only="calls visitor"`).
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Page, sync_playwright
from werkzeug.exceptions import HTTPException

from quartieri.rehearsal.cast import PARTS, PASSWORD
from quartieri.wiring import create_app

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "var" / "screenshots"
WIDTHS = (390, 768, 1280)
LANGUAGES = ("it", "en")
START_SECONDS = 30
MOST_PAGES = 80
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@contextmanager
def served(environ: dict[str, str]) -> Iterator[str]:
    """Serve the prepared site; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "app:app",
            "--bind",
            bind,
            "--threads",
            "4",
            "--log-level",
            "warning",
        ],
        cwd=ROOT,
        env={**environ, "BASE_URL": f"http://{bind}"},
    )
    give_up = time.monotonic() + START_SECONDS
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://{bind}/health", timeout=2).close()
            except (OSError, urllib.error.HTTPError):
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.2)
            else:
                break
        yield f"http://{bind}"
    finally:
        server.terminate()
        server.wait(20)


def endpoint_of(app: Flask, path: str) -> str | None:
    """Give the name of the page at a path; None for what is no page."""
    try:
        name, _values = app.url_map.bind("localhost").match(path)
    except HTTPException:
        return None
    return None if name == "static" else str(name)


def sign_in(page: Page, url: str, email: str) -> None:
    """Sign in through the form."""
    page.goto(f"{url}/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def pages_of(page: Page, url: str, app: Flask) -> dict[str, str]:
    """Follow links from the home page; give one address for each kind of page."""
    found: dict[str, str] = {}
    waiting = ["/"]
    seen: set[str] = set()
    while waiting and len(found) < MOST_PAGES:
        path = waiting.pop(0)
        name = endpoint_of(app, urlsplit(path).path)
        if name is None or name in found:
            continue
        answer = page.request.head(url + path)
        if "html" not in answer.headers.get("content-type", ""):
            continue
        page.goto(url + path)
        found[name] = path
        links = page.eval_on_selector_all("a[href^='/']", "all => all.map(a => a.pathname)")
        for link in links:
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return found


def shoot(url: str, app: Flask, only: list[str]) -> int:
    """Take the pictures; give how many."""
    taken = 0
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    accounts = [("visitor", ""), *((part.email.partition("@")[0], part.email) for part in PARTS)]
    named = [account for account in accounts if account[0] in only]
    only = [word for word in only if word not in {account[0] for account in named}]
    shown: set[str] = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for account, email in named or accounts:
            context = browser.new_context(locale="it-IT", reduced_motion="reduce")
            page = context.new_page()
            if email:
                sign_in(page, url, email)
            for name, path in pages_of(page, url, app).items():
                # what the visitor was shown looks much the same to the others
                if name in shown or (only and not any(word in name for word in only)):
                    continue
                shown.add(name)
                for language in LANGUAGES:
                    context.add_cookies([{"name": "lang", "value": language, "url": url}])
                    for width in WIDTHS:
                        page.set_viewport_size({"width": width, "height": 900})
                        page.goto(url + path)
                        target = TARGET / language / str(width) / f"{account}-{name}.png"
                        target.parent.mkdir(parents=True, exist_ok=True)
                        page.screenshot(path=target, full_page=True)
                        taken += 1
            context.close()
        browser.close()
    return taken


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description="Take pictures of the demo city's pages.")
    parser.add_argument("only", nargs="*", help="parts of endpoints or account names")
    options = parser.parse_args()
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        print("Pictures need Chromium: apt-get install chromium", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        environ = {**os.environ, "QUARTIERI_VAR": scratch}
        environ.pop("DATABASE_URL", None)
        flask = [sys.executable, "-m", "flask", "--app", "app"]
        subprocess.run([*flask, "prepare"], cwd=ROOT, env=environ, check=True)
        os.environ["QUARTIERI_VAR"] = scratch
        with served(environ) as url:
            taken = shoot(url, create_app(), options.only)
    print(f"{taken} pictures in {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
