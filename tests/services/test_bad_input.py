"""Every row of the table in docs/bad-input.md: what the user is told, and that only what is good is kept."""

from __future__ import annotations

import bz2
import gzip
import io
import re
import shutil
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from denials.rules.model import RuleSet
from intake import archive
from intake.batch import OpenBatch, open_batch
from services import ingest
from services.desk import Desk
from services.keys import provide_vault
from services.views import NOTHING_LEFT_OUT, BatchSummary
from store.database import Database
from tests import remits
from tests.conftest import DATA_KEY, FixedClock, FixedRules
from tests.remits import claim, csv_row, denied_claim, line
from tests.services.files import everything, items, put, rows

ROOT = Path(__file__).resolve().parents[2]
SECRET = "SECRET77"
REMIT = remits.remit([denied_claim(SECRET, 100), denied_claim("C2", 50)])
FLAT = REMIT.replace("\n", "")


@pytest.fixture
def desk(sqlite_template: Path, rules: RuleSet, clock: FixedClock, tmp_path: Path) -> Iterator[Desk]:
    """A desk on a SQLite file of its own."""
    path = tmp_path / "denials.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield Desk(database, FixedRules(rules), provide_vault(database, DATA_KEY), clock)
    database.dispose()


def stored(desk: Desk) -> dict[str, int]:
    """How many rows each table has."""
    with desk.db.read() as session:
        return everything(session)


def told(summary: BatchSummary) -> str:
    """The one line that says why a file was refused; it holds nothing of the file."""
    assert summary.status == "rejected"
    ((_, message),) = summary.errors
    assert "\n" not in message
    assert SECRET not in message
    return message


def workbook(*cells: list[str], part: bytes | None = None) -> bytes:
    """A workbook with these rows; `part` replaces its sheet."""
    out, changed = io.BytesIO(), io.BytesIO()
    with Workbook(out) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(cells):
            sheet.write_row(place, 0, row)
    if part is None:
        return out.getvalue()
    with zipfile.ZipFile(out) as before, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, part if name == "xl/worksheets/sheet1.xml" else before.read(name))
    return changed.getvalue()


