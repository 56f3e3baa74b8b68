"""A file for each owner team on the practice's own share, with the claim numbers of what is open.

It holds patient data: the folder must be one that only the practice's own people can read. The files are made anew when
something has changed, put in place at once (nobody opens half a file) and readable by the owner alone (mode 0600).
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import secrets
import time
from collections import defaultdict
from pathlib import Path

from denials.errors import SettingsError
from services.cells import cell
from services.desk import Desk
from services.money import dollars
from store import worklists
from store.tables import Item

COLUMNS = ("reference", "claim_number", "payer", "amount", "due", "category", "state")
UNOWNED = "unowned"
_LOOK_ANYWAY_S = 300.0  # in case a change of the rules or a lost file is not in the log


class Worklists:
    """Keeps the files of one folder up to date."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self._desk, self._folder = desk, folder
        self._seen: int | None = None
        self._looked = 0.0

    def refresh(self) -> int:
        """Write the files that differ from what is open now; how many were written. Raises SettingsError."""
        with self._desk.db.read() as session:
            latest = worklists.latest_event(session)
        if latest == self._seen and time.monotonic() - self._looked < _LOOK_ANYWAY_S:
            return 0
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            written = sum(_replace(self._folder / f"{owner}.csv", text) for owner, text in self._texts().items())
        except OSError as failed:
            raise SettingsError(
                f"DENIALS_WORKLISTS cannot be written to ({failed.strerror}): check the folder and its permissions"
            ) from None
        self._seen, self._looked = latest, time.monotonic()
        return written

    def _texts(self) -> dict[str, bytes]:
        """The content of each owner's file; an owner without open work has only the headings."""
        rows: dict[str, list[list[str]]] = defaultdict(list)
        owners = self._desk.rules.owners
        for owner in owners:
            rows[owner] = []
        with self._desk.db.read() as session:
            for item in worklists.open_items(session):
                owner = item.owner if item.owner and item.owner in owners else UNOWNED
                rows[owner].append(self._row(item))
        if not rows[UNOWNED] and not (self._folder / f"{UNOWNED}.csv").exists():
            del rows[UNOWNED]
        return {owner: _csv(lines) for owner, lines in rows.items()}

    def _row(self, item: Item) -> list[str]:
        number = self._desk.vault.open(item.sealed, item.seal_context)["n"] if item.sealed else ""
        due = item.due.isoformat() if item.due else ""
        amount = f"{dollars(item.amount_cents):.2f}"
        category = self._desk.rules.category_title(item.category)
        return [item.ref, cell(number), cell(item.payer_label), amount, due, cell(category), item.state]


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def _replace(path: Path, content: bytes) -> bool:
    """Put a file in place at once, unless it holds the same already."""
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return False
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return True
