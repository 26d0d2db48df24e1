"""What may be uploaded, judged by its content."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from quartieri.files.pictures import redrawn
from quartieri.files.rules import DOCUMENTS, PICTURES, media_type_of, safe_name
from quartieri.kit.errors import InvalidError


def picture(kind: str, mode: str = "RGB", **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, (60, 40), options.pop("color", "green")).save(out, kind, **options)  # type: ignore[arg-type] # Pillow's own options
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.4 x", "application/pdf"),
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("WEBP"), "image/webp"),
    ],
)
def test_the_content_says_what_a_file_is(content: bytes, found: str) -> None:
    assert media_type_of(content, DOCUMENTS) == found


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"<svg onload=alert(1)>", b"PK\x03\x04x", b"MZ\x90", b"GIF89a", b"testo"],
)
def test_anything_else_is_refused_whatever_its_name(content: bytes) -> None:
    with pytest.raises(InvalidError, match="PDF"):
        media_type_of(content, DOCUMENTS)


def test_a_document_is_no_picture() -> None:
    with pytest.raises(InvalidError):
        media_type_of(b"%PDF-1.4 x", PICTURES)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Documenti\\statuto.pdf", "statuto.pdf"),
        ("a\nb\x00c.pdf", "a b c.pdf"),
        ("...", "file"),
        ("حديقة.pdf", "حديقة.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_lose_folders_and_control_characters(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_a_picture_is_drawn_anew_without_what_it_tells_of_its_maker() -> None:
    exif = Image.Exif()
    exif[0x010E] = "scattata a casa mia"
    drawn = redrawn(picture("JPEG", exif=exif))
    with Image.open(BytesIO(drawn)) as kept:
        assert dict(kept.getexif()) == {}
        assert kept.format == "JPEG"


def test_a_clear_picture_gets_white_ground() -> None:
    with Image.open(BytesIO(redrawn(picture("PNG", "RGBA", color=(0, 0, 0, 0))))) as kept:
        assert kept.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("broken", [b"\x89PNG\r\n\x1a\n broken", picture("PNG")[:60]])
def test_a_broken_picture_is_refused(broken: bytes) -> None:
    with pytest.raises(InvalidError):
        redrawn(broken)
