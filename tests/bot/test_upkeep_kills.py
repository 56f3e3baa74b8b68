"""Upkeep killed at any moment leaves the database it began with, or the one it was to make."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlmodel import select

from services.desk import Desk
from store.database import Database
from store.migrate import revision_of
from store.tables import Item
from tests.bot.processes import DATA_KEY, denials, environment
from tests.services.stock import add_items

ITEMS = 4_000


def killed(arguments: list[str], cwd: Path, after: float, **variables: str) -> bool:
    """Start a command and kill it so many seconds later, unless it has ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=cwd,
        env=environment(**variables),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    if process.poll() is not None:
        return False
    process.send_signal(signal.SIGKILL)
    process.wait()
    return True


def held(url: str) -> int | None:
    """How many denials a database holds; None where it has no tables."""
    database = Database(url)
    try:
        if revision_of(database) is None:
            return None
        with database.read() as session:
            return len(session.exec(select(Item.id)).all())
    finally:
        database.dispose()


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_copy_and_a_restore_that_are_killed(desk: Desk, database_url: str, tmp_path: Path) -> None:
    add_items(desk, ITEMS)
    desk.db.dispose()
    variables = {"DENIALS_DATABASE_URL": database_url, "DENIALS_DATA_KEY": DATA_KEY}
    whole = denials("db", "backup", "whole.backup", cwd=tmp_path, **variables)
    assert whole.returncode == 0, whole.stderr
    kills = 0
    for turn in range(12):
        after = 0.5 + turn * 0.2
        target = f"sqlite:///{tmp_path}/copy-{turn}.db"
        kills += killed(["db", "copy", "--to", target], tmp_path, after, **variables)
        assert held(target) in (None, 0, ITEMS)
        kills += killed(["db", "restore", "--replace", "whole.backup"], tmp_path, after, **variables)
        assert held(database_url) == ITEMS
        kills += killed(["db", "backup", f"part-{turn}.backup"], tmp_path, after, **variables)
        made = tmp_path / f"part-{turn}.backup"
        if made.exists():
            assert held(f"sqlite:///{made}") == ITEMS
    assert kills > 5
    again = denials("db", "restore", "--replace", "whole.backup", cwd=tmp_path, **variables)
    assert again.returncode == 0, again.stderr
