"""Collect the texts to translate into the Italian catalogue, and compile it.

Texts that are gone leave the catalogue; what has no Italian yet is listed, with exit code 1.
A translation stays as it is when its English text is unchanged; nothing is guessed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "platform" / "quartieri" / "web" / "translations"
KEYWORDS = ("lazy", "N_", "_", "_l", "ngettext:1,2")


def extract(target: Path) -> None:
    """Write every text that code and templates mark into ``target``."""
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg"]
    command += [word for keyword in KEYWORDS for word in ("-k", keyword)]
    command += ["--no-location", "--sort-output", "-o", str(target), "platform", "templates"]
    subprocess.run(command, cwd=ROOT, check=True)


def untranslated(message: Message) -> bool:
    """Tell whether a text, or one of its plurals, has no translation."""
    if not message.id:
        return False
    return not (all(message.string) if isinstance(message.string, tuple) else message.string)


def main() -> int:
    """Run as a command."""
    with tempfile.TemporaryDirectory() as scratch:
        template = Path(scratch, "messages.pot")
        extract(template)
        with template.open("rb") as file:
            found = read_po(file)
    missing = 0
    for path in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parents[1].name)
        catalogue.update(found, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalogue, sort_output=True, width=110, ignore_obsolete=True)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
        for message in filter(untranslated, catalogue):
            missing += 1
            text = message.id if isinstance(message.id, str) else message.id[0]
            print(f"{path.parents[1].name}: no translation: {text}")
    print(f"{missing} texts without a translation.")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
