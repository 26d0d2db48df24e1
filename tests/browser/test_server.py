"""The site that the journeys walk through answers, and says how it is."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.site import Site, on_postgresql


@on_postgresql
def test_the_site_says_that_it_is_well(site: Site, page: Page) -> None:
    answer = page.goto(f"{site.url}/health")
    assert answer is not None
    assert answer.status == 200
