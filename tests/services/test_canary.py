"""What a file says of patients stands nowhere in the database in plain text, and in no log line, error or summary."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from services.desk import Desk
from tests import remits
from tests.remits import claim, csv_row, denied_claim, line, reversal
from tests.services.files import put

MARK = "ZQ01X"  # no reference has these letters
SERVICE = date(2025, 11, 13)


def marked(place: str) -> str:
    """The marker of one field."""
    return f"{MARK}{place}7"


def remittance() -> str:
    """A remittance with a marker in every field that may hold patient data."""
    denied = denied_claim(marked("CLAIM"), 240, "27", patient=marked("PATIENT"))
    lines = [line(100, 0, cas=[("CO", "197", 100)], date=SERVICE), line(50, 50, procedure="97110", date=SERVICE)]
    mixed = claim(marked("CLAIM") + "B", 150, 50, lines=lines, patient=marked("PATIENT"), date=SERVICE, patient_share=0)
    paid = claim(marked("CLAIM") + "C", 100, 80, cas=[("CO", "45", 20)], date=SERVICE)
    whole = remits.remit([denied, mixed, paid, reversal(paid)])
    extra = (
        f"NM1*IL*1*{marked('SUBSCRIBER')}*FIRST****MI*{marked('MEMBER')}~\nNM1*74*1*{marked('CORRECTED')}*X~\n"
        f"REF*EA*{marked('RECORD')}~\nREF*1L*{marked('POLICY')}~\nPER*CX*{marked('CONTACT')}*TE*5555550100~\n"
        f"DTM*232*{SERVICE:%Y%m%d}~\n"
    )
    whole = whole.replace("PAYERCLAIM1", marked("PAYERCLAIM")).replace("MEMBER000001", marked("MEMBER"))
    whole = re.sub(r"REF\*6R\*\d+", f"REF*6R*{marked('LINE')}", whole)
    head, sep, tail = whole.partition("SVC*")
    whole = head + extra + sep + tail
    count = whole[whole.index("ST*") : whole.index("SE*")].count("~") + 1
    return re.sub(r"SE\*\d+\*", f"SE*{count}*", whole)


def export() -> str:
    """A CSV with a marker in every column, those included that nobody asked for."""
    extra = {name: marked("OTHER") for name in ("patient name", "member id", "dob", "ssn", "comments")}
    more = {"location": marked("LOCATION"), "service_date": SERVICE.isoformat(), **extra}
    good = csv_row(marked("CLAIM"), payer=marked("PAYER"), **more)
    bad = csv_row(marked("CLAIM"), payer=marked("PAYER"), carc=marked("CODE"), **more)
    return remits.csv_text([good, bad])


def acknowledgement() -> str:
    """A 277CA with markers."""
    rejection = remits.Rejection(marked("CLAIM"), service_date=SERVICE)
    return remits.acknowledgement([rejection]).replace("MEMBER000001", marked("MEMBER"))


def stored(desk: Desk) -> Iterator[str]:
    """Everything in the database as text, and on SQLite the bytes of its files too."""
    with desk.db.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            for row in session.execute(text(f'SELECT * FROM "{table.name}"')):
                yield " ".join(value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row)
    if desk.db.file is not None:
        for path in desk.db.file.parent.glob(desk.db.file.name + "*"):
            yield path.read_bytes().decode("latin-1")


@pytest.mark.parametrize(("make", "suffix"), [(remittance, "835"), (export, "csv"), (acknowledgement, "277")])
def test_patient_data_is_nowhere_in_plain_text(
    desk: Desk,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    make: Callable[[], str],
    suffix: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    content = make()
    assert content.count(MARK) >= 2
    folder = tmp_path / "in"
    folder.mkdir()
    summary = put(desk, folder, content, suffix)
    assert summary.status == "ingested"
    assert summary.new >= 1
    broken = put(desk, folder, content[:-60] if suffix != "csv" else content + '"', suffix)
    told = [caplog.text, *capfd.readouterr(), repr(summary), repr(broken), *stored(desk)]
    forms = {MARK, MARK.lower(), SERVICE.isoformat(), f"{SERVICE:%Y%m%d}", (SERVICE + timedelta(days=90)).isoformat()}
    found = {form for one in told for form in forms if form in one}
    assert found == set()
