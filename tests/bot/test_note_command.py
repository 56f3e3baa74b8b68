"""`denials note`: notes that never pass through Slack."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from denials.rules.load import load_rules
from services.desk import Desk
from services.keys import provide_vault
from store.database import Database
from tests.bot.conftest import Run
from tests.bot.processes import RULES
from tests.conftest import DATA_KEY, FixedClock, FixedRules
from tests.services.stock import add_items

SECRET = "Jane Doe, member W123456789\nsecond line"


@pytest.fixture
def ref(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A denial in the database that the settings name."""
    path = tmp_path / "denials.db"
    path.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("DENIALS_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("DENIALS_DATA_KEY", base64.urlsafe_b64encode(DATA_KEY).decode())
    database = Database(f"sqlite:///{path}")
    rules = FixedRules(load_rules(RULES.read_text(encoding="utf-8")))
    desk = Desk(db=database, rules_source=rules, vault=provide_vault(database, DATA_KEY), clock=FixedClock())
    yield add_items(desk, 1)[0]
    database.dispose()


def test_a_note_from_standard_input_is_kept_and_shown(run: Run, ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(SECRET))
    kept = run("note", ref)
    assert (kept.status, kept.out, kept.err) == (0, "", "")

    shown = run("note", ref.lower(), "--show")

    assert shown.status == 0
    assert "    Jane Doe, member W123456789\n    second line\n" in shown.out


def test_a_note_may_be_an_argument(run: Run, ref: str) -> None:
    assert run("note", ref, "called the payer").status == 0
    assert "called the payer" in run("note", ref, "--show").out


def test_without_notes_it_says_so(run: Run, ref: str) -> None:
    result = run("note", ref, "--show")
    assert (result.status, result.out) == (0, "")
    assert "no note is kept" in result.err


@pytest.mark.parametrize(
    ("call", "status", "words"),
    [
        (("DN-AAAAAAAA", "text"), 1, "no denial is known"),
        (("DN-AAAAAAAA", "--show"), 1, "no denial is known"),
        (("DN-AAAAAAAA", "text", "--show"), 2, "not both"),
        ((), 2, "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_one_line(run: Run, ref: str, call: tuple[str, ...], status: int, words: str) -> None:
    result = run("note", *call)
    assert result.status == status
    assert words in result.err
    assert result.err.count("\n") == 1


def test_an_empty_note_is_not_kept(run: Run, ref: str) -> None:
    result = run("note", ref, "  ")
    assert result.status == 1
    assert "the note is empty" in result.err


def test_a_claim_number_typed_by_mistake_is_not_repeated(run: Run, ref: str) -> None:
    assert "CLM-4711-99" not in run("note", "CLM-4711-99", "--show").err
