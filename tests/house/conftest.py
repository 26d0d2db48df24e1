"""House tests look at the application as it is, with CSRF protection and without a database."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.doubles import build_app


@pytest.fixture(scope="session")
def plain_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Give the application on an empty database: for what is known without asking it."""
    folder: Path = tmp_path_factory.mktemp("plain")
    app = build_app(f"sqlite:///{folder}/plain.sqlite3", folder)
    app.config["WTF_CSRF_ENABLED"] = True
    return app
