"""Reading kept pictures, and drawing uploaded ones anew.

Pillow is loaded when a picture is looked at: five megabytes of codecs, and few requests need it.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy

if TYPE_CHECKING:
    from PIL import Image

PICTURE_SIDE = 1600
PICTURE_PIXELS = 40_000_000


def size_of(content: bytes) -> tuple[int, int]:
    """Give the width and height of a picture that was kept, in pixels."""
    from PIL import Image  # noqa: PLC0415 -- loaded late, see above

    with Image.open(BytesIO(content)) as picture:
        return picture.width, picture.height


def redrawn(content: bytes) -> bytes:
    """Give a picture as JPEG, upright, at most 1600 pixels a side, without what EXIF tells.

    Raises InvalidError when it is too large or cannot be read.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 -- loaded late, see above

    try:
        with Image.open(BytesIO(content)) as picture:
            if picture.width * picture.height > PICTURE_PIXELS:
                raise InvalidError(lazy("The picture has too many pixels."))
            upright = _on_white(ImageOps.exif_transpose(picture))
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as error:
        raise InvalidError(lazy("The picture cannot be read.")) from error
    upright.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
    out = BytesIO()
    upright.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Give a picture without transparency: what is clear becomes white, as paper is."""
    from PIL import Image  # noqa: PLC0415 -- loaded late, see above

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    ground = Image.new("RGBA", clear.size, "white")
    ground.alpha_composite(clear)
    return ground.convert("RGB")
