"""The content security policy of a page: nothing but what comes from here."""

from __future__ import annotations

from collections.abc import Iterable


def page_policy(origins: Iterable[str], *, framed_here: bool = False, frames: bool = False) -> str:
    """Write the policy; forms may also go to ``origins`` (a payment service's pages).

    ``framed_here``: our own pages may show this one in a frame; ``frames``: it shows our pages so.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            *(("frame-src 'self'",) if frames else ()),
            "base-uri 'none'",
            " ".join(("form-action 'self'", *origins)),
            "frame-ancestors 'self'" if framed_here else "frame-ancestors 'none'",
        )
    )
