"""`denials rules backtest`: what changed rules would do, for people and for scripts."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from bot.cli.main import invoke
from tests.bot.processes import DATA_KEY, RULES

ROWS = """claim_id,payer,group,carc,amount,remit_date
SECRET1,AETNA BETTER HEALTH,CO,197,1000.00,2026-03-02
SECRET2,AETNA BETTER HEALTH,CO,197,234.50,2026-03-03
SECRET3,UNITED,CO,29,10.00,2026-03-04
"""


@pytest.fixture
def stocked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_template: Path) -> Path:
    """A folder with a database that took three denials in, and a changed rules file."""
    for name in list(os.environ):
        if name.startswith(("SLACK_", "DENIALS_")):
            monkeypatch.delenv(name)
    shutil.copy(sqlite_template, tmp_path / "denials.db")
    monkeypatch.setenv("DENIALS_RULES", str(RULES))
    monkeypatch.setenv("DENIALS_DATABASE_URL", f"sqlite:///{tmp_path}/denials.db")
    monkeypatch.setenv("DENIALS_DATA_KEY", DATA_KEY)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "export.csv").write_text(ROWS)
    assert invoke(["ingest", "export.csv"]) == 0
    rule = "rules:\n  - {id: aetna-first, match: {payer: '*aetna*', carc: ['197']}, category: coding}\n"
    (tmp_path / "new.yaml").write_text(RULES.read_text().partition("rules:")[0] + rule)
    return tmp_path


def test_people_see_the_moves_with_counts_and_dollars(stocked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()

    assert invoke(["rules", "backtest", "new.yaml"]) == 0

    out = capsys.readouterr().out
    assert "3 denials stored, $1,244.50." in out
    assert "2 of them, $1,234.50, would move. Nothing was changed." in out
    [move] = [line for line in out.splitlines() if "rule:aetna-first" in line]
    assert "Authorizations" in move
    assert "Coding" in move
    assert "$1,234.50" in move
    assert "SECRET" not in out


def test_scripts_get_the_same_as_json(stocked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()

    assert invoke(["rules", "backtest", "new.yaml", "--since", "3660d", "--json"]) == 0

    data = json.loads(capsys.readouterr().out)
    assert (data["denials"], data["moved"], data["moved_amount"]) == (3, 2, "1234.50")
    assert data["moves"][0]["to"] == {"category": "coding", "owner": "coding_team"}


def test_the_file_in_force_moves_nothing_and_says_why(stocked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()

    assert invoke(["rules", "backtest", str(RULES)]) == 0

    told = capsys.readouterr()
    assert "None of them would get another category" in told.out
    assert "the one in force" in told.err


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (["rules", "backtest", "missing.yaml"], 2),
        (["rules", "backtest", "broken.yaml"], 1),
        (["rules", "backtest", "new.yaml", "--since", "soon"], 2),
        (["rules", "backtest"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_one_line(
    stocked: Path, capsys: pytest.CaptureFixture[str], call: list[str], status: int
) -> None:
    (stocked / "broken.yaml").write_text("ops_channel: C0OPS\nnonsense: 1\n")
    capsys.readouterr()

    assert invoke(call) == status

    err = capsys.readouterr().err
    assert err.startswith("denials: ")
    assert err.count("\n") == 1
