"""The look at pages sees what it must see: a fault that it lets pass would be in every page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looking import Looker
from tests.browser.site import Site, on_sqlite

BAD = """<!doctype html><html lang="it"><head><title>Prova</title></head><body><main>
<h1>Prova</h1><img src="data:,"><p><input></p><div id="wide">largo</div></main></body></html>"""


@pytest.fixture
def eye(site: Site) -> Looker:
    return Looker(site.url)


@on_sqlite
def test_a_picture_without_words_and_a_wide_page_are_seen(
    site: Site, page: Page, eye: Looker
) -> None:
    page.goto(f"{site.url}/health")
    page.set_content(BAD)
    page.evaluate("document.getElementById('wide').style.width = '2000px'")
    eye.look(page, "bad", reload=False)
    found = " ".join(eye.faults)
    assert "image-alt" in found
    assert "label" in found
    assert "wider than the screen: 20" in found


@on_sqlite
def test_a_loud_console_and_a_third_party_are_heard(
    site: Site, browser: Browser, eye: Looker
) -> None:
    page = browser.new_page()
    eye.watch(page.context)
    page.goto(f"{site.url}/health")
    page.evaluate("console.error('rotto')")
    page.evaluate("fetch('https://example.org/track', {mode: 'no-cors'}).catch(() => 0)")
    found = " ".join(eye.faults)
    assert "rotto" in found
    assert "https://example.org/track" in found
    assert "Content Security Policy" in found
    page.close()
