"""Documents of a workspace in a small SQLite file, so that it survives being killed."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class StateFile:
    """One JSON document per row, committed at each change; without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing that was written; only a power cut could, which is no concern here.
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS documents (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id))"
        )

    def put(self, kind: str, key: str, body: Any) -> None:
        """Write one document."""
        if self._connection is not None:
            with self._lock:
                self._connection.execute(
                    "INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, key, json.dumps(body))
                )

    def delete(self, kind: str, key: str) -> None:
        """Forget one document."""
        if self._connection is not None:
            with self._lock:
                self._connection.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, key))

    def all(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Key and body of every document of a kind, in key order."""
        if self._connection is None:
            return
        with self._lock:
            rows = self._connection.execute(
                "SELECT id, body FROM documents WHERE kind = ? ORDER BY id", (kind,)
            ).fetchall()
        for key, body in rows:
            yield key, json.loads(body)

    def close(self) -> None:
        """Close the file; later writes are dropped."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
