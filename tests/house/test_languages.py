"""Both languages are complete: each text has its Italian, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask

from quartieri.config import ROOT
from quartieri.kit.labels import LabelEnum
from tests.house.test_states import MACHINES

CATALOGUE = (
    ROOT / "platform" / "quartieri" / "web" / "translations" / "it" / "LC_MESSAGES" / "messages.po"
)
KEYWORDS: dict[str, Any] = {**DEFAULT_KEYWORDS, "lazy": None, "N_": None, "_l": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|%%")
TAG = re.compile(r"</?[a-z][^>]*>")

Text = str | tuple[str, ...]


def extracted() -> set[Text]:
    """Give every text that code and templates mark for translation."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found: set[Text] = set()
    for place in ("platform", "templates"):
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / place,
            [(re.sub(rf"^{place}/", "", pattern), method) for pattern, method in methods],
            {re.sub(rf"^{place}/", "", pattern): words for pattern, words in options.items()},
            keywords=KEYWORDS,
        ):
            found.add(message if isinstance(message, str) else tuple(message))
    return {message for message in found if message}


@pytest.fixture(scope="module")
def italian() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="it")


@pytest.fixture(scope="module")
def texts() -> set[Text]:
    return extracted()


def parts(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_the_extraction_finds_texts_of_code_and_templates(texts: set[Text]) -> None:
    assert "There is nothing at this address." in texts
    assert len(texts) > 100


def test_every_text_has_its_italian(italian: Catalog, texts: set[Text]) -> None:
    missing = []
    for text in texts:
        entry = italian.get(parts(text)[0])
        if entry is None or not all(parts(entry.string)):
            missing.append(parts(text)[0])
    assert sorted(missing) == []


def test_no_translation_is_fuzzy_or_stale(italian: Catalog, texts: set[Text]) -> None:
    known = {parts(text)[0] for text in texts}
    entries = [entry for entry in italian if entry.id]
    assert [entry.id for entry in entries if entry.fuzzy] == []
    assert [entry.id for entry in entries if parts(entry.id)[0] not in known] == []
    assert list(italian.obsolete) == []


def test_placeholders_and_tags_agree(italian: Catalog) -> None:
    wrong = []
    for entry in italian:
        if not entry.id or not all(parts(entry.string)):
            continue
        for source, target in zip(
            (parts(entry.id)[0], parts(entry.id)[-1]),
            (parts(entry.string)[0], parts(entry.string)[-1]),
            strict=True,
        ):
            same_names = set(PLACEHOLDER.findall(source)) >= set(PLACEHOLDER.findall(target))
            complete = len(parts(entry.id)) > 1 or sorted(PLACEHOLDER.findall(source)) == sorted(
                PLACEHOLDER.findall(target)
            )
            if not (same_names and complete) or len(TAG.findall(source)) != len(
                TAG.findall(target)
            ):
                wrong.append(source)
    assert wrong == []


def subclasses(kind: type) -> set[type]:
    return {kind} | {deeper for one in kind.__subclasses__() for deeper in subclasses(one)}


def test_every_label_of_an_enum_has_its_italian(plain_app: Flask, italian: Catalog) -> None:
    assert plain_app is not None  # building it has loaded every slice
    missing = [
        f"{kind.__module__}.{kind.__name__}: {member.label}"
        for kind in subclasses(LabelEnum) - {LabelEnum}
        for member in kind  # type: ignore[attr-defined]
        if italian.get(member.label) is None
    ]
    assert sorted(missing) == []


def test_every_machine_has_its_name_in_italian(italian: Catalog) -> None:
    assert [m.label for m in MACHINES.values() if italian.get(m.label) is None] == []


def test_compiled_catalogues_are_not_kept() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "*.mo" in ignored


def test_italian_is_the_only_catalogue_because_english_is_the_source() -> None:
    folders = {p.parent.parent.name for p in Path(CATALOGUE.parents[2]).glob("*/LC_MESSAGES/*.po")}
    assert folders == {"it"}
