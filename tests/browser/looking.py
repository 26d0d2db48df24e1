"""What every page must be: free of axe's violations, no wider than a phone, quiet, on its own.

A `Looker` is told of each browser context and collects faults, so that one run names them all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

AXE = Path(__file__).parent / "vendor/axe.min.js"
WIDE, NARROW, DESK = 1200, 390, 1280
HEIGHT = 900
LANGUAGES = ("it", "en")
PICTURES = os.environ.get("QUARTIERI_PICTURES", "")
"""A folder for pictures of each page that was looked at; empty: none are taken."""

VIOLATIONS = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"], preload: false});
  return found.violations.map(v => v.id + ": " + v.help + " at " +
    v.nodes.slice(0, 3).map(n => n.target.join(" ") + " (" + [...n.any, ...n.all, ...n.none].map(
      c => c.message).join("; ").slice(0, 160) + ")").join(" | "));
}"""
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return "";
  const kept = ["auto", "scroll", "hidden", "clip"];
  const scrolls = e => e && e !== document.body &&
    (kept.includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  const wide = [...document.querySelectorAll("body *")].filter(
    e => e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement));
  return document.documentElement.scrollWidth + " px: " + wide.slice(0, 3).map(
    e => e.tagName.toLowerCase() + "." + e.className).join(" | ");
}"""


@cache
def _axe() -> str:
    return AXE.read_text()


class Looker:
    """Collects what is wrong with the pages of a journey."""

    def __init__(self, origin: str, *, looks: bool = True) -> None:
        """Begin with no fault; ``origin`` is the only address that pages may ask."""
        self.origin, self.looks = origin, looks
        self.faults: list[str] = []
        self.looked: list[str] = []
        self._readers: dict[BrowserContext, Page] = {}

    def watch(self, context: BrowserContext) -> None:
        """Listen to a context: its console, its exceptions, whom its pages ask."""
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"exception: {error.error}"))
        context.on("request", self._asked)

    def _said(self, line: ConsoleMessage) -> None:
        # a refusal that a test provokes (403, 409, 422) is told to the console as well
        refusal = "Failed to load resource" in line.text and " 4" in line.text
        if line.type in {"error", "warning"} and not refusal:
            self.faults.append(f"console: {line.text} ({line.location.get('url', '')})")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if f"{address.scheme}://{address.netloc}" != self.origin and address.scheme != "data":
            self.faults.append(f"asks a third party: {request.url}")

    def look(self, page: Page, name: str, *, reload: bool = True) -> None:
        """Check the page that is open at both widths, in both languages where it can be opened.

        The page is left as it is; the other language is read in a window beside it.
        """
        self.looked.append(name)
        if not self.looks:
            return
        size, (own, other) = page.viewport_size, LANGUAGES
        self._judge(page, name, own)
        if size:
            page.set_viewport_size(size)
        if reload:
            reader = self._reader(page.context)
            with speaking(page, self.origin, other):
                reader.goto(page.url)
            self._judge(reader, name, other)

    def _reader(self, context: BrowserContext) -> Page:
        if context not in self._readers:
            self._readers[context] = context.new_page()
        return self._readers[context]

    def _judge(self, page: Page, name: str, language: str) -> None:
        if page.evaluate("document.documentElement.lang") != language:
            self.faults.append(f"{name} is not in the language asked for: {language}")
        page.evaluate(_axe())
        for width in (WIDE, NARROW):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            where = f"{name} [{language} {width}]"
            self.faults += [f"{where} {found}" for found in page.evaluate(VIOLATIONS)]
            if width == NARROW and (wide := page.evaluate(TOO_WIDE)):
                self.faults.append(f"{where} wider than the screen: {wide}")
        self._picture(page, name, language)

    def _picture(self, page: Page, name: str, language: str) -> None:
        if not PICTURES:
            return
        for width in (NARROW, DESK):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            slug = re.sub(r"\W+", "-", name)
            target = Path(PICTURES, language, str(width), f"{slug}.png")
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=target, full_page=True)


@contextmanager
def speaking(page: Page, origin: str, language: str) -> Iterator[None]:
    """Ask for pages in a language, and then no more."""
    page.context.add_cookies([{"name": "lang", "value": language, "url": origin}])
    yield
    page.context.clear_cookies(name="lang")
