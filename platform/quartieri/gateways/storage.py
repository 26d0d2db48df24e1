"""The bytes of uploaded files: a protocol and a local folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Protocol


class StorageGateway(Protocol):
    """What the application asks of a file store; keys are content hashes."""

    def put(self, key: str, content: bytes) -> None:
        """Keep the bytes under ``key``; the same key again changes nothing."""

    def get(self, key: str) -> bytes:
        """Give the bytes; raise FileNotFoundError."""


class FolderStorage:
    """Files in a folder, two levels deep by the key's first letters."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder."""
        self._folder = folder

    def _path(self, key: str) -> Path:
        if not key.isalnum():
            msg = "a key is a hexadecimal hash"
            raise ValueError(msg)
        return self._folder / key[:2] / key

    def put(self, key: str, content: bytes) -> None:
        """Write whole or not at all: to a temporary file first, then renamed."""
        path = self._path(key)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)

    def get(self, key: str) -> bytes:
        """Read the bytes."""
        return self._path(key).read_bytes()
