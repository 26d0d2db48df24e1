"""Markdown that people write, turned into safe HTML once, when it is saved."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

TAGS = {
    *("p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"),
    *("h2", "h3", "h4", "hr", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of ours that a text may show; ``text`` tells it to those who do not see it."""

    text: str
    width: int
    height: int


def _image(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Mapping[str, Picture]],
) -> str:
    """Draw a picture of ours; of any other only the words that tell it are left."""
    token = tokens[index]
    address = str(token.attrGet("src") or "")
    words = renderer.renderInlineAsText(token.children, options, env)
    picture = env["pictures"].get(address)
    if picture is None:
        return escapeHtml(words)
    return (
        f'<img src="{escapeHtml(address)}" alt="{escapeHtml(words or picture.text)}"'
        f' width="{picture.width}" height="{picture.height}" loading="lazy">'
    )


_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_PARSER.add_render_rule("image", _image)


def rendered(text: str, *, pictures: Mapping[str, Picture] | None = None) -> str:
    """Give sanitised HTML: no raw HTML, headings below the page's, no pictures from elsewhere.

    ``pictures`` are those of ours that the text may show, by their address.
    """
    known = pictures or {}
    html = _PARSER.render(text, {"pictures": known})
    return nh3.clean(
        html.replace("<h1>", "<h2>").replace("</h1>", "</h2>"),
        tags=TAGS | {"img"} if known else TAGS,
        attributes={"a": {"href"}, "img": {"src", "alt", "width", "height", "loading"}},
        attribute_filter=lambda tag, name, value: (
            value if (tag, name) != ("img", "src") or value in known else None
        ),
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
