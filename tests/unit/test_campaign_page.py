"""Videos only at known providers, pictures only of ours."""

from __future__ import annotations

import pytest

from quartieri.campaigns.rules import checked_video, provider_of
from quartieri.kit.errors import InvalidError
from quartieri.kit.markdown import Picture, rendered


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("https://www.youtube.com/watch?v=abc", "YouTube"),
        ("https://youtu.be/abc", "YouTube"),
        (" https://vimeo.com/12345 ", "Vimeo"),
        ("https://peertube.uno/w/abc", "PeerTube (peertube.uno)"),
    ],
)
def test_a_video_at_a_known_provider_is_named(address: str, provider: str) -> None:
    assert provider_of(checked_video(address)) == provider


@pytest.mark.parametrize(
    "address",
    [
        "http://vimeo.com/12345",
        "https://vimeo.com.evil.example/1",
        "https://user@vimeo.com/1",
        "https://vimeo.com:8443/1",
        "https://vimeo.com/",
        "javascript:alert(1)",
        "https://[::1",
        "//vimeo.com/1",
    ],
)
def test_any_other_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidError):
        checked_video(address)


def test_no_video_is_fine() -> None:
    assert not checked_video("  ")


OURS = "/projects/orto/images/3"


def test_markdown_shows_known_pictures_and_the_words_of_others() -> None:
    html = rendered(
        f'![dal tetto]({OURS} "x") ![un <b>gatto</b>](https://example.org/c.png)',
        pictures={OURS: Picture("L'orto", 800, 600)},
    )
    assert f'<img src="{OURS}" alt="dal tetto" width="800" height="600" loading="lazy">' in html
    assert html.count("<img") == 1
    assert "&lt;b&gt;gatto" in html


def test_markdown_without_pictures_shows_none() -> None:
    assert "<img" not in rendered(f"![dal tetto]({OURS})")
