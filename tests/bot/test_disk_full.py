"""A full disk under the SQLite file: the bot says so, keeps running, and goes on once there is room."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot.logs import configure
from bot.metrics import Metrics
from bot.rules_file import RulesFile
from bot.schedule import Schedule
from denials.errors import StorageError
from denials.rules.model import RuleSet
from services.desk import Desk
from services.ingest import ingest_file
from services.keys import provide_vault
from store.database import Database
from tests.bot.processes import RULES
from tests.bot.rig import OPS, Rig, eventually, fast_sandbox, idle, say, texts
from tests.conftest import DATA_KEY, FixedClock, FixedRules
from tests.services.stock import add_items


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path, rules: RuleSet) -> Iterator[Desk]:
    """A desk on SQLite."""
    shutil.copy(sqlite_template, tmp_path / "denials.db")
    database = Database(f"sqlite:///{tmp_path}/denials.db")
    yield Desk(database, FixedRules(rules), provide_vault(database, DATA_KEY), FixedClock())
    database.dispose()


def _fill(desk: Desk) -> None:
    for _ in range(10_000):
        add_items(desk, 5)


@contextmanager
def full_disk(desk: Desk) -> Iterator[None]:
    """The file may not grow by a page while the block runs, and what room it has is used up."""

    def no_more(connection: Any, _record: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(desk.db.engine, "connect", no_more)
    desk.db.dispose()
    try:
        with pytest.raises(OperationalError, match="full"):
            _fill(desk)
        yield
    finally:
        event.remove(desk.db.engine, "connect", no_more)
        desk.db.dispose()


def test_a_batch_that_does_not_fit_is_refused_whole_and_goes_in_once_there_is_room(desk: Desk, tmp_path: Path) -> None:
    rows = "".join(f"C-{n},Aetna,CO-197,{100 + n}.00\n" for n in range(3000))
    file = tmp_path / "batch.csv"
    file.write_text("claim_id,payer,carc,amount\n" + rows)
    with full_disk(desk), pytest.raises(StorageError, match="nothing of the file was kept: the disk is full"):
        ingest_file(desk, file)
    assert ingest_file(desk, file).denials == 3000


def test_the_sender_goes_on_and_says_everything_once(desk: Desk) -> None:
    with fast_sandbox() as sandbox, Rig(desk, sandbox) as rig:
        say(desk, OPS, "before")
        eventually(lambda: idle(desk), "posted")
        with full_disk(desk):
            with pytest.raises(OperationalError, match="full"):
                say(desk, OPS, "does not fit" + "x" * 100_000)
            assert rig.sender.state.running
        say(desk, OPS, "after")
        eventually(lambda: idle(desk), "everything posted")
        said = texts(sandbox, OPS)
        assert said[0] == "before"
        assert said[-1] == "after"
        assert len(said) == len(set(said))


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What is logged in a test; the root logger is put back afterwards."""
    root, stream = logging.getLogger(), StringIO()
    handlers, level = list(root.handlers), root.level
    configure("json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_job_says_that_the_disk_is_full_once_and_that_it_works_again(desk: Desk, written: StringIO) -> None:
    schedule = Schedule(desk, RulesFile(RULES), Metrics(desk), sweep_seconds=0.05)
    since = desk.now() - timedelta(days=10)
    add_items(desk, 300, opened_at=since, next_escalation_at=since)  # what each sweep has to write about
    with full_disk(desk):
        schedule.start()
        eventually(lambda: "the disk is full" in written.getvalue(), lambda: f"told\n{written.getvalue()}")
    eventually(lambda: "a job works again" in written.getvalue(), "works again")
    schedule.stop()
    told = [json.loads(line) for line in written.getvalue().splitlines() if "the disk is full" in line]
    assert len({line["job"] for line in told}) == len(told), "once per job, however often it fails"