BAD = {
    "empty": (b"", "the file is empty"),
    "blank": (b" \r\n\n", "the file is empty"),
    "pdf": (b"%PDF-1.7\n%" + SECRET.encode(), "PDF: ask the payer"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\1" * 60, "a picture"),
    "gzip": (gzip.compress(REMIT.encode()), "gzip): unpack it first"),
    "bzip2": (bz2.compress(REMIT.encode()), "bzip2): unpack it first"),
    "damaged-workbook": (workbook(["claim_id"])[:-200], "damaged"),
    "utf-16": (REMIT.encode("utf-16"), "UTF-16"),
    "nul-bytes": (FLAT.replace("AETNA", "AE\0NA").encode(), "NUL bytes"),
    "nul-bytes-in-csv": (b"claim_id,payer,carc,amount\nC1,A\0B,CO-16,5\n", "NUL bytes"),
    "one-endless-segment": ((FLAT[:500] + "REF*XX*" + "A" * (3 << 20)).encode(), "longer than 1 MB"),
    "truncated": (FLAT[: FLAT.index("CLP*C2") + 20].encode(), "truncated"),
    "wrong-count": (re.sub(r"SE\*\d+", "SE*3", FLAT).encode(), "trailer counts 3 segments"),
    "claims-instead": (FLAT.replace("GS*HP", "GS*HC").replace("ST*835", "ST*837").encode(), "837"),
    "headings-missing": (b"claim_id,payer,amount\nC1,Aetna,5\n", "no column for carc"),
    "every-row-bad": (b"claim_id,payer,carc,amount\nC1,Aetna,CO-16,none\n", "amount"),
}


@pytest.mark.parametrize("name", BAD)
def test_nothing_of_a_bad_file_is_kept(desk: Desk, tmp_path: Path, name: str) -> None:
    data, said = BAD[name]
    before = stored(desk)
    assert said in told(put(desk, tmp_path, data))
    assert stored(desk) == before


def test_a_bomb_as_workbook_is_refused_before_it_unpacks(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 8 << 20)
    bomb = workbook(["claim_id"], part=b" " * (12 << 20))
    assert len(bomb) < 1 << 17
    before = stored(desk)
    assert "unpacks to more than" in told(put(desk, tmp_path, bomb, "xlsx"))
    assert stored(desk) == before


@pytest.mark.long
def test_a_gigabyte_without_a_segment_end_is_refused_without_holding_it(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "endless.835"
    with path.open("wb") as file:
        file.write((FLAT[:500] + "REF*XX*").encode())
        for _ in range(1024):
            file.write(b"A" * (1 << 20))
    tracemalloc.start()
    message = told(ingest.ingest_file(desk, path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    path.unlink()
    assert "longer than 1 MB" in message
    assert peak < 32 << 20
    assert items(desk) == []


def test_of_a_table_with_formulas_and_bad_cells_the_good_rows_are_kept(desk: Desk, tmp_path: Path) -> None:
    bad = [
        csv_row("=HYPERLINK(A1)"),
        csv_row("C1", amount="=1+1"),
        csv_row("C2", carc="=A1"),
        csv_row("C3", remit_date="soon"),
    ]
    summary = rows(desk, [{**csv_row("GOOD"), "remit_date": ""}, *bad], tmp_path)
    assert (summary.status, summary.claims, summary.new, summary.rejected_rows) == ("ingested", 1, 1, 4)
    assert [at for at, _ in summary.errors] == [3, 4, 5, 6]
    assert not any("HYPERLINK" in message or "soon" in message for _, message in summary.errors)


def test_a_workbook_formula_without_a_value_rejects_its_row_only(desk: Desk, tmp_path: Path) -> None:
    cells = [["claim_id", "payer", "carc", "amount"], ["C1", "Aetna", "CO-16", "25"], ["C2", "Aetna", "=A1", "=1+1"]]
    summary = put(desk, tmp_path, workbook(*cells), "xlsx")
    assert (summary.claims, summary.rejected_rows) == (1, 1)


def test_of_a_remittance_with_an_unreadable_amount_the_other_claims_are_kept(desk: Desk, tmp_path: Path) -> None:
    text = remits.remit([denied_claim("C1", 100), denied_claim("C2", 77)]).replace("*77*0", "*7x7*0", 1)
    summary = put(desk, tmp_path, text)
    assert (summary.status, summary.claims, summary.rejected_rows) == ("ingested", 1, 1)
    assert "is not a number; the claim was left out" in summary.errors[0][1]


def test_a_claim_that_does_not_add_up_is_told_and_kept(desk: Desk, tmp_path: Path) -> None:
    odd = claim("C1", 100, 0, lines=[line(100, 0, cas=[("CO", "197", 60)])])
    summary = put(desk, tmp_path, remits.remit([odd]))
    assert (summary.status, summary.claims, summary.rejected_rows) == ("ingested", 1, 0)
    assert all(message.startswith(NOTHING_LEFT_OUT) for _, message in summary.errors)
    assert any("add up" in message for _, message in summary.errors)
    assert len(items(desk)) == 1


def test_a_format_option_that_the_file_is_not_in_names_what_it_is(desk: Desk, tmp_path: Path) -> None:
    assert "the file is a remittance (835), not CSV" in told(put(desk, tmp_path, REMIT, format="csv"))
    assert items(desk) == []


def test_a_missing_file_and_a_folder_are_refused(desk: Desk, tmp_path: Path) -> None:
    assert "is not there" in told(ingest.ingest_file(desk, tmp_path / SECRET))
    assert "this is no file" in told(ingest.ingest_file(desk, tmp_path))


def test_an_unreadable_file_is_refused(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied", SECRET)

    (tmp_path / "a.835").write_text(REMIT)
    monkeypatch.setattr(Path, "open", forbidden)  # whoever runs the tests as root may read everything
    assert "permissions do not allow it" in told(ingest.ingest_file(desk, tmp_path / "a.835"))


def test_a_file_that_vanishes_while_it_is_taken_in_leaves_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_at_and_gone(path: Path, *, today: date, **_: object) -> OpenBatch:
        batch = open_batch(path, today=today)
        path.unlink()
        return batch

    monkeypatch.setattr(ingest, "open_batch", looked_at_and_gone)
    before = stored(desk)
    assert "is not there" in told(put(desk, tmp_path, REMIT))
    assert stored(desk) == before


def test_the_table_names_tests_that_there_are() -> None:
    page = (ROOT / "docs" / "bad-input.md").read_text(encoding="utf-8")
    table = [text for text in page.splitlines() if text.startswith("| ")][2:]
    for row in table:
        named = re.findall(r"`([\w/]+\.py)::(\w+)(?:\[([\w-]+)\])?`", row)
        assert named, row
        for path, name, case in named:
            source = (ROOT / "tests" / path).read_text(encoding="utf-8")
            assert f"def {name}(" in source, (path, name)
            assert not case or f'"{case}"' in source, (path, case)
