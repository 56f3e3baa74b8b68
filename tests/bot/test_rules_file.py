"""A changed rules file is taken up as a whole; a broken one changes nothing and is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.rules_file import Reload, RulesFile
from denials.errors import SettingsError
from denials.rules.model import RulesFileError
from tests.bot.processes import RULES

GOOD = RULES.read_text(encoding="utf-8")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A rules file that may be edited."""
    (tmp_path / "rules.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path / "rules.yaml"


def test_an_untouched_file_is_not_read_again(path: Path) -> None:
    rules = RulesFile(path)
    before = rules.current()
    assert rules.refresh() == Reload()
    assert rules.current() is before


def test_a_changed_file_replaces_the_rules(path: Path) -> None:
    rules = RulesFile(path)
    path.write_text(GOOD + "\nreport: {day: fri}\n" if "\nreport:" not in GOOD else GOOD + "\n# changed\n")
    assert rules.refresh().changed
    assert rules.refresh() == Reload()


def test_a_broken_file_is_told_once_and_the_old_rules_stay(path: Path) -> None:
    rules = RulesFile(path)
    before = rules.current()
    path.write_text(GOOD + "\nunknown_key: 1\n")
    reload = rules.refresh()
    assert not reload.changed
    assert reload.broken is not None
    assert "unknown_key" in reload.broken
    path.write_text(GOOD + "\nunknown_key: 1\n")  # saved again, as it was
    assert rules.refresh().broken is None
    assert rules.current() is before


def test_a_mended_file_is_taken_up(path: Path) -> None:
    rules = RulesFile(path)
    path.write_text("owners: [")
    assert rules.refresh().broken
    path.write_text(GOOD)
    assert rules.refresh() == Reload(changed=True)


def test_a_file_that_vanishes_changes_nothing(path: Path) -> None:
    rules = RulesFile(path)
    path.unlink()
    assert rules.refresh().broken is not None
    assert rules.refresh().broken is None
    path.write_text(GOOD)
    rules.refresh()
    assert rules.current() is not None


def test_a_missing_or_broken_file_at_the_start_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no rules file.*DENIALS_RULES"):
        RulesFile(tmp_path / "none.yaml")
    (tmp_path / "broken.yaml").write_text("version: 7\n")
    with pytest.raises(RulesFileError, match="line 1, column"):
        RulesFile(tmp_path / "broken.yaml")
