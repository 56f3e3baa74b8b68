"""What `denials doctor` looks at on this host: room on the disk, who may read and write what."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from bot.findings import Finding
from bot.settings import Settings
from store.database import Database

_LEAST_FREE = 200 * 1024 * 1024  # a large batch and its write-ahead log need about that
_LITTLE_FREE = 1024 * 1024 * 1024


def host_findings(settings: Settings, database: Database) -> Iterator[Finding]:
    """Everything about folders, files and disks. `database` need not exist yet."""
    if database.file is not None:
        yield from _database_folder(database.file)
    for name, folder, needs in (
        ("DENIALS_INBOX", settings.inbox, "read it, and move files out of it"),
        ("DENIALS_WORKLISTS", settings.worklists, "write into it"),
    ):
        if folder is None:
            continue
        if not folder.is_dir():
            yield Finding("settings", "error", f"{name} names no folder", f"make the folder {folder}, or unset {name}")
        elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            yield Finding("settings", "error", f"this user may not use the folder of {name}", f"let this user {needs}")
    yield from _secrets(settings, database)


def _database_folder(file: Path) -> Iterator[Finding]:
    folder = file.parent
    if not folder.is_dir():
        yield Finding(
            "disk", "error", f"there is no folder {folder} for the database", f"make it: mkdir -m 700 {folder}"
        )
        return
    if not os.access(folder, os.W_OK | os.X_OK) or (file.exists() and not os.access(file, os.W_OK)):
        yield Finding(
            "disk",
            "error",
            f"this user may not write the database in {folder}",
            "let it write the file and the folder: SQLite keeps its log beside the database",
        )
        return
    free = shutil.disk_usage(folder).free
    if free < _LITTLE_FREE:
        yield Finding(
            "disk",
            "error" if free < _LEAST_FREE else "warning",
            f"{free // 1024**2:,} MB are free where the database is",
            "make room: a full disk stops batches and clicks until there is some, nothing is lost",
        )
    else:
        yield Finding("disk", "ok", f"{free // 1024**3:,} GB are free where the database is")


def _secrets(settings: Settings, database: Database) -> Iterator[Finding]:
    """Files with patient data or secrets in them that others on this host may read."""
    held = [Path(".env"), settings.data_key_file, database.file]
    if database.file is not None:
        held.append(database.file.with_name(database.file.name + "-wal"))
    for path in held:
        try:
            mode = path.stat().st_mode if path is not None else 0
        except OSError:
            continue
        if mode & (stat.S_IRGRP | stat.S_IROTH | stat.S_IWGRP | stat.S_IWOTH):
            yield Finding("files", "warning", f"others on this host may open {path}", f"chmod 600 {path}")
