"""Each team's file on the practice's own share."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

from services.desk import Desk
from services.worklists import Worklists
from tests.remits import claim, denied_claim
from tests.services.files import items, remit
from tests.services.test_matching import APR, MAR


def read(path: Path) -> list[dict[str, str]]:
    """A file's rows by heading."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_owner_gets_a_private_file_of_what_is_open(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", 100), denied_claim("C2", 50, "27", group="PR"), day=MAR)
    folder = tmp_path / "share"
    Worklists(desk, folder).refresh()
    (row,) = read(folder / "auth_team.csv")
    assert (row["reference"], row["claim_number"]) == (items(desk)[0].ref, "C1")
    assert (row["payer"], row["amount"], row["due"]) == ("Aetna", "100.00", "2026-08-29")
    assert [row["claim_number"] for row in read(folder / "front_desk.csv")] == ["C2"]
    assert read(folder / "coding_team.csv") == []
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_files_are_rewritten_only_when_something_changed(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAR)
    worklists = Worklists(desk, folder)
    assert worklists.refresh() == len(desk.rules.owners)
    assert worklists.refresh() == 0
    remit(desk, tmp_path, claim("C1", 100, 80, cas=[("CO", "45", 20)]), day=APR)
    assert worklists.refresh() == 1
    assert read(folder / "auth_team.csv") == []
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_claim_number_cannot_become_a_formula(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("=1+1", 100), day=MAR)
    Worklists(desk, tmp_path / "share").refresh()
    assert read(tmp_path / "share" / "auth_team.csv")[0]["claim_number"] == "'=1+1"
