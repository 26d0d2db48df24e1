"""Markdown that people write, turned into safe HTML once, when it is saved."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

TAGS = {
    *("p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"),
    *("h2", "h3", "h4", "hr", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"),
}
_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def rendered(text: str) -> str:
    """Give sanitised HTML: no raw HTML, no pictures from elsewhere, headings below the page's."""
    html = _PARSER.render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
