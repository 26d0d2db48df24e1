"""Markdown that people write, rendered and sanitised when it is saved: never at view.

Raw HTML is not read, and what comes out passes an allow-list as well.
"""

from __future__ import annotations

import re

import nh3
from markdown_it import MarkdownIt

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto", "tel"}
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_HEADING = re.compile(r"<(/?)h([1-6])>")


def render(text: str) -> str:
    """Give the safe HTML of a Markdown text; its headings begin below the page's own (h2)."""
    html = _HEADING.sub(_lower, _MARKDOWN.render(text))
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
    )


def _lower(found: re.Match[str]) -> str:
    level = min(int(found[2]) + 1, 4)
    return f"<{found[1]}h{level}>"
