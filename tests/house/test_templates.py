"""Templates hold no inline script or style, ask nothing of third parties, import what they use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from quartieri.config import ROOT

FOLDER = ROOT / "templates"
STATIC = ROOT / "platform" / "quartieri" / "web" / "static"
TEMPLATES = sorted(p for p in FOLDER.rglob("*") if p.suffix in {".html", ".txt"})
PAGES = [p for p in TEMPLATES if p.suffix == ".html"]
OUR_STATIC = sorted(p for p in STATIC.rglob("*") if p.suffix in {".css", ".js", ".svg"})

FORBIDDEN = {
    "inline script": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)", re.IGNORECASE
    ),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "event attribute": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "third party": re.compile(
        r"<(?:script|link|img|iframe|source|video|audio|object|embed|use)\b[^>]*"
        r"\b(?:src|srcset|href|data|poster)\s*=\s*[\"']?(?:https?:)?//",
        re.IGNORECASE,
    ),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape\s+false"),
}
FETCHED = re.compile(
    r"url\(\s*[\"']?(?:https?:)?//|@import|\bimport\b[^;\n]*[\"'](?:https?:)?//|fetch\([\"']http"
)


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("what", sorted(FORBIDDEN))
def test_no_template_holds(what: str) -> None:
    found = [short(p) for p in PAGES if FORBIDDEN[what].search(p.read_text())]
    assert found == []


def test_our_scripts_and_styles_fetch_nothing_from_elsewhere() -> None:
    assert [short(p) for p in OUR_STATIC if FETCHED.search(p.read_text())] == []


def parsed(app: Flask) -> dict[str, nodes.Template]:
    """Parse every template, by its path below templates/."""
    return {
        str(p.relative_to(FOLDER)): app.jinja_env.parse(p.read_text(), str(p)) for p in TEMPLATES
    }


def imported(tree: nodes.Template) -> set[str]:
    """Give the names that a template imports, as it calls them."""
    found = {node.target for node in tree.find_all(nodes.Import)}
    for node in tree.find_all(nodes.FromImport):
        found |= {name[1] if isinstance(name, tuple) else name for name in node.names}
    return found


def test_every_import_is_used(plain_app: Flask) -> None:
    for name, tree in parsed(plain_app).items():
        used = {n.name for n in tree.find_all(nodes.Name) if n.ctx == "load"}
        assert imported(tree) - used == set(), name


def test_every_macro_is_used(plain_app: Flask) -> None:
    trees = parsed(plain_app)
    defined = {
        (name, macro.name) for name, tree in trees.items() for macro in tree.find_all(nodes.Macro)
    }
    used: set[tuple[str, str]] = set()
    for name, tree in trees.items():
        used |= {(name, n.name) for n in tree.find_all(nodes.Name) if n.ctx == "load"}
        for node in tree.find_all(nodes.FromImport):
            source = str(getattr(node.template, "value", ""))
            used |= {(source, n[0] if isinstance(n, tuple) else n) for n in node.names}
        whole = {n.target: getattr(n.template, "value", "") for n in tree.find_all(nodes.Import)}
        for attribute in tree.find_all(nodes.Getattr):
            if isinstance(attribute.node, nodes.Name) and attribute.node.name in whole:
                used.add((str(whole[attribute.node.name]), attribute.attr))
    assert sorted(defined - used) == []


def test_every_template_that_is_named_exists(plain_app: Flask) -> None:
    for name, tree in parsed(plain_app).items():
        for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
            asked = getattr(node.template, "value", None)
            if isinstance(asked, str):
                assert (FOLDER / asked).exists(), f"{name} asks for {asked}"


def test_every_template_is_used() -> None:
    code = "\n".join(p.read_text() for p in (ROOT / "platform" / "quartieri").rglob("*.py"))
    text = "\n".join(p.read_text() for p in TEMPLATES)
    unused = [
        str(p.relative_to(FOLDER))
        for p in TEMPLATES
        if str(p.relative_to(FOLDER)) not in text
        and str(p.relative_to(FOLDER)) not in code
        and p.parent.name != "letters"
    ]
    assert unused == []
