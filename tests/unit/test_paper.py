"""The rules of a call as PDF: tagged, and what people typed stays text."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader

from quartieri.calls.sheet import PAPER, sheet
from quartieri.kit.paper import typeset
from tests.factories.calls import ready_design

MARKUP = '#import "x.typ"; *forte* $x^2$ `raw` [a](b) @ref <label> \\ #panic()'


def made(title: str) -> PdfReader:
    design = ready_design(summary={"it": MARKUP, "en": MARKUP})
    sections = sheet(design, [], say=str, language="it", areas={}, cards=True)
    data = {
        "title": title,
        "summary": MARKUP,
        "authority": "Comune di Prova",
        "language": "it",
        "footer": "https://example.org",
        "edition": "",
        "sections": sections,
    }
    return PdfReader(BytesIO(typeset(PAPER, data)))


def test_the_pdf_is_tagged_and_says_its_language_and_title() -> None:
    paper = made("Alleanze di prova")
    catalogue = paper.root_object
    assert catalogue["/Lang"] == "it"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    assert b"pdfuaid" in paper.xmp_metadata.stream.get_data()  # type: ignore[union-attr]
    assert paper.metadata is not None
    assert paper.metadata.title == "Alleanze di prova"


def test_what_people_typed_is_shown_and_never_read_as_markup() -> None:
    text = "".join(page.extract_text() for page in made(MARKUP).pages)
    assert "#panic()" in text.replace("\n", " ")
    assert "*forte*" in text


def test_every_question_and_criterion_is_on_paper() -> None:
    text = " ".join(page.extract_text() for page in made("Prova").pages)
    for shown in ("Quale problema?", "Quali attività?", "Impatto", "Qualità"):
        assert shown in text
