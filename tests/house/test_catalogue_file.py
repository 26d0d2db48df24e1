"""publiccode.yml says what the Italian catalogue of public code asks for, and agrees with us."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import yaml

from quartieri.config import ROOT

NEEDED = {
    "publiccodeYmlVersion",
    "name",
    "url",
    "releaseDate",
    "platforms",
    "categories",
    "developmentStatus",
    "softwareType",
    "description",
    "legal",
    "maintenance",
    "localisation",
}


@pytest.fixture(scope="module")
def catalogue() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    return found


def test_every_needed_key_is_there(catalogue: dict[str, Any]) -> None:
    assert NEEDED - set(catalogue) == set()


def test_licence_and_version_agree_with_the_project(catalogue: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert catalogue["legal"]["license"] == project["license"]["text"] == "EUPL-1.2"
    assert catalogue["softwareVersion"] == project["version"]
    assert (ROOT / "LICENSE").read_text().startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")


@pytest.mark.parametrize("language", ["it", "en"])
def test_descriptions_have_the_lengths_of_the_format(
    catalogue: dict[str, Any], language: str
) -> None:
    words = catalogue["description"][language]
    assert len(words["genericName"]) <= 35
    assert len(words["shortDescription"]) <= 150
    assert 150 <= len(words["longDescription"]) <= 10_000
    assert words["features"]


def test_the_languages_are_those_of_the_site(catalogue: dict[str, Any]) -> None:
    assert catalogue["localisation"] == {
        "localisationReady": True,
        "availableLanguages": ["it", "en"],
    }
