"""The commands of upkeep as somebody types them: what they say, what they refuse, and that no key is told."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from bot.metrics import Metrics
from bot.rules_file import RulesFile
from bot.run_lock import RunLock
from bot.schedule import Schedule
from bot.settings import load_settings
from denials.errors import SettingsError
from denials.lifecycle import Outcome
from services import work
from services.desk import Desk
from services.leases import acquire
from services.people import Actor
from services.retention import parse
from services.vault import new_data_key
from services.views import Done
from services.work import Resolution
from store.database import Database
from store.tables import Daily, DailyClaims, Outbox
from tests.bot.conftest import Run
from tests.bot.processes import DATA_KEY, RULES
from tests.bot.rig import eventually
from tests.conftest import FixedClock
from tests.remits import csv_row
from tests.services.files import items, rows

UPKEEP = (
    ("db", "copy", "--to", "sqlite:///other.db"),
    ("db", "restore", "--replace", "made.backup"),
    ("db", "workspace", "--forget", "T0ONE"),
    ("keys", "rotate", "--new-key-file", "key-2"),
)


@pytest.fixture
def stocked(desk: Desk, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Desk:
    """A desk with two denials, which the settings name; its data key stands in the environment."""
    rows(desk, [csv_row("SECRET-1"), csv_row("SECRET-2")], tmp_path)
    monkeypatch.setenv("DENIALS_DATABASE_URL", database_url)
    monkeypatch.setenv("DENIALS_DATA_KEY", DATA_KEY)
    return desk


def test_a_backup_goes_back_and_a_copy_is_worked_on(
    stocked: Desk, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run("db", "backup", "made.backup")
    assert (made.status, "2 denials" in made.out, "DENIALS_DATA_KEY" in made.out) == (0, True, True)
    stocked.db.dispose()  # a file that somebody has open is not replaced
    told = [made, run("db", "restore", "made.backup"), run("db", "restore", "--replace", "made.backup")]
    assert [one.status for one in told] == [0, 1, 0]
    assert "--replace" in told[1].err
    copied = run("db", "copy", "--to", "sqlite:///other.db")
    assert (copied.status, "2 denials among them" in copied.out) == (0, True)
    assert "keep DENIALS_DATA_KEY as it is" in copied.out
    assert stat.S_IMODE((tmp_path / "other.db").stat().st_mode) == 0o600
    assert run("db", "copy", "--to", "sqlite:///other.db").status == 1
    for one in [*told, copied]:
        assert DATA_KEY not in one.out + one.err
        assert "SECRET" not in one.out + one.err
    monkeypatch.setenv("DENIALS_DATABASE_URL", "sqlite:///other.db")
    assert "SECRET-1" in run("lookup", items(stocked)[0].ref).out


def test_nothing_of_it_while_a_bot_runs(stocked: Desk, run: Run, tmp_path: Path) -> None:
    assert run("db", "backup", "made.backup").status == 0
    lock = RunLock(stocked.db)
    lock.take()
    acquire(stocked, "sender", "a bot", 60)
    with stocked.db.write() as session:
        from store import meta

        meta.set_once(session, "workspace", "T0ONE")
    for command in UPKEEP:
        refused = run(*command)
        assert (refused.status, "a bot runs on this database" in refused.err) == (1, True), command
    assert run("db", "backup", "again.backup").status == 0
    lock.release()
    assert not (tmp_path / "other.db").exists()
    assert not (tmp_path / "key-2").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_data_key_is_changed_without_being_told(
    stocked: Desk, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--new-key-file" in run("keys", "rotate").err
    changed = run("keys", "rotate", "--new-key-file", "key-2")
    assert (changed.status, "DENIALS_DATA_KEY_FILE=key-2" in changed.out) == (0, True), changed.err
    key = (tmp_path / "key-2").read_text().strip()
    assert key not in changed.out
    assert "done before" in run("keys", "rotate", "--new-key-file", "key-2").out
    ref = items(stocked)[0].ref
    assert run("lookup", ref).status == 2
    monkeypatch.delenv("DENIALS_DATA_KEY")
    monkeypatch.setenv("DENIALS_DATA_KEY_FILE", "key-2")
    assert "SECRET-1" in run("lookup", ref).out
    changed = run("keys", "rotate")
    assert (changed.status, (tmp_path / "key-2").read_text().strip() != key) == (0, True)
    assert "SECRET-1" in run("lookup", ref).out


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_workspace_is_forgotten_by_its_name_only(stocked: Desk, run: Run) -> None:
    from services import workspace

    assert "no workspace yet" in run("db", "workspace").out
    workspace.remember(stocked, "T0ONE")
    assert run("db", "workspace").out == "T0ONE\n"
    refused = run("db", "workspace", "--forget", "T0TWO")
    assert (refused.status, "belongs to T0ONE" in refused.err) == (2, True)
    assert run("db", "workspace", "--forget", "T0ONE").status == 0
    assert workspace.remember(stocked, "T0TWO") == "T0TWO"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_purge_tells_what_would_go(stocked: Desk, run: Run) -> None:
    told = json.loads(run("purge", "--resolved-before", "24mo", "--dry-run", "--json").out)
    assert (told["denials"], told["claims"], told["dry_run"]) == (0, 0, True)
    assert "are gone; the counts stay" in run("purge", "--resolved-before", "24mo").out
    assert run("purge", "--resolved-before", "yesterday").status == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_difference_of_the_counts_is_told(stocked: Desk, run: Run) -> None:
    with stocked.db.write() as session:
        row = session.exec(select(Daily).where(Daily.dimension == "all")).one()
        row.new += 3
        session.add(row)
    told = run("db", "verify")
    assert told.status == 1
    assert "2026-03-10 all denials: kept 5 new, $200.00, 0 repeats, 0 rejections; found 2 new, $200.00, " in told.out
    assert run("db", "verify", "--mend").status == 0
    assert run("db", "verify").out == "the daily counts agree\n"
    with stocked.db.write() as session:
        session.add(DailyClaims(day=date(2026, 3, 1), adjudicated=1234, denied=1, fully_denied=1, charge_cents=125000))
    told = run("db", "verify")
    assert (
        "2026-03-01 adjudicated claims: kept 1,234 adjudicated, 1 denied, 1 fully denied, $1,250.00 charged" in told.out
    )
    assert "; found 0 adjudicated, 0 denied, 0 fully denied, $0.00 charged, $0.00 denied\n" in told.out


def test_a_lost_key_is_not_replaced_by_a_new_one(run: Run, tmp_path: Path, sqlite_template: Path) -> None:
    from services import backup
    from services.keys import provide_vault

    shutil.copy(sqlite_template, tmp_path / "small.db")
    database = Database(f"sqlite:///{tmp_path}/small.db")
    provide_vault(database, bytes(range(32)))
    backup.back_up(database, tmp_path / "made.backup")
    database.dispose()
    refused = run("db", "restore", "made.backup")
    assert (refused.status, "no data key at" in refused.err) == (2, True)
    (tmp_path / "data" / "denials.db.key").write_text(new_data_key())
    refused = run("db", "restore", "made.backup")
    assert (refused.status, "another data key" in refused.err) == (2, True)
    assert not (tmp_path / "data" / "denials.db").exists()
    (tmp_path / "data" / "denials.db.key").write_text(DATA_KEY)
    assert run("db", "restore", "made.backup").status == 0


def test_an_address_with_a_password_is_warned_of_and_never_told(run: Run, tmp_path: Path) -> None:
    assert run("db", "upgrade").status == 0
    refused = run("db", "copy", "--to", "postgresql://me:hidden@127.0.0.1:9/none")
    assert (refused.status, "process list" in refused.err, "cannot be reached" in refused.err) == (1, True, True)
    assert "hidden" not in refused.out + refused.err
    assert run("db", "copy", "--to", "nonsense").status == 2


@pytest.mark.parametrize("span", ["soon", "24", "0mo", "29d", "2y"])
def test_how_long_denials_are_kept_is_checked_before_anything_starts(span: str) -> None:
    with pytest.raises(SettingsError, match="DENIALS_KEEP_RESOLVED"):
        load_settings(DENIALS_KEEP_RESOLVED=span, _env_file=None)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_running_bot_purges_what_is_over(stocked: Desk, clock: FixedClock) -> None:
    for ref in [one.ref for one in items(stocked)][:1]:
        done = work.resolve(stocked, ref, None, Actor("U0ADMIN"), Resolution(Outcome.NOT_A_DENIAL))
        assert isinstance(done, Done)
    clock.forward(days=800)
    with stocked.db.write() as session:
        for row in session.exec(select(Outbox)):
            row.state = "sent"
            session.add(row)
    rules, metrics = RulesFile(RULES), Metrics(stocked)
    keep = load_settings(DENIALS_KEEP_RESOLVED="24MO", _env_file=None).keep_resolved
    assert keep is not None
    schedule = Schedule(stocked, rules, metrics, sweep_seconds=60, keep=parse(keep))
    schedule.start()
    try:
        eventually(lambda: len(items(stocked)) == 1, "the resolved one to go")
    finally:
        schedule.stop()
