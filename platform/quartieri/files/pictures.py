"""Reading kept pictures."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


def size_of(content: bytes) -> tuple[int, int]:
    """Give the width and height of a picture that was kept, in pixels."""
    with Image.open(BytesIO(content)) as picture:
        return picture.width, picture.height
