"""Commands of `flask --app app`; each calls one function.

They are loaded when a command is asked for: what serves pages never asks, and they bring the demo
city, the replays and their pictures with them.
"""

from __future__ import annotations

import importlib
import pkgutil

from click import Command, Context
from flask import Flask
from flask.cli import AppGroup


def register(app: Flask) -> None:
    """Let every command of this folder be found: a module's ``commands`` are groups or commands."""
    app.cli = _Commands(name=app.name)


class _Commands(AppGroup):
    """The application's own commands, loaded together at the first look."""

    _loaded = False

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Give the command of this name."""
        self._load()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Context) -> list[str]:
        """Give the names, sorted."""
        self._load()
        return super().list_commands(ctx)

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        for module in pkgutil.iter_modules(__path__):
            found = importlib.import_module(f"{__name__}.{module.name}")
            for command in found.commands:
                self.add_command(command)
