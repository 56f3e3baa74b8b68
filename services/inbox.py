"""The drop folder: what people or a clearinghouse put there is taken in and moved to `done` or `rejected` beside it."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import uuid
from pathlib import Path

from denials.errors import SettingsError
from services import delivery, leases
from services.desk import Desk
from services.ingest import ingest_file
from services.views import BatchSummary

DONE, REJECTED = "done", "rejected"
_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", ".lock")

Look = tuple[int, int, int]


class Inbox:
    """Watches one folder. Several processes may watch the same one: each file is taken by one of them."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self._desk, self._folder = desk, folder
        self._holder = uuid.uuid4().hex
        self._seen: dict[str, Look] = {}

    def scan(self) -> list[BatchSummary]:
        """Take in every file that has not changed since the last scan. Raises SettingsError, StorageError."""
        looks = self._look()
        ready = sorted(name for name, look in looks.items() if self._seen.get(name) == look)
        self._seen = looks
        taken = [self._take(name, looks[name]) for name in ready]
        return [summary for summary in taken if summary is not None]

    def _look(self) -> dict[str, Look]:
        """Plain files by name, with what shows whether they are still being written. Links are never followed."""
        looks: dict[str, Look] = {}
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if entry.name.startswith((".", "~")) or entry.name.lower().endswith(_UNFINISHED):
                        continue
                    look = _plain(entry.path)
                    if look is not None:
                        looks[entry.name] = look
        except OSError as failed:
            raise SettingsError(
                f"DENIALS_INBOX cannot be read ({failed.strerror}): check the folder and its permissions"
            ) from None
        return looks

    def _take(self, name: str, look: Look) -> BatchSummary | None:
        """Take one file in and move it; None where another process has it or it has gone."""
        path = self._folder / name
        lease = "inbox:" + hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:24]
        with leases.held(self._desk, lease, self._holder) as ours:
            if not ours or _plain(path) != look:
                return None
            summary = ingest_file(self._desk, path)
            if _plain(path) == look:
                self._move(path, summary)
        self._seen.pop(name, None)
        self._tell(summary)
        return summary

    def _move(self, path: Path, summary: BatchSummary) -> None:
        folder = self._folder.parent / (REJECTED if summary.status == "rejected" else DONE)
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            target = _free(folder / path.name)
            shutil.move(path, target)
            if summary.errors:
                report = target.with_name(target.name + ".errors.txt")
                report.write_text("".join(f"{_told(summary, n)}\n" for n in range(len(summary.errors))))
        except OSError as failed:
            raise SettingsError(
                f"a batch was read but cannot be moved to the {folder.name} folder beside DENIALS_INBOX"
                f" ({failed.strerror}): check the permissions"
            ) from None

    def _tell(self, summary: BatchSummary) -> None:
        """One line to the ops channel about what did not go in. Names of files are not in it."""
        if summary.status == "rejected":
            reason = _told(summary, len(summary.errors) - 1) if summary.errors else "it holds nothing"
            text = f"A batch in the drop folder was rejected: {reason}. It is in the `{REJECTED}` folder on the host."
        elif summary.rejected_rows:
            rows = "one row" if summary.rejected_rows == 1 else f"{summary.rejected_rows:,} rows"
            text = (
                f"Batch {summary.batch} from the drop folder went in without {rows};"
                f" the report beside it in the `{DONE}` folder on the host says why."
            )
        else:
            return
        delivery.notify_ops(self._desk, text)


def _plain(path: str | Path) -> Look | None:
    """Identity, size and time of change of a plain file; None for anything else."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _free(path: Path) -> Path:
    """The path, or one with a number where a file of that name is there already."""
    found, number = path, 2
    while os.path.lexists(found):
        found, number = path.with_name(f"{path.stem}-{number}{path.suffix}"), number + 1
    return found


def _told(summary: BatchSummary, place: int) -> str:
    """One error with its place in the file: a line of a table, a segment of an X12 file."""
    line, message = summary.errors[place]
    kind = "line" if summary.format in ("csv", "xlsx") else "segment"
    return f"{kind} {line}: {message}" if line else message
