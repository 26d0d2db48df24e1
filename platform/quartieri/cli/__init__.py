"""Commands of `flask --app app`; each calls one function."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Flask


def register(app: Flask) -> None:
    """Add every command of this folder: a module's ``commands`` are groups or commands."""
    for module in pkgutil.iter_modules(__path__):
        found = importlib.import_module(f"{__name__}.{module.name}")
        for command in found.commands:
            app.cli.add_command(command)
